package embed

import (
	"cmp"
	"slices"
)

// Item is one text of a request.
type Item struct {
	Request uint64
	Index   int // of the text in its request
	Tokens  []int32
	Class   Class
}

// Class orders items: one of a lower class goes before those of higher ones.
type Class int

// Classes, as the engine's.
const (
	Interactive Class = iota
	API
	Batch
	classes
)

// Queue holds the items that wait. It belongs to one goroutine.
type Queue struct {
	rows, texts int
	waiting     [classes][]Item // in order of arrival; of one arrival the longest first
}

// NewQueue makes a queue for batches of so many rows (tokens) and texts at most.
func NewQueue(rows, texts int) *Queue { return &Queue{rows: rows, texts: texts} }

// Add takes what arrived together. It sorts items in place.
func (q *Queue) Add(items []Item) {
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(len(b.Tokens), len(a.Tokens)) })
	for _, it := range items {
		q.waiting[it.Class] = append(q.waiting[it.Class], it)
	}
}

// Rows are the tokens that wait in a class.
func (q *Queue) Rows(c Class) (n int) {
	for _, it := range q.waiting[c] {
		n += len(it.Tokens)
	}
	return n
}

// Next takes the next batch out of the queue; nil when nothing waits. The first
// item is always in it: who adds items sees that they are not too long.
func (q *Queue) Next() []Item {
	i := slices.IndexFunc(q.waiting[:], func(list []Item) bool { return len(list) > 0 })
	if i < 0 {
		return nil
	}
	from := &q.waiting[i]
	var batch, rest []Item
	left := q.rows
	for i, it := range *from {
		if len(batch) == q.texts {
			rest = append(rest, (*from)[i:]...)
			break
		}
		if len(batch) == 0 || len(it.Tokens) <= left {
			batch, left = append(batch, it), left-len(it.Tokens)
		} else {
			rest = append(rest, it)
		}
	}
	*from = rest
	return batch
}

// Drop forgets a request's items.
func (q *Queue) Drop(request uint64) {
	for c := range q.waiting {
		q.waiting[c] = slices.DeleteFunc(q.waiting[c], func(it Item) bool { return it.Request == request })
	}
}
