package local

import (
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/models"
)

// This file is how the Engine's methods ask and change the supervisor.

// load is an explicit Load or Unload that waits.
type load struct {
	id     uint64
	model  models.Info
	unload bool
	done   chan error // has room for the one answer
}

func (s *supervisor) addLoad(l *load, model string, infos []models.Info, fits map[string]*engine.Fit) {
	if s.closed {
		l.done <- errClosed()
		return
	}
	m, err := resolve(infos, fits, model, s.cfg.DefaultModel, s.loaded())
	if err != nil {
		l.done <- err
		return
	}
	if err := s.tooLarge(m, fits); err != nil {
		if len(s.units) == 0 {
			s.failure = err.Message // for who asks why nothing is ready
		}
		l.done <- err
		return
	}
	delete(s.aside, m.ID)
	s.nextID++
	l.id, l.model = s.nextID, m
	s.loads = append(s.loads, l)
}

// addUnload lets a unit end its answers and go. Without one there is nothing to do.
func (s *supervisor) addUnload(l *load, model string) {
	u := s.find(model)
	not := func(m models.Info) bool { return m.ID == model }
	s.back = slices.DeleteFunc(s.back, not)
	for _, o := range s.units {
		o.evicted = slices.DeleteFunc(o.evicted, not)
	}
	if u == nil || s.closed {
		l.done <- nil
		return
	}
	s.nextID++
	l.id, l.model, l.unload = s.nextID, u.model, true
	u.back, u.final = false, true
	u.leave(l.id, "It is unloaded. Answers that are being written end first.")
	s.loads = append(s.loads, l)
}

func (s *supervisor) removeLoad(l *load) {
	for i, o := range s.loads {
		if o == l {
			s.loads = append(s.loads[:i:i], s.loads[i+1:]...)
			return
		}
	}
}

// admit puts a request into the queue.
func (s *supervisor) admit(req engine.Request, infos []models.Info, fits map[string]*engine.Fit, started time.Time) (*answer, *engine.Error) {
	if s.closed {
		return nil, errClosed()
	}
	if err := s.tooBusy(); err != nil {
		return nil, err
	}
	m, err := resolve(infos, fits, req.Model, s.cfg.DefaultModel, s.loaded())
	if err != nil {
		return nil, err
	}
	if reason := s.aside[m.ID]; reason != "" {
		return nil, engine.Errorf(engine.CodeModelSetAside, "%s", reason)
	}
	if err := s.tooLarge(m, fits); err != nil {
		return nil, err
	}
	s.nextID++
	a := &answer{id: s.nextID, req: req, model: m, box: newMailbox(), started: started}
	s.waiting = append(s.waiting, a)
	a.enter(engine.Stage{Name: s.waitStage(m.ID)})
	return a, nil
}

// tooBusy refuses more answers than may wait and run.
func (s *supervisor) tooBusy() *engine.Error {
	n := len(s.waiting)
	busy := engine.Errorf(engine.CodeBusy, "Too many answers are waiting. Try again in a moment.")
	for _, u := range s.units {
		n += len(u.running)
		for _, a := range u.running { // whoever waits longest begins about then, and a place is free
			busy.After = max(busy.After, a.wait)
		}
	}
	if n < s.cfg.MaxAnswers {
		return nil
	}
	return busy
}

// tooLarge refuses a model that will not fit before another one ends for it, and
// says so where it would fit but for those that are kept loaded.
// One that has a unit is planned already.
func (s *supervisor) tooLarge(m models.Info, fits map[string]*engine.Fit) *engine.Error {
	if s.find(m.ID) != nil {
		return nil
	}
	err, kept := engine.TooLarge(m.ID, fits[m.ID]), int64(0)
	if err == nil {
		return nil
	}
	for _, u := range s.units {
		if t := u.memory(); u.pid() != 0 && s.tunings[u.model.ID].Keep && !u.leaving {
			kept += t.need
			for _, n := range t.gpus {
				kept += n
			}
		}
	}
	if fits[m.ID].Need <= fits[m.ID].Usable+kept {
		return keptErr(m.ID)
	}
	return err
}

// waitStage is what a new answer for a model waits for.
func (s *supervisor) waitStage(model string) engine.StageName {
	if u := s.find(model); u != nil && u.coming() {
		return engine.StageLoading
	}
	return engine.StageQueued
}

// cancel ends an answer at its reader's wish and says what it cost.
func (s *supervisor) cancel(a *answer) engine.Usage {
	for i, o := range s.waiting {
		if o == a {
			s.waiting = append(s.waiting[:i:i], s.waiting[i+1:]...)
			break
		}
	}
	device := ""
	if u := s.find(a.model.ID); u != nil {
		device = u.device()
		if u.running[a.id] == a && !a.abandoned {
			u.release(a)
		}
	}
	return a.usage(engine.FinishCancelled, device, time.Now())
}

// close ends everything; the loop ends when the workers' processes have.
func (s *supervisor) close() {
	if s.closed {
		return
	}
	s.closed = true
	s.giveUp()
	for _, a := range s.waiting {
		a.box.finish(closedEnding(a, ""))
	}
	s.waiting, s.back = nil, nil
	for _, j := range s.jobs {
		j.end(errClosed())
	}
	s.jobs = nil
	for _, l := range s.loads {
		l.done <- errClosed()
	}
	s.loads = nil
	for _, u := range slices.Clone(s.units) {
		for _, a := range u.takeRunning() {
			a.box.finish(closedEnding(a, u.device()))
		}
		s.endJobs(u, errClosed())
		switch u.phase {
		case phaseBackoff, phaseRoom:
			s.remove(u)
		case phaseHello, phaseLoading, phaseReady, phaseDying:
			s.stop(u)
		}
	}
}

// loaded is the model that answers for requests that name none.
func (s *supervisor) loaded() string {
	if u := s.main(); u != nil && u.phase == phaseReady {
		return u.model.ID
	}
	return ""
}

// describe is a model of the folder with its state.
func (s *supervisor) describe(m models.Info, isDefault bool, fit *engine.Fit) engine.Model {
	d := engine.Model{ID: m.ID, Name: m.Name, Path: m.Path, State: engine.ModelReady, Default: isDefault, Test: m.Test,
		SizeBytes: m.Size, Parameters: m.Parameters, Context: m.Context, Fit: fit, Facts: factsOf(m), Keep: s.tunings[m.ID].Keep}
	u := s.find(m.ID)
	switch {
	case m.Refused != "":
		d.State, d.Reason = fileState(m)
	case s.aside[m.ID] != "":
		d.State, d.Reason = engine.ModelSetAside, s.aside[m.ID]
	case u != nil:
		s.describeUnit(&d, u)
	case s.failed[m.ID] != "":
		d.Reason = s.failed[m.ID]
	}
	return d
}

func (s *supervisor) describeUnit(d *engine.Model, u *unit) {
	if u.fit != nil {
		d.Fit = u.fit
	}
	switch {
	case u.phase == phaseRoom:
		d.State, d.Reason = engine.ModelLoading, "It waits until another model has ended its answers and given its memory."
	case u.phase == phaseReady && u.leaving:
		d.State, d.Reason = engine.ModelDraining, u.why
	case u.phase == phaseReady && u.fate != fateSame:
		d.State, d.Reason = engine.ModelDraining, "The file was changed. Answers that are being written end first, then it is loaded again."
	case u.phase == phaseReady && u.renew:
		d.State, d.Reason = engine.ModelDraining, "A better device is there. Answers that are being written end first, then it is loaded again."
	case u.phase == phaseReady && u.again(s.tunings[u.model.ID]):
		d.State, d.Reason = engine.ModelDraining, "Its settings were changed. Answers that are being written end first, then it is loaded again."
	case u.phase == phaseReady:
		f := u.worker.facts
		d.State, d.Context, d.Slots, d.Device = engine.ModelLoaded, f.Context, f.Slots, f.Device
	case u.phase != phaseStopping:
		d.State = engine.ModelLoading
	}
}

func (s *supervisor) status() engine.Status {
	st := engine.Status{Restarts: s.restarts, Queued: len(s.waiting), Loaded: []engine.Loaded{}}
	for _, u := range s.units {
		l := engine.Loaded{Model: u.model.ID, Role: roleOf(u.model), Ready: u.phase == phaseReady, Device: u.device(), WorkerPID: u.pid()}
		if u.beside() {
			l.Active = len(u.jobs)
			st.Loaded = append(st.Loaded, l)
			continue
		}
		l.Active, l.Queued = u.answers()
		if u.worker != nil {
			l.Cells, l.CellsUsed = u.worker.facts.Cells, u.worker.beat.Cells
		}
		st.Active, st.Queued = st.Active+l.Active, st.Queued+l.Queued
		st.Loaded = append(st.Loaded, l)
	}
	u := s.main()
	if u != nil && u.worker != nil {
		statusOf(&st, u)
	}
	switch {
	case s.closed:
		st.Reason = errClosed().Message
	case u != nil && u.phase == phaseReady:
		st.Ready, st.Model = true, u.model.ID
	case u != nil && (u.phase == phaseBackoff || u.phase == phaseDying):
		st.Reason = "The engine stopped and is starting again."
	case u == nil && s.failure != "":
		st.Reason = s.failure
	case u == nil || u.phase == phaseStopping:
		st.Reason, st.Resting = "No model is loaded.", true
	default:
		st.Reason = "The model is being loaded."
	}
	return st
}

// statusOf tells of the worker that the status is about.
func statusOf(st *engine.Status, u *unit) {
	w := u.worker
	st.WorkerPID = w.proc.pid
	st.Seal = engine.Seal(w.hello.Seal)
	st.Device, st.Library = w.facts.Device, w.facts.Library
	st.Devices, st.GPUReason = toDevices(w.facts.Devices), w.gpuReason
	st.Cells, st.CellsUsed = w.facts.Cells, w.beat.Cells
	v := w.view
	st.View = &v
	if w.beat.Work != nil {
		st.Work = engine.Work(*w.beat.Work)
	}
}

// answers counts those that are read or written, and those that wait in the worker.
func (u *unit) answers() (active, queued int) {
	for _, a := range u.running {
		switch {
		case a.abandoned:
		case a.stage == engine.StagePrefill || a.stage == engine.StageDecode:
			active++
		default:
			queued++
		}
	}
	return active, queued
}
