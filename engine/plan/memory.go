package plan

import "alcove/engine/hardware"

const mib = int64(1) << 20

// Reserves, in bytes. They are estimates on the safe side.
const (
	// gpuReserve is left free on a GPU: the backend's own context, cuBLAS
	// workspaces and growing pools, and some air for a desktop's next window.
	// What a desktop uses already is not in Free.
	gpuReserve = 512 * mib
	// workerBase is what the worker process needs beside the model: libraries,
	// token tables, the heap.
	workerBase = 192 * mib
	// driverBase is what a GPU's driver and its staging buffers add to that.
	driverBase = 384 * mib
	// Of the host's free memory a tenth stays free, within these bounds.
	hostReserveMin = 128 * mib
	hostReserveMax = 4096 * mib
)

// Bytes of the attention mask for a row and a cell: f16, and on several GPUs up
// to four copies of it, as they work in a pipeline.
const (
	oneMask  = 2
	pipeMask = 8
)

// cellPad is what llama.cpp rounds a cache up to.
const cellPad = 256

func pad(n, to int64) int64 { return (n + to - 1) / to * to }

// hostFree is what the machine and the control group leave, in bytes.
func hostFree(m Machine) int64 {
	free := m.Memory.Total - m.Used
	if m.Memory.Limit > 0 {
		free = min(free, m.Memory.Limit-m.GroupUsed)
	}
	return max(free, 0)
}

// hostReserve is what stays free of free bytes.
func hostReserve(free int64) int64 {
	return min(max(free/10, hostReserveMin), hostReserveMax)
}

// shape is what the cache and the buffers depend on, beside the model.
type shape struct {
	context int // tokens of one conversation
	cells   int // of the unified cache
	kv      KVType
	seqs    int
	batch   int // rows a step
}

// rows is how many rows llama.cpp makes room for: a step's, up to a multiple of
// the sequences (graph_reserve), of which the context has a spare one.
func (s shape) rows() int64 { return pad(int64(s.batch), int64(s.seqs+1)) }

// seqsMemory is what the worker lets sequence ids cost, see engine/worker/llama.
const seqsMemory = 64 << 20

// sequences is how many ids a context has. The worker's own rule, but that a
// model with a sliding window pays for each id, as one with recurrent state
// does, so it gets few.
func sequences(model Model, users, batch int) int {
	n := max(4*users, seqsMemory/(8*model.Vocab))
	for _, l := range model.Layers {
		if l.State > 0 {
			return max(users, min(users+2, maxUsers, batch))
		}
		if l.Sliding {
			n = 2 * users
		}
	}
	return max(users, min(n, maxUsers, batch))
}

// elementBytes is the size of n elements of the type; q8_0 has blocks of 32
// elements in 34 bytes.
func elementBytes(t KVType, n int64) int64 {
	if t == Q8_0 {
		return pad(n, 32) / 32 * 34
	}
	return 2 * n
}

// layerCells is how many cells a layer keeps: all, or where it slides a window
// for every sequence and one batch (llama_kv_cache_iswa, unified).
func layerCells(model Model, l Layer, s shape) int64 {
	all := pad(int64(s.cells), cellPad)
	if l.Sliding && model.Window > 0 {
		return min(all, pad(int64(model.Window)*int64(s.seqs+1)+int64(s.batch), cellPad))
	}
	return all
}

// layerKV is the cache of one layer in bytes: K and V of each cell, and the
// recurrent state of each sequence.
func layerKV(model Model, l Layer, s shape) int64 {
	row := elementBytes(s.kv, int64(l.KVHeads)*int64(l.KeyDim)) + elementBytes(s.kv, int64(l.KVHeads)*int64(l.ValueDim))
	return row*layerCells(model, l, s) + l.State*int64(s.seqs+1)
}

// logits is the room for scores in bytes: float32 for one row of each sequence.
func logits(model Model, s shape) int64 { return 4 * int64(model.Vocab) * int64(s.seqs+1) }

// activations estimates the buffer in which a step is computed,
// without scores, in bytes. ggml reuses it from layer to layer, so the widest
// layer counts: three rows of the hidden width and one as wide as all heads, which
// may be wider (Gemma, Qwen3), gate, up and their product of the feed-forward,
// all float32, or in attention four as wide as all heads; and the masks,
// maskBytes for each row and cell. With flash attention K*Q is never whole.
// TestAsLlamaCppSays compares it with llama.cpp on a CPU.
func activations(model Model, s shape, maskBytes int64) int64 {
	wide, inner := 0, 0
	for _, l := range model.Layers {
		wide = max(wide, model.Heads*max(l.KeyDim, l.ValueDim))
		inner = max(inner, l.Inner)
	}
	rows := s.rows()
	// Of a recurrent layer: what goes in and its gate, the convolution in two
	// steps, what comes out, and the step sizes.
	width := max(3*int64(model.Hidden)+int64(max(model.Hidden, wide))+3*int64(model.FeedForward), 4*int64(wide), 7*int64(inner))
	return rows*4*width + rows*masks(model, s)*maskBytes
}

// gpuCompute is the buffer of a step on a GPU: activations, of which a GPU keeps
// fewer at once than a CPU (fused steps), and what it needs beside them. CUDA's
// attention over q8_0 widens one layer's K and V to f16 first. Layers that stay
// on the host are sent over for large batches, a tensor at a time, and so are
// their keys, of which up to three copies were seen.
// TestReal_PlannedOnGPU compares it with llama.cpp's Vulkan.
func gpuCompute(model Model, s shape, onHost int, b Backend, devices int) int64 {
	mask := int64(oneMask)
	if devices > 1 {
		mask = pipeMask
	}
	wide, narrow := activations(model, s, mask), int64(0)
	for _, l := range model.Layers {
		narrow = max(narrow, int64(model.Hidden)+3*int64(model.Heads)*int64(max(l.KeyDim, l.ValueDim)), 7*int64(l.Inner))
	}
	width := max(narrow, 2*int64(model.Hidden)+3*int64(model.FeedForward))
	n := min(wide, s.rows()*4*width+masks(model, s)*s.rows()*mask)
	scratch, sent := int64(0), int64(0)
	for i, l := range model.Layers {
		if s.kv == Q8_0 && b != Vulkan {
			scratch = max(scratch, 2*int64(l.KVHeads)*int64(l.KeyDim+l.ValueDim)*layerCells(model, l, s))
		}
		if i < onHost {
			sent = max(sent, l.Largest+3*elementBytes(s.kv, int64(l.KVHeads)*int64(l.KeyDim))*layerCells(model, l, s))
		}
	}
	return n + scratch + sent
}

// scores is the buffer of a step's end in bytes: it is taken when the
// activations are done with.
func scores(model Model, s shape) int64 {
	return logits(model, s) + 8*int64(model.Hidden)*(s.rows()+int64(s.seqs+1))
}

// masks is how many cells the attention masks of a row have.
func masks(model Model, s shape) int64 {
	all, sliding := int64(0), int64(0)
	for _, l := range model.Layers {
		if l.KVHeads > 0 { // a model that is all recurrent has no cells
			all = pad(int64(s.cells), cellPad)
		}
		if l.Sliding {
			sliding = layerCells(model, l, s)
		}
	}
	return all + sliding
}

// hostShare is what stays on the host when the first onHost layers do. The
// weights are mapped from the file and the kernel may drop them at any time,
// but a page that is dropped is read again in the next step, at the disk's
// speed: they count in full. Weights that go to a GPU pass through the same
// mapping once and do not count.
func hostShare(model Model, s shape, onHost int, gpu bool) Share {
	h := Share{Name: "host", Weights: model.Embedding, Layers: onHost}
	for _, l := range model.Layers[:onHost] {
		h.Weights += l.Weights
		h.KV += layerKV(model, l, s)
	}
	// Scores leave the backend through a buffer on the host.
	h.Process, h.Compute = workerBase, logits(model, s)
	var step int64
	if onHost > 0 {
		step = activations(model, s, oneMask)
	}
	if gpu {
		h.Process += driverBase
		step = max(step, 4*s.rows()*int64(model.Hidden))
	} else {
		// Also where it is token_embd again: CPUs with AMX or AVX2 keep the
		// matrices they multiply with in an order of their own, as a copy.
		h.Output = true
		h.Weights += model.Output
		// Scores are computed when the activations are done with.
		step = max(step, scores(model, s))
	}
	h.Compute += step
	return h
}

// threads for the worker: all cores where the CPU computes, few where it only
// feeds a GPU.
func threads(c hardware.CPU, onHost int) int {
	if onHost == 0 {
		return min(c.Threads(), 4)
	}
	return c.Threads()
}
