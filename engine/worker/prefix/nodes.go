package prefix

import "math/bits"

// Node is a node of the tree as others see it: how much, never what.
type Node struct {
	Depth  int // 0: nothing is before it
	Tokens int
	Label  string
	Seqs   int  // sequences that have it
	InUse  bool // an answer is computed in one of them; else all are parked
	Pinned bool
}

// Nodes lists the nodes, each before those that go on from it, at most limit;
// more counts the rest.
func (t *Tree) Nodes(limit int) (nodes []Node, more int) {
	var used set
	for i := range t.seqs {
		if t.seqs[i].state == active {
			used.add(int32(i))
		}
	}
	var walk func(n *node, depth int)
	walk = func(n *node, depth int) {
		for _, c := range n.children {
			if len(nodes) < limit {
				nodes = append(nodes, Node{Depth: depth, Tokens: len(c.tokens), Label: c.label, Seqs: c.holders.count(),
					InUse: !c.holders.and(used).empty(), Pinned: c.pinned})
			} else {
				more++
			}
			walk(c, depth+1)
		}
	}
	walk(&t.root, 0)
	return nodes, more
}

// count is the number of members.
func (s set) count() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}
