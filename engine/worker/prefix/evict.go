package prefix

// crumb is the least that is cut off a sequence at once, in tokens: each cut
// makes llama.cpp look at all cells.
const crumb = 64

// Evict gives up at most need parked cells, or crumb if that is more, from the
// end of the sequence whose end is worth least. It is false if nothing is
// parked. Call it until there is room.
func (t *Tree) Evict(need int) bool {
	id := t.Victim()
	if id < 0 {
		return false
	}
	at := t.seqs[id].at
	t.clock = max(t.clock, at.worth)
	keep := max(at.start, at.end()-max(need, crumb))
	switch {
	case !t.partial, keep == 0:
		t.drop(id)
	case keep == at.start && !at.parent.holders.only(id):
		t.drop(id) // what is left, others have
	default:
		t.cut(id, keep)
	}
	return true
}

// Victim is the parked sequence that Evict would cut, -1 if there is none.
func (t *Tree) Victim() int32 {
	id := int32(-1)
	for i := range t.seqs {
		if s := &t.seqs[i]; s.state == parked && (id < 0 || less(s.at, t.seqs[id].at)) {
			id = int32(i)
		}
	}
	return id
}

// leastParked is the parked sequence to give up for its id, -1 if there is
// none. The one that has what was found is spared if there is another.
func (t *Tree) leastParked(f Found) int32 {
	worst, spare := int32(-1), int32(-1)
	for i := range t.seqs {
		s := &t.seqs[i]
		switch {
		case s.state != parked:
		case f.N > 0 && int32(i) == f.seq:
			spare = f.seq
		case worst < 0, less(s.at, t.seqs[worst].at):
			worst = int32(i)
		}
	}
	if worst < 0 {
		return spare
	}
	return worst
}

// less says that a goes before b.
func less(a, b *node) bool {
	switch {
	case a.pinned != b.pinned:
		return b.pinned
	case a.worth != b.worth:
		return a.worth < b.worth
	}
	return a.used < b.used
}

// Forget gives up all parked tokens with this label and what follows them.
// Nothing finds those that are still in use.
func (t *Tree) Forget(label string) {
	for i := range t.seqs {
		id := int32(i)
		if t.seqs[i].state != parked {
			continue
		}
		var top *node
		for n := t.seqs[i].at; n != &t.root; n = n.parent {
			if n.label == label {
				top = n
			}
		}
		switch {
		case top == nil:
		case !t.partial, top.start == 0, !top.parent.holders.only(id):
			t.drop(id)
		default:
			t.cut(id, top.start)
		}
	}
	t.hide(&t.root, label)
}

// hidden is no label of a request.
const hidden = "\x00hidden"

func (t *Tree) hide(n *node, label string) {
	for _, c := range n.children {
		if c.label == label {
			c.label = hidden
		}
		t.hide(c, label)
	}
}

// Load is what the active sequences hold.
type Load struct {
	Shared  int   // cells that more than one of them has
	Private []int // for each of the ids asked for: cells that it alone has
	// New counts the cells that only parked sequences have of what was found:
	// they would be held once more.
	New int
}

// Held counts the cells of these active sequences as if one more had what was
// found. Cells that only parked ones have are not counted: they can be given
// up.
func (t *Tree) Held(ids []int32, f Found) Load {
	l := Load{Private: make([]int, len(ids))}
	var all set
	where := [MaxSeqs]int{}
	for i, id := range ids {
		all.add(id)
		where[id] = i
	}
	t.tick++
	for n := f.at; f.N > 0 && n != &t.root; n = n.parent {
		n.mark = t.tick
	}
	var walk func(n *node)
	walk = func(n *node) {
		for _, c := range n.children {
			in, found := c.holders.and(all), 0
			if c.mark == t.tick {
				found = min(len(c.tokens), f.N-c.start)
			}
			rest := len(c.tokens) - found
			switch first := in.first(); {
			case first < 0 && found == 0:
				continue
			case first < 0:
				l.New += found
			case in.only(first):
				l.Shared += found
				l.Private[where[first]] += rest
			default:
				l.Shared += len(c.tokens)
			}
			walk(c)
		}
	}
	walk(&t.root)
	return l
}

// Trim cuts an active sequence to its first n tokens.
func (t *Tree) Trim(id int32, n int) {
	if n < t.Len(id) {
		t.cut(id, n)
	}
}

// Pinned counts the pinned cells.
func (t *Tree) Pinned() (n int) {
	var walk func(x *node)
	walk = func(x *node) {
		for _, c := range x.children {
			if c.pinned {
				n += len(c.tokens)
				walk(c)
			}
		}
	}
	walk(&t.root)
	return n
}

// Run is a run of tokens that were computed once, with all tokens before it.
type Run struct {
	Seq        int32 // has it
	Text       Text  // all tokens before End
	Start, End int
	Pinned     bool
	Sealed     bool // see Seal
}

// Runs calls f for each run of tokens of a sequence, from the first on, until f
// is false.
func (t *Tree) Runs(id int32, f func(Run) bool) {
	var path []*node
	for n := t.seqs[id].at; n != nil && n != &t.root; n = n.parent {
		path = append(path, n)
	}
	var text Text
	for i := len(path) - 1; i >= 0; i-- {
		n := path[i]
		text.Tokens = append(text.Tokens, n.tokens...)
		text.Spans = append(text.Spans, Span{End: n.end(), Label: n.label})
		if !f(Run{Seq: id, Text: text, Start: n.start, End: n.end(), Pinned: n.pinned, Sealed: n.sealed}) {
			return
		}
	}
}

// Kept calls f with each run that may be worth saving: those of parked
// sequences, and pinned ones of all, until f is false.
func (t *Tree) Kept(f func(Run) bool) {
	for i := range t.seqs {
		more := true
		switch t.seqs[i].state {
		case parked:
			t.Runs(int32(i), func(r Run) bool { more = f(r); return more })
		case active:
			t.Runs(int32(i), func(r Run) bool { more = !r.Pinned || f(r); return r.Pinned && more })
		}
		if !more {
			return
		}
	}
}

// Seal marks the run of a sequence that ends after end tokens as saved: more
// tokens become a run of their own.
func (t *Tree) Seal(id int32, end int) {
	for n := t.seqs[id].at; n != nil && n != &t.root; n = n.parent {
		if n.end() == end {
			n.sealed = true
		}
	}
}
