package prefix

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// cell is one cell of the naive cache: it is known by its number.
type cell struct {
	number int
	token  int32
	label  string
}

// naive is a cache without a tree: a list of cells for each sequence.
type naive struct {
	seqs  [][]cell
	next  int
	state []state
}

func (n *naive) apply(t *rapid.T, ops []Op, partial bool) {
	for _, op := range ops {
		switch {
		case op.From < 0:
			if op.N > len(n.seqs[op.To]) || (op.N > 0 && !partial) {
				t.Fatalf("cut of %d tokens to %d", len(n.seqs[op.To]), op.N)
			}
			n.seqs[op.To] = slices.Clone(n.seqs[op.To][:op.N])
		case !partial || len(n.seqs[op.To]) != 0 || op.N < 1 || op.N > len(n.seqs[op.From]):
			t.Fatalf("copy %+v from %d tokens over %d", op, len(n.seqs[op.From]), len(n.seqs[op.To]))
		default:
			n.seqs[op.To] = slices.Clone(n.seqs[op.From][:op.N])
		}
	}
}

// cells counts each cell once.
func (n *naive) cells() int {
	seen := map[int]bool{}
	for _, s := range n.seqs {
		for _, c := range s {
			seen[c.number] = true
		}
	}
	return len(seen)
}

func matches(s []cell, text Text, limit int) int {
	for i := range min(len(s), limit) {
		label, _ := text.Run(i, len(text.Tokens))
		if s[i].token != text.Tokens[i] || s[i].label != label {
			return i
		}
	}
	return min(len(s), limit)
}

// find looks at each sequence.
func (n *naive) find(text Text, limit int, partial bool) (best int) {
	for i, s := range n.seqs {
		got := matches(s, text, limit)
		if partial {
			best = max(best, got)
		} else if n.state[i] == parked && got == len(s) {
			best = max(best, got)
		}
	}
	return best
}

// check compares the two and looks at what must always hold.
func check(t *rapid.T, tree *Tree, n *naive) {
	if got, want := tree.Cells(), n.cells(); got != want {
		t.Fatalf("the ledger has %d cells, the cache %d", got, want)
	}
	total := 0
	var walk func(x *node)
	walk = func(x *node) {
		total += len(x.tokens)
		var below set
		for _, c := range x.children {
			if c.parent != x || c.start != x.end() || len(c.tokens) == 0 || c.holders.empty() {
				t.Fatalf("node %+v below %+v", c, x)
			}
			for i := range below {
				below[i] |= c.holders[i]
			}
			walk(c)
		}
		for i := range tree.seqs {
			if tree.seqs[i].at == x {
				below.add(int32(i))
			}
		}
		if x != &tree.root && below != x.holders {
			t.Fatalf("holders %v of a node, %v by its children and ends", x.holders, below)
		}
	}
	walk(&tree.root)
	if total != tree.Cells() {
		t.Fatalf("nodes have %d tokens, the ledger %d", total, tree.Cells())
	}
	for i := range n.seqs {
		id, want := int32(i), n.seqs[i]
		if tree.Len(id) != len(want) {
			t.Fatalf("sequence %d has %d tokens, the cache %d", id, tree.Len(id), len(want))
		}
		if s := tree.seqs[i]; s.state == parked && (s.at == nil || tree.partial && !s.at.holders.only(id)) {
			t.Fatalf("parked sequence %d is of no use", id)
		}
		for x := tree.seqs[i].at; x != nil && x != &tree.root; x = x.parent {
			for k, tok := range x.tokens {
				if c := want[x.start+k]; c.token != tok || (c.label != x.label && x.label != hidden) {
					t.Fatalf("sequence %d at %d: tree has %d %q, cache %d %q", id, x.start+k, tok, x.label, c.token, c.label)
				}
			}
		}
	}
	for i := range n.state {
		n.state[i] = tree.seqs[i].state
	}
	checkNodes(t, tree)
}

var labels = []string{"all", "a", "b"}

// drawText makes texts that often begin alike.
func drawText(t *rapid.T) Text {
	var text Text
	for range rapid.IntRange(1, 3).Draw(t, "spans") {
		run := rapid.SliceOfN(rapid.Int32Range(0, 1), 1, 40).Draw(t, "tokens")
		text.Tokens = append(text.Tokens, run...)
		text.Spans = append(text.Spans, Span{End: len(text.Tokens), Label: rapid.SampledFrom(labels).Draw(t, "label")})
	}
	return text
}

// machine is the random traffic.
type machine struct {
	tree *Tree
	n    *naive
	work map[int32]Text // of active sequences: what they will compute
}

func (m *machine) done(t *rapid.T) {
	m.n.apply(t, m.tree.Ops(), m.tree.partial)
	check(t, m.tree, m.n)
}

// pick is one of the active sequences.
func (m *machine) pick(t *rapid.T) int32 {
	var ids []int32
	for id := range m.work {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		t.Skip("nothing is active")
	}
	slices.Sort(ids)
	return rapid.SampledFrom(ids).Draw(t, "sequence")
}

func (m *machine) take(t *rapid.T) {
	text := drawText(t)
	limit := len(text.Tokens) - 1
	f := m.tree.Find(text, limit)
	if want := m.n.find(text, limit, m.tree.partial); f.N != want {
		t.Fatalf("found %d tokens, the cache has %d", f.N, want)
	}
	id, ok := m.tree.Take(f)
	if !ok {
		if len(m.work) < len(m.n.seqs) {
			t.Fatalf("no sequence for the %dth of %d", len(m.work)+1, len(m.n.seqs))
		}
		return
	}
	m.done(t)
	if got := m.tree.Len(id); got != f.N || matches(m.n.seqs[id], text, f.N) != f.N {
		t.Fatalf("the sequence has %d tokens that are not the %d of the text", got, f.N)
	}
	m.work[id] = text
}

func (m *machine) compute(t *rapid.T) {
	id := m.pick(t)
	text, at := m.work[id], m.tree.Len(id)
	if at >= len(text.Tokens) { // the answer
		text.Tokens = append(text.Tokens, rapid.SliceOfN(rapid.Int32Range(0, 1), 1, 3).Draw(t, "answer")...)
		m.work[id] = text
	}
	label, to := text.Run(at, len(text.Tokens))
	to = min(to, at+rapid.IntRange(1, 30).Draw(t, "rows"))
	m.tree.Append(id, text.Tokens[at:to], label)
	for _, tok := range text.Tokens[at:to] {
		m.n.seqs[id] = append(m.n.seqs[id], cell{m.n.next, tok, label})
		m.n.next++
	}
	m.done(t)
}

func (m *machine) end(t *rapid.T) {
	id := m.pick(t)
	if rapid.IntRange(0, 4).Draw(t, "how") == 0 {
		m.tree.Drop(id)
	} else {
		m.tree.Park(id)
	}
	delete(m.work, id)
	m.done(t)
}

func (m *machine) trim(t *rapid.T) {
	id := m.pick(t)
	if !m.tree.partial {
		t.Skip("cannot be cut")
	}
	n := rapid.IntRange(0, m.tree.Len(id)).Draw(t, "n")
	m.tree.Trim(id, n)
	m.done(t)
}

func (m *machine) evict(t *rapid.T) {
	before, parkedBefore := m.tree.Cells(), m.tree.Parked()
	ok := m.tree.Evict(rapid.IntRange(1, 200).Draw(t, "need"))
	m.done(t)
	if ok != (parkedBefore > 0) || (ok && m.tree.Cells() >= before) || (!ok && m.tree.Cells() != before) {
		t.Fatalf("evict: %v, %d cells, then %d; %d were parked", ok, before, m.tree.Cells(), parkedBefore)
	}
}

func (m *machine) forget(t *rapid.T) {
	label := rapid.SampledFrom(labels).Draw(t, "label")
	m.tree.Forget(label)
	m.n.apply(t, m.tree.Ops(), m.tree.partial)
	for i, s := range m.n.seqs {
		for k := range s {
			if s[k].label == label {
				if m.tree.seqs[i].state == parked {
					t.Fatalf("sequence %d still has %q", i, label)
				}
				s[k].label = hidden
			}
		}
	}
	check(t, m.tree, m.n)
}

func (m *machine) pin(t *rapid.T) {
	id := m.pick(t)
	m.tree.Pin(id, rapid.IntRange(0, m.tree.Len(id)).Draw(t, "n"))
	m.done(t)
}

func (m *machine) held(t *rapid.T) {
	var ids []int32
	for id := range m.work {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	owners := map[int][]int{}
	for i, id := range ids {
		for _, c := range m.n.seqs[id] {
			owners[c.number] = append(owners[c.number], i)
		}
	}
	want := Load{Private: make([]int, len(ids))}
	text := drawText(t)
	f := m.tree.Find(text, len(text.Tokens))
	for k := range f.N {
		number := m.n.seqs[f.seq][k].number
		if owners[number] == nil {
			want.New++
		} else {
			owners[number] = append(owners[number], -1)
		}
	}
	for _, o := range owners {
		if len(o) == 1 {
			want.Private[o[0]]++
		} else {
			want.Shared++
		}
	}
	if got := m.tree.Held(ids, f); got.Shared != want.Shared || got.New != want.New || !slices.Equal(got.Private, want.Private) {
		t.Fatalf("held %+v, want %+v", got, want)
	}
}

// steps is how many random steps one run of the state machine has.
func steps() int {
	if os.Getenv("ALCOVE_SOAK") == "1" {
		return 10000
	}
	return 500
}

// The tree and its ledger say of the cache what a plain list of cells says,
// whatever happens in which order.
func TestSoakTreeIsTheCache(t *testing.T) {
	if err := flag.Set("rapid.steps", fmt.Sprint(steps())); err != nil {
		t.Fatal(err)
	}
	if err := flag.Set("rapid.checks", "10"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		flag.Set("rapid.steps", "30")
		flag.Set("rapid.checks", "100")
	})
	rapid.Check(t, func(t *rapid.T) {
		seqs := rapid.SampledFrom([]int{1, 2, 5, 70}).Draw(t, "seqs")
		m := &machine{tree: New(seqs, rapid.Bool().Draw(t, "partial")), work: map[int32]Text{},
			n: &naive{seqs: make([][]cell, seqs), state: make([]state, seqs)}}
		t.Repeat(map[string]func(*rapid.T){
			"take": m.take, "take2": m.take, "compute": m.compute, "compute2": m.compute, "compute3": m.compute,
			"end": m.end, "evict": m.evict, "pin": m.pin, "held": m.held, "forget": m.forget, "trim": m.trim,
		})
	})
}

func text(label string, tokens ...int32) Text {
	return Text{Tokens: tokens, Spans: []Span{{End: len(tokens), Label: label}}}
}

// run computes a text as a request of its own and parks it.
func run(t *testing.T, tree *Tree, x Text) (computed int) {
	t.Helper()
	f := tree.Find(x, len(x.Tokens)-1)
	id, ok := tree.Take(f)
	if !ok {
		t.Fatal("no sequence")
	}
	for at := f.N; at < len(x.Tokens); {
		label, to := x.Run(at, len(x.Tokens))
		tree.Append(id, x.Tokens[at:to], label)
		at = to
	}
	tree.Park(id)
	tree.Ops()
	return len(x.Tokens) - f.N
}

// Equal tokens under another label are computed again, from where the labels
// differ on.
func TestLabelsSeparate(t *testing.T) {
	tree := New(8, true)
	if run(t, tree, text("key:a", 1, 2, 3, 4)) != 4 || run(t, tree, text("key:b", 1, 2, 3, 4)) != 4 {
		t.Error("a key found what another one computed")
	}
	if run(t, tree, text("key:a", 1, 2, 3, 4)) != 1 {
		t.Error("a key did not find its own")
	}
	mine := Text{Tokens: []int32{1, 2, 3, 4, 5}, Spans: []Span{{2, "all"}, {5, "me"}}}
	yours := Text{Tokens: []int32{1, 2, 3, 4, 5}, Spans: []Span{{2, "all"}, {5, "you"}}}
	if run(t, tree, mine) != 5 || run(t, tree, yours) != 3 {
		t.Error("only what both may read is shared")
	}
	if n := Common(mine, yours, 9); n != 2 {
		t.Errorf("%d tokens in common", n)
	}
}

// What is used often and what is pinned outlive what came once.
func TestEvictionOrder(t *testing.T) {
	tree := New(8, true)
	popular, once, anchor := text("p", 1, 2, 3), text("o", 4, 5, 6), text("x", 7, 8, 9)
	for range 3 {
		run(t, tree, popular)
	}
	f := tree.Find(anchor, 3)
	id, _ := tree.Take(f)
	tree.Append(id, anchor.Tokens, "x")
	tree.Pin(id, 3)
	tree.Park(id)
	run(t, tree, once)
	var order []string
	for tree.Cells() > 0 {
		had := map[string]bool{}
		for name, x := range map[string]Text{"popular": popular, "once": once, "anchor": anchor} {
			had[name] = tree.Find(x, 3).N > 0
		}
		tree.Evict(1)
		for name, x := range map[string]Text{"popular": popular, "once": once, "anchor": anchor} {
			if had[name] && tree.Find(x, 3).N == 0 {
				order = append(order, name)
			}
		}
	}
	if !slices.Equal(order, []string{"once", "popular", "anchor"}) {
		t.Errorf("evicted in order %v", order)
	}
}

func TestRunOfSpans(t *testing.T) {
	x := Text{Tokens: make([]int32, 9), Spans: []Span{{2, "a"}, {2, "empty"}, {5, "b"}}}
	for i, want := range []string{"a", "a", "b", "b", "b", "b", "b", "b", "b"} {
		if got, _ := x.Run(i, 9); got != want {
			t.Errorf("label of %d is %q, want %q", i, got, want)
		}
	}
	if _, to := x.Run(6, 9); to != 9 {
		t.Errorf("the last run ends at %d", to)
	}
}
