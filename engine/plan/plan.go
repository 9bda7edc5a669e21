package plan

// Verdict says in a word whether a model runs.
type Verdict string

// The verdicts.
const (
	Fits       Verdict = "fits"        // all of it where the machine is fastest
	FitsPartly Verdict = "fits_partly" // layers on the CPU although a GPU was wanted
	WontFit    Verdict = "wont_fit"    // not at all, within what was asked for
)

// Share is what one device holds, in bytes.
type Share struct {
	Name    string // Device.Name, "host" for the CPU's memory
	Layers  int
	Output  bool  // the output matrix lies here too
	Weights int64 // tensors
	KV      int64 // cache and recurrent state
	Compute int64 // estimate of the buffers of a step
	Process int64 // on the host: the worker itself, its libraries and drivers
	Reserve int64 // left free on purpose
	Free    int64 // before loading
}

// Need is what the plan takes of the device, in bytes, without the reserve.
func (s Share) Need() int64 { return s.Weights + s.KV + s.Compute + s.Process }

// Plan is how a model would run. With WontFit only Rejected and Because count,
// and where the CPU was allowed Host is what the smallest way there would take.
type Plan struct {
	Verdict Verdict
	Backend Backend
	Devices []Share // that hold layers, in ggml's order; none with CPU
	Host    Share
	// GPULayers is llama.cpp's n_gpu_layers: repeating layers on GPUs, and one
	// for the output. 0 with CPU.
	GPULayers int
	// TensorSplit is llama.cpp's tensor_split for Devices in their order: the
	// layers of each, the output counted as one. nil unless there are several.
	TensorSplit []float32
	Context     int // tokens one conversation may have
	Slots       int // answers at once
	Seqs        int // sequence ids
	Cells       int // of the cache that all share
	KV          KVType
	Threads     int
	Batch       int // rows a step
	Rejected    []Rejection
	Because     string // one sentence for a person
}

// choice is one way to run a model.
type choice struct {
	backend Backend
	devices int // GPUs it is spread over at most
	layers  int // on GPUs
	shape   shape
}

// whole says whether nothing but the input stays on the host.
func (c choice) whole(model Model) bool { return c.layers == len(model.Layers) }

// shortContext is the length below which a context is only chosen where nothing
// else fits: a question with documents does not fit into less.
const shortContext = 4096

// hostConversations bounds the room, in conversations of full length, where
// layers compute on the CPU or in its memory: it is too slow to have more under
// way, and the memory is everybody's.
const hostConversations = 4

// env is what Make works on.
type env struct {
	machine Machine
	model   Model
	users   int
	batch   int
	seqs    int
	most    int // conversations of full length that the cache has room for at most
	cells   int // asked for; 0: by conversations
	kvs     []KVType
	short   []int // contexts below shortContext, longest first
	long    []int // the others
	usable  map[Backend][]Device
	free    int64 // of the host
	room    int64 // of the host, less its reserve
}

// Make plans. It never fails: what cannot run gives WontFit with the reasons.
func Make(machine Machine, model Model, wish Wish) Plan {
	if wrong := check(model, wish); wrong != "" {
		return Plan{Verdict: WontFit, Because: "This model cannot be planned: " + wrong + ".",
			Rejected: []Rejection{{Code: BadFacts, Sentence: "This cannot be planned: " + wrong + "."}}}
	}
	e := newEnv(machine, model, wish)
	rejected := e.chooseDevices(wish)
	if wish.KV != F16 && !blocked(model) {
		rejected = append(rejected, e.rejectKV(wish))
	}
	list := e.choices(wish)
	for i, c := range list {
		if p, ok := e.place(c); ok {
			p.Rejected = append(rejected, e.explain(list[:i], &c)...)
			p.Because = because(p, e)
			return p
		}
	}
	p := Plan{Verdict: WontFit, Rejected: append(rejected, e.explain(list, nil)...)}
	if n := len(list); n > 0 && list[n-1].backend == CPU {
		p.Host = hostShare(model, list[n-1].shape, len(model.Layers), false)
		p.Host.Free, p.Host.Reserve = e.free, e.free-e.room
	}
	p.Because = because(p, e)
	return p
}

func newEnv(machine Machine, model Model, wish Wish) *env {
	e := &env{machine: machine, model: model, users: wish.Users, batch: wish.Batch, usable: map[Backend][]Device{}}
	if e.users == 0 {
		e.users = DefaultUsers
	}
	if e.batch == 0 {
		e.batch = DefaultBatch
	}
	e.batch = max(e.batch, e.users) // a step must have a row for each answer
	e.cells, e.most = wish.Cells, wish.Conversations
	if e.most == 0 {
		e.most = e.users
	}
	if e.seqs = wish.Seqs; e.seqs == 0 {
		e.seqs = sequences(model, e.users, e.batch)
	}
	for _, t := range []KVType{F16, Q8_0} {
		if (wish.KV == "" || wish.KV == t) && (t == F16 || blocked(model)) {
			e.kvs = append(e.kvs, t)
		}
	}
	e.contexts(wish.Context)
	e.free = hostFree(machine)
	e.room = max(0, e.free-hostReserve(e.free))
	return e
}

// blocked says whether K and V rows divide into blocks of q8_0.
func blocked(model Model) bool {
	for _, l := range model.Layers {
		if l.KVHeads > 0 && (l.KeyDim%32 != 0 || l.ValueDim%32 != 0) {
			return false
		}
	}
	return true
}

// contexts lists the lengths to try: the asked one alone, or the trained one
// and its halves down to 1024.
func (e *env) contexts(asked int) {
	if asked > 0 {
		e.long = []int{asked}
		return
	}
	first := min(e.model.Trained, DefaultContext)
	e.long = []int{first}
	for n := first / 2; n >= 1024; n /= 2 {
		if n >= shortContext {
			e.long = append(e.long, n)
		} else {
			e.short = append(e.short, n)
		}
	}
}

// choices lists all ways in the order of preference. Nothing here may depend on
// memory: see the package comment.
func (e *env) choices(wish Wish) []choice {
	var list []choice
	for _, contexts := range [][]int{e.long, e.short} {
		list = append(list, e.gpuChoices(contexts)...)
		if wish.Backend == "" || wish.Backend == CPU {
			for _, s := range e.shapes(contexts, min(e.most, hostConversations)) {
				list = append(list, choice{backend: CPU, shape: s})
			}
		}
	}
	return list
}

// gpuChoices lists those with layers on GPUs.
func (e *env) gpuChoices(contexts []int) []choice {
	var list []choice
	all := len(e.model.Layers)
	for _, b := range gpuBackends {
		room := e.most
		if len(e.usable[b]) > 0 && sharesHost(e.usable[b][0].Kind) {
			room = min(room, hostConversations)
		}
		for _, s := range e.shapes(contexts, room) {
			for n := 1; n <= len(e.usable[b]); n++ {
				list = append(list, choice{b, n, all, s})
			}
		}
	}
	// Quarters first, so that one layer more does not cost most of the cache.
	for quarter := 3; quarter >= 0; quarter-- {
		most, least := (all*(quarter+1)+3)/4-1, max(1, (all*quarter+3)/4)
		for _, b := range gpuBackends {
			if len(e.usable[b]) == 0 {
				continue
			}
			for _, s := range e.shapes(contexts, min(e.most, hostConversations)) {
				for n := most; n >= least; n-- {
					list = append(list, choice{b, len(e.usable[b]), n, s})
				}
			}
		}
	}
	return list
}

// shapes lists contexts, rooms and KV types: cells for `most` conversations of
// full length, then half as many, down to one; or as many cells as were asked for.
func (e *env) shapes(contexts []int, most int) []shape {
	var list []shape
	for _, context := range contexts {
		for n := most; n >= 1; n /= 2 {
			cells := n * context
			if e.cells > 0 {
				cells, n = max(e.cells, context), 1
			}
			for _, t := range e.kvs {
				list = append(list, shape{context, cells, t, e.seqs, e.batch})
			}
		}
	}
	return list
}
