package admit

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Unix(1000, 0)

// order serves all items one by one.
func order(q *Queue, now time.Time) (ids []uint64) {
	for q.Len() > 0 {
		first, _ := q.First(now, nil)
		id := first.ID
		q.Serve(id, now, nil)
		ids = append(ids, id)
	}
	return ids
}

func TestClassesThenArrival(t *testing.T) {
	q := &Queue{}
	for i, rank := range []int{2, 2, 1, 0, 0} {
		q.Push(Item{ID: uint64(i), Rank: rank, User: "u", Cost: 10, Order: uint64(i), Since: start})
	}
	if got := order(q, start); !slices.Equal(got, []uint64{3, 4, 2, 0, 1}) {
		t.Errorf("served in order %v", got)
	}
}

// Batch work that has waited long enough is served before new questions.
func TestAgeing(t *testing.T) {
	q := &Queue{}
	q.Push(Item{ID: 1, Rank: 2, User: "batch", Cost: 10, Order: 1, Since: start})
	for i := range 5 {
		now := start.Add(time.Duration(i) * 10 * time.Second)
		id := uint64(10 + i)
		q.Push(Item{ID: id, Rank: 0, User: "chat", Cost: 10, Order: id, Since: now})
		got := q.Order(now, nil)[0].ID
		if want := now.Sub(start) >= 2*ageing; (got == 1) != want {
			t.Errorf("after %v: %d", now.Sub(start), got)
		}
		q.Serve(got, now, nil)
		if got == 1 {
			return
		}
	}
	t.Error("the batch item was never served")
}

// A user with many long questions does not stand before another's short one.
func TestUsersTakeTurns(t *testing.T) {
	q := &Queue{}
	for i := range 6 {
		q.Push(Item{ID: uint64(i), User: "many", Cost: 2000, Order: uint64(i), Since: start})
	}
	q.Push(Item{ID: 100, User: "one", Cost: 300, Order: 100, Since: start})
	q.Push(Item{ID: 200, User: "two", Cost: 900, Order: 200, Since: start})
	got := order(q, start)
	if slices.Index(got, 100) > 0 || slices.Index(got, 200) > 1 {
		t.Errorf("served in order %v", got)
	}
}

// Over a long time users with work get equal shares of tokens, whatever the
// sizes of their requests are.
func TestEqualShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := &Queue{}
		users := rapid.IntRange(2, 5).Draw(t, "users")
		size := rapid.SliceOfN(rapid.IntRange(1, 3000), users, users).Draw(t, "sizes")
		got, next := make([]int, users), uint64(0)
		push := func(u int) {
			next++
			q.Push(Item{ID: next, User: fmt.Sprint(u), Cost: size[u], Order: next, Since: start})
		}
		byID := map[uint64]int{}
		for u := range users {
			for range 2 { // always something waits
				push(u)
				byID[next] = u
			}
		}
		for range 3000 {
			i := q.Order(start, nil)[0]
			u := byID[i.ID]
			push(u)
			byID[next] = u
			q.Serve(i.ID, start, nil)
			got[u] += i.Cost
		}
		for u := range got {
			if d := got[u] - got[0]; max(d, -d) > 2*(3000+quantum) {
				t.Fatalf("tokens by user: %v, sizes %v", got, size)
			}
		}
	})
}

// Order says what Serve does, skipped items keep their place, and all come.
func TestOrderIsWhatHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := &Queue{}
		n := rapid.IntRange(1, 20).Draw(t, "n")
		for i := range n {
			q.Push(Item{ID: uint64(i), Rank: rapid.IntRange(0, 2).Draw(t, "rank"), User: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "user"),
				Cost: rapid.IntRange(0, 5000).Draw(t, "cost"), Order: uint64(i), Since: start})
			if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				q.Remove(uint64(rapid.IntRange(0, i).Draw(t, "which")))
			}
		}
		var want []uint64
		for _, i := range q.Order(start, nil) {
			want = append(want, i.ID)
		}
		if len(want) != q.Len() {
			t.Fatalf("%d of %d items have an order", len(want), q.Len())
		}
		odd := func(id uint64) bool { return id%2 == 1 }
		for _, i := range q.Order(start, odd) {
			if odd(i.ID) {
				t.Fatalf("item %d was to be skipped", i.ID)
			}
		}
		if got := order(q, start); !slices.Equal(got, want) {
			t.Fatalf("said %v, was %v", want, got)
		}
		if len(q.users)+len(q.credit) != 0 {
			t.Fatalf("an empty queue remembers %v", q.users)
		}
	})
}

// Peak is what a simulation of all answers to their ends sees.
func TestPeak(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needs := make([]Need, rapid.IntRange(0, 8).Draw(t, "n"))
		for i := range needs {
			needs[i] = Need{rapid.IntRange(0, 500).Draw(t, "run"), rapid.IntRange(0, 200).Draw(t, "left")}
		}
		shared := rapid.IntRange(0, 1000).Draw(t, "shared")
		want := 0
		for step := 0; step <= 200; step++ {
			used := 0
			for _, n := range needs {
				if step <= n.Left {
					used += n.Run + step
				}
			}
			want = max(want, used)
		}
		if got := Peak(shared, needs); got != shared+want {
			t.Fatalf("peak %d, the simulation has %d", got, shared+want)
		}
	})
}

func TestWaits(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		places            int
		ends, lasts, want []time.Duration
	}{
		{2, []time.Duration{3 * s, 5 * s}, []time.Duration{4 * s, s, s}, []time.Duration{3 * s, 5 * s, 6 * s}},
		{3, []time.Duration{3 * s}, []time.Duration{s, s, s}, []time.Duration{0, 0, s}},
		{1, []time.Duration{2 * s, 4 * s}, []time.Duration{s}, []time.Duration{6 * s}},
	} {
		if got := Waits(c.places, c.ends, c.lasts); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
