package local

import (
	"cmp"
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

// This file is what the supervisor does when something happens to a unit.

// happen takes a unit's event.
func (s *supervisor) happen(ev event) {
	now := time.Now()
	u := ev.unit
	switch {
	case ev.probed != nil:
		s.better(ev.probed, now)
	case ev.err != nil:
		s.failLoad(u, toError(ev.err))
		s.remove(u)
	case ev.room && s.closed:
		s.remove(u)
	case ev.room:
		u.phase, u.model, u.back = phaseRoom, ev.model, u.back && !u.modest
	case ev.exit != nil:
		s.exited(u, *ev.exit, now)
	case ev.frame != nil:
		if u.phase == phaseDying || u.phase == phaseStopping {
			return
		}
		u.worker.watch.frame = now
		s.receive(u, ev.frame, ev.raw, now)
	default:
		u.worker, u.plan, u.fit = ev.worker, ev.plan, fitOf(ev.plan)
		u.phase, u.granted = phaseHello, 0
		u.model, u.fate = ev.model, fateOf(ev.model, s.files)
		u.planned = tenant{pid: u.pid(), need: max(ev.need, hostNeed(u.plan)), gpus: gpuNeeds(u.plan)}
		u.worker.run(s.events, s.log)
		s.log.Info("worker started", "pid", u.pid(), "model", u.model.ID)
		if s.closed {
			s.stop(u)
		}
	}
}

// receive takes a frame in the phase in which it may come.
func (s *supervisor) receive(u *unit, f *wire.FromWorker, raw []byte, now time.Time) {
	w := u.worker
	switch {
	case f.Hello != nil && u.phase == phaseHello:
		s.greet(u, f.Hello, now)
	case f.Progress != nil && u.phase == phaseLoading:
		w.watch.progress = now
	case f.Ready != nil && u.phase == phaseLoading && (!u.beside() || f.Ready.Dimensions > 0 && f.Ready.Dimensions <= wire.MaxVector):
		s.becomeReady(u, f.Ready, now)
	case f.LoadFailed != nil && u.phase == phaseLoading:
		s.stop(u)
		s.failLoad(u, loadError(f.LoadFailed))
	case f.Vectors != nil && u.phase == phaseReady && s.takeVectors(u, f.Vectors, raw, now):
	case f.Counted != nil && u.phase == phaseReady && s.takeCounted(u, f.Counted, now):
	case f.Step != nil && u.phase == phaseReady && !u.beside():
		w.watch.sawStep(f.Step, now)
		s.takeStep(u, f.Step, now)
	case f.Beat != nil && u.phase != phaseHello:
		w.watch.sawBeat(f.Beat, now)
		w.sawBeat(f.Beat, now)
	default:
		s.condemn(u, "sent a message out of turn")
	}
}

func (s *supervisor) greet(u *unit, h *wire.Hello, now time.Time) {
	u.worker.hello = *h
	if h.Version != wire.Version {
		s.stop(u)
		s.failLoad(u, engine.Errorf(engine.CodeRuntimeChanged,
			"The worker program speaks version %d of the protocol, this program version %d. Install both from one package.",
			h.Version, wire.Version))
		return
	}
	u.phase = phaseLoading
	u.worker.watch.progress = now
	if u.beside() {
		l := s.cfg.laneFrame(u.model)
		u.worker.send(wire.ToWorker{Load: &l})
		return
	}
	l := s.cfg.frame(u.model.Path, u.plan, u.tuning, u.worker.adapters)
	if u.plan == nil && u.worker.backend != "" {
		l.DeviceOnly = u.worker.backend
	}
	u.worker.send(wire.ToWorker{Load: &l})
}

func (s *supervisor) becomeReady(u *unit, r *wire.Ready, now time.Time) {
	w := u.worker
	w.facts, w.ready = *r, true
	if !u.beside() { // the lane wants none
		w.gpuReason, s.failure = s.cfg.gpuReason(w.around, w.backend, u.avoid, *r), ""
	}
	w.watch.stepped, w.watch.brought = now, now
	u.phase, u.ready, u.used, u.back, u.evicted = phaseReady, now, now, false, nil
	u.settled = now.Add(worth(now.Sub(w.watch.started)))
	s.proven[u.model.ID] = u.model.Content
	delete(s.failed, u.model.ID)
	r0 := s.records[u.model.ID]
	r0.loads = 0
	s.records[u.model.ID] = r0
	if !u.beside() {
		s.forgetLate(u)
	}
	s.finishLoads(u, nil)
	s.log.Info("model loaded", "model", u.model.ID, "device", r.Device, "library", r.Library,
		"context", r.Context, "slots", r.Slots, "threads", r.Threads, "took", now.Sub(w.watch.started))
	if w.gpuReason != "" {
		s.log.Warn("no GPU is used", "reason", w.gpuReason)
	}
	if u.fit != nil {
		s.log.Info("model's memory", "model", u.model.ID, "planned", u.fit.Devices, "taken", r.Buffers)
	}
}

func (s *supervisor) takeStep(u *unit, st *wire.Step, now time.Time) {
	w := u.worker
	for _, g := range st.Stages {
		if a := u.running[g.ID]; a != nil && !a.abandoned && knownStage(g.Name) {
			a.enter(engine.Stage{Name: engine.StageName(g.Name), Done: g.Done, Total: g.Total,
				Place: max(0, g.Place), Wait: min(max(0, time.Duration(g.WaitMS)), time.Hour/time.Millisecond) * time.Millisecond})
		}
	}
	for _, t := range st.Tokens {
		a := u.running[t.ID]
		if a == nil || a.abandoned {
			continue
		}
		a.receive(t, now)
		if n := a.limit(w.facts.Context); n > 0 && len(a.tokens) > n {
			// The worker keeps the limits. One that does not must not fill this process's memory.
			s.log.Error("worker passed the token limit", "limit", n)
			u.release(a)
			a.box.finish(ending{usage: a.usage(engine.FinishLength, w.facts.Device, now)})
		}
	}
	for _, e := range st.Ends {
		if a := u.running[e.ID]; a != nil {
			delete(u.running, e.ID)
			if a.req.Route != engine.RouteReady { // a probe each minute must not keep a model from leaving
				u.used = now
			}
			s.end(u, a, e, now)
		}
	}
}

// end takes the worker's last word on an answer.
func (s *supervisor) end(u *unit, a *answer, e wire.End, now time.Time) {
	a.prompt, a.cached = e.PromptTokens, e.CachedTokens
	a.waited = time.Duration(min(max(0, e.WaitUS), time.Hour.Microseconds())) * time.Microsecond
	cost := a.usage(engine.FinishReason(e.Finish), u.device(), now)
	var err error
	switch cost.Finish {
	case engine.FinishStop, engine.FinishLength:
		if !a.req.PrefillOnly { // that proves no answer
			delete(s.records, u.model.ID)
		}
	case engine.FinishCancelled:
		if !a.abandoned {
			err = engine.Errorf(engine.CodeInternal, "The engine ended the answer unasked. What was written is kept. Try again.")
		}
	default:
		err = workerError(e.Code, e.Message, "", engine.CodeInternal)
	}
	if err != nil {
		cost.Finish = engine.FinishFailed
	}
	a.box.finish(ending{cost, err})
}

// exited takes the end of the worker's process.
func (s *supervisor) exited(u *unit, e exit, now time.Time) {
	w, planned := u.worker, u.phase == phaseStopping
	u.worker = nil
	if planned {
		s.log.Info("worker stopped", "pid", w.proc.pid, "model", w.model)
		u.dropRunning()
		if u.again(s.tunings[u.model.ID]) && w.ready && !u.leaving && !s.closed {
			u.phase, u.due, u.back = phaseBackoff, now, true
			return
		}
		s.comeBack(u) // if it was ended before it was loaded
		s.remove(u)
		return
	}
	s.restarts++
	r := s.records[w.model].after(now, s.cfg.DeathWindow, w.ready)
	s.records[w.model] = r
	s.log.Error("worker died", "pid", w.proc.pid, "model", w.model, "how", e.describe(w.cause),
		"loaded", w.ready, "answers", len(u.running), "log", e.tail)
	if w.backend != "" && (w.facts.GPU || !w.ready) && w.cause != fileChanged {
		// Whatever else it died of: the answers go on without that backend, and later it
		// is tried again.
		s.ladder.fell(w.backend, "the worker ended, "+e.describe(w.cause), now)
		s.log.Warn("GPU backend is left out for a while", "backend", w.backend, "until", s.ladder[w.backend].until)
	}
	s.recover(u, w, r, now)
}

// recover puts the answers of a dead worker back to the front of the queue,
// ends those that have seen two deaths, and sets a hopeless model aside.
func (s *supervisor) recover(u *unit, w *worker, r record, now time.Time) {
	var again []*answer
	for _, a := range u.takeRunning() {
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
	s.resubmit(u)
	if r.hopeless(s.cfg.DeathLimit) {
		reason := asideReason(s.cfg.DeathLimit)
		if u.beside() { // nobody loads it by hand
			reason, s.resting[w.model] = laneAside(s.cfg.DeathLimit), now.Add(laneRest)
		}
		s.aside[w.model] = reason
		delete(s.records, w.model)
		s.log.Error("model set aside", "model", w.model)
		s.failLoad(u, engine.Errorf(engine.CodeModelSetAside, "%s", reason))
		s.remove(u)
		return
	}
	u.phase, u.back = phaseBackoff, true
	pause := backoff(len(r.deaths), s.cfg.BackoffMin, s.cfg.BackoffMax)
	u.due = now.Add(pause)
	s.retry.Reset(pause)
}

// failLoad ends everything that waits for a unit's model, which could not be
// loaded, and lets those come back that left for it.
func (s *supervisor) failLoad(u *unit, err *engine.Error) {
	s.log.Error("model not loaded", "model", u.model.ID, "code", err.Code, "error", err)
	if !u.beside() {
		s.failure = err.Message
	}
	if err.Code != engine.CodeModelSetAside {
		s.failed[u.model.ID] = err.Message
	}
	s.finishLoads(u, err)
	s.endJobs(u, err)
	now := time.Now()
	s.waiting = slices.DeleteFunc(s.waiting, func(a *answer) bool {
		if a.model.ID != u.model.ID {
			return false
		}
		a.box.finish(ending{a.usage(engine.FinishFailed, "", now), err})
		return true
	})
	if v := u.victim; v != nil {
		v.stay()
	}
	s.back = slices.DeleteFunc(s.back, func(m models.Info) bool { return m.ID == u.model.ID })
	s.comeBack(u)
}

// takeRunning empties running, in order of arrival.
func (u *unit) takeRunning() []*answer {
	list := make([]*answer, 0, len(u.running))
	for _, a := range u.running {
		list = append(list, a)
	}
	clear(u.running)
	slices.SortFunc(list, func(a, b *answer) int { return cmp.Compare(a.id, b.id) })
	return list
}

// dropRunning ends what a planned stop found running; a swap finds nothing.
func (u *unit) dropRunning() {
	for _, j := range u.takeJobs() {
		j.end(errClosed())
	}
	for _, a := range u.takeRunning() {
		a.box.finish(closedEnding(a, ""))
	}
}

// finishLoads answers every Load that waits for a unit and may have it.
func (s *supervisor) finishLoads(u *unit, err error) {
	s.loads = slices.DeleteFunc(s.loads, func(l *load) bool {
		if l.unload || l.model.ID != u.model.ID || err == nil && u.leaving && l.id >= u.until {
			return false
		}
		if err == nil {
			u.used = time.Now()
		}
		l.done <- err
		return true
	})
}

// finishUnloads answers every Unload that waits for a model's end.
func (s *supervisor) finishUnloads(model string) {
	s.loads = slices.DeleteFunc(s.loads, func(l *load) bool {
		if l.unload && l.model.ID == model {
			l.done <- nil
			return true
		}
		return false
	})
}
