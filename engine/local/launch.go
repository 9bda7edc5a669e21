package local

import (
	"os"
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/wire"
)

// start makes a unit for a model that has none.
func (s *supervisor) start(m models.Info, back bool) {
	u := &unit{model: m, running: map[uint64]*answer{}, jobs: map[uint64]*job{}, back: back, modest: back}
	s.units = append(s.units, u)
	s.launch(u)
}

// launch makes a worker for a unit, in a goroutine that reports an event.
func (s *supervisor) launch(u *unit) {
	u.phase, u.victim, u.given, u.renew, u.tuning = phaseStarting, nil, false, false, s.tunings[u.model.ID]
	u.fate = fateOf(u.model, s.files)
	for _, a := range s.waiting {
		if a.model.ID == u.model.ID {
			a.enter(engine.Stage{Name: engine.StageLoading})
		}
	}
	now := time.Now()
	u.avoid = s.ladder.avoided(now)
	l := launch{supervisor: s, avoid: u.avoid, unit: u, model: u.model, tuning: u.tuning, proven: s.proven[u.model.ID] == u.model.Content}
	var missing string
	if l.lora, l.loraBytes, missing = adaptersOf(u.tuning, s.files); missing != "" {
		l.lost = engine.Errorf(engine.CodeModelLoad, "The model %.100q was not loaded: its adapter %.100q is not in the model folder. "+
			"Put it there again, or take it out of the model's settings.", u.model.ID, missing)
	}
	for _, o := range s.units {
		switch {
		case o == u || o.pid() == 0:
		case o.beside():
			l.kept, l.uncounted = append(l.kept, o.memory()), l.uncounted+1
		case s.tunings[o.model.ID].Keep && !o.leaving:
			l.kept = append(l.kept, o.memory())
		default:
			l.others = append(l.others, o.memory())
		}
	}
	go func() { s.events <- l.run() }()
}

// adaptersOf are the files of what people chose to be added to a model, with the
// bytes of all; missing is one that is not in the folder.
func adaptersOf(t engine.Tuning, files []models.Info) (paths []string, bytes int64, missing string) {
	for _, id := range t.LoRA {
		i := slices.IndexFunc(files, func(m models.Info) bool { return m.ID == id && m.State == models.StateAdapter })
		if i < 0 {
			missing = id
			continue
		}
		paths, bytes = append(paths, files[i].Path), bytes+files[i].Size
	}
	return paths, bytes, missing
}

// launch is one try to make a worker. It runs outside the supervisor's goroutine
// and reads of it only cfg, plans, spawn, looking, current and log.
type launch struct {
	*supervisor
	unit   *unit // not read: it names the event
	model  models.Info
	tuning engine.Tuning
	avoid  map[string]string // GPU backends that failed
	lost   *engine.Error     // an adapter that is not there
	lora   []string          // files of adapters
	// loraBytes is the size of these files.
	loraBytes int64
	proven    bool     // the file has been loaded before
	others    []tenant // that may be asked to make room
	kept      []tenant // that may not
	uncounted int      // of kept, those of the lane: they are no reason to refuse a model
}

func (l launch) run() event {
	fail := func(err error) event { return event{unit: l.unit, err: err} }
	if l.lost != nil {
		return fail(l.lost)
	}
	if err := CheckRuntime(l.cfg.RuntimeDir); err != nil {
		return fail(err)
	}
	m, ferr := l.current(l.model)
	if ferr != nil {
		return fail(ferr)
	}
	if roleOf(m) != wire.RoleAnswer {
		return l.runLane(m)
	}
	around := l.cfg.lookAround(l.looking)
	l.plans.saw(allowed(around.devices, l.avoid), append(slices.Clone(l.kept), l.others...))
	made := l.plans.now(m, l.tuning, l.loraBytes, tenants{stay: append(slices.Clone(l.kept), l.others...)})
	if len(l.others) > 0 {
		alone := l.plans.now(m, l.tuning, l.loraBytes, tenants{stay: l.kept, leave: l.others})
		if err := engine.TooLarge(m.ID, fitOf(alone)); err != nil {
			return fail(l.tooLarge(m, err))
		}
		if !l.cfg.mayAdd(len(l.others)+len(l.kept)-l.uncounted) || !asGood(made, alone) {
			return l.room(m)
		}
	}
	if !l.cfg.mayAdd(len(l.kept) - l.uncounted) {
		return fail(keptErr(m.ID))
	}
	if err := engine.TooLarge(m.ID, fitOf(made)); err != nil {
		return fail(l.tooLarge(m, err))
	}
	return l.spawnFor(m, around, made)
}

// room asks for another unit to leave. A file that was never loaded is tried
// first: the one that answers must not go for one that cannot be loaded.
func (l launch) room(m models.Info) event {
	if !l.proven {
		if err := ProbeModel(l.looking, l.cfg.WorkerPath, l.cfg.RuntimeDir, m.Path, l.lora...); err != nil {
			return event{unit: l.unit, err: err}
		}
	}
	return event{unit: l.unit, model: m, room: true}
}

// tooLarge says so of a model that would fit if nothing were kept.
func (l launch) tooLarge(m models.Info, err *engine.Error) *engine.Error {
	if len(l.kept) == l.uncounted {
		return err
	}
	alone := l.plans.now(m, l.tuning, l.loraBytes, tenants{leave: append(slices.Clone(l.kept), l.others...)})
	if engine.TooLarge(m.ID, fitOf(alone)) != nil {
		return err
	}
	return keptErr(m.ID)
}

func keptErr(model string) *engine.Error {
	return engine.Errorf(engine.CodeModelKept, "The model %.100q was not loaded: it does not fit beside a model that is kept loaded. "+
		"Nothing else was changed. Unload that one, or choose that it is not kept, and try again.", model)
}

func (l launch) spawnFor(m models.Info, around surroundings, made *plan.Plan) event {
	args := []string{"--runtime", l.cfg.RuntimeDir, "--model", m.Path}
	for _, a := range l.lora {
		args = append(args, "--lora", a)
	}
	if l.cfg.StateDir != "" {
		if err := os.MkdirAll(l.cfg.StateDir, 0o700); err != nil {
			l.log.Warn("no folder for the worker's states", "error", err)
		}
		args = append(args, "--state", l.cfg.StateDir)
	}
	backend := bestBackend(around.devices, l.avoid, l.cfg.DeviceOnly)
	if made != nil && made.Backend == plan.CPU {
		backend = ""
	} else if made != nil {
		backend = string(made.Backend)
	}
	gpu := noGPU
	if backend != "" {
		gpu = backend
	}
	args = append(args, "--gpu", gpu)
	p, err := l.spawn.start(l.cfg.WorkerPath, args, workerEnv(l.cfg.RuntimeDir, os.LookupEnv))
	if err != nil {
		return event{unit: l.unit, err: errNoWorker(err)}
	}
	w := newWorker(p, m.ID, l.unit, time.Now())
	w.around, w.backend, w.adapters = around, backend, l.lora
	return event{unit: l.unit, worker: w, model: m, plan: made}
}

// mayAdd says whether one more model may be loaded beside n.
func (c Config) mayAdd(n int) bool { return c.MaxLoaded == 0 || n < c.MaxLoaded }

// asGood says whether a model beside others would run as well as without them.
// Where nobody can plan, nobody can tell.
func asGood(beside, alone *plan.Plan) bool {
	return beside != nil && alone != nil && beside.Verdict == alone.Verdict && beside.Context >= alone.Context &&
		beside.Cells >= alone.Cells && beside.Slots >= alone.Slots && beside.KV == alone.KV &&
		beside.Backend == alone.Backend && beside.GPULayers >= alone.GPULayers
}
