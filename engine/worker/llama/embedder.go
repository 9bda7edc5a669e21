package llama

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/hybridgroup/yzma/pkg/llama"
)

// EmbedOptions says how to load a model that gives vectors, or scores. It is
// always computed on the CPU: a GPU's memory belongs to the model that answers.
type EmbedOptions struct {
	Scores  bool // of a query and a passage, instead of vectors
	Context int  // tokens of one text at most, with the model's marks
	Batch   int  // rows of a step, at least; a text never takes two
	Texts   int  // of a step at most
	Threads int
}

// EmbedInfo is what such a model says about itself.
type EmbedInfo struct {
	Name, Desc, Device string
	Parameters         int64
	Trained, Context   int // tokens
	Batch              int // rows of a step at most
	Dimensions         int // of a vector; 1 of scores
	Buffers            []Buffer
}

// Embedder is one loaded model that gives vectors. It belongs to one goroutine,
// but for Tokenize.
type Embedder struct {
	m     Model // its batch is not used
	info  EmbedInfo
	batch llama.Batch
	opts  EmbedOptions

	begin, end []int32 // what the model puts around a text
	// pair is what stands around query and passage, of a model that gives scores.
	pair [3][]int32
}

// LoadEmbedder reads the model at path and makes its context.
func (l *Library) LoadEmbedder(path string, o EmbedOptions) (*Embedder, error) {
	if err := CheckFile(path); err != nil {
		return nil, err
	}
	if o.Context < 1 || o.Batch < 1 || o.Texts < 1 || o.Threads < 1 || o.Threads > 512 || max(o.Context, o.Batch) > 1<<16 || o.Texts > 256 {
		return nil, fmt.Errorf("%w: options out of range: %+v", ErrLoad, o)
	}
	e := &Embedder{m: Model{lib: l, threads: o.Threads}, opts: o}
	logBuffers.reset()
	p := llama.ModelDefaultParams()
	p.LoadMode = llama.LoadModeMmap
	p.SetCPUOnly()
	var err error
	if e.m.model, err = llama.ModelLoadFromFile(path, p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLoad, err)
	}
	if err := e.open(); err != nil {
		e.Close()
		return nil, err
	}
	e.info.Device, e.info.Buffers = l.cpu(), logBuffers.list()
	return e, nil
}

// open makes the context and the first step.
func (e *Embedder) open() error {
	m := &e.m
	m.vocab, m.size = llama.ModelGetVocab(m.model), 0
	if m.vocab != 0 {
		m.size = int(llama.VocabNTokens(m.vocab))
	}
	if m.size < 2 || llama.ModelHasEncoder(m.model) && llama.ModelHasDecoder(m.model) {
		return fmt.Errorf("%w: it gives no vectors", ErrNotModel)
	}
	e.info.Name, _ = llama.ModelMetaValStr(m.model, "general.name")
	e.info.Desc, e.info.Parameters = llama.ModelDesc(m.model), int64(llama.ModelNParams(m.model))
	e.info.Trained = int(llama.ModelNCtxTrain(m.model))
	e.info.Context = min(e.opts.Context, max(1, e.info.Trained))
	e.info.Batch = max(e.opts.Batch, e.info.Context)
	if err := e.makeContext(llama.PoolingTypeUnspecified); err != nil {
		return err
	}
	pooling := llama.GetPoolingType(m.ctx)
	if pooling == llama.PoolingTypeNone && !e.opts.Scores { // it says nothing, and the mean is what most were made for
		if err := llama.Free(m.ctx); err != nil {
			return err
		}
		m.ctx = 0
		pooling = llama.PoolingTypeMean
		if err := e.makeContext(pooling); err != nil {
			return err
		}
	}
	if (pooling == llama.PoolingTypeRank) != e.opts.Scores {
		return fmt.Errorf("%w: it is not of the kind that its header names", ErrNotModel)
	}
	if e.info.Dimensions = int(llama.ModelNEmbdOut(m.model)); e.opts.Scores {
		e.info.Dimensions = 1
	}
	if e.info.Dimensions < 1 || e.info.Dimensions > maxDimensions {
		return fmt.Errorf("%w: its vectors have %d numbers", ErrNotModel, e.info.Dimensions)
	}
	m.SetThreads(e.opts.Threads)
	e.batch = llama.BatchInit(int32(e.info.Batch), 0, 1)
	if err := e.learnMarks(); err != nil {
		return err
	}
	_, err := e.Compute([][]int32{e.Wrap([]int32{int32(m.size / 2)})})
	return err
}

// maxDimensions bounds a vector.
const maxDimensions = 1 << 14

func (e *Embedder) makeContext(pooling llama.PoolingType) error {
	m, p, err := &e.m, llama.ContextDefaultParams(), error(nil)
	rows := uint32(e.info.Batch)
	// What reads in both directions needs the whole of a text in one step.
	p.NCtx, p.NBatch, p.NUbatch, p.NOutputsMax = rows, rows, rows, rows
	p.NSeqMax = uint32(e.opts.Texts)
	p.NThreads, p.NThreadsBatch = int32(e.opts.Threads), int32(e.opts.Threads)
	p.KVUnified, p.OpOffload, p.Offload_kqv, p.NoPerf = 1, 0, 0, 1
	p.Embeddings, p.PoolingType = 1, pooling
	if m.ctx, err = llama.InitFromModel(m.model, p); err != nil {
		return fmt.Errorf("%w: make its context: %w", ErrLoad, err)
	}
	m.mem, err = llama.GetMemory(m.ctx) // none of a model that reads in both directions
	return err
}

// learnMarks finds out what the model puts around a text.
func (e *Embedder) learnMarks() error {
	const word = "a"
	bare, err := e.Tokenize(word)
	if err != nil || len(bare) == 0 {
		return fmt.Errorf("%w: it has no token for a letter: %w", ErrNotModel, err)
	}
	whole, err := e.m.lib.tokens(e.m.vocab, word, false, true)
	if err != nil {
		return err
	}
	for i := 0; i+len(bare) <= len(whole); i++ {
		if slices.Equal(whole[i:i+len(bare)], bare) {
			e.begin, e.end = whole[:i:i], whole[i+len(bare):]
			break
		}
	}
	if e.opts.Scores {
		return e.learnPair()
	}
	return nil
}

// learnPair finds out what stands around query and passage: what the model's own
// template says, else its marks, as its makers' program has them.
func (e *Embedder) learnPair() error {
	template, ok := llama.ModelMetaValStr(e.m.model, "tokenizer.chat_template.rerank")
	before, rest, q := strings.Cut(template, "{query}")
	between, after, d := strings.Cut(rest, "{document}")
	if !ok || !q || !d {
		v := e.m.vocab
		eos := llama.VocabEOS(v)
		if eos < 0 {
			eos = llama.VocabSEP(v)
		}
		mark := func(wanted bool, t llama.Token) (list []int32) {
			if wanted && t >= 0 {
				list = append(list, int32(t))
			}
			return list
		}
		e.pair[0] = mark(llama.VocabGetAddBOS(v), llama.VocabBOS(v))
		e.pair[1] = append(mark(llama.VocabGetAddEOS(v), eos), mark(llama.VocabGetAddSEP(v), llama.VocabSEP(v))...)
		e.pair[2] = mark(llama.VocabGetAddEOS(v) || llama.VocabGetAddSEP(v), eos)
		return nil
	}
	for i, part := range []string{before, between, after} {
		tokens, err := e.m.lib.tokens(e.m.vocab, part, true, false)
		if err != nil {
			return err
		}
		e.pair[i] = tokens
	}
	return nil
}

// Info tells what was loaded.
func (e *Embedder) Info() EmbedInfo { return e.info }

// VocabSize is the number of tokens.
func (e *Embedder) VocabSize() int { return e.m.size }

// SetThreads chooses how many threads compute the next steps.
func (e *Embedder) SetThreads(n int) { e.m.SetThreads(n) }

// Tokenize turns plain text into tokens, without the model's marks: control
// tokens written in it are letters.
func (e *Embedder) Tokenize(text string) ([]int32, error) {
	return e.m.lib.tokens(e.m.vocab, text, false, false)
}

// Wrap puts the model's marks around a text's tokens, unless they are there.
func (e *Embedder) Wrap(tokens []int32) []int32 {
	if n := len(e.begin); n > 0 && len(tokens) >= n && slices.Equal(tokens[:n], e.begin) {
		return tokens
	}
	return slices.Concat(e.begin, tokens, e.end)
}

// Pair joins query and passage.
func (e *Embedder) Pair(query, passage []int32) []int32 {
	return slices.Concat(e.pair[0], query, e.pair[1], passage, e.pair[2])
}

// Marks is how many tokens Wrap adds; with pair, Pair.
func (e *Embedder) Marks(pair bool) int {
	if pair {
		return len(e.pair[0]) + len(e.pair[1]) + len(e.pair[2])
	}
	return len(e.begin) + len(e.end)
}

// Compute gives a vector of length 1 for each text, or its score. All texts
// together have Info.Batch tokens at most, and none is empty. After an error the
// context must not be used.
func (e *Embedder) Compute(texts [][]int32) ([][]float32, error) {
	m, rows := &e.m, 0
	b := &e.batch
	size := e.info.Batch
	token, pos, nSeq := unsafe.Slice(b.Token, size), unsafe.Slice(b.Pos, size), unsafe.Slice(b.NSeqId, size)
	seq, output := unsafe.Slice(b.SeqId, size), unsafe.Slice(b.Logits, size)
	if len(texts) > e.opts.Texts {
		return nil, fmt.Errorf("compute: %d texts, at most %d", len(texts), e.opts.Texts)
	}
	for no, text := range texts {
		if len(text) == 0 || len(text) > e.info.Context || rows+len(text) > size {
			return nil, fmt.Errorf("compute: text %d has %d tokens after %d of %d", no, len(text), rows, size)
		}
		for i, t := range text {
			if t < 0 || int(t) >= m.size {
				return nil, fmt.Errorf("compute: token %d is not in the vocabulary of %d", t, m.size)
			}
			token[rows], pos[rows], nSeq[rows], *seq[rows], output[rows] = llama.Token(t), llama.Pos(i), 1, llama.SeqId(no), 1
			rows++
		}
	}
	b.NTokens = int32(rows)
	if err := e.step(); err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	for no := range texts {
		v, err := llama.GetEmbeddingsSeq(m.ctx, llama.SeqId(no), int32(e.info.Dimensions))
		if err != nil || v == nil {
			return nil, fmt.Errorf("compute: no vector of text %d: %w", no, err)
		}
		if out[no] = slices.Clone(v); !e.opts.Scores {
			normalise(out[no])
		}
	}
	return out, nil
}

// step computes the batch, and leaves nothing in the cache.
func (e *Embedder) step() error {
	m := &e.m
	var rc int32
	var err error
	if m.mem == 0 {
		rc, err = llama.Encode(m.ctx, e.batch)
	} else {
		if err := llama.MemoryClear(m.mem, false); err != nil {
			return err
		}
		rc, err = llama.Decode(m.ctx, e.batch)
	}
	if err == nil && rc != 0 {
		err = fmt.Errorf("compute: llama.cpp gave %d", rc)
	}
	if err != nil {
		return err
	}
	return llama.Synchronize(m.ctx)
}

// normalise gives a vector the length 1; one of zeros stays.
func normalise(v []float32) {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	by := 1 / math.Sqrt(sum)
	for i := range v {
		v[i] = float32(float64(v[i]) * by)
	}
}

// Close frees the model.
func (e *Embedder) Close() {
	if e.batch.Token != nil {
		_ = llama.BatchFree(e.batch)
	}
	e.m.Close()
}
