package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Code is a reason for the machine.
type Code string

// The reasons against a device or a backend, then those against a choice.
const (
	BadFacts       Code = "bad_facts"       // the header or the wish is out of range
	NoBackend      Code = "no_backend"      // a GPU that no ggml backend lists
	BackendMissing Code = "backend_missing" // the wished backend has no device
	NotWished      Code = "not_wished"      // another backend was wished
	SoftwareGPU    Code = "software_gpu"    // the CPU in disguise
	MemoryUnknown  Code = "memory_unknown"  // the backend does not tell how much there is
	BesideDiscrete Code = "beside_discrete" // an integrated GPU beside a discrete one of the same backend
	TooMany        Code = "too_many"        // beyond the eighth GPU of a backend
	DeviceFull     Code = "device_full"     // no more free than the reserve; Need is that, Have is free
	KVBlocks       Code = "kv_blocks"       // head sizes that q8_0 cannot store

	GPUMemory    Code = "gpu_memory"    // Need: of all GPUs together at least; Have: what they may hold
	NoSplit      Code = "no_split"      // enough together, but no division into runs of layers fits
	HostMemory   Code = "host_memory"   // Need: of the host; Have: what it may hold
	SharedMemory Code = "shared_memory" // GPU and host take the same memory; Need: both
)

// Rejection is something the plan did not do, and why. Need and Have are bytes.
// Fields that mean nothing for the code are zero.
type Rejection struct {
	Code     Code
	Device   string // ggml's name, or the card's where ggml has none
	Backend  Backend
	GPUs     int // over how many at most the layers would lie
	Layers   int // on GPUs
	Context  int
	Cells    int
	KV       KVType
	Need     int64
	Have     int64
	Sentence string
}

// sharesHost says whether a device has the host's memory.
func sharesHost(k Kind) bool { return k == Integrated || k == Software }

// chooseDevices fills usable and says which devices are not used. What it
// decides does not depend on memory, so a full GPU stays in usable.
func (e *env) chooseDevices(wish Wish) []Rejection {
	var out []Rejection
	reject := func(code Code, device string, b Backend, format string, args ...any) {
		out = append(out, Rejection{Code: code, Device: device, Backend: b, Sentence: fmt.Sprintf(format, args...)})
	}
	listed := map[string]int{} // cards by name: the most that one backend lists
	perBackend := map[string]int{}
	discrete := map[Backend]bool{}
	for _, d := range e.machine.Devices {
		key := string(d.Backend) + "\x00" + d.Description
		perBackend[key]++
		listed[d.Description] = max(listed[d.Description], perBackend[key])
		discrete[d.Backend] = discrete[d.Backend] || d.Kind == Discrete
	}
	for _, g := range e.machine.Seen {
		if listed[g.Name]--; listed[g.Name] < 0 {
			reject(NoBackend, g.Name, "", "%s is there, but no backend can use it: its backend library, or a library or driver that this needs, is missing.", g.Name)
		}
	}
	for _, d := range e.machine.Devices {
		switch {
		case !slices.Contains(gpuBackends, d.Backend):
			reject(NoBackend, d.Name, d.Backend, "%s belongs to the backend %s, which is not used.", d.Name, d.Backend)
		case wish.Backend != "" && wish.Backend != d.Backend:
			reject(NotWished, d.Name, d.Backend, "%s (%s) is left out: only %s was asked for.", d.Name, d.Description, wish.Backend)
		case d.Kind == Software && wish.Backend != d.Backend:
			reject(SoftwareGPU, d.Name, d.Backend, "%s (%s) is drawn by the CPU, which is faster without it.", d.Name, d.Description)
		case d.Total <= 0:
			reject(MemoryUnknown, d.Name, d.Backend, "%s (%s) does not tell how much memory it has.", d.Name, d.Description)
		case d.Kind != Discrete && discrete[d.Backend]:
			reject(BesideDiscrete, d.Name, d.Backend, "%s (%s) is left out: a GPU with memory of its own is there.", d.Name, d.Description)
		case len(e.usable[d.Backend]) == maxDevices:
			reject(TooMany, d.Name, d.Backend, "%s is left out: at most %d GPUs are used.", d.Name, maxDevices)
		default:
			e.usable[d.Backend] = append(e.usable[d.Backend], d)
			if !sharesHost(d.Kind) && d.Free <= gpuReserve {
				reject(DeviceFull, d.Name, d.Backend, "%s (%s) is full: %s of %s are free, and %s stay free in any case.",
					d.Name, d.Description, size(d.Free), size(d.Total), size(gpuReserve))
				out[len(out)-1].Need, out[len(out)-1].Have = gpuReserve, d.Free
			}
		}
	}
	if wish.Backend != "" && wish.Backend != CPU && len(e.usable[wish.Backend]) == 0 {
		reject(BackendMissing, "", wish.Backend, "%s was asked for, but there is no device for it.", wish.Backend)
	}
	return out
}

func (e *env) rejectKV(wish Wish) Rejection {
	r := Rejection{Code: KVBlocks, KV: Q8_0, Sentence: "A q8_0 cache is not possible: the model's heads do not divide into blocks of 32 elements."}
	if wish.KV == Q8_0 {
		r.Sentence += " f16 was not allowed."
	}
	return r
}

// explain names the choices in passed, which do not fit, that a person would
// ask about: everything whole on all GPUs or on the CPU; one GPU less and one
// layer more than what was chosen; and where nothing lies on GPUs, a single
// layer with the smallest cache.
func (e *env) explain(passed []choice, chosen *choice) []Rejection {
	var out []Rejection
	for _, c := range passed {
		whole, least := c.whole(e.model), c.shape.cells == c.shape.context && c.shape.kv == e.kvs[len(e.kvs)-1]
		tell := c.backend == CPU || whole && c.devices == len(e.usable[c.backend]) || c.layers == 1 && least && (chosen == nil || chosen.backend == CPU)
		if chosen != nil && c.backend == chosen.backend && c.shape == chosen.shape {
			tell = tell || whole && c.layers == chosen.layers && c.devices == chosen.devices-1 || c.layers == chosen.layers+1 && !whole
		}
		if tell {
			out = append(out, e.diagnose(c))
		}
	}
	return out
}

// diagnose says why a choice does not fit.
func (e *env) diagnose(c choice) Rejection {
	r := Rejection{Backend: c.backend, GPUs: c.devices, Layers: c.layers, Context: c.shape.context, Cells: c.shape.cells, KV: c.shape.kv}
	onHost := len(e.model.Layers) - c.layers
	host := hostShare(e.model, c.shape, onHost, c.backend != CPU)
	what := fmt.Sprintf("%d of %d layers on %s", c.layers, len(e.model.Layers), c.backend)
	if c.backend == CPU {
		what = "All layers on the CPU"
	} else if c.whole(e.model) {
		what = fmt.Sprintf("All layers on %s (%s)", c.backend, count(c.devices, "GPU"))
	}
	what += fmt.Sprintf(" with %d tokens a conversation, %d cells in %s", c.shape.context, c.shape.cells, c.shape.kv)
	var budgets []int64
	for _, d := range e.usable[c.backend] {
		budgets = append(budgets, e.budget(d))
	}
	slices.Sort(budgets)
	for _, b := range budgets[max(0, len(budgets)-c.devices):] {
		r.Have += b
	}
	gpu := int64(0)
	if c.backend != CPU {
		gpu = max(gpuCompute(e.model, c.shape, onHost, c.backend, c.devices), scores(e.model, c.shape)) + e.model.Output
		for _, l := range e.model.Layers[onHost:] {
			gpu += l.Weights + layerKV(e.model, l, c.shape)
		}
	}
	r.Need = gpu
	switch {
	case r.Need > r.Have && c.backend != CPU:
		r.Code = GPUMemory
		r.Sentence = fmt.Sprintf("%s: needs %s of GPU memory, %s are usable.", what, size(r.Need), size(r.Have))
	case host.Need() > e.room:
		r.Code, r.Need, r.Have = HostMemory, host.Need(), e.room
		r.Sentence = fmt.Sprintf("%s: needs %s of memory, %s are usable.", what, size(r.Need), size(r.Have))
	case sharesHost(e.usable[c.backend][0].Kind) && gpu+host.Need() > e.room:
		r.Code, r.Need, r.Have = SharedMemory, gpu+host.Need(), e.room
		r.Sentence = fmt.Sprintf("%s: needs %s of the memory that GPU and CPU share, %s are usable.", what, size(r.Need), size(r.Have))
	default:
		r.Code = NoSplit
		r.Sentence = fmt.Sprintf("%s: needs %s of %s together, but no division of the layers fits each GPU.", what, size(r.Need), size(r.Have))
	}
	return r
}

// because is the plan in one sentence.
func because(p Plan, e *env) string {
	all := len(e.model.Layers)
	if p.Verdict == WontFit {
		if len(p.Rejected) == 0 || p.Rejected[len(p.Rejected)-1].Need == 0 {
			return "It cannot run with what was asked for."
		}
		r := p.Rejected[len(p.Rejected)-1]
		text := fmt.Sprintf("It does not fit: the last way that was tried needs %s, and %s are usable.", size(r.Need), size(r.Have))
		if r.Backend == CPU && len(e.usable) > 0 {
			text += " What fits on a GPU beside that is not enough to make up for it."
		}
		return text
	}
	var parts []string
	for _, s := range p.Devices {
		parts = append(parts, fmt.Sprintf("%s (%s of %s free)", s.Name, size(s.Need()), size(s.Free)))
	}
	on := strings.Join(parts, ", ")
	host := fmt.Sprintf("%s of %s of memory", size(p.Host.Need()), size(p.Host.Free))
	switch {
	case p.Backend == CPU && len(e.usable) > 0:
		return fmt.Sprintf("It runs on the CPU alone (%s): not even one layer fits the GPU.", host)
	case p.Backend == CPU:
		return fmt.Sprintf("It runs on the CPU (%s).", host)
	case p.Verdict == FitsPartly:
		return fmt.Sprintf("%d of %d layers run on %s, %d on the CPU (%s), which sets the pace.", all-p.Host.Layers, all, on, p.Host.Layers, host)
	default:
		return fmt.Sprintf("All of it runs on %s.", on)
	}
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// size is a number of bytes for people.
func size(n int64) string {
	if n < 1e9 {
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
