package local

import (
	"time"

	"alcove/engine"
	"alcove/engine/models"
)

// This file is how the Engine's methods ask and change the supervisor.

// load is an explicit Load that waits.
type load struct {
	id    uint64
	model models.Info
	done  chan error // has room for the one answer
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
		if s.phase == phaseNone {
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
	if len(s.waiting)+len(s.running) >= s.cfg.MaxAnswers {
		busy := engine.Errorf(engine.CodeBusy, "Too many answers are waiting. Try again in a moment.")
		for _, a := range s.running { // whoever waits longest begins about then, and a place is free
			busy.After = max(busy.After, a.wait)
		}
		return nil, busy
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

// tooLarge refuses a model that will not fit before another one ends for it.
// The one that has the process is planned already.
func (s *supervisor) tooLarge(m models.Info, fits map[string]*engine.Fit) *engine.Error {
	if s.model.ID == m.ID && s.phase != phaseNone {
		return nil
	}
	return engine.TooLarge(m.ID, fits[m.ID])
}

// waitStage is what a new answer for a model waits for.
func (s *supervisor) waitStage(model string) engine.StageName {
	if s.phase != phaseReady && s.phase != phaseStopping && s.target().ID == model {
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
	if s.running[a.id] == a && !a.abandoned {
		s.release(a)
	}
	return a.usage(engine.FinishCancelled, s.device(), time.Now())
}

// close ends everything; the loop ends when the worker's process has.
func (s *supervisor) close() {
	if s.closed {
		return
	}
	s.closed = true
	s.giveUp()
	for _, a := range append(s.takeRunning(), s.waiting...) {
		a.box.finish(closedEnding(a, s.device()))
	}
	s.waiting = nil
	for _, l := range s.loads {
		l.done <- errClosed()
	}
	s.loads = nil
	switch s.phase {
	case phaseBackoff:
		s.phase = phaseNone
	case phaseHello, phaseLoading, phaseReady, phaseDying:
		s.stop()
	}
}

// loaded is the model that answers now.
func (s *supervisor) loaded() string {
	if s.phase == phaseReady {
		return s.model.ID
	}
	return ""
}

func (s *supervisor) device() string {
	if s.worker == nil {
		return ""
	}
	return s.worker.facts.Device
}

// describe is a model of the folder with its state.
func (s *supervisor) describe(m models.Info, isDefault bool, fit *engine.Fit) engine.Model {
	d := engine.Model{ID: m.ID, Name: m.Name, Path: m.Path, State: engine.ModelReady, Default: isDefault, Test: m.Test,
		SizeBytes: m.Size, Parameters: m.Parameters, Context: m.Context, Fit: fit, Facts: factsOf(m)}
	if s.worker != nil && m.ID == s.model.ID {
		d.Fit = s.fit
	}
	switch {
	case m.Refused != "":
		d.State, d.Reason = fileState(m)
	case s.aside[m.ID] != "":
		d.State, d.Reason = engine.ModelSetAside, s.aside[m.ID]
	case m.ID != s.model.ID:
	case s.phase == phaseReady && s.fate != fateSame:
		d.State, d.Reason = engine.ModelDraining, "The file was changed. Answers that are being written end first, then it is loaded again."
	case s.phase == phaseReady:
		f := s.worker.facts
		d.State, d.Context, d.Slots, d.Device = engine.ModelLoaded, f.Context, f.Slots, f.Device
	case s.phase != phaseNone && s.phase != phaseStopping:
		d.State = engine.ModelLoading
	}
	return d
}

func (s *supervisor) status() engine.Status {
	st := engine.Status{Restarts: s.restarts, Queued: len(s.waiting)}
	for _, a := range s.running {
		switch {
		case a.abandoned:
		case a.stage == engine.StagePrefill || a.stage == engine.StageDecode:
			st.Active++
		default:
			st.Queued++
		}
	}
	if w := s.worker; w != nil {
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
	switch {
	case s.closed:
		st.Reason = errClosed().Message
	case s.phase == phaseReady:
		st.Ready, st.Model = true, s.model.ID
	case s.phase == phaseBackoff || s.phase == phaseDying:
		st.Reason = "The engine stopped and is starting again."
	case s.phase == phaseStopping || s.phase == phaseNone && s.failure == "":
		st.Reason = "No model is loaded."
	case s.phase == phaseNone:
		st.Reason = s.failure
	default:
		st.Reason = "The model is being loaded."
	}
	return st
}
