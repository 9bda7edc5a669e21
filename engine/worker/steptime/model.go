package steptime

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"
)

// Kind separates steps by what limits them: few rows read all weights for
// little work, many rows compute.
type Kind int

// Kinds of steps.
const (
	Decode  Kind = iota // up to decodeRows rows
	Prefill             // more
	kinds
)

const decodeRows = 8

// KindOf gives the kind of a step of so many rows.
func KindOf(rows int) Kind {
	if rows > decodeRows {
		return Prefill
	}
	return Decode
}

// knots are the sizes whose time is kept; between them it is on a line.
var knots = [...]int{1, 2, 4, 8, 16, 32, 63, 64, 128, 192, 256, 512, 1024, 2048}

// How fast is learned. One step teaches at most so much: it may have been
// disturbed by what nobody saw. That makes steps longer, never shorter.
const (
	paceRate  = 0.5
	modelRate = 0.2
	calmRate  = 0.03
	mostMiss  = 1.5 // factor
	disturbed = 3   // factor: a step that is so much faster shows that what is known was
)

// A row that reaches over usual tokens is taken to cost twice as much as one that
// reaches nowhere, until it has been measured; 30 times more or less is not
// believed.
const (
	usual   = 500
	believe = 30
)

// Model predicts. It is not safe for concurrent use.
type Model struct {
	tile  int                 // rows; 1: there are none
	base  [len(knots)]float64 // seconds
	seen  [len(knots)]bool
	rates [2]float64 // seconds for a row and a token: below a tile, and from one on
	paces map[int]*[kinds]pace
}

// pace is a factor, as its logarithm.
type pace struct {
	now  float64
	calm float64 // without neighbours
}

// New makes a model of a device whose attention has tiles of so many rows, 1 for
// none. It knows nothing: every row takes a second.
func New(tile int) *Model {
	m := &Model{tile: max(tile, 1), paces: map[int]*[kinds]pace{}, rates: [2]float64{1 / usual, 1 / usual}}
	for i, k := range knots {
		m.base[i] = float64(k)
	}
	return m
}

// Tile is how many rows attention handles together.
func (m *Model) Tile() int { return m.tile }

// effective is the rows that a step costs: whole tiles.
func (m *Model) effective(rows int) int {
	if rows < m.tile {
		return rows
	}
	return (rows + m.tile - 1) / m.tile * m.tile
}

// place finds the knots around rows: weight w belongs to the second one.
func place(rows int) (i int, w float64) {
	i, _ = slices.BinarySearch(knots[:], rows+1)
	i = min(max(i-1, 0), len(knots)-2)
	return i, float64(rows-knots[i]) / float64(knots[i+1]-knots[i])
}

// parts are the base and the attention of a step in seconds.
func (m *Model) parts(rows, reach int) (base, attention float64) {
	e := m.effective(rows)
	i, w := place(e)
	base = m.base[i]*(1-w) + m.base[i+1]*w
	attention = float64(reach) * float64(e) / float64(rows) * m.rates[m.rate(rows)]
	return max(base, 1e-7), attention
}

func (m *Model) rate(rows int) int {
	if m.tile > 1 && rows >= m.tile {
		return 1
	}
	return 0
}

func (m *Model) paceOf(threads int, k Kind) *pace {
	p := m.paces[threads]
	if p == nil {
		p = &[kinds]pace{}
		// What is not known yet is as fast as the nearest count of threads.
		best := math.MaxInt
		for n, known := range m.paces {
			if d := max(n-threads, threads-n); d < best {
				best, *p = d, *known
			}
		}
		m.paces[threads] = p
	}
	return &p[k]
}

// Predict is the time of a step.
func (m *Model) Predict(rows, reach, threads int) time.Duration {
	if rows < 1 {
		return 0
	}
	base, attention := m.parts(rows, reach)
	s := (base + attention) * math.Exp(m.paceOf(threads, KindOf(rows)).now)
	return time.Duration(min(s, 3600) * float64(time.Second))
}

// Pace is how slow threads are for a kind of step now, as a factor; only
// ratios between counts of threads mean something.
func (m *Model) Pace(threads int, k Kind) float64 { return math.Exp(m.paceOf(threads, k).now) }

// Calibrate takes a step as the truth about its size, on a quiet machine with
// the threads that are the measure of all paces. Rows that reach nowhere first.
func (m *Model) Calibrate(rows, reach int, took time.Duration) {
	if rows < 1 || took <= 0 {
		return
	}
	base, _ := m.parts(rows, 0)
	if reach > 0 {
		e := float64(m.effective(rows)) / float64(rows)
		m.setRate(m.rate(rows), (took.Seconds()-base)/(float64(reach)*e))
		return
	}
	at := slices.Index(knots[:], m.effective(rows))
	if at < 0 {
		return
	}
	m.base[at], m.seen[at] = took.Seconds(), true
	m.fill()
	for k := range m.rates {
		m.rates[k] = m.usualRate()
	}
}

// usualRate is what the rates begin with.
func (m *Model) usualRate() float64 {
	i, w := place(64)
	return (m.base[i]*(1-w) + m.base[i+1]*w) / 64 / usual
}

func (m *Model) setRate(k int, to float64) {
	u := m.usualRate()
	m.rates[k] = min(max(to, u/believe), u*believe)
}

// fill gives the sizes that were never measured a value: on the line between
// their neighbours, on the last line before a tile, in proportion beyond the
// largest, as the smallest below it.
func (m *Model) fill() {
	last, before := -1, -1
	for i := range m.base {
		if !m.seen[i] {
			continue
		}
		for k := last + 1; k < i; k++ {
			switch {
			case last < 0:
				m.base[k] = m.base[i]
			case m.tile > 1 && knots[k] < m.tile && knots[i] >= m.tile && before >= 0:
				m.base[k] = max(m.base[last], m.line(before, last, knots[k]))
			default:
				m.base[k] = m.line(last, i, knots[k])
			}
		}
		last, before = i, last
	}
	for k := last + 1; last >= 0 && k < len(m.base); k++ {
		m.base[k] = m.base[last] * float64(knots[k]) / float64(knots[last])
	}
}

// line is the value at rows of the line through two knots.
func (m *Model) line(i, k, rows int) float64 {
	return m.base[i] + (m.base[k]-m.base[i])*float64(rows-knots[i])/float64(knots[k]-knots[i])
}

// SetPace takes the time of a step as what so many threads need now, and always
// if the machine is calm.
func (m *Model) SetPace(rows, reach, threads int, took time.Duration, calm bool) {
	if rows < 1 || took <= 0 {
		return
	}
	base, attention := m.parts(rows, reach)
	p := m.paceOf(threads, KindOf(rows))
	p.now = math.Log(took.Seconds() / (base + attention))
	if calm {
		p.calm = p.now
	}
}

// Observe learns from a step. On a calm machine a miss is the model's; else it
// is the machine's.
func (m *Model) Observe(rows, reach, threads int, took time.Duration, calm bool) {
	if rows < 1 || took <= 0 {
		return
	}
	if m.seen == [len(knots)]bool{} {
		i, _ := place(m.effective(rows))
		m.base[i], m.seen[i] = took.Seconds(), true
		m.fill()
		m.rates = [2]float64{m.usualRate(), m.usualRate()}
	}
	base, attention := m.parts(rows, reach)
	p := m.paceOf(threads, KindOf(rows))
	if calm {
		p.now = p.calm
	}
	miss := math.Log(took.Seconds()/(base+attention)) - p.now
	if !calm {
		p.now += paceRate * miss
		return
	}
	rate := modelRate
	if miss < -math.Log(disturbed) {
		// Nothing is computed faster than it can be: what is known was measured
		// beside a neighbour that nobody saw. A pace slower than the one that
		// times are measured in is blamed first.
		wrong := max(miss, -max(p.calm, 0))
		p.calm += wrong
		miss, rate = miss-wrong, 1
	} else {
		miss = min(max(miss, -math.Log(mostMiss)), math.Log(mostMiss))
		p.calm += calmRate * miss
	}
	p.now = p.calm
	i, w := place(m.effective(rows))
	share := base / (base + attention)
	m.base[i] *= math.Exp(rate * miss * share * (1 - w))
	m.base[i+1] *= math.Exp(rate * miss * share * w)
	k := m.rate(rows)
	m.setRate(k, m.rates[k]*math.Exp(rate*miss*(1-share)))
}

// saved is the file's form.
type saved struct {
	Key   string    `json:"key"`
	Tile  int       `json:"tile"`
	Base  []float64 `json:"base"` // seconds, by rows; see knots
	Seen  []bool    `json:"seen"` // what was measured
	Rates []float64 `json:"rates"`
}

// errKey says that a file is about something else.
var errKey = errors.New("step times: the file is of another model, device or library, or damaged")

// Marshal gives what was learned about key: model, device and library.
func (m *Model) Marshal(key string) ([]byte, error) {
	return json.Marshal(saved{Key: key, Tile: m.tile, Base: m.base[:], Seen: m.seen[:], Rates: m.rates[:]})
}

// Unmarshal takes back what Marshal gave for the same key.
func (m *Model) Unmarshal(data []byte, key string) error {
	var s saved
	if err := json.Unmarshal(data, &s); err != nil {
		return errors.Join(errKey, err)
	}
	if s.Key != key || s.Tile != m.tile || len(s.Base) != len(knots) || len(s.Seen) != len(knots) || len(s.Rates) != 2 {
		return errKey
	}
	for _, v := range append(slices.Clone(s.Base), s.Rates...) {
		if !(v > 0 && v < 1e6) {
			return errKey
		}
	}
	copy(m.base[:], s.Base)
	copy(m.seen[:], s.Seen)
	copy(m.rates[:], s.Rates)
	return nil
}
