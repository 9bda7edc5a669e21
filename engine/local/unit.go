package local

import (
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/wire"
)

// unit is a model that is loaded, or on its way: one worker after another, and
// the answers on it. It belongs to the supervisor and ends when it has no
// process and needs none.
type unit struct {
	phase   phase
	model   models.Info   // of the worker, or of the one that is being made
	fate    fate          // of its file
	tuning  engine.Tuning // that its worker was started with
	worker  *worker       // from started to exit
	plan    *plan.Plan    // that the worker was started with; nil: it decides
	fit     *engine.Fit   // of plan
	planned tenant        // what its worker was planned to take
	running map[uint64]*answer
	jobs    map[uint64]*job
	avoid   map[string]string // GPU backends that its worker was started without
	renew   bool              // a better device is there: it is to be loaded again
	granted int               // threads that its worker may use
	due     time.Time         // end of phaseBackoff
	ready   time.Time         // when it became ready
	settled time.Time         // until then it has not answered for as long as its loading is worth
	used    time.Time         // when it last ended an answer, or became ready

	leaving bool          // it ends its answers and goes
	until   uint64        // answers and loads before this id are still served then
	why     string        // it leaves, in words
	final   bool          // it leaves whatever becomes of the one that needs its room
	victim  *unit         // in phaseRoom: that leaves for this one
	given   bool          // it has left
	evicted []models.Info // left for this one: they come back if it cannot be loaded
	back    bool          // it comes back although nobody asks for it
	modest  bool          // it was started to come back: it makes no other leave
}

// again says that the unit's worker is to be loaded anew: its file was changed,
// or what people chose for it.
func (u *unit) again(now engine.Tuning) bool {
	return u.renew || u.fate == fateChanged || !sameLoad(u.tuning, now)
}

// sameLoad compares what takes effect when a model is loaded.
func sameLoad(a, b engine.Tuning) bool {
	return a.Context == b.Context && a.KV == b.KV && slices.Equal(a.LoRA, b.LoRA)
}

// pid is the worker's process, 0 without one.
func (u *unit) pid() int {
	if u.worker == nil {
		return 0
	}
	return u.worker.proc.pid
}

func (u *unit) device() string {
	if u.worker == nil {
		return ""
	}
	return u.worker.facts.Device
}

// memory is what a plan of another model has to count: what was planned, and the
// states of conversations that the worker keeps beside it.
func (u *unit) memory() tenant {
	t := u.planned
	if t.need > 0 && u.worker != nil && u.worker.beat.Work != nil {
		t.need += u.worker.beat.Work.KeptMemory
	}
	return t
}

// coming says that its worker is on its way.
func (u *unit) coming() bool {
	switch u.phase {
	case phaseStarting, phaseHello, phaseLoading, phaseRoom, phaseBackoff:
		return true
	}
	return false
}

// ending says that its process is told to end, and has not ended yet.
func (u *unit) ending() bool { return u.phase == phaseStopping || u.phase == phaseDying }

// leave lets a unit end its answers and go. Those that wait already, before id,
// are served.
func (u *unit) leave(id uint64, why string) {
	if !u.leaving {
		u.leaving, u.until, u.why = true, id, why
	}
}

// stay takes leave back when nobody needs the room any more.
func (u *unit) stay() {
	if !u.final {
		u.leaving, u.until, u.why = false, 0, ""
	}
}

// goes says that the unit gives its memory back.
func (u *unit) goes() bool { return u.leaving || u.phase == phaseStopping }

// release ends an answer on the worker whose reader has gone.
func (u *unit) release(a *answer) {
	a.abandoned = true
	u.worker.send(wire.ToWorker{Cancel: &wire.Cancel{ID: a.id}})
}

// find is the unit of a model, nil if there is none.
func (s *supervisor) find(model string) *unit {
	for _, u := range s.units {
		if u.model.ID == model {
			return u
		}
	}
	return nil
}

// main is the unit that answers for requests that name no model, and of which
// the status tells: of those that are ready the one that is so for longest, so
// that a question to another model does not change who answers; else one that is
// coming. One that writes nothing is none.
func (s *supervisor) main() *unit {
	var best *unit
	for _, u := range s.units {
		switch {
		case u.beside():
		case best == nil, u.phase == phaseReady && best.phase != phaseReady:
			best = u
		case u.phase == best.phase && u.ready.Before(best.ready):
			best = u
		}
	}
	return best
}

// remove ends a unit without a process.
func (s *supervisor) remove(u *unit) {
	for i, o := range s.units {
		if o == u {
			s.units = append(s.units[:i:i], s.units[i+1:]...)
			break
		}
	}
	for _, o := range s.units {
		if o.victim == u {
			o.victim, o.given = nil, true
		}
	}
	if !u.beside() { // no model is loaded to count
		s.endJobs(u, errNotLoaded(u.model.ID))
	}
	s.finishUnloads(u.model.ID)
}
