package sentinel

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"alcove/engine"
	"alcove/monitor"
)

// Moment is what is known in one second.
type Moment struct {
	Sample monitor.Sample
	Status engine.Status
	// OwnCPU is what this program uses, in percent of all processors; nil: not known.
	OwnCPU *float64
	// ReadOnly says that nothing can be saved.
	ReadOnly bool
	// CanLoad says that no model is loaded and the next question loads one.
	CanLoad bool
}

// Severity says how much a finding matters.
type Severity string

// Severities.
const (
	Info     Severity = "info"     // good to know
	Warning  Severity = "warning"  // people wait longer than they need to
	Critical Severity = "critical" // something does not work, or will not soon
)

// Finding is something that is wrong.
type Finding struct {
	Code     string
	Severity Severity
	Since    time.Time
	Title    string
	Cause    string // what was seen
	Advice   string // what to do
}

// Bounds of the sentinel.
const (
	// settle is the seconds of undisturbed writing after which the speed of the
	// last three seconds is that of writing alone.
	settle = 4
	// judged is how many undisturbed seconds are judged together.
	judged = 15
	// maxKnown is how many base lines are kept, those that learned last.
	maxKnown = 200
	// slowBelow is the share of the usual speed below which the box is slow.
	slowBelow = 0.6
)

// Sentinel learns and judges. It is used by one goroutine.
type Sentinel struct {
	known  map[string]*baseline
	states map[string]*lasting
	deaths []time.Time       // of workers, in the last ten minutes
	gpus   map[string]string // that were seen: UUID to name
	died   int               // restarts that the engine counted; -1: not looked at yet

	key    string    // of the undisturbed writing that goes on
	clean  int       // seconds of it
	recent []float64 // speeds of the last of them
	speed  *Speed
	news   bool // something was learned since Save
}

// Speed is how fast the box writes now, and what is usual.
type Speed struct {
	Now     float64 // tokens/s of all answers together, median of the last seconds
	Usual   float64 // of this model, on this device, at so many answers
	Writing int     // answers at once
}

// New makes a Sentinel that has learned nothing.
func New() *Sentinel {
	return &Sentinel{known: map[string]*baseline{}, states: map[string]*lasting{}, gpus: map[string]string{}, died: -1}
}

// Speed says how fast the box writes; nil while nothing undisturbed is written or
// too little is known.
func (s *Sentinel) Speed() *Speed { return s.speed }

// Step looks at one moment and gives what is wrong, worst first.
func (s *Sentinel) Step(m Moment) []Finding {
	s.judge(m)
	s.countDeaths(m)
	seen := s.conditions(m)
	var out []Finding
	for code, limits := range table {
		state := s.states[code]
		if state == nil {
			state = &lasting{}
			s.states[code] = state
		}
		sight, holds := seen[code]
		if state.step(m.Sample.At, sight, holds, limits) {
			out = append(out, Finding{code, state.sight.severity, state.since, state.sight.title, state.sight.cause, state.sight.advice})
		}
	}
	out = explain(out)
	slices.SortFunc(out, func(a, b Finding) int {
		if a.Severity != b.Severity {
			return rank(b.Severity) - rank(a.Severity)
		}
		return slices.Index(order, a.Code) - slices.Index(order, b.Code)
	})
	return out
}

func rank(s Severity) int { return slices.Index([]Severity{Info, Warning, Critical}, s) }

// judge learns from a second of undisturbed writing, and compares.
func (s *Sentinel) judge(m Moment) {
	writing, length, ok := undisturbed(m)
	if !ok {
		s.key, s.clean, s.recent, s.speed = "", 0, nil, nil
		return
	}
	k := key(m.Status.Model, m.Status.Device, writing, length)
	if k != s.key {
		s.key, s.clean, s.recent, s.speed = k, 0, nil, nil
	}
	if s.clean++; s.clean < settle {
		return
	}
	now := *m.Sample.Engine.TokensPerSec
	s.recent = append(s.recent, now)
	s.recent = s.recent[max(0, len(s.recent)-judged):]
	line := s.known[k]
	if line == nil {
		line = &baseline{}
		s.known[k] = line
		s.forgetOldest()
	}
	usual, known := line.usual()
	s.news = true
	line.learn(now, known && now < slowBelow*usual, m.Sample.At)
	s.speed = nil
	if known && len(s.recent) >= judged {
		s.speed = &Speed{Now: median(s.recent), Usual: usual, Writing: writing}
	}
}

// undisturbed says how many answers are written, and the mean of their lengths in
// tokens, when nothing but writing is done: no prompt is read, and one model works.
func undisturbed(m Moment) (writing, length int, ok bool) {
	e := m.Sample.Engine
	if e == nil || e.TokensPerSec == nil || m.Status.View == nil || m.Status.Active == 0 {
		return 0, 0, false
	}
	for _, one := range m.Status.Loaded {
		if one.Model != m.Status.Model && one.Active > 0 {
			return 0, 0, false
		}
	}
	for _, slot := range m.Status.View.Slots {
		switch slot.State {
		case "decode":
			writing++
			length += slot.Have
		case "queued":
		default:
			return 0, 0, false
		}
	}
	return writing, length / max(1, writing), writing > 0 && m.Status.View.MoreSlots == 0
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// forgetOldest keeps the base lines bounded: names of models are names of files.
func (s *Sentinel) forgetOldest() {
	for len(s.known) > maxKnown {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(s.known)), func(a, b string) int {
			return s.known[a].last.Compare(s.known[b].last)
		})
		delete(s.known, oldest)
	}
}

// countDeaths notes when workers died.
func (s *Sentinel) countDeaths(m Moment) {
	died := m.Status.Restarts
	if s.died >= 0 {
		for range min(100, died-s.died) {
			s.deaths = append(s.deaths, m.Sample.At)
		}
	}
	s.died = died
	s.deaths = slices.DeleteFunc(s.deaths, func(at time.Time) bool { return m.Sample.At.Sub(at) > deathsFor || at.After(m.Sample.At) })
	s.deaths = s.deaths[max(0, len(s.deaths)-100):]
}

// Save gives what was learned, by key; nil when nothing was since the time before.
func (s *Sentinel) Save() (map[string]json.RawMessage, error) {
	if !s.news {
		return nil, nil
	}
	s.news = false
	out := map[string]json.RawMessage{}
	for k, line := range s.known {
		text, err := json.Marshal(line)
		if err != nil {
			return nil, fmt.Errorf("save a base line: %w", err)
		}
		out[k] = text
	}
	return out, nil
}

// Restore takes what was saved. What cannot be read is left out and counted: it
// is learned again.
func (s *Sentinel) Restore(kept map[string]json.RawMessage) (damaged int) {
	for k, text := range kept {
		line := &baseline{}
		if err := json.Unmarshal(text, line); err != nil {
			damaged++
			continue
		}
		s.known[k] = line
	}
	s.forgetOldest()
	return damaged
}
