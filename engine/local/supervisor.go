package local

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/models"
	"alcove/engine/wire"
)

// supervisor owns all state of the engine. Its methods run on its goroutine
// only and never block.
type supervisor struct {
	cfg   Config
	log   *slog.Logger
	spawn *spawner
	plans *planner

	told    tenants         // what plans knows
	looking context.Context // ends with the engine: a driver that hangs must not keep it
	giveUp  context.CancelFunc

	current func(models.Info) (models.Info, *engine.Error) // a model as its file is now; not for this goroutine, it reads

	calls  chan func(*supervisor)
	events chan event
	retry  *time.Timer
	settle *time.Timer

	units []*unit       // loaded models and those on their way, oldest first
	loads []*load       // explicit Loads and Unloads that wait, in order of arrival
	back  []models.Info // to be loaded again when nobody waits for others

	files   []models.Info // the folder, as last told
	tunings map[string]engine.Tuning

	waiting []*answer // not submitted, in order of arrival
	jobs    []*job    // of the lane, not submitted
	nextID  uint64
	forgets []string // labels, for the next worker that is ready

	records  map[string]record
	aside    map[string]string    // model to reason
	resting  map[string]time.Time // models of the lane that are set aside, until then
	failed   map[string]string    // model to why its last load failed
	proven   map[string]string    // model to the content that has been loaded
	ladder   ladder               // GPU backends that failed
	ticked   time.Time            // the last look
	probing  bool                 // a process looks for GPUs
	probeAt  time.Time            // when the next may
	drivers  string               // what the kernel said of GPUs then
	restarts int
	shown    string // what others could see when they were last told
	failure  string // why the last load failed, for Status
	closed   bool
}

// run is the owner's loop: one thing happens, then what follows from it is done.
func (s *supervisor) run() {
	defer s.spawn.close()
	tick := time.NewTicker(tickInterval(s.cfg))
	defer tick.Stop()
	defer s.retry.Stop()
	defer s.settle.Stop()
	for !s.closed || len(s.units) > 0 || s.probing { // each of them has a goroutine that will report
		select {
		case f := <-s.calls:
			f(s)
		case ev := <-s.events:
			s.happen(ev)
		case <-tick.C:
			now := time.Now()
			s.look(now)
			s.reprobe(now)
		case <-s.retry.C:
		case <-s.settle.C:
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
	for s.act() {
	}
	s.grant()
	s.tellPlanner()
	if now := s.outside(); now != s.shown {
		s.shown = now
		s.cfg.Changed()
	}
}

// outside is what others can see of the folder and the units, in short.
func (s *supervisor) outside() string {
	b := fmt.Appendf(nil, "%p %d %d %d", s.files, len(s.aside), len(s.failed), s.restarts)
	for _, u := range s.units {
		b = fmt.Appendf(b, " %s %s %v %s %v", u.model.ID, u.phase, u.leaving, u.fate, u.renew)
	}
	return string(b)
}

// act does one thing; it is false when there is nothing to do.
func (s *supervisor) act() bool {
	next, back := s.next()
	v := s.view(next, time.Now())
	do, i := decide(v)
	switch do {
	case actStart:
		s.start(next, back)
	case actLaunch:
		s.launch(s.units[i])
	case actServe:
		s.serve(s.units[i])
	case actLeave:
		s.makeRoom(s.units[roomless(v.units)], s.units[i])
	case actStop:
		s.stop(s.units[i])
	case actKill:
		s.condemn(s.units[i], fileChanged)
	case actDrop:
		s.drop(s.units[i])
	case actWait:
		if roomless(v.units) >= 0 {
			s.wakeWhenSettled(time.Now())
		}
		return false
	}
	return true
}

// wakeWhenSettled looks again as soon as a model may make room.
func (s *supervisor) wakeWhenSettled(now time.Time) {
	for _, u := range s.units {
		if left := u.settled.Sub(now); u.phase == phaseReady && left > 0 {
			s.settle.Reset(left)
			return
		}
	}
}

func (s *supervisor) view(next models.Info, now time.Time) view {
	v := view{next: next.ID, closed: s.closed}
	for _, u := range s.units {
		tuning := s.tunings[u.model.ID]
		w := unitView{model: u.model.ID, phase: u.phase, busy: u.busy(), fate: u.fate, leaving: u.leaving,
			due: u.given || u.phase == phaseBackoff && !now.Before(u.due), keep: tuning.Keep || u.beside(), used: u.used,
			fresh: u.phase == phaseReady && now.Before(u.settled)}
		if u.victim != nil && u.victim.goes() {
			w.room = u.victim.model.ID
		}
		w.serve = s.serveable(u)
		w.wanted = w.serve || u.back && !u.leaving
		if w.fate == fateSame && u.again(tuning) {
			w.fate = fateChanged
		}
		v.units = append(v.units, w)
	}
	return v
}

// serveable says whether somebody waits for the unit who may have it.
func (s *supervisor) serveable(u *unit) bool {
	may := func(id uint64, model string) bool { return model == u.model.ID && (!u.leaving || id < u.until) }
	return slices.ContainsFunc(s.waiting, func(a *answer) bool { return may(a.id, a.model.ID) }) ||
		slices.ContainsFunc(s.jobs, func(j *job) bool { return may(j.id, j.model.ID) }) ||
		slices.ContainsFunc(s.loads, func(l *load) bool { return !l.unload && may(l.id, l.model.ID) })
}

// next is the first model that somebody waits for and that has no unit, else the
// first that shall come back.
func (s *supervisor) next() (m models.Info, back bool) {
	first := uint64(0)
	see := func(id uint64, want models.Info) {
		if (first == 0 || id < first) && s.find(want.ID) == nil {
			first, m = id, want
		}
	}
	for _, a := range s.waiting {
		see(a.id, a.model)
	}
	for _, l := range s.loads {
		if !l.unload {
			see(l.id, l.model)
		}
	}
	for _, j := range s.jobs {
		see(j.id, j.model)
	}
	if first > 0 || slices.ContainsFunc(s.units, (*unit).ending) { // what ends may be what takes the room of one that comes back
		return m, false
	}
	for len(s.back) > 0 {
		b := s.back[0]
		if s.find(b.ID) == nil && s.aside[b.ID] == "" {
			return b, true
		}
		s.back = s.back[1:]
	}
	return models.Info{}, false
}

// serve gives the first that waits for a unit to its worker.
func (s *supervisor) serve(u *unit) {
	s.finishLoads(u, nil)
	s.serveJobs(u)
	i := slices.IndexFunc(s.waiting, func(a *answer) bool { return a.model.ID == u.model.ID })
	if i < 0 || u.leaving && s.waiting[i].id >= u.until {
		return
	}
	a := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	if len(u.running) == 0 { // the time without work does not count against the worker
		now := time.Now()
		u.worker.watch.stepped, u.worker.watch.brought = now, now
	}
	u.running[a.id] = a
	if a.sent.IsZero() {
		a.sent = time.Now()
	}
	u.worker.send(wire.ToWorker{Submit: a.submit()})
}

// makeRoom lets a unit leave for the one that waits for room. One that goes for
// another reason is waited for only.
func (s *supervisor) makeRoom(coming, u *unit) {
	coming.victim = u
	if u.goes() {
		return
	}
	coming.evicted = append(coming.evicted, u.model)
	u.leave(s.firstWait(coming.model.ID), "Another model needs its memory. Answers that are being written end first.")
}

// firstWait is the id of the first that waits for a model.
func (s *supervisor) firstWait(model string) uint64 {
	first := s.nextID + 1
	for _, a := range s.waiting {
		if a.model.ID == model {
			first = min(first, a.id)
		}
	}
	for _, l := range s.loads {
		if l.model.ID == model {
			first = min(first, l.id)
		}
	}
	return first
}

// drop ends a unit that has no process and that nobody waits for any more.
func (s *supervisor) drop(u *unit) {
	if v := u.victim; v != nil { // it need not leave any more
		v.stay()
	}
	s.comeBack(u)
	s.remove(u)
}

// comeBack lets those that left for a unit be loaded again.
func (s *supervisor) comeBack(u *unit) {
	for _, m := range u.evicted {
		if m.ID != u.model.ID && !slices.ContainsFunc(s.back, func(b models.Info) bool { return b.ID == m.ID }) {
			s.back = append(s.back, m)
		}
	}
	u.evicted = nil
}

// grant shares the cores among the workers that have work, and the one that loads.
func (s *supervisor) grant() {
	answering, lane := 0, 0
	for _, u := range s.units {
		switch busy := u.phase == phaseReady && u.busy() || u.phase == phaseHello || u.phase == phaseLoading; {
		case busy && u.beside():
			lane++
		case busy:
			answering++
		}
	}
	cores := s.cfg.Threads
	setDefault(&cores, hardware.Threads())
	each, eachLane := shares(cores, answering, lane)
	for _, u := range s.units {
		if u.phase != phaseReady {
			continue
		}
		n := max(1, cores)
		switch {
		case u.busy() && u.beside():
			n = eachLane
		case u.busy():
			n = each
		}
		if n != u.granted {
			u.granted = n
			u.worker.send(wire.ToWorker{Grant: &wire.Grant{Threads: n}})
		}
	}
}

// tellPlanner says whose memory a plan may count on.
func (s *supervisor) tellPlanner() {
	var t tenants
	for _, u := range s.units {
		switch {
		case u.phase == phaseBackoff, u.phase == phaseRoom:
		case u.phase != phaseReady:
			t.moving = true
		case (s.tunings[u.model.ID].Keep || u.beside()) && !u.leaving:
			t.stay = append(t.stay, u.memory())
		default:
			t.leave = append(t.leave, u.memory())
		}
	}
	if !t.same(s.told) {
		s.told = t
		s.plans.tell(t)
	}
}

// look kills workers that hang, and lets those go that were idle for long.
func (s *supervisor) look(now time.Time) {
	for _, u := range s.units {
		s.lookAt(u, now)
		if idle := s.cfg.idleAfter(u); idle > 0 && u.phase == phaseReady && !u.busy() && !s.tunings[u.model.ID].Keep &&
			!s.serveable(u) && now.Sub(u.used) > idle {
			u.leave(s.nextID+1, "It was not used for a while.")
		}
	}
}

func (s *supervisor) lookAt(u *unit, now time.Time) {
	w := u.worker
	if w == nil || u.phase == phaseDying || u.phase == phaseStopping {
		return
	}
	if gap := now.Sub(w.watch.tick); gap > 4*tickInterval(s.cfg) {
		w.watch.shift(gap)
	}
	w.watch.tick = now
	if !u.busy() {
		w.watch.stepped, w.watch.brought = now, now
	}
	if why := w.watch.verdict(u.phase, now, s.cfg); why != "" {
		s.condemn(u, why)
	}
}

// condemn kills the worker because of a fault; exited treats it as a death.
func (s *supervisor) condemn(u *unit, why string) {
	u.worker.cause = why
	u.phase = phaseDying
	u.worker.kill()
}

// stop ends the worker on purpose. Nothing of value is in it.
func (s *supervisor) stop(u *unit) {
	u.phase = phaseStopping
	u.worker.kill()
}

// tune takes what people chose for the models.
func (s *supervisor) tune(t map[string]engine.Tuning) {
	s.tunings = maps.Clone(t)
	s.plans.tune(s.tunings)
}
