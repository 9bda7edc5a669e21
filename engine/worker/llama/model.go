package llama

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/hybridgroup/yzma/pkg/llama"
	"github.com/jupiterrider/ffi"
)

// ErrLoad says that llama.cpp could not load the model; its log has the cause.
var ErrLoad = errors.New("llama.cpp could not load the model")

// Options says how to load a model.
type Options struct {
	Context   int // tokens for one conversation; 0: the trained length, at most DefaultContext
	Slots     int // answers at once
	Seqs      int // sequence ids, at least Slots; 0: as many as cost little memory
	Cells     int // for all sequences; less than Context: Context
	Batch     int // rows a step at most
	Threads   int
	GPULayers int    // -1: all
	KV        string // type of the cells: "f16" or "q8_0"; "": f16
	CPUOnly   bool
	Backend   string // the one GPU backend that may be used; "": the best
	// Devices are the names of the GPUs to use, empty for all of the best kind.
	// TensorSplit is how many layers each of them gets; empty: by free memory.
	Devices     []string
	TensorSplit []float32
	LoRA        []string // files of adapters that are added to it
	// DefaultContext bounds Context when it is 0.
	DefaultContext int
	// Progress, if set, is called with a stage and how far it is, 0 to 1.
	Progress func(stage string, fraction float64)
}

// Info is what a loaded model says about itself.
type Info struct {
	Device     string
	Name       string // general.name, may be empty
	Desc       string // "llama 135M Q4_1"
	Parameters int64
	Trained    int // context length it was trained for
	Context    int
	Cells      int
	Seqs       int    // sequence ids
	GPU        bool   // computes on one
	Tile       int    // rows that attention handles together, 1 for none
	CacheKind  string // what the bytes of its cells are
	CacheBytes int64  // of all cells
	Template   string // Jinja, may be empty
	BOS, EOS   string // as text, may be empty
	BOSToken   int32  // -1: none
	AddBOS     bool   // a prompt begins with BOS
	SpaceFirst bool   // the tokeniser puts a space before plain text
	Rewinds    bool   // the end of a sequence can be taken back
	Buffers    []Buffer
}

// kvTypes are the types that cells may have.
var kvTypes = map[string]llama.GGMLType{"": llama.GGMLTypeF16, "f16": llama.GGMLTypeF16, "q8_0": llama.GGMLTypeQ8_0}

// cpuTile is measured: a step of 64 rows is faster than one of 40, as attention
// on a CPU takes rows one by one below that.
const cpuTile = 64

// Model is one loaded model with its context.
type Model struct {
	lib     *Library
	model   llama.Model
	vocab   llama.Vocab
	ctx     llama.Context
	mem     llama.Memory
	info    Info
	size    int                      // of the vocabulary
	threads int                      // at most
	using   int                      // in this step
	pools   map[int]llama.Threadpool // by their number of threads; 0: could not be made
	kv      llama.GGMLType
	// adapters are freed with the model.
	adapters []llama.AdapterLora

	pieces  [][]byte
	eog     []bool
	control []bool

	batch batch
}

// Load reads the model at path and makes its context.
func (l *Library) Load(path string, o Options) (*Model, error) {
	if err := CheckFile(path); err != nil {
		return nil, err
	}
	if o.Slots < 1 || o.Seqs < 0 || o.Batch < 1 || o.Threads < 1 || o.Context < 0 || o.Cells < 0 || o.Threads > 512 || o.Batch > 1<<16 {
		return nil, fmt.Errorf("%w: options out of range: %+v", ErrLoad, o)
	}
	kv, ok := kvTypes[o.KV]
	if !ok {
		return nil, fmt.Errorf("%w: a cache of type %q is not known", ErrLoad, o.KV)
	}
	if o.Progress == nil {
		o.Progress = func(string, float64) {}
	}
	m := &Model{lib: l, threads: o.Threads, kv: kv}
	logBuffers.reset()
	p := llama.ModelDefaultParams()
	p.LoadMode = llama.LoadModeMmap
	used := l.choose(o)
	gpu, list := len(used) > 0, handles(used)
	var split []float32
	if gpu {
		if err := p.SetDevices(list); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrLoad, err)
		}
		if len(o.TensorSplit) == len(used) && len(used) > 1 {
			// llama.cpp reads as many numbers, whatever the number of devices.
			split = make([]float32, llama.MaxDevices())
			copy(split, o.TensorSplit)
			p.TensorSplit = &split[0]
		}
		p.NGpuLayers = int32(o.GPULayers)
		if o.GPULayers < 0 {
			p.NGpuLayers = 1 << 16 // more than any model has
		}
	} else {
		p.SetCPUOnly()
	}
	var last atomic.Int32
	p.SetProgressCallback(func(f float32, _ uintptr) uint8 {
		if pct := int32(f * 100); pct >= last.Load()+5 || pct == 100 {
			last.Store(pct)
			o.Progress("model", float64(f))
		}
		return 1
	})
	var err error
	m.model, err = llama.ModelLoadFromFile(path, p)
	runtime.KeepAlive(list)
	runtime.KeepAlive(split)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLoad, err)
	}
	m.vocab = llama.ModelGetVocab(m.model)
	if err := m.describe(); err != nil {
		m.Close()
		return nil, err
	}
	m.info.GPU, m.info.Tile = gpu, 1
	if gpu {
		m.info.Device = describeDevices(used)
	} else {
		m.info.Device, m.info.Tile = l.cpu(), cpuTile
	}
	if err := m.finish(o, gpu); err != nil {
		m.Close()
		return nil, err
	}
	m.info.Buffers = logBuffers.list()
	o.Progress("warmup", 1)
	return m, nil
}

// finish makes a model whose weights are read ready to compute.
func (m *Model) finish(o Options, gpu bool) error {
	if err := m.loadAdapters(o.LoRA); err != nil {
		return err
	}
	o.Progress("context", 0)
	if err := m.open(o, gpu); err != nil {
		return err
	}
	o.Progress("warmup", 0)
	if err := m.warmUp(); err != nil {
		return err
	}
	return m.probe()
}

// Info tells what was loaded.
func (m *Model) Info() Info { return m.info }

// VocabSize is the number of tokens.
func (m *Model) VocabSize() int { return m.size }

// describe reads metadata and the token tables.
func (m *Model) describe() error {
	if llama.ModelHasEncoder(m.model) || !llama.ModelHasDecoder(m.model) || llama.ModelIsDiffusion(m.model) {
		return fmt.Errorf("%w: it is not a model that writes text from left to right", ErrNotModel)
	}
	m.size = int(llama.VocabNTokens(m.vocab))
	if m.size < 2 {
		return fmt.Errorf("%w: it has no vocabulary", ErrNotModel)
	}
	m.info.Name, _ = llama.ModelMetaValStr(m.model, "general.name")
	m.info.Desc = llama.ModelDesc(m.model)
	m.info.Parameters = int64(llama.ModelNParams(m.model))
	m.info.Trained = int(llama.ModelNCtxTrain(m.model))
	m.info.Template, _ = llama.ModelMetaValStr(m.model, "tokenizer.chat_template")
	m.info.AddBOS = llama.VocabGetAddBOS(m.vocab)
	m.info.BOSToken = int32(llama.VocabBOS(m.vocab))
	m.info.BOS = m.text(llama.VocabBOS(m.vocab))
	m.info.EOS = m.text(llama.VocabEOS(m.vocab))
	prefix, set := llama.ModelMetaValStr(m.model, "tokenizer.ggml.add_space_prefix")
	m.info.SpaceFirst = llama.GetVocabType(m.vocab) == llama.VocabTypeSPM && (!set || prefix == "true")
	m.info.Rewinds = llama.ModelNSWA(m.model) == 0 && !llama.ModelIsRecurrent(m.model) && !llama.ModelIsHybrid(m.model)

	m.pieces = make([][]byte, m.size)
	m.eog = make([]bool, m.size)
	m.control = make([]bool, m.size)
	buf := make([]byte, 512)
	for i := range m.size {
		t := llama.Token(i)
		n := llama.TokenToPiece(m.vocab, t, buf, 0, false)
		if n < 0 {
			buf = make([]byte, -n)
			n = llama.TokenToPiece(m.vocab, t, buf, 0, false)
		}
		m.pieces[i] = append([]byte(nil), buf[:max(n, 0)]...)
		m.eog[i] = llama.VocabIsEOG(m.vocab, t)
		m.control[i] = llama.VocabIsControl(m.vocab, t)
	}
	return nil
}

func (m *Model) text(t llama.Token) string {
	if t < 0 || int(t) >= m.size {
		return ""
	}
	return llama.VocabGetText(m.vocab, t)
}

// open makes the context: one cache for all sequences, so that cells move to
// where they are needed.
func (m *Model) open(o Options, gpu bool) error {
	if o.Context == 0 {
		o.Context = m.info.Trained
		if o.DefaultContext > 0 {
			o.Context = min(o.Context, o.DefaultContext)
		}
	}
	if o.Context < 1 {
		return fmt.Errorf("%w: the model names no context length", ErrNotModel)
	}
	m.info.Context, m.info.Cells = o.Context, max(o.Cells, o.Context)
	var err error
	p := llama.ContextDefaultParams()
	p.NCtx = uint32(m.info.Cells)
	p.NBatch, p.NUbatch = uint32(o.Batch), uint32(o.Batch)
	if m.info.Seqs, err = m.chooseSeqs(o); err != nil {
		return err
	}
	// llama.cpp asserts that each sequence may have an output. One more is spare.
	p.NSeqMax, p.NOutputsMax = uint32(m.info.Seqs+1), uint32(m.info.Seqs+1)
	p.NThreads, p.NThreadsBatch = int32(o.Threads), int32(o.Threads)
	p.KVUnified = 1
	p.TypeK, p.TypeV = m.kv, m.kv
	// A sliding layer keeps its window alone: such a model is not rewound anyway.
	p.SwaFull = 0
	if !gpu { // llama.cpp would still send large products to a GPU
		p.OpOffload, p.Offload_kqv = 0, 0
	}
	p.NoPerf = 1
	if m.ctx, err = llama.InitFromModel(m.model, p); err != nil {
		return fmt.Errorf("%w: make its context: %w", ErrLoad, err)
	}
	if m.mem, err = llama.GetMemory(m.ctx); err != nil || m.mem == 0 {
		return fmt.Errorf("%w: the context has no memory: %w", ErrLoad, err)
	}
	if err := m.useAdapters(); err != nil {
		return err
	}
	m.SetThreads(o.Threads)
	m.batch.init(o.Batch, m.info.Seqs, m.info.Seqs)
	return nil
}

// seqsMemory is what sequence ids may cost: llama.cpp keeps room for the scores
// of one row of each, twice.
const seqsMemory = 64 << 20

// chooseSeqs decides how many sequence ids there are. All that parked
// conversations need beyond those of running answers is an id each.
func (m *Model) chooseSeqs(o Options) (int, error) {
	most := min(int(llama.MaxParallelSequences())-1, o.Batch)
	n := o.Seqs
	if n == 0 {
		n = max(4*o.Slots, seqsMemory/(8*m.size))
		if llama.ModelIsRecurrent(m.model) || llama.ModelIsHybrid(m.model) {
			n = o.Slots + 2 // llama.cpp keeps a whole state for each
		}
		n = min(n, most)
	}
	if n < o.Slots || n > most {
		return 0, fmt.Errorf("%w: %d sequences for %d answers, at most %d", ErrLoad, n, o.Slots, most)
	}
	return n, nil
}

// warmUp touches all weights once, so that the first answer does not pay.
func (m *Model) warmUp() error {
	if err := llama.SetWarmup(m.ctx, true); err != nil {
		return err
	}
	token := max(m.info.BOSToken, 0)
	if err := m.Add(token, 0, 0, true); err != nil {
		return err
	}
	fits, err := m.Decode()
	if err != nil || !fits {
		return fmt.Errorf("%w: the first step failed: %w", ErrLoad, err)
	}
	if err := llama.SetWarmup(m.ctx, false); err != nil {
		return err
	}
	m.Remove(0, 0)
	return nil
}

// Close frees the model.
func (m *Model) Close() {
	m.batch.free()
	if m.ctx != 0 {
		_ = llama.Free(m.ctx)
	}
	m.freePools()
	if m.model != 0 {
		_ = llama.ModelFree(m.model)
	}
	m.ctx, m.model = 0, 0
}

// Tokenize turns text into tokens. With special, control tokens written in the
// text count as such; without, they are letters. No BOS is added.
func (m *Model) Tokenize(text string, special bool) ([]int32, error) {
	return m.lib.tokens(m.vocab, text, special, false)
}

// tokens turns text into tokens. With marks it gets those that the model puts
// around a text.
func (l *Library) tokens(vocab llama.Vocab, text string, special, marks bool) ([]int32, error) {
	if text == "" {
		return nil, nil
	}
	const most = 1 << 30
	if len(text) > most {
		return nil, errors.New("text is too long to tokenise")
	}
	out := make([]int32, len(text)/2+16)
	for range 2 {
		var result ffi.Arg
		in, n := unsafe.StringData(text), int32(len(text))
		to, room := unsafe.SliceData(out), int32(len(out))
		var addSpecial, parseSpecial uint8
		if special {
			parseSpecial = 1
		}
		if marks {
			addSpecial = 1
		}
		l.tokenize.Call(&result, &vocab, &in, &n, &to, &room, &addSpecial, &parseSpecial)
		got := int32(result)
		if got >= 0 {
			return out[:got], nil
		}
		if got < -most {
			break
		}
		out = make([]int32, -got)
	}
	return nil, errors.New("llama.cpp could not tokenise the text")
}

// Piece is a token's text as bytes; control tokens have none. It must not be
// changed.
func (m *Model) Piece(token int32) []byte {
	if token < 0 || int(token) >= m.size {
		return nil
	}
	return m.pieces[token]
}

// EndsAnswer says whether the model means "done" by this token.
func (m *Model) EndsAnswer(token int32) bool {
	return token >= 0 && int(token) < m.size && m.eog[token]
}

// IsControl says whether the token is a control token.
func (m *Model) IsControl(token int32) bool {
	return token >= 0 && int(token) < m.size && m.control[token]
}
