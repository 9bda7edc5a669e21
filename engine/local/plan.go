package local

import (
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/wire"
)

// This file joins the plan with the folder, the machine and the worker.

// planner plans the folder's models. It keeps what it has planned until memory
// changes noticeably. Its methods are safe for concurrent use.
type planner struct {
	cfg  Config
	read func(tenants) (plan.Machine, bool)

	// Told and not taken yet. Whoever plans may hold mu for long, and the supervisor
	// must not wait.
	told  atomic.Pointer[tenants]
	tuned atomic.Pointer[map[string]engine.Tuning]

	mu      sync.Mutex
	looked  bool          // a process looked for GPUs
	devices []plan.Device // that may be used; Free is what none of our workers has
	tenants tenants
	tunings map[string]engine.Tuning
	machine plan.Machine
	known   bool
	at      time.Time              // when memory was last read
	fits    map[string]planned     // by model
	infos   []models.Info          // that made is of
	made    map[string]*engine.Fit // the last answer of list
}

// tenants are the models that are in memory.
type tenants struct {
	leave  []tenant // would end to make room for another
	stay   []tenant
	moving bool // one is coming or going, whose memory nobody can tell
}

func (t tenants) same(o tenants) bool {
	alike := func(a, b tenant) bool { return a.pid == b.pid }
	return t.moving == o.moving && slices.EqualFunc(t.leave, o.leave, alike) && slices.EqualFunc(t.stay, o.stay, alike)
}

// tenant is one of them.
type tenant struct {
	pid  int
	need int64            // bytes of the host's memory that it may come to use; 0: what it uses
	gpus map[string]int64 // bytes of each GPU that it has
}

// gpuNeeds is what a plan takes of GPUs.
func gpuNeeds(p *plan.Plan) map[string]int64 {
	needs := map[string]int64{}
	if p != nil {
		for _, d := range p.Devices {
			needs[d.Name] = d.Need()
		}
	}
	return needs
}

// hostNeed is what a plan takes of the host's memory.
func hostNeed(p *plan.Plan) int64 {
	if p == nil {
		return 0
	}
	return p.Host.Need()
}

// planned is a fit with what it is of.
type planned struct {
	shape    *models.Shape
	adapters int64 // bytes
	fit      *engine.Fit
}

// memoryAge is how long a reading of memory is good enough for a list.
const memoryAge = 2 * time.Second

// oneConversation is the room of the cache on the CPU, as it was measured with:
// idle conversations leave the cache there (decision 0010), and attention walks
// over each cell that is in use. 16 short conversations fit into one long one.
const oneConversation = 1

func newPlanner(c Config) *planner {
	p := &planner{cfg: c, read: c.machine, fits: map[string]planned{}}
	if p.read == nil {
		p.read = func(t tenants) (plan.Machine, bool) { return machineNow(t) }
	}
	return p
}

// cpuLibrary are the backends that compute without a GPU.
var cpuLibrary = regexp.MustCompile(`^libggml-(base|cpu.*|blas|rpc)\.so$`)

// mayHaveGPU says that a GPU backend is installed: only a worker can tell then
// what there is.
func (c Config) mayHaveGPU() bool {
	if c.DeviceOnly == deviceCPU {
		return false
	}
	libraries, _ := filepath.Glob(filepath.Join(c.RuntimeDir, "libggml-*.so"))
	return slices.ContainsFunc(libraries, func(l string) bool { return !cpuLibrary.MatchString(filepath.Base(l)) })
}

// machineNow reads what a plan needs to know of the host. It reports false on a
// system that does not tell its memory.
func machineNow(t tenants) (plan.Machine, bool) {
	var leave []int
	for _, o := range t.leave {
		leave = append(leave, o.pid)
	}
	use, ok := hardware.ReadUse(leave...)
	if !ok {
		return plan.Machine{}, false
	}
	for _, o := range t.stay {
		// Weights that are mapped count as page cache: the kernel would take them
		// from a model that is in use.
		more := max(0, o.need-hardware.Anonymous(o.pid))
		use.Used += more
		if use.Memory.Limit > 0 {
			use.GroupUsed += more
		}
	}
	return plan.Machine{CPU: hardware.Read().CPU, Memory: use.Memory, Used: use.Used, GroupUsed: use.GroupUsed}, true
}

// wish is what the configuration asks of a plan, and what people chose for the model.
func (c Config) wish(t engine.Tuning) plan.Wish {
	setDefault(&t.Context, c.Context)
	setDefault(&t.KV, c.KV)
	w := plan.Wish{Context: t.Context, Users: c.Slots, KV: plan.KVType(t.KV), Batch: c.Batch, Seqs: c.Seqs, Cells: c.Cells,
		Conversations: oneConversation}
	w.Backend = plan.Backend(c.DeviceOnly)
	return w
}

// now plans a model and so many bytes of adapters with a new reading of memory.
// nil: nobody can plan it, and the worker decides.
func (p *planner) now(m models.Info, tuning engine.Tuning, adapters int64, t tenants) *plan.Plan {
	shape, ok := planModel(m)
	if !ok {
		return nil
	}
	machine, ok := p.readAll(t)
	if !ok {
		return nil
	}
	made := p.make(machine, withAdapters(shape, adapters), tuning)
	if !says(&made) {
		return nil
	}
	return &made
}

// readAll reads the host's memory and adds the GPUs as they were last seen, less
// what models have of them that stay.
func (p *planner) readAll(t tenants) (plan.Machine, bool) {
	machine, ok := p.read(t)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !ok || !p.looked && p.cfg.mayHaveGPU() {
		return plan.Machine{}, false
	}
	p.addDevices(&machine, t)
	return machine, true
}

func (p *planner) addDevices(machine *plan.Machine, t tenants) {
	machine.Devices, machine.Seen = slices.Clone(p.devices), hardware.Read().GPUs
	for i := range machine.Devices {
		d := &machine.Devices[i]
		for _, o := range t.stay {
			d.Free = max(0, d.Free-o.gpus[d.Name])
		}
	}
}

// make plans. A backend that somebody asks for and that cannot hold the model
// leaves it to the CPU.
func (p *planner) make(machine plan.Machine, shape plan.Model, tuning engine.Tuning) plan.Plan {
	wish := p.cfg.wish(tuning)
	if len(machine.Devices) > 0 {
		wish.Conversations = 0 // the plan's own rule, for a GPU's memory
	}
	made := plan.Make(machine, shape, wish)
	if made.Verdict == plan.WontFit && wish.Backend != "" && wish.Backend != plan.CPU {
		rejected := made.Rejected
		wish.Backend, wish.Conversations = plan.CPU, oneConversation
		made = plan.Make(machine, shape, wish)
		made.Rejected = append(rejected, made.Rejected...)
	}
	return made
}

// tell says which models are in memory. It never waits.
func (p *planner) tell(t tenants) { p.told.Store(&t) }

// tune says what people chose for the models. It never waits.
func (p *planner) tune(t map[string]engine.Tuning) { p.tuned.Store(&t) }

// take takes what was told.
func (p *planner) take() {
	if t := p.told.Swap(nil); t != nil {
		was := p.tenants
		p.tenants = *t
		was.moving = t.moving
		if !t.same(was) {
			p.at = time.Time{} // what is free for others is something else now
		}
	}
	if t := p.tuned.Swap(nil); t != nil {
		p.tunings, p.made = *t, nil
		clear(p.fits)
	}
}

// saw is told which GPUs may be used, and which models were in memory then.
func (p *planner) saw(devices []engine.Device, loaded []tenant) {
	var found []plan.Device
	for _, d := range devices {
		n := plan.Device{Name: d.Name, Description: d.Description, Backend: plan.Backend(d.Backend), Kind: plan.Kind(d.Kind), Total: d.Total, Free: d.Free}
		for _, o := range loaded {
			n.Free = min(n.Total, n.Free+o.gpus[d.Name])
		}
		found = append(found, n)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.looked && slices.Equal(found, p.devices) {
		return
	}
	p.looked, p.devices = true, found
	p.at = time.Time{} // what is known of the machine is no more true
}

// list gives the fits of models by ID, none for those that nobody can plan. The
// map is not changed afterwards, and nobody may change it.
func (p *planner) list(infos []models.Info) map[string]*engine.Fit {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take()
	p.look(time.Now())
	if p.made != nil && len(infos) == len(p.infos) && (len(infos) == 0 || &infos[0] == &p.infos[0]) {
		return p.made // most often nothing has changed
	}
	keep := make(map[string]planned, len(infos))
	fits := make(map[string]*engine.Fit, len(infos))
	for _, m := range infos {
		have, ok := p.fits[m.ID]
		_, adapters, _ := adaptersOf(p.tunings[m.ID], infos)
		if !ok || have.shape != m.Shape || have.adapters != adapters {
			have = planned{shape: m.Shape, adapters: adapters}
			if shape, ok := planModel(m); ok && p.known {
				made := p.make(p.machine, withAdapters(shape, adapters), p.tunings[m.ID])
				have.fit = fitOf(&made)
			}
		}
		keep[m.ID] = have
		if have.fit != nil {
			fits[m.ID] = have.fit
		}
	}
	p.fits, p.infos, p.made = keep, infos, fits
	return fits
}

// look reads memory again if it is time, and forgets the fits when it has
// changed noticeably.
func (p *planner) look(now time.Time) {
	if p.tenants.moving && p.known || now.Sub(p.at) < memoryAge && !p.at.IsZero() {
		return
	}
	p.at = now
	machine, known := p.read(p.tenants)
	known = known && (p.looked || !p.cfg.mayHaveGPU())
	p.addDevices(&machine, p.tenants)
	if known == p.known && !noticeable(p.machine, machine) {
		return
	}
	p.machine, p.known, p.made = machine, known, nil
	clear(p.fits)
}

// noticeable says whether memory differs by more than a twentieth of what was
// free, and more than comes and goes all the time.
func noticeable(was, now plan.Machine) bool {
	const least = 128 << 20
	if len(was.Devices) != len(now.Devices) {
		return true
	}
	differ := func(a, b int64) bool { return max(a-b, b-a) > max(least, a/20) }
	for i, d := range now.Devices {
		if was.Devices[i].Name != d.Name || differ(was.Devices[i].Free, d.Free) {
			return true
		}
	}
	return differ(free(was), free(now))
}

// free is what machine and control group leave, in bytes.
func free(m plan.Machine) int64 {
	n := m.Memory.Total - m.Used
	if m.Memory.Limit > 0 {
		n = min(n, m.Memory.Limit-m.GroupUsed)
	}
	return n
}

// maxReasons bounds the rejected ways that are shown.
const maxReasons = 4

// says tells a plan from one that could not be made, because facts are out of
// range: the worker says what it thinks of them.
func says(p *plan.Plan) bool {
	return p.Verdict != plan.WontFit || len(p.Rejected) > 0 && p.Rejected[len(p.Rejected)-1].Need > 0
}

// fitOf is a plan in the engine's words; nil of none.
func fitOf(p *plan.Plan) *engine.Fit {
	if p == nil || !says(p) {
		return nil
	}
	f := &engine.Fit{Verdict: engine.Verdict(p.Verdict), Because: p.Because, Devices: []engine.FitDevice{}}
	shares := p.Devices[:len(p.Devices):len(p.Devices)]
	if p.Host.Need() > 0 {
		shares = append(shares, p.Host)
	}
	for _, s := range shares {
		f.Devices = append(f.Devices, engine.FitDevice{Name: s.Name, Layers: s.Layers, Weights: s.Weights, KV: s.KV,
			Compute: s.Compute, Process: s.Process, Free: s.Free, Reserve: s.Reserve})
		if s.Name == p.Host.Name && len(p.Devices) > 0 && p.Verdict == plan.Fits {
			continue // it lies on GPUs: their memory decides
		}
		f.Need += s.Need()
		f.Free += s.Free
		f.Usable += s.Free - s.Reserve
	}
	if p.Verdict == plan.WontFit {
		last := p.Rejected[len(p.Rejected)-1]
		f.Need, f.Usable = last.Need, last.Have
	} else {
		f.Context, f.Slots, f.Cells, f.KV = p.Context, p.Slots, p.Cells, string(p.KV)
	}
	for _, r := range p.Rejected[max(0, len(p.Rejected)-maxReasons):] {
		f.Rejected = append(f.Rejected, engine.FitReason{Code: string(r.Code), Sentence: r.Sentence})
	}
	return f
}

// frame is the Load of a model: what the configuration asks for, then what the
// plan decided, then the worker's own choice.
func (c Config) frame(path string, p *plan.Plan, t engine.Tuning, adapters []string) wire.Load {
	l := wire.Load{RuntimeDir: c.RuntimeDir, ModelPath: path, Context: c.Context, Slots: c.Slots, Cells: c.Cells,
		Batch: c.Batch, Threads: c.Threads, GPULayers: c.GPULayers, DeviceOnly: c.DeviceOnly, Seqs: c.Seqs, StepMS: c.StepMS,
		KV: c.KV, LoRA: adapters, StateDir: c.StateDir, StateDisk: c.StateDisk, StateMemory: c.StateMemory}
	if t.Context > 0 {
		l.Context = t.Context
	}
	if t.KV != "" {
		l.KV = t.KV
	}
	if p != nil {
		l.Context, l.Slots, l.Cells, l.Batch, l.Seqs, l.KV = p.Context, p.Slots, p.Cells, p.Batch, p.Seqs, string(p.KV)
		setDefault(&l.Threads, p.Threads)
		setDefault(&l.StateMemory, statesOf(p))
		placeOn(&l, p, c.GPULayers)
	}
	setDefault(&l.Threads, hardware.Threads())
	return l
}

// States of conversations outside the cache, in bytes: what a worker keeps of
// itself where there is memory enough, and what it may keep where there is not.
const (
	enoughStates = 512 << 20
	leastStates  = 32 << 20
)

// statesOf is the memory for states that a plan leaves; 0: enough, and the worker chooses.
func statesOf(p *plan.Plan) int64 {
	left := p.Host.Free - p.Host.Reserve - p.Host.Need()
	if left >= enoughStates {
		return 0
	}
	return max(left, leastStates)
}

// placeOn says which devices hold what. A number of layers that somebody set
// bounds those of the plan.
func placeOn(l *wire.Load, p *plan.Plan, most int) {
	l.DeviceOnly, l.TensorSplit = string(p.Backend), p.TensorSplit
	if p.Backend == plan.CPU {
		return
	}
	l.GPULayers = p.GPULayers
	if most >= 0 && most < l.GPULayers {
		l.GPULayers, l.TensorSplit = most, nil
	}
	for _, d := range p.Devices {
		l.Devices = append(l.Devices, d.Name)
	}
}
