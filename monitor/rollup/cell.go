package rollup

import (
	"alcove/monitor/latency"
)

// Figure names one histogram of a Cell.
type Figure int

// Figures of answers, in the order in which they are kept: it must not change.
const (
	QueueSeconds Figure = iota
	FirstTokenSeconds
	InterTokenSeconds
	TotalSeconds
	TokensInPerSecond
	TokensOutPerSecond
	PromptTokens
	OutputTokens
	figures
)

// Figures is how many there are.
const Figures = int(figures)

// Key is what answers are told apart by.
type Key struct{ Model, Route, Class string }

// Counts are sums over answers.
type Counts struct {
	Requests, Failed                         uint64
	PromptTokens, CachedTokens, OutputTokens uint64
}

// Plus is the sum of both.
func (c Counts) Plus(o Counts) Counts {
	return Counts{c.Requests + o.Requests, c.Failed + o.Failed,
		c.PromptTokens + o.PromptTokens, c.CachedTokens + o.CachedTokens, c.OutputTokens + o.OutputTokens}
}

// Cell is what answers of one key did in a time.
type Cell struct {
	Counts
	Figures [Figures]latency.Histogram
}

// Merge adds what was done in another time.
func (c *Cell) Merge(o *Cell) {
	c.Counts = c.Plus(o.Counts)
	for i := range c.Figures {
		c.Figures[i].Merge(&o.Figures[i])
	}
}

// Clone is an independent copy.
func (c *Cell) Clone() *Cell {
	out := &Cell{Counts: c.Counts}
	for i := range c.Figures {
		out.Figures[i] = c.Figures[i].Clone()
	}
	return out
}

// Other is the key of all that found no room under its own.
var Other = Key{"other", "other", "other"}

// Cells are the answers of a time by their keys.
type Cells map[Key]*Cell

// At gives the cell of a key. The limit bounds how many there are, one for
// Other among them: clients must not be able to fill the box.
func (c Cells) At(key Key, limit int) *Cell {
	if cell := c[key]; cell != nil {
		return cell
	}
	if len(c) >= limit-1 {
		if key = Other; c[key] != nil {
			return c[key]
		}
	}
	cell := &Cell{}
	c[key] = cell
	return cell
}

// Merge adds the answers of another time.
func (c Cells) Merge(o Cells, limit int) {
	for key, cell := range o {
		c.At(key, limit).Merge(cell)
	}
}

// EncodeFigures writes the cell's histograms; its counts are not in it.
func (c *Cell) EncodeFigures() []byte {
	b := begin(kindFigures)
	for i := range c.Figures {
		b = c.Figures[i].Append(b)
	}
	return seal(b)
}

// MergeEncoded adds histograms that EncodeFigures wrote. Damaged bytes are
// ErrDamaged and add nothing.
func (c *Cell) MergeEncoded(src []byte) error {
	b, err := open(src, kindFigures)
	if err != nil {
		return err
	}
	var read Cell
	for i := range read.Figures {
		if read.Figures[i], b, err = latency.Decode(b); err != nil {
			return ErrDamaged
		}
	}
	if len(b) > 0 {
		return ErrDamaged
	}
	c.Merge(&read)
	return nil
}

// Sums is a cell for merging many.
type Sums struct {
	Counts
	Figures [Figures]latency.Sum
}

// Merge adds a cell.
func (s *Sums) Merge(c *Cell) {
	s.Counts = s.Plus(c.Counts)
	for i := range s.Figures {
		s.Figures[i].Merge(&c.Figures[i])
	}
}

// Reset empties it.
func (s *Sums) Reset() {
	s.Counts = Counts{}
	for i := range s.Figures {
		s.Figures[i].Reset()
	}
}

// MergeEncoded adds the first n histograms that EncodeFigures wrote, and their
// counts, to all sums at once. Bytes that fail their checksum add nothing.
func MergeEncoded(src []byte, counts Counts, n int, into ...*Sums) error {
	rest, err := open(src, kindFigures)
	if err != nil {
		return err
	}
	var room [2]*latency.Sum // nearly always enough
	sums := room[:0]
	for i := range n {
		sums = sums[:0]
		for _, s := range into {
			sums = append(sums, &s.Figures[i])
		}
		if rest, err = latency.MergeEncoded(rest, sums...); err != nil {
			return ErrDamaged
		}
	}
	for _, s := range into {
		s.Counts = s.Plus(counts)
	}
	return nil
}
