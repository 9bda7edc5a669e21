package local

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/wire"
)

// supervisor owns all state of the engine. Its methods run on its goroutine
// only and never block.
type supervisor struct {
	cfg   Config
	log   *slog.Logger
	spawn *spawner
	plans *planner

	looking context.Context // ends with the engine: a driver that hangs must not keep it
	giveUp  context.CancelFunc

	current func(models.Info) (models.Info, *engine.Error) // a model as its file is now; not for this goroutine, it reads

	calls  chan func(*supervisor)
	events chan event
	retry  *time.Timer

	phase    phase
	worker   *worker     // from started to exit
	model    models.Info // of the worker, or of the one that is being made
	plan     *plan.Plan  // that the worker was started with; nil: it decides
	fit      *engine.Fit // of plan
	loads    []*load     // explicit Loads that wait, in order of arrival
	want     models.Info // to have loaded when nobody asks for one
	lastGood models.Info // the last that was ready

	files []models.Info // the folder, as last told
	fate  fate          // of the file of model

	waiting []*answer          // not submitted, in order of arrival
	running map[uint64]*answer // on the worker
	nextID  uint64
	forgets []string // labels, for the next worker that is ready

	records  map[string]record
	aside    map[string]string // model to reason
	restarts int
	failure  string // why the last start failed, for Status
	closed   bool
}

// run is the owner's loop: one thing happens, then what follows from it is done.
func (s *supervisor) run() {
	defer s.spawn.close()
	tick := time.NewTicker(tickInterval(s.cfg))
	defer tick.Stop()
	defer s.retry.Stop()
	for !s.closed || s.phase != phaseNone {
		select {
		case f := <-s.calls:
			f(s)
		case ev := <-s.events:
			s.happen(ev)
		case <-tick.C:
			s.look(time.Now())
		case <-s.retry.C:
			if s.phase == phaseBackoff {
				s.phase = phaseNone
			}
		}
		s.advance()
	}
}

// tickInterval is how often the watch is looked at.
func tickInterval(c Config) time.Duration {
	return max(10*time.Millisecond, min(time.Second, c.BeatTimeout/8, c.StepTimeout/8))
}

// advance does what the state allows, until it has to wait.
func (s *supervisor) advance() {
	for {
		v := s.view()
		switch decide(v) {
		case actStart:
			s.start(s.target())
		case actServe:
			s.serve()
		case actStop:
			s.stop()
		case actKill:
			s.condemn("had its model file changed under it")
		case actWait:
			return
		}
	}
}

func (s *supervisor) view() view {
	return view{phase: s.phase, loaded: s.model.ID, head: s.head().ID, want: s.want.ID,
		busy: len(s.running) > 0, closed: s.closed, fate: s.fate}
}

// head is the model whose turn it is: what the oldest answer or Load needs.
func (s *supervisor) head() models.Info {
	switch {
	case s.loadIsNext():
		return s.loads[0].model
	case len(s.waiting) > 0:
		return s.waiting[0].model
	}
	return models.Info{}
}

func (s *supervisor) loadIsNext() bool {
	return len(s.loads) > 0 && (len(s.waiting) == 0 || s.loads[0].id < s.waiting[0].id)
}

func (s *supervisor) target() models.Info {
	if h := s.head(); h.ID != "" {
		return h
	}
	return s.want
}

// start makes a worker for a model, in a goroutine that reports an event.
func (s *supervisor) start(m models.Info) {
	s.phase, s.want = phaseStarting, m
	s.setModel(m)
	for _, a := range s.waiting {
		if a.model.ID == m.ID {
			a.enter(engine.Stage{Name: engine.StageLoading})
		}
	}
	go func() { s.events <- s.launch(m) }()
}

// launch runs outside the supervisor's goroutine and reads cfg, plans and spawn
// only. No worker runs then, so what is free now is for the new one.
func (s *supervisor) launch(m models.Info) event {
	if err := CheckRuntime(s.cfg.RuntimeDir); err != nil {
		return event{err: err}
	}
	m, ferr := s.current(m)
	if ferr != nil {
		return event{err: ferr}
	}
	around := s.cfg.lookAround(s.looking)
	s.plans.saw(s.cfg.noGPU(around) || len(around.devices) == 0)
	made := s.plans.now(m, 0)
	if err := engine.TooLarge(m.ID, fitOf(made)); err != nil {
		return event{err: err}
	}
	args := []string{"--runtime", s.cfg.RuntimeDir, "--model", m.Path}
	if s.cfg.StateDir != "" {
		if err := os.MkdirAll(s.cfg.StateDir, 0o700); err != nil {
			s.log.Warn("no folder for the worker's states", "error", err)
		}
		args = append(args, "--state", s.cfg.StateDir)
	}
	if s.cfg.noGPU(around) {
		args = append(args, "--no-gpu")
	}
	p, err := s.spawn.start(s.cfg.WorkerPath, args,
		workerEnv(s.cfg.RuntimeDir, os.LookupEnv))
	if err != nil {
		return event{err: &engine.Error{Code: engine.CodeRuntimeMissing, Err: err,
			Message: "The engine's worker program could not be started. Install the package again."}}
	}
	w := newWorker(p, m.ID, time.Now())
	w.around = around
	return event{worker: w, model: m, plan: made}
}

// happen takes a worker's event.
func (s *supervisor) happen(ev event) {
	now := time.Now()
	switch {
	case ev.err != nil:
		s.phase = phaseNone
		s.failLoad(toError(ev.err))
	case ev.exit != nil:
		s.exited(ev.worker, *ev.exit, now)
	case ev.frame != nil:
		if s.phase == phaseDying || s.phase == phaseStopping {
			return
		}
		ev.worker.watch.frame = now
		s.receive(ev.worker, ev.frame, now)
	default:
		s.worker, s.plan, s.fit = ev.worker, ev.plan, fitOf(ev.plan)
		s.plans.worker.Store(int64(ev.worker.proc.pid))
		s.phase = phaseHello
		s.setModel(ev.model)
		if s.want.ID == ev.model.ID { // else its file was removed meanwhile
			s.want = ev.model
		}
		s.worker.run(s.events, s.log)
		s.log.Info("worker started", "pid", s.worker.proc.pid, "model", s.model.ID)
		if s.closed {
			s.stop()
		}
	}
}

// receive takes a frame in the phase in which it may come.
func (s *supervisor) receive(w *worker, f *wire.FromWorker, now time.Time) {
	switch {
	case f.Hello != nil && s.phase == phaseHello:
		s.greet(w, f.Hello, now)
	case f.Progress != nil && s.phase == phaseLoading:
		w.watch.progress = now
	case f.Ready != nil && s.phase == phaseLoading:
		s.becomeReady(w, f.Ready, now)
	case f.LoadFailed != nil && s.phase == phaseLoading:
		s.stop()
		s.failLoad(loadError(f.LoadFailed))
	case f.Step != nil && s.phase == phaseReady:
		w.watch.sawStep(f.Step, now)
		s.takeStep(w, f.Step, now)
	case f.Beat != nil && s.phase != phaseHello:
		w.watch.sawBeat(f.Beat, now)
		w.sawBeat(f.Beat, now)
	default:
		s.condemn("sent a message out of turn")
	}
}

func (s *supervisor) greet(w *worker, h *wire.Hello, now time.Time) {
	w.hello = *h
	if h.Version != wire.Version {
		s.stop()
		s.failLoad(engine.Errorf(engine.CodeRuntimeChanged,
			"The worker program speaks version %d of the protocol, this program version %d. Install both from one package.",
			h.Version, wire.Version))
		return
	}
	s.phase = phaseLoading
	w.watch.progress = now
	l := s.cfg.frame(s.model.Path, s.plan)
	w.send(wire.ToWorker{Load: &l})
}

func (s *supervisor) becomeReady(w *worker, r *wire.Ready, now time.Time) {
	w.facts, w.ready, w.gpuReason = *r, true, s.cfg.gpuReason(w.around, *r)
	w.watch.stepped, w.watch.brought = now, now
	s.phase, s.lastGood, s.failure = phaseReady, s.model, ""
	r0 := s.records[s.model.ID]
	r0.loads = 0
	s.records[s.model.ID] = r0
	s.forgetLate()
	s.finishLoads(s.model.ID, nil)
	s.log.Info("model loaded", "model", s.model.ID, "device", r.Device, "library", r.Library,
		"context", r.Context, "slots", r.Slots, "threads", r.Threads, "took", now.Sub(w.watch.started))
	if w.gpuReason != "" {
		s.log.Warn("no GPU is used", "reason", w.gpuReason)
	}
	if s.fit != nil {
		s.log.Info("model's memory", "model", s.model.ID, "planned", s.fit.Devices, "taken", r.Buffers)
	}
}

// serve gives the first in the queue to the worker.
func (s *supervisor) serve() {
	if s.loadIsNext() {
		s.finishLoads(s.model.ID, nil)
		return
	}
	a := s.waiting[0]
	s.waiting = s.waiting[1:]
	if len(s.running) == 0 { // the time without work does not count against the worker
		now := time.Now()
		s.worker.watch.stepped, s.worker.watch.brought = now, now
	}
	s.running[a.id] = a
	s.worker.send(wire.ToWorker{Submit: a.submit()})
}

func (s *supervisor) takeStep(w *worker, st *wire.Step, now time.Time) {
	for _, g := range st.Stages {
		if a := s.running[g.ID]; a != nil && !a.abandoned && knownStage(g.Name) {
			a.enter(engine.Stage{Name: engine.StageName(g.Name), Done: g.Done, Total: g.Total,
				Place: max(0, g.Place), Wait: min(max(0, time.Duration(g.WaitMS)), time.Hour/time.Millisecond) * time.Millisecond})
		}
	}
	for _, t := range st.Tokens {
		a := s.running[t.ID]
		if a == nil || a.abandoned {
			continue
		}
		a.receive(t, now)
		if n := a.limit(w.facts.Context); n > 0 && len(a.tokens) > n {
			// The worker keeps the limits. One that does not must not fill this process's memory.
			s.log.Error("worker passed the token limit", "limit", n)
			s.release(a)
			a.box.finish(ending{usage: a.usage(engine.FinishLength, w.facts.Device, now)})
		}
	}
	for _, e := range st.Ends {
		if a := s.running[e.ID]; a != nil {
			delete(s.running, e.ID)
			s.end(a, e, now)
		}
	}
}

// end takes the worker's last word on an answer.
func (s *supervisor) end(a *answer, e wire.End, now time.Time) {
	a.prompt, a.cached = e.PromptTokens, e.CachedTokens
	u := a.usage(engine.FinishReason(e.Finish), s.worker.facts.Device, now)
	var err error
	switch u.Finish {
	case engine.FinishStop, engine.FinishLength:
		if !a.req.PrefillOnly { // that proves no answer
			delete(s.records, s.model.ID)
		}
	case engine.FinishCancelled:
		if !a.abandoned {
			err = engine.Errorf(engine.CodeInternal, "The engine ended the answer unasked. What was written is kept. Try again.")
		}
	default:
		err = workerError(e.Code, e.Message, "", engine.CodeInternal)
	}
	if err != nil {
		u.Finish = engine.FinishFailed
	}
	a.box.finish(ending{u, err})
}

// release ends an answer on the worker whose reader has gone.
func (s *supervisor) release(a *answer) {
	a.abandoned = true
	s.worker.send(wire.ToWorker{Cancel: &wire.Cancel{ID: a.id}})
}

// look kills a worker that hangs.
func (s *supervisor) look(now time.Time) {
	w := s.worker
	if w == nil || s.phase == phaseDying || s.phase == phaseStopping {
		return
	}
	if gap := now.Sub(w.watch.tick); gap > 4*tickInterval(s.cfg) {
		w.watch.shift(gap)
	}
	w.watch.tick = now
	if len(s.running) == 0 {
		w.watch.stepped, w.watch.brought = now, now
	}
	if why := w.watch.verdict(s.phase, now, s.cfg); why != "" {
		s.condemn(why)
	}
}

// condemn kills the worker because of a fault; exited treats it as a death.
func (s *supervisor) condemn(why string) {
	s.worker.cause = why
	s.plans.worker.Store(-1)
	s.phase = phaseDying
	s.worker.kill()
}

// stop ends the worker on purpose. Nothing of value is in it.
func (s *supervisor) stop() {
	s.phase = phaseStopping
	s.plans.worker.Store(-1)
	s.worker.kill()
}

// exited takes the end of the worker's process.
func (s *supervisor) exited(w *worker, e exit, now time.Time) {
	planned := s.phase == phaseStopping
	s.plans.worker.Store(0)
	s.worker, s.phase = nil, phaseNone
	if planned {
		s.log.Info("worker stopped", "pid", w.proc.pid, "model", w.model)
		s.dropRunning()
		return
	}
	s.restarts++
	r := s.records[w.model].after(now, s.cfg.DeathWindow, w.ready)
	s.records[w.model] = r
	s.log.Error("worker died", "pid", w.proc.pid, "model", w.model, "how", e.describe(w.cause),
		"loaded", w.ready, "answers", len(s.running), "log", e.tail)
	s.recover(w, r, now)
}

// recover puts the answers of a dead worker back to the front of the queue,
// ends those that have seen two deaths, and sets a hopeless model aside.
func (s *supervisor) recover(w *worker, r record, now time.Time) {
	var again []*answer
	for _, a := range s.takeRunning() {
		if a.abandoned {
			continue
		}
		a.bereave()
		if a.req.PrefillOnly { // what was read is gone, and nobody waits for it
			a.box.finish(ending{usage: a.usage(engine.FinishCancelled, w.facts.Device, now)})
			continue
		}
		if !mayResume(a.deaths) {
			a.box.finish(ending{a.usage(engine.FinishFailed, w.facts.Device, now), engine.Errorf(engine.CodeWorkerFailed,
				"The engine stopped twice while writing this answer. What was written is kept. Try again, or use another model.")})
			continue
		}
		a.enter(engine.Stage{Name: engine.StageResuming})
		again = append(again, a)
	}
	s.waiting = append(again, s.waiting...)
	if r.hopeless(s.cfg.DeathLimit) {
		reason := asideReason(s.cfg.DeathLimit)
		s.aside[w.model] = reason
		delete(s.records, w.model)
		s.log.Error("model set aside", "model", w.model)
		s.failLoad(engine.Errorf(engine.CodeModelSetAside, "%s", reason))
		return
	}
	s.phase = phaseBackoff
	s.retry.Reset(backoff(len(r.deaths), s.cfg.BackoffMin, s.cfg.BackoffMax))
}

// failLoad ends everything that waits for the current model, which could not
// be loaded, and goes back to the last good one.
func (s *supervisor) failLoad(err *engine.Error) {
	s.log.Error("model not loaded", "model", s.model.ID, "code", err.Code, "error", err)
	s.failure = err.Message
	s.finishLoads(s.model.ID, err)
	now := time.Now()
	s.waiting = slices.DeleteFunc(s.waiting, func(a *answer) bool {
		if a.model.ID != s.model.ID {
			return false
		}
		a.box.finish(ending{a.usage(engine.FinishFailed, "", now), err})
		return true
	})
	s.want = models.Info{}
	if s.lastGood.ID != s.model.ID && s.aside[s.lastGood.ID] == "" {
		s.want = s.lastGood
	}
	if s.want.ID == "" {
		s.lastGood = models.Info{}
	}
}

// takeRunning empties running, in order of arrival.
func (s *supervisor) takeRunning() []*answer {
	list := make([]*answer, 0, len(s.running))
	for _, a := range s.running {
		list = append(list, a)
	}
	clear(s.running)
	slices.SortFunc(list, func(a, b *answer) int { return cmp.Compare(a.id, b.id) })
	return list
}

// dropRunning ends what a planned stop found running; a swap finds nothing.
func (s *supervisor) dropRunning() {
	for _, a := range s.takeRunning() {
		a.box.finish(closedEnding(a, ""))
	}
}

// finishLoads answers every Load that waits for a model.
func (s *supervisor) finishLoads(model string, err error) {
	s.loads = slices.DeleteFunc(s.loads, func(l *load) bool {
		if l.model.ID == model {
			l.done <- err
		}
		return l.model.ID == model
	})
}
