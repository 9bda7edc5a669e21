package embed

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// items are texts of these lengths.
func items(request uint64, class Class, lengths ...int) (list []Item) {
	for i, n := range lengths {
		list = append(list, Item{Request: request, Index: i, Tokens: make([]int32, n), Class: class})
	}
	return list
}

func lengths(batch []Item) (list []int) {
	for _, it := range batch {
		list = append(list, len(it.Tokens))
	}
	return list
}

func TestQueue_Packs(t *testing.T) {
	for name, c := range map[string]struct {
		rows, texts int
		in          []int
		want        [][]int
	}{
		"the longest first, the short ones fill up": {10, 9, []int{3, 9, 1, 6, 1}, [][]int{{9, 1}, {6, 3, 1}}},
		"no more texts than fit":                    {100, 2, []int{1, 2, 3}, [][]int{{3, 2}, {1}}},
		"a text as long as a batch":                 {10, 9, []int{10, 1}, [][]int{{10}, {1}}},
		"one that is longer goes alone":             {10, 9, []int{12, 1}, [][]int{{12}, {1}}},
		"nothing":                                   {10, 9, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			q := NewQueue(c.rows, c.texts)
			q.Add(items(1, Batch, c.in...))
			var got [][]int
			for b := q.Next(); b != nil; b = q.Next() {
				got = append(got, lengths(b))
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// Somebody who waits goes before a pile, and after the batch that is being computed.
func TestQueue_UrgentFirst(t *testing.T) {
	q := NewQueue(10, 9)
	q.Add(items(1, Batch, 10, 10, 5))
	if b := q.Next(); b[0].Request != 1 {
		t.Fatal("nobody else was there")
	}
	q.Add(items(2, API, 3))
	q.Add(items(3, Interactive, 4))
	for _, want := range []uint64{3, 2} {
		if b := q.Next(); len(b) != 1 || b[0].Request != want {
			t.Errorf("%v: %d is next, alone", b, want)
		}
	}
	if b := q.Next(); b[0].Request != 1 {
		t.Errorf("%v: the pile goes on", b)
	}
}

func TestQueue_Drop(t *testing.T) {
	q := NewQueue(100, 9)
	q.Add(items(1, Batch, 1, 2))
	q.Add(items(2, Batch, 3))
	q.Add(items(1, Interactive, 4))
	q.Drop(1)
	if b := q.Next(); len(b) != 1 || b[0].Request != 2 || q.Rows(Interactive) != 0 {
		t.Errorf("%v: request 1 was dropped", b)
	}
}

// Whatever comes, each text is in one batch, and no batch is too large.
func TestQueue_EachOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		q, want := NewQueue(1+random.IntN(512), 1+random.IntN(64)), 0
		seen := map[[2]int]bool{}
		for r := range 3 {
			list := make([]int, random.IntN(100))
			for i := range list {
				list[i] = random.IntN(q.rows + 1)
			}
			want += len(list)
			q.Add(items(uint64(r), Class(r), list...))
		}
		for b := q.Next(); b != nil; b = q.Next() {
			rows := 0
			for _, it := range b {
				rows += len(it.Tokens)
				seen[[2]int{int(it.Request), it.Index}] = true
				if it.Class != b[0].Class {
					t.Fatal("a batch of two classes")
				}
			}
			if rows > q.rows || len(b) > q.texts {
				t.Fatalf("a batch of %d rows and %d texts, at most %d and %d", rows, len(b), q.rows, q.texts)
			}
		}
		if len(seen) != want {
			t.Fatalf("%d texts came out, %d went in", len(seen), want)
		}
	}
}
