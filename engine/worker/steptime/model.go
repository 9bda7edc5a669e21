package steptime

import (
	"encoding/json"
	"errors"
	"math"
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

const (
	rowSteps  = 13 // 1, 2, 4 .. 4096 rows
	cellSteps = 12 // 0, 256, 512 .. 256 Ki cells
	firstCell = 256
)

// How fast is learned. A step that took more than twice or less than half of
// what was expected was disturbed; it says nothing about the model.
const (
	paceRate    = 0.5
	shapeRate   = 0.08
	taxRate     = 0.04
	undisturbed = 2.0
)

// Model predicts. It is not safe for concurrent use.
type Model struct {
	shape [rowSteps]float64  // log of seconds
	tax   [cellSteps]float64 // log of a factor, 0 without cells
	seen  [rowSteps]bool
	pace  map[int]*[kinds]float64 // log of a factor, by threads
}

// New makes a model that knows nothing: every step takes a second.
func New() *Model { return &Model{pace: map[int]*[kinds]float64{}} }

// at is a place between two buckets: weight w belongs to bucket i+1.
type at struct {
	i int
	w float64
}

// place finds the buckets of x on a scale of powers of two.
func place(x float64, n int) at {
	l := max(0, math.Log2(max(x, 1)))
	i := min(int(l), n-2)
	return at{i, l - float64(i)}
}

// placeRows: beyond the last bucket it goes on as between the last two.
func placeRows(rows int) at { return place(float64(rows), rowSteps) }

// placeCells: bucket 0 is the empty cache, the others are powers of two.
func placeCells(cells int) at {
	if cells < firstCell {
		return at{0, float64(max(cells, 0)) / firstCell}
	}
	a := place(float64(cells)/firstCell, cellSteps-1)
	return at{a.i + 1, a.w}
}

func (m *Model) paceOf(threads int) *[kinds]float64 {
	p := m.pace[threads]
	if p == nil {
		p = &[kinds]float64{}
		// What is not known yet is as fast as the nearest count of threads.
		best := math.MaxInt
		for n, known := range m.pace {
			if d := max(n-threads, threads-n); d < best {
				best, *p = d, *known
			}
		}
		m.pace[threads] = p
	}
	return p
}

// base is the log of the time without the pace.
func (m *Model) base(rows, cells int) float64 {
	r, c := placeRows(rows), placeCells(cells)
	return m.shape[r.i]*(1-r.w) + m.shape[r.i+1]*r.w + m.tax[c.i]*(1-c.w) + m.tax[c.i+1]*c.w
}

// Predict is the time of a step of rows beside so many cells.
func (m *Model) Predict(rows, cells, threads int) time.Duration {
	if rows < 1 {
		return 0
	}
	return seconds(math.Exp(m.base(rows, cells) + m.paceOf(threads)[KindOf(rows)]))
}

// Pace is how slow threads are for a kind of step now, as a factor; only
// ratios between counts of threads mean something.
func (m *Model) Pace(threads int, k Kind) float64 { return math.Exp(m.paceOf(threads)[k]) }

// seconds is bounded so that nothing overflows.
func seconds(s float64) time.Duration {
	return time.Duration(min(max(s, 0), 3600) * float64(time.Second))
}

// Calibrate takes a step on an empty cache as the truth about its size.
func (m *Model) Calibrate(rows, threads int, took time.Duration) {
	if rows < 1 || took <= 0 {
		return
	}
	r := placeRows(rows)
	i := min(r.i+int(math.Round(r.w)), rowSteps-1)
	m.shape[i] += math.Log(took.Seconds()) - m.base(rows, 0) - m.paceOf(threads)[KindOf(rows)]
	m.seen[i] = true
	m.fill()
}

// Observe learns from a step that was made.
func (m *Model) Observe(rows, cells, threads int, took time.Duration) {
	if rows < 1 || took <= 0 {
		return
	}
	if m.seen == [rowSteps]bool{} {
		m.Calibrate(rows, threads, took)
	}
	r, c := placeRows(rows), placeCells(cells)
	p := &m.paceOf(threads)[KindOf(rows)]
	miss := math.Log(took.Seconds()) - m.base(rows, cells) - *p
	*p += paceRate * miss
	if math.Abs(miss) > math.Log(undisturbed) {
		return
	}
	m.shape[r.i] += shapeRate * (1 - r.w) * miss
	m.shape[r.i+1] += shapeRate * r.w * miss
	if c.i > 0 {
		m.tax[c.i] = max(0, m.tax[c.i]+taxRate*(1-c.w)*miss)
	}
	m.tax[c.i+1] = max(0, m.tax[c.i+1]+taxRate*c.w*miss)
}

// SetPace takes the time of a step as what so many threads need now.
func (m *Model) SetPace(rows, cells, threads int, took time.Duration) {
	if rows >= 1 && took > 0 {
		m.paceOf(threads)[KindOf(rows)] = math.Log(took.Seconds()) - m.base(rows, cells)
	}
}

// fill gives the sizes that were never measured a value: on the line between
// their neighbours, in proportion beyond the largest, as the smallest below it.
func (m *Model) fill() {
	last := -1
	for i := range m.shape {
		if !m.seen[i] {
			continue
		}
		for k := last + 1; k < i; k++ {
			m.shape[k] = m.shape[i]
			if last >= 0 {
				m.shape[k] = m.shape[last] + (m.shape[i]-m.shape[last])*float64(k-last)/float64(i-last)
			}
		}
		last = i
	}
	for k := last + 1; last >= 0 && k < rowSteps; k++ {
		m.shape[k] = m.shape[k-1] + math.Ln2
	}
}

// Rows is the most rows, beside base others, that keep a step within limit: at
// least least, at most most.
func (m *Model) Rows(limit time.Duration, base, cells, threads, least, most int) int {
	lo, hi := min(least, most), most
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if m.Predict(base+mid, cells+mid, threads) <= limit {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

// saved is the file's form.
type saved struct {
	Key   string    `json:"key"`
	Shape []float64 `json:"shape"` // log of seconds, by powers of two of rows; what was seen
	Seen  []bool    `json:"seen"`
	Tax   []float64 `json:"tax"`
}

// errKey says that a file is about something else.
var errKey = errors.New("step times: the file is of another model, device or library, or damaged")

// Marshal gives what was learned about key: model, device and library.
func (m *Model) Marshal(key string) ([]byte, error) {
	return json.Marshal(saved{Key: key, Shape: m.shape[:], Seen: m.seen[:], Tax: m.tax[:]})
}

// Unmarshal takes back what Marshal gave for the same key.
func (m *Model) Unmarshal(data []byte, key string) error {
	var s saved
	if err := json.Unmarshal(data, &s); err != nil {
		return errors.Join(errKey, err)
	}
	if s.Key != key || len(s.Shape) != rowSteps || len(s.Seen) != rowSteps || len(s.Tax) != cellSteps {
		return errKey
	}
	for _, v := range append(s.Shape, s.Tax...) {
		if math.Abs(v) > 20 {
			return errKey
		}
	}
	copy(m.shape[:], s.Shape)
	copy(m.seen[:], s.Seen)
	copy(m.tax[:], s.Tax)
	return nil
}
