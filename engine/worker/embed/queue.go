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
	Urgent  bool
}

// Queue holds the items that wait. It belongs to one goroutine.
type Queue struct {
	rows, texts   int
	urgent, later []Item // in order of arrival; of one arrival the longest first
}

// NewQueue makes a queue for batches of so many rows (tokens) and texts at most.
func NewQueue(rows, texts int) *Queue { return &Queue{rows: rows, texts: texts} }

// Add takes what arrived together. It sorts items in place.
func (q *Queue) Add(items []Item) {
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(len(b.Tokens), len(a.Tokens)) })
	for _, it := range items {
		if it.Urgent {
			q.urgent = append(q.urgent, it)
		} else {
			q.later = append(q.later, it)
		}
	}
}

// Rows are the tokens that wait in a class.
func (q *Queue) Rows(urgent bool) (n int) {
	list := q.later
	if urgent {
		list = q.urgent
	}
	for _, it := range list {
		n += len(it.Tokens)
	}
	return n
}

// Next takes the next batch out of the queue; nil when nothing waits. The first
// item is always in it: who adds items sees that they are not too long.
func (q *Queue) Next() []Item {
	from := &q.later
	if len(q.urgent) > 0 {
		from = &q.urgent
	}
	if len(*from) == 0 {
		return nil
	}
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
	of := func(it Item) bool { return it.Request == request }
	q.urgent, q.later = slices.DeleteFunc(q.urgent, of), slices.DeleteFunc(q.later, of)
}
