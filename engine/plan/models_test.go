package plan

// uniform makes a model of n equal layers. weights are those of all layers,
// embedding and output of the files as published, in MiB.
func uniform(name string, n int, weights, embedding, output int64, kvHeads, dim, hidden, ff, heads, vocab, trained int) Model {
	m := Model{Name: name, Architecture: "llama", Embedding: embedding * mib, Output: output * mib,
		Hidden: hidden, FeedForward: ff, Heads: heads, Vocab: vocab, Trained: trained}
	for range n {
		w := weights * mib / int64(n)
		m.Layers = append(m.Layers, Layer{Weights: w, Largest: w / 4, KVHeads: kvHeads, KeyDim: dim, ValueDim: dim})
	}
	return m
}

func smol135m() Model {
	return uniform("135M", 30, 66, 30, 30, 3, 64, 576, 1536, 9, 49152, 8192)
}

func llama1b() Model {
	return uniform("1B", 16, 560, 205, 205, 8, 64, 2048, 8192, 32, 128256, 131072)
}

func llama8b() Model {
	return uniform("8B", 32, 3990, 281, 411, 8, 128, 4096, 14336, 32, 128256, 131072)
}

// gemma27b slides a window of 1024 tokens in five of six layers.
func gemma27b() Model {
	m := uniform("27B", 62, 14650, 1130, 1130, 16, 128, 5376, 21504, 32, 262208, 131072)
	m.Architecture, m.Window = "gemma3", 1024
	for i := range m.Layers {
		m.Layers[i].Sliding = i%6 != 5
	}
	return m
}

func llama70b() Model {
	return uniform("70B", 80, 39100, 564, 822, 8, 128, 8192, 28672, 64, 128256, 131072)
}
