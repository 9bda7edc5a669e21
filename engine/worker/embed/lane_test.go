package embed

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
)

// words is a model with a token for each word, whose vector is the first word's
// length. hook is called before each batch.
type words struct {
	hook    func()
	batches [][]int
	bad     float32
	err     error
	threads int
}

func (w *words) Tokenize(text string) ([]int32, error) {
	if text == "damaged" {
		return nil, errors.New("no tokens")
	}
	var list []int32
	for _, s := range strings.Fields(text) {
		list = append(list, int32(len(s)))
	}
	return list, nil
}

func (w *words) Wrap(t []int32) []int32    { return slices.Concat([]int32{1}, t, []int32{2}) }
func (w *words) Pair(q, p []int32) []int32 { return slices.Concat(q, []int32{2}, p) }
func (w *words) SetThreads(n int)          { w.threads = n }
func (w *words) VocabSize() int            { return 100 }
func (w *words) Marks(pair bool) int {
	if pair {
		return 1
	}
	return 2
}

func (w *words) Compute(texts [][]int32) (out [][]float32, err error) {
	if w.hook != nil {
		w.hook()
	}
	var sizes []int
	for _, t := range texts {
		sizes = append(sizes, len(t))
		v := float32(t[min(1, len(t)-1)])
		if w.bad != 0 {
			v = w.bad
		}
		out = append(out, []float32{v})
	}
	w.batches = append(w.batches, sizes)
	return out, w.err
}

// told is what a lane has said.
type told struct {
	order   []uint64 // of requests, as they ended
	ends    map[uint64]wire.EmbedEnd
	vectors map[uint64]map[int]float32
	counts  map[uint64]*wire.Counted
}

// run lets a lane answer until all that was asked has ended.
func run(t *testing.T, m *words, scores bool, rows int, in chan wire.ToWorker, first ...wire.ToWorker) (*told, error) {
	t.Helper()
	got := &told{ends: map[uint64]wire.EmbedEnd{}, vectors: map[uint64]map[int]float32{}, counts: map[uint64]*wire.Counted{}}
	var l *Lane
	l = New(m, Config{Context: 10, Rows: rows, Texts: 8, Dimensions: 1, Scores: scores}, func(v *wire.Vectors, raw []byte) {
		if len(raw) != 4*len(v.Of) {
			t.Errorf("%d bytes of %d vectors", len(raw), len(v.Of))
		}
		for i, o := range v.Of {
			if got.vectors[o.ID] == nil {
				got.vectors[o.ID] = map[int]float32{}
			}
			got.vectors[o.ID][o.Index] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		for _, e := range v.Ends {
			got.order, got.ends[e.ID] = append(got.order, e.ID), e
		}
		if !l.Beat().Busy {
			close(in)
		}
	}, func(c *wire.Counted) { got.counts[c.ID] = c })
	for _, f := range first {
		in <- f
	}
	return got, l.Run(in)
}

func ask(id uint64, class string, texts ...string) wire.ToWorker {
	e := &wire.Embed{ID: id, Class: class}
	for _, s := range texts {
		e.Inputs = append(e.Inputs, wire.Input{Text: s})
	}
	return wire.ToWorker{Embed: e}
}

func TestLane(t *testing.T) {
	m, in := &words{}, make(chan wire.ToWorker, 10)
	cut := ask(3, "batch", "a b c d e f g h i j k")
	cut.Embed.Cut = true
	tokens := ask(5, "api")
	tokens.Embed.Inputs = []wire.Input{{Tokens: []int32{7}}}
	foreign := ask(6, "api", "fine")
	foreign.Embed.Inputs = append(foreign.Embed.Inputs, wire.Input{Tokens: []int32{100}})
	got, err := run(t, m, false, 20, in,
		ask(1, "batch", "four", "a longer text", "", "x"), ask(2, "api", "a b c d e f g h i"), cut, ask(4, "interactive", "damaged"), tokens, foreign,
		wire.ToWorker{Count: &wire.Count{ID: 7, Texts: []string{"a b", ""}}}, wire.ToWorker{Grant: &wire.Grant{Threads: 3}}, ask(8, "batch"))
	if err != nil {
		t.Fatal(err)
	}
	for id, code := range map[uint64]string{1: "", 2: fail.ContextFull, 3: "", 4: fail.Internal, 5: "", 6: fail.InvalidRequest, 8: ""} {
		if e, ok := got.ends[id]; !ok || e.Code != code || (code == "") != (e.Message == "") {
			t.Errorf("request %d: %+v, want code %q", id, e, code)
		}
	}
	if v := got.vectors[1]; v[0] != 4 || v[1] != 1 || v[2] != 2 || v[3] != 1 || got.vectors[5][0] != 7 {
		t.Errorf("%v", got.vectors)
	}
	if c := got.counts[7]; c == nil || !slices.Equal(c.Counts, []int{2, 0}) {
		t.Errorf("%+v", c)
	}
	if m.threads != 3 || len(m.batches) > 3 {
		t.Errorf("%d threads, batches %v", m.threads, m.batches)
	}
}

// What somebody waits for is computed before what is left of a pile.
func TestLane_UrgentGoesBetweenBatches(t *testing.T) {
	in := make(chan wire.ToWorker, 10)
	n, m := 0, &words{}
	m.hook = func() {
		if n++; n == 2 {
			in <- ask(2, "interactive", "now")
			in <- ask(3, "api", "soon")
		}
	}
	pile := slices.Repeat([]string{"a b c d e f g h"}, 40)
	got, err := run(t, m, false, 20, in, ask(1, "batch", pile...))
	if err != nil || !slices.Equal(got.order, []uint64{2, 3, 1}) {
		t.Fatalf("%v %v", got.order, err)
	}
	if len(m.batches[2]) != 1 || len(got.vectors[1]) != 40 {
		t.Errorf("batches %v", m.batches)
	}
}

func TestLane_Cancel(t *testing.T) {
	in := make(chan wire.ToWorker, 10)
	n, m := 0, &words{}
	m.hook = func() {
		if n++; n == 2 {
			in <- wire.ToWorker{Cancel: &wire.Cancel{ID: 1}}
		}
	}
	if _, err := run(t, m, false, 20, in, ask(1, "batch", slices.Repeat([]string{"a b c d e f g h"}, 400)...)); err != nil || n != 2 {
		t.Errorf("%d batches, %v", n, err)
	}
}

func TestLane_Scores(t *testing.T) {
	in := make(chan wire.ToWorker, 10)
	a := ask(1, "interactive", "one", "a very long passage that does not fit into ten tokens at all")
	a.Embed.Query, a.Embed.Cut = "what is one, and what are all of these other words", true
	m := &words{}
	got, err := run(t, m, true, 20, in, a)
	if err != nil || got.ends[1].Code != "" || len(got.vectors[1]) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	if m.batches[0][0] != 10 || m.batches[0][1] != 7 {
		t.Errorf("%v: half of the room is the query's, the rest the passage's", m.batches)
	}
}

// Numbers that are none end the request, and a model that fails the lane.
func TestLane_Faults(t *testing.T) {
	got, err := run(t, &words{bad: float32(math.NaN())}, false, 20, make(chan wire.ToWorker, 10), ask(1, "batch", "a", "b"))
	if err != nil || got.ends[1].Code != fail.Internal || len(got.vectors) != 0 || len(got.order) != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := run(t, &words{err: errors.New("it fails")}, false, 20, make(chan wire.ToWorker, 10), ask(1, "batch", "a")); err == nil {
		t.Error("the model failed")
	}
	for name, m := range map[string]wire.ToWorker{
		"a submit":        {Submit: &wire.Submit{}},
		"too many inputs": {Embed: &wire.Embed{Inputs: make([]wire.Input, wire.MaxInputs+1)}},
		"too many texts":  {Count: &wire.Count{Texts: make([]string, wire.MaxInputs+1)}},
	} {
		if _, err := run(t, &words{}, false, 20, make(chan wire.ToWorker, 10), m); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestThreadsFor(t *testing.T) {
	for _, c := range []struct {
		granted int
		spare   float64
		want    int
	}{{4, -1, 4}, {4, 4, 4}, {4, 3.6, 4}, {4, 3.4, 3}, {2, 1.2, 1}, {2, 0, 1}, {2, 8, 2}} {
		if got := threadsFor(c.granted, c.spare); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
