package fake

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"os"
	"strings"
	"time"

	"alcove/engine/wire"
)

// Dimensions of the fake's vectors.
const Dimensions = 4

// Vector is what the fake gives for a text: the same each time, another one for
// another text, of length 1. A reranker gives the first number alone.
func Vector(text string) []float32 {
	h := fnv.New64a()
	h.Write([]byte(text)) //nolint:errcheck // it cannot fail
	angle := float64(h.Sum64()%100_000) / 1000
	s, c := math.Sincos(angle)
	return []float32{float32(s), float32(c), 0, 0}
}

func count(m *wire.Count) *wire.Counted {
	c := &wire.Counted{ID: m.ID}
	for _, text := range m.Texts {
		c.Counts = append(c.Counts, len(strings.Fields(text)))
	}
	return c
}

// lane answers one request after another, a vector a frame. It does not return.
func (w *worker) lane() {
	done := 0
	for m := range w.in {
		switch {
		case m.Count != nil:
			w.send(wire.FromWorker{Counted: count(m.Count)})
		case m.Embed != nil:
			w.mu.Lock()
			w.active = 1
			w.mu.Unlock()
			for i, in := range m.Embed.Inputs {
				w.maybe(AtVector, done)
				w.vector(m.Embed, i, in, w.fault.At == AtVector && w.fault.Step == done)
				done++
				time.Sleep(w.script.Pause)
			}
			w.mu.Lock()
			w.active = 0
			w.mu.Unlock()
			w.send(wire.FromWorker{Vectors: &wire.Vectors{N: w.count(), Ends: []wire.EmbedEnd{{ID: m.Embed.ID}}}})
		}
	}
}

func (w *worker) count() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.step++
	return w.step
}

func (w *worker) vector(e *wire.Embed, i int, in wire.Input, bad bool) {
	values := Vector(in.Text)
	if w.role == wire.RoleRerank {
		values = Vector(e.Query + in.Text)[:1]
	}
	v := &wire.Vectors{N: w.count(), Size: len(values), Of: []wire.Vector{{ID: e.ID, Index: i, Tokens: len(strings.Fields(in.Text)) + 2}}}
	if bad {
		switch w.fault.Do {
		case Short:
			values = values[1:]
		case NoNumber:
			values[0] = float32(math.NaN())
		case Foreign:
			v.Of[0].Index = len(e.Inputs)
		case Early:
			v.Ends = []wire.EmbedEnd{{ID: e.ID}}
		}
	}
	var raw []byte
	for _, x := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if wire.Write(w.conn, wire.FromWorker{Vectors: v}, raw) != nil {
		os.Exit(0) // the app has gone
	}
}
