package prefix

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Two texts with one beginning are a node with two children, of which one is
// still being written.
func TestNodes(t *testing.T) {
	tree := New(8, true)
	first := Text{Tokens: []int32{1, 2, 3, 4, 5}, Spans: []Span{{3, "all"}, {5, "a"}}}
	run(t, tree, first)
	second := Text{Tokens: []int32{1, 2, 3, 7}, Spans: []Span{{3, "all"}, {4, "b"}}}
	id, _ := tree.Take(tree.Find(second, 3))
	tree.Append(id, second.Tokens[3:], "b")
	tree.Pin(id, 3)
	got, more := tree.Nodes(9)
	want := []Node{
		{Tokens: 3, Label: "all", Seqs: 2, InUse: true, Pinned: true},
		{Depth: 1, Tokens: 2, Label: "a", Seqs: 1},
		{Depth: 1, Tokens: 1, Label: "b", Seqs: 1, InUse: true},
	}
	if d := cmp.Diff(want, got); d != "" || more != 0 {
		t.Errorf("%s, and %d more", d, more)
	}
	if got, more := tree.Nodes(2); !slices.Equal(got, want[:2]) || more != 1 {
		t.Errorf("at most two: %+v and %d more", got, more)
	}
	if got, more := New(1, true).Nodes(2); len(got) != 0 || more != 0 {
		t.Errorf("an empty tree has %+v and %d more", got, more)
	}
}

// checkNodes: the list has every cell once, and each child below its parent.
func checkNodes(t *rapid.T, tree *Tree) {
	nodes, more := tree.Nodes(1 << 20)
	cells, last := 0, -1
	for _, n := range nodes {
		if n.Depth > last+1 || n.Seqs < 1 || n.Tokens < 1 {
			t.Fatalf("node %+v after depth %d", n, last)
		}
		cells, last = cells+n.Tokens, n.Depth
	}
	if cells != tree.Cells() || more != 0 {
		t.Fatalf("listed nodes have %d tokens, the ledger %d; %d more", cells, tree.Cells(), more)
	}
}
