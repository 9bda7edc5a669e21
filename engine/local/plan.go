package local

import (
	"path/filepath"
	"regexp"
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
	cfg Config
	// worker is the process that would be ended to make room for another model;
	// 0: none, -1: one that is coming or going, whose memory nobody can tell.
	worker atomic.Int64
	read   func(worker int) (plan.Machine, bool)

	noGPU atomic.Bool // a process looked, and there is no GPU to use

	mu      sync.Mutex
	machine plan.Machine
	known   bool
	at      time.Time              // when memory was last read
	fits    map[string]planned     // by model
	infos   []models.Info          // that made is of
	made    map[string]*engine.Fit // the last answer of list
}

// planned is a fit with the shape that it is of.
type planned struct {
	shape *models.Shape
	fit   *engine.Fit
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
		p.read = func(worker int) (plan.Machine, bool) { return machineNow(c, worker, p.noGPU.Load()) }
	}
	return p
}

// cpuLibrary are the backends that compute without a GPU.
var cpuLibrary = regexp.MustCompile(`^libggml-(base|cpu.*|blas|rpc)\.so$`)

// machineNow reads what a plan needs to know. It reports false where that is
// not all: on a system that does not tell its memory, and where the worker may
// find a GPU, as only the worker asks ggml for devices.
func machineNow(c Config, worker int, noGPU bool) (plan.Machine, bool) {
	if c.DeviceOnly != deviceCPU && !noGPU {
		libraries, _ := filepath.Glob(filepath.Join(c.RuntimeDir, "libggml-*.so"))
		for _, l := range libraries {
			if !cpuLibrary.MatchString(filepath.Base(l)) {
				return plan.Machine{}, false
			}
		}
	}
	use, ok := hardware.ReadUse(worker)
	if !ok {
		return plan.Machine{}, false
	}
	return plan.Machine{CPU: hardware.Read().CPU, Memory: use.Memory, Used: use.Used, GroupUsed: use.GroupUsed}, true
}

// wish is what the configuration asks of a plan.
func (c Config) wish() plan.Wish {
	w := plan.Wish{Context: c.Context, Users: c.Slots, KV: plan.KVType(c.KV), Batch: c.Batch, Seqs: c.Seqs, Cells: c.Cells,
		Conversations: oneConversation}
	if c.DeviceOnly == deviceCPU {
		w.Backend = plan.CPU
	}
	return w
}

// now plans a model with a new reading of memory. nil: nobody can plan it, and
// the worker decides.
func (p *planner) now(m models.Info, worker int) *plan.Plan {
	shape, ok := planModel(m)
	if !ok {
		return nil
	}
	machine, ok := p.read(worker)
	if !ok {
		return nil
	}
	made := plan.Make(machine, shape, p.cfg.wish())
	if !says(&made) {
		return nil
	}
	return &made
}

// saw is told what a process found that looked for GPUs.
func (p *planner) saw(noGPU bool) {
	if p.noGPU.Swap(noGPU) == noGPU {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = time.Time{} // what is known of the machine is no more true
}

// list gives the fits of models by ID, none for those that nobody can plan. The
// map is not changed afterwards, and nobody may change it.
func (p *planner) list(infos []models.Info) map[string]*engine.Fit {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.look(time.Now())
	if p.made != nil && len(infos) == len(p.infos) && (len(infos) == 0 || &infos[0] == &p.infos[0]) {
		return p.made // most often nothing has changed
	}
	keep := make(map[string]planned, len(infos))
	fits := make(map[string]*engine.Fit, len(infos))
	for _, m := range infos {
		have, ok := p.fits[m.ID]
		if !ok || have.shape != m.Shape {
			have = planned{shape: m.Shape}
			if shape, ok := planModel(m); ok && p.known {
				made := plan.Make(p.machine, shape, p.cfg.wish())
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
	worker := p.worker.Load()
	if worker < 0 && p.known || now.Sub(p.at) < memoryAge && !p.at.IsZero() {
		return
	}
	p.at = now
	machine, known := p.read(int(max(0, worker)))
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
	a, b := free(was), free(now)
	return max(a-b, b-a) > max(least, a/20)
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
func (c Config) frame(path string, p *plan.Plan) wire.Load {
	l := wire.Load{RuntimeDir: c.RuntimeDir, ModelPath: path, Context: c.Context, Slots: c.Slots, Cells: c.Cells,
		Batch: c.Batch, Threads: c.Threads, GPULayers: c.GPULayers, DeviceOnly: c.DeviceOnly, Seqs: c.Seqs, StepMS: c.StepMS,
		KV: c.KV, StateDir: c.StateDir, StateDisk: c.StateDisk, StateMemory: c.StateMemory}
	if p != nil {
		l.Context, l.Slots, l.Cells, l.Batch, l.Seqs, l.KV = p.Context, p.Slots, p.Cells, p.Batch, p.Seqs, string(p.KV)
		setDefault(&l.Threads, p.Threads)
	}
	setDefault(&l.Threads, hardware.Threads())
	return l
}
