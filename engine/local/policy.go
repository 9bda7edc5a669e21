package local

import (
	"fmt"
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

// This file decides; it has no state, no clock and no goroutine.

// phase is where a unit is in its life.
type phase string

const (
	phaseRoom     phase = "room"     // no process; waits until another unit has left
	phaseBackoff  phase = "backoff"  // no process; the next one starts after a pause
	phaseStarting phase = "starting" // libraries are checked, the process is made
	phaseHello    phase = "hello"    // waits for Hello
	phaseLoading  phase = "loading"  // reads the model
	phaseReady    phase = "ready"    // answers
	phaseDying    phase = "dying"    // killed because of a fault; its death is not seen yet
	phaseStopping phase = "stopping" // killed on purpose; its end is not seen yet
)

// unitView is a unit as decide sees it.
type unitView struct {
	model   string
	phase   phase
	busy    bool   // its worker has answers
	serve   bool   // one that waits may be given to it now
	wanted  bool   // somebody waits for the model
	fate    fate   // of its file
	leaving bool   // it ends its answers and goes
	room    string // in phaseRoom: the model that goes for it, "" while none does
	due     bool   // in phaseBackoff: the pause is over; in phaseRoom: one has left
	keep    bool   // people want it to stay
	fresh   bool   // it has not answered for as long as its loading is worth
	used    time.Time
}

// view is what decide needs to know.
type view struct {
	units  []unitView
	next   string // the first model without a unit that somebody waits for, or that shall come back; "": none
	closed bool
}

// action is what the supervisor does next.
type action string

const (
	actWait   action = "wait"   // for an event
	actStart  action = "start"  // a unit for view.next
	actLaunch action = "launch" // the unit's worker
	actServe  action = "serve"  // the first that waits for the unit
	actLeave  action = "leave"  // the unit makes room for another
	actStop   action = "stop"   // the unit's worker
	actKill   action = "kill"   // the unit's worker, whose file was changed under it
	actDrop   action = "drop"   // the unit, which has no process and which nobody waits for
)

// decide is the order of things. Each unit serves its model in order of arrival.
// One worker comes at a time, so that what is free is known. A unit that leaves,
// or whose file was changed, ends its running answers first; a removed file
// serves those who came before; one that leaves before it was loaded goes at once
// if nobody waits. The int is the unit that is meant.
func decide(v view) (action, int) {
	for i, u := range v.units {
		switch {
		case u.phase == phaseReady && u.fate == fateBroken:
			return actKill, i
		case u.phase == phaseReady && u.serve && u.fate != fateChanged:
			return actServe, i
		case u.phase == phaseReady && (u.leaving || u.fate != fateSame) && !u.busy:
			return actStop, i
		case (u.phase == phaseHello || u.phase == phaseLoading) && u.leaving && !u.wanted:
			return actStop, i
		case (u.phase == phaseRoom || u.phase == phaseBackoff && u.leaving) && !u.wanted:
			return actDrop, i
		}
	}
	if v.closed {
		return actWait, -1
	}
	return decideComing(v)
}

// decideComing lets the next worker come, if none is coming already.
func decideComing(v view) (action, int) {
	for _, u := range v.units {
		switch u.phase {
		case phaseStarting, phaseHello, phaseLoading:
			return actWait, -1
		}
	}
	for i, u := range v.units {
		if u.phase == phaseBackoff && u.due {
			return actLaunch, i
		}
	}
	waits := roomless(v.units)
	switch {
	case waits >= 0 && v.units[waits].room != "":
		return actWait, -1
	case waits >= 0:
		i := victim(v.units)
		switch {
		case i < 0 || v.units[waits].due:
			return actLaunch, waits
		case v.units[i].fresh && (v.units[i].busy || v.units[i].wanted):
			return actWait, -1
		}
		return actLeave, i
	case v.next != "":
		return actStart, -1
	}
	return actWait, -1
}

// roomless is the unit whose turn it is to get room, -1 without one: the oldest.
// One that is to leave for it, and that died and has to be loaded once more to end
// its answers, comes before it.
func roomless(units []unitView) int {
	at := func(model string) int {
		return slices.IndexFunc(units, func(u unitView) bool { return u.phase == phaseRoom && (model == "" || u.model == model) })
	}
	i := at("")
	for i >= 0 && units[i].room != "" {
		j := at(units[i].room)
		if j < 0 {
			break
		}
		i = j
	}
	return i
}

// victim is the unit that makes room, -1 if none may: one that nobody waits for
// and that is idle before others, then one that goes already, then the one that
// was not used for longest.
func victim(units []unitView) int {
	best := -1
	for i, u := range units {
		switch u.phase {
		case phaseReady, phaseBackoff, phaseDying, phaseStopping:
			if (!u.keep || u.leaving) && (best < 0 || goesBefore(u, units[best])) {
				best = i
			}
		}
	}
	return best
}

// goes says that the unit gives its memory back.
func (u unitView) goes() bool { return u.leaving || u.phase == phaseStopping }

func goesBefore(a, b unitView) bool {
	if x, y := a.busy || a.wanted, b.busy || b.wanted; x != y {
		return y
	}
	if a.goes() != b.goes() {
		return a.goes()
	}
	if a.fresh != b.fresh {
		return b.fresh
	}
	return a.used.Before(b.used)
}

// A model that was loaded answers for a while before it makes room for another,
// if somebody asks it: a box that is asked for two models in turn would else load
// more than it answers. The other one waits that much longer.
const (
	worthLoads = 4 // times as long as loading took
	worthMost  = 10 * time.Second
)

// worth is how long a model answers whose loading took so long.
func worth(loading time.Duration) time.Duration { return min(worthLoads*loading, worthMost) }

// record is what is remembered of one model's deaths since it last finished
// an answer.
type record struct {
	deaths []time.Time
	loads  int // deaths in a row before the model was ready
}

// after is the record with one more death. Deaths older than window are dropped.
func (r record) after(now time.Time, window time.Duration, ready bool) record {
	n := record{loads: r.loads + 1}
	if ready {
		n.loads = 0
	}
	for _, t := range append(r.deaths[:len(r.deaths):len(r.deaths)], now) {
		if now.Sub(t) <= window {
			n.deaths = append(n.deaths, t)
		}
	}
	return n
}

// hopeless says that the model is set aside: limit deaths within the window,
// or limit deaths in a row while loading, however long each load took.
func (r record) hopeless(limit int) bool {
	return len(r.deaths) >= limit || r.loads >= limit
}

// backoff is the pause before the restart after the nth death.
func backoff(n int, shortest, longest time.Duration) time.Duration {
	d := shortest
	for ; n > 1 && d < longest; n-- {
		d *= 2
	}
	return min(d, longest)
}

// mayResume says whether an answer that has seen so many deaths goes on.
func mayResume(deaths int) bool { return deaths < 2 }

// watch holds the signs of life of one worker.
type watch struct {
	started  time.Time
	tick     time.Time // when the watch was last looked at
	frame    time.Time // last frame of any kind
	progress time.Time // last progress of loading
	step     uint64    // the loop's counter
	stepped  time.Time // when it last moved, or there was nothing to do
	brought  time.Time // when a step last brought something, or there was nothing to do
	beats    bool      // a beat has come, so beats are due
}

// sawStep takes a step of the loop.
func (w *watch) sawStep(s *wire.Step, now time.Time) {
	w.step, w.stepped = s.N, now
	if len(s.Stages)+len(s.Tokens)+len(s.Ends) > 0 {
		w.brought = now
	}
}

// sawBeat takes a heartbeat.
func (w *watch) sawBeat(b *wire.Beat, now time.Time) {
	w.beats = true
	if b.Step != w.step {
		w.step, w.stepped = b.Step, now
	}
}

// verdict names why the worker hangs, "" when it does not.
func (w watch) verdict(p phase, now time.Time, c Config) string {
	switch {
	case p == phaseHello && now.Sub(w.started) > c.StartTimeout:
		return "did not say hello"
	case (p == phaseReady || w.beats) && now.Sub(w.frame) > c.BeatTimeout:
		return "gave no sign of life"
	case p == phaseLoading && now.Sub(w.progress) > c.LoadTimeout:
		return "made no progress while loading"
	case p == phaseReady && now.Sub(w.stepped) > c.StepTimeout:
		return "had work and made no step"
	case p == phaseReady && now.Sub(w.brought) > 3*c.StepTimeout:
		return "made steps that brought nothing"
	}
	return ""
}

// shift forgives time in which this process itself did not run (suspended, or
// starved): what the worker sent in it has not been read yet.
func (w *watch) shift(by time.Duration) {
	for _, t := range []*time.Time{&w.started, &w.frame, &w.progress, &w.stepped, &w.brought} {
		*t = t.Add(by)
	}
}

// resolve finds the model a request means. loaded is the running one, if any.
func resolve(infos []models.Info, fits map[string]*engine.Fit, asked, byDefault, loaded string) (models.Info, *engine.Error) {
	if len(infos) == 0 {
		return models.Info{}, engine.Errorf(engine.CodeNoModel,
			"There is no model in the model folder. Put a .gguf file into it and try again.")
	}
	id := asked
	if id == "" {
		id = pickDefault(infos, fits, byDefault, loaded)
	}
	if asked == "" && id == "" {
		return models.Info{}, engine.Errorf(engine.CodeNoModel,
			"No model in the model folder writes answers. Put a .gguf file of a chat model into it and try again.")
	}
	m, err := lookUp(infos, id)
	if err == nil {
		err = engine.NotForChat(id, factsOf(m))
	}
	return m, err
}

// lookUp finds a model that can be used.
func lookUp(infos []models.Info, id string) (models.Info, *engine.Error) {
	for _, m := range infos {
		if m.ID != id {
			continue
		}
		if m.Refused != "" && m.State != models.StateRefused && m.State != models.StateAdapter && m.State != "" {
			return m, engine.Errorf(engine.CodeModelRefused, "The model %.100q cannot be used yet. %s", id, m.Refused)
		}
		if m.Refused != "" {
			return m, engine.Errorf(engine.CodeModelRefused, "The model %.100q cannot be used. %s", id, m.Refused)
		}
		return m, nil
	}
	return models.Info{}, engine.Errorf(engine.CodeModelNotFound,
		"There is no model %.100q in the model folder. Choose one of the list.", id)
}

// pickDefault is the configured model, else the loaded one, else the first
// usable one by name that fits; test models come after others, and those that write
// nothing are none.
func pickDefault(infos []models.Info, fits map[string]*engine.Fit, byDefault, loaded string) string {
	if byDefault != "" {
		return byDefault
	}
	first := ""
	rank := func(m models.Info) int {
		switch {
		case m.Refused != "":
			return 3
		case fits[m.ID] != nil && fits[m.ID].Verdict == engine.VerdictWont:
			return 2
		case m.Test:
			return 1
		}
		return 0
	}
	best := 4
	for _, m := range infos {
		if !m.Writes() {
			continue
		}
		if m.ID == loaded && loaded != "" && m.Refused == "" {
			return loaded
		}
		if r := rank(m); r < best {
			first, best = m.ID, r
		}
	}
	return first
}

// asideReason is the sentence for a model that is set aside.
func asideReason(limit int) string {
	return fmt.Sprintf("The engine stopped %d times in a row with this model, so it was set aside. "+
		"Use another model, or load this one again from the model list.", limit)
}
