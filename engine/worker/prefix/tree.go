package prefix

import "math/bits"

// MaxSeqs is the most sequence ids that llama.cpp can tell apart.
const MaxSeqs = 256

// Op is one change that the model's cache must see, in order. With From >= 0,
// the empty sequence To shares the first N tokens of From; else To is cut to
// its first N tokens.
type Op struct {
	From, To int32
	N        int
}

// Tree is the prefix tree over the sequences of one cache. It is not safe for
// concurrent use.
type Tree struct {
	partial bool // see New

	root  node
	seqs  []seq
	cells int
	clock float64 // the worth of the last node that was evicted
	tick  uint64  // counts uses
	ops   []Op
}

// seq is one sequence id.
type seq struct {
	at    *node // its last tokens; nil: it is empty
	state state
}

type state uint8

const (
	free state = iota
	active
	parked
)

// node is a run of tokens that were computed once.
type node struct {
	parent   *node
	children []*node
	label    string
	tokens   []int32
	start    int // tokens before it
	holders  set
	uses     int
	used     uint64 // tick of the last use
	mark     uint64 // see Held
	worth    float64
	pinned   bool
	sealed   bool // was saved as it is
}

func (n *node) end() int { return n.start + len(n.tokens) }

// set is a set of sequence ids.
type set [MaxSeqs / 64]uint64

func (s *set) add(i int32)    { s[i>>6] |= 1 << (i & 63) }
func (s *set) remove(i int32) { s[i>>6] &^= 1 << (i & 63) }
func (s set) empty() bool     { return s == set{} }

// first is the smallest member, -1 of none.
func (s set) first() int32 {
	for i, w := range s {
		if w != 0 {
			return int32(i<<6 + bits.TrailingZeros64(w))
		}
	}
	return -1
}

// only says whether i is the one member.
func (s set) only(i int32) bool {
	var one set
	one.add(i)
	return s == one
}

func (s set) and(o set) set {
	for i := range s {
		s[i] &= o[i]
	}
	return s
}

// New makes an empty tree over seqs sequence ids, at most MaxSeqs. With partial,
// a sequence can share a part of another and be cut anywhere. Without, a parked
// sequence is of use only as a whole, to one that goes on where it ended.
func New(seqs int, partial bool) *Tree {
	return &Tree{partial: partial, seqs: make([]seq, min(seqs, MaxSeqs))}
}

// Ops gives the changes since the last call, in order. They are valid until
// the next change.
func (t *Tree) Ops() []Op {
	ops := t.ops
	t.ops = t.ops[:0]
	return ops
}

// Cells counts the cells in use.
func (t *Tree) Cells() int { return t.cells }

// Len counts the tokens of a sequence.
func (t *Tree) Len(id int32) int {
	if at := t.seqs[id].at; at != nil {
		return at.end()
	}
	return 0
}

// Parked counts the sequences that are kept without an answer.
func (t *Tree) Parked() (n int) {
	for i := range t.seqs {
		if t.seqs[i].state == parked {
			n++
		}
	}
	return n
}

// Found is the longest start of a text that is in the cache.
type Found struct {
	N   int
	seq int32
	at  *node // holds the last of the N tokens
}

// Find looks for the longest start of text that has been computed, at most
// limit tokens.
func (t *Tree) Find(text Text, limit int) Found {
	best := Found{seq: -1}
	t.find(&t.root, text, min(limit, len(text.Tokens)), &best)
	return best
}

func (t *Tree) find(n *node, text Text, limit int, best *Found) {
	from := n.end()
	if from >= limit {
		return
	}
	label, to := text.Run(from, limit)
	for _, c := range n.children {
		if c.label != label || c.tokens[0] != text.Tokens[from] {
			continue
		}
		k := 1
		for k < len(c.tokens) && from+k < to && c.tokens[k] == text.Tokens[from+k] {
			k++
		}
		if id := c.holders.first(); from+k > best.N && (t.partial || k == len(c.tokens) && t.seqs[id] == seq{c, parked}) {
			*best = Found{N: from + k, seq: id, at: c}
		}
		if k == len(c.tokens) {
			t.find(c, text, limit, best)
		}
	}
}

// Take makes a sequence active that begins with what was found, which must be
// fresh. It is false if no sequence id can be had.
func (t *Tree) Take(f Found) (id int32, ok bool) {
	if id = t.give(f); id < 0 {
		return -1, false
	}
	s := &t.seqs[id]
	s.state = active
	if s.at == nil && f.N > 0 {
		s.at = t.split(f.at, f.N)
		for n := s.at; n != &t.root; n = n.parent {
			n.holders.add(id)
		}
		t.ops = append(t.ops, Op{From: f.seq, To: id, N: f.N})
		if p := &t.seqs[f.seq]; p.state == parked && p.at == s.at {
			t.drop(f.seq) // the new one has all that it had
		}
	}
	t.tick++
	for n := s.at; n != nil && n != &t.root; n = n.parent {
		n.uses = min(n.uses+1, mostUses)
		t.value(n)
	}
	return id, true
}

// mostUses bounds what frequent use counts, so that what was popular last
// month goes in the end.
const mostUses = 16

// give finds a sequence for what was found: an empty one, or the one that has
// it, cut to it.
func (t *Tree) give(f Found) int32 {
	if !t.partial && f.N > 0 {
		return f.seq
	}
	for i := range t.seqs {
		if t.seqs[i].state == free {
			return int32(i)
		}
	}
	id := t.leastParked(f)
	switch {
	case id < 0:
	case f.N > 0 && id == f.seq:
		if f.N < t.Len(id) {
			t.cut(id, f.N)
		}
	default:
		t.drop(id)
	}
	return id
}

// value sets what a node is worth: its uses, times the cost of computing one of
// its tokens again, which grows with the tokens before it.
func (t *Tree) value(n *node) {
	n.used = t.tick
	n.worth = t.clock + float64(n.uses)*(1+float64(n.start)/4096)
}

// Append notes that an active sequence has computed more tokens, all under
// one label.
func (t *Tree) Append(id int32, tokens []int32, label string) {
	if len(tokens) == 0 {
		return
	}
	s := &t.seqs[id]
	t.cells += len(tokens)
	if n := s.at; n != nil && n.label == label && len(n.children) == 0 && n.holders.only(id) && !n.pinned && !n.sealed {
		n.tokens = append(n.tokens, tokens...)
		return
	}
	parent := s.at
	if parent == nil {
		parent = &t.root
	}
	n := &node{parent: parent, label: label, tokens: append([]int32(nil), tokens...), start: parent.end(), uses: 1}
	n.holders.add(id)
	t.value(n)
	parent.children = append(parent.children, n)
	s.at = n
}

// Pin marks the first n tokens of a sequence as text that others will begin
// with too.
func (t *Tree) Pin(id int32, n int) {
	at := t.seqs[id].at
	for at != nil && at.start >= n {
		at = at.parent
	}
	if at == nil || at == &t.root {
		return
	}
	if at.end() > n {
		at = t.split(at, n)
	}
	for ; at != nil && at != &t.root && !at.pinned; at = at.parent {
		at.pinned = true
	}
}

// Park ends the use of a sequence; its tokens stay.
func (t *Tree) Park(id int32) {
	s := &t.seqs[id]
	s.state = parked
	if s.at == nil {
		s.state = free
		return
	}
	t.tick++
	for n := s.at; n != &t.root; n = n.parent {
		t.value(n) // used until now
	}
	if !s.at.holders.only(id) && t.partial {
		t.drop(id)
	}
}

// Drop forgets a sequence and what it alone holds.
func (t *Tree) Drop(id int32) { t.drop(id) }

func (t *Tree) drop(id int32) {
	s := &t.seqs[id]
	if s.at != nil {
		t.release(id, &t.root)
		t.ops = append(t.ops, Op{From: -1, To: id})
	}
	*s = seq{}
}

// cut takes a sequence back to its first n tokens.
func (t *Tree) cut(id int32, n int) {
	if n == 0 {
		t.release(id, &t.root)
		t.seqs[id].at = nil
		t.ops = append(t.ops, Op{From: -1, To: id})
		return
	}
	at := t.seqs[id].at
	for at != &t.root && at.start >= n {
		at = at.parent
	}
	if at.end() > n {
		at = t.split(at, n)
	}
	t.release(id, at)
	t.seqs[id].at = at
	t.ops = append(t.ops, Op{From: -1, To: id, N: n})
}

// release takes id off the holders of its nodes below keep.
func (t *Tree) release(id int32, keep *node) {
	for n := t.seqs[id].at; n != keep; n = n.parent {
		n.holders.remove(id)
		if n.holders.empty() {
			t.cells -= len(n.tokens)
			n.parent.forget(n)
		}
	}
}

func (n *node) forget(child *node) {
	for i, c := range n.children {
		if c == child {
			n.children = append(n.children[:i], n.children[i+1:]...)
			return
		}
	}
}

// split cuts a node so that its first part ends after at tokens of the text,
// and gives that part.
func (t *Tree) split(n *node, at int) *node {
	if n == &t.root || at >= n.end() {
		return n
	}
	k := at - n.start
	head := &node{parent: n.parent, label: n.label, tokens: n.tokens[:k:k], start: n.start, holders: n.holders,
		uses: n.uses, used: n.used, worth: n.worth, pinned: n.pinned, sealed: n.sealed, children: []*node{n}}
	for i, c := range n.parent.children {
		if c == n {
			n.parent.children[i] = head
		}
	}
	n.parent, n.start = head, at
	n.tokens = append([]int32(nil), n.tokens[k:]...)
	return head
}
