package admit

import (
	"slices"
	"time"
)

const (
	// ageing is how long an item waits for a rise by one rank.
	ageing = 20 * time.Second
	// quantum is what a user's turn is worth, in tokens.
	quantum = 512
)

// Item is one request that waits.
type Item struct {
	ID    uint64
	Rank  int // of its class, 0 first
	User  string
	Cost  int       // tokens to compute for it, about
	Order uint64    // of arrival
	Since time.Time // arrival
}

// At is the item's rank with its age.
func (i Item) At(now time.Time) int {
	return max(0, i.Rank-int(max(0, now.Sub(i.Since))/ageing))
}

// Queue holds the items. It is not safe for concurrent use.
type Queue struct {
	items []Item // by arrival
	turns
}

// turns is the state of the round robin.
type turns struct {
	users   []string // in the order of their turns
	credit  map[string]int
	current int  // whose turn it is
	paid    bool // the current user's turn has brought its quantum
}

// Len counts the items.
func (q *Queue) Len() int { return len(q.items) }

// Push adds an item.
func (q *Queue) Push(i Item) {
	at, _ := slices.BinarySearchFunc(q.items, i, func(a, b Item) int { return int(int64(a.Order) - int64(b.Order)) })
	q.items = slices.Insert(q.items, at, i)
	if q.credit == nil {
		q.credit = map[string]int{}
	}
	if _, known := q.credit[i.User]; !known {
		q.credit[i.User] = 0
		// A newcomer's turn comes after all others had theirs.
		q.users = slices.Insert(q.users, q.current, i.User)
		if len(q.users) > 1 {
			q.current++
		}
	}
}

// Remove takes an item out that will not be served.
func (q *Queue) Remove(id uint64) { q.take(id, false) }

// Serve takes out the item that Order gave first, with the same skip; its user
// pays for it.
func (q *Queue) Serve(id uint64, now time.Time, skip func(id uint64) bool) {
	if rest := q.but(skip); len(rest) > 0 {
		q.turns, _ = q.next(q.turns, rest, now)
	}
	q.take(id, true)
}

// but lists the items without those to skip.
func (q *Queue) but(skip func(id uint64) bool) []Item {
	rest := make([]Item, 0, len(q.items))
	for _, i := range q.items {
		if skip == nil || !skip(i.ID) {
			rest = append(rest, i)
		}
	}
	return rest
}

func (q *Queue) take(id uint64, pay bool) {
	at := slices.IndexFunc(q.items, func(i Item) bool { return i.ID == id })
	if at < 0 {
		return
	}
	i := q.items[at]
	q.items = slices.Delete(q.items, at, at+1)
	if pay {
		q.credit[i.User] -= i.Cost
	}
	q.leave(i.User)
}

// leave forgets a user who has nothing in the queue, with what was saved.
func (q *Queue) leave(user string) {
	if slices.ContainsFunc(q.items, func(i Item) bool { return i.User == user }) {
		return
	}
	at := slices.Index(q.users, user)
	q.users = slices.Delete(q.users, at, at+1)
	delete(q.credit, user)
	if at < q.current {
		q.current--
	} else if at == q.current {
		q.paid = false
	}
	if q.current >= len(q.users) {
		q.current = 0
	}
}

// First is the item that would be served next, without those that skip says
// cannot be served now.
func (q *Queue) First(now time.Time, skip func(id uint64) bool) (Item, bool) {
	rest := q.but(skip)
	if len(rest) == 0 {
		return Item{}, false
	}
	_, at := q.next(q.turns, rest, now)
	return rest[at], true
}

// Order lists the items in the order in which they would be served if nothing
// else came, without those to skip.
func (q *Queue) Order(now time.Time, skip func(id uint64) bool) []Item {
	rest := q.but(skip)
	t := q.turns.clone()
	out := make([]Item, 0, len(rest))
	for len(rest) > 0 {
		var at int
		t, at = q.next(t, rest, now)
		t.credit[rest[at].User] -= rest[at].Cost
		out = append(out, rest[at])
		rest = slices.Delete(rest, at, at+1)
	}
	return out
}

func (t turns) clone() turns {
	c := turns{users: slices.Clone(t.users), current: t.current, paid: t.paid, credit: make(map[string]int, len(t.credit))}
	for u, n := range t.credit {
		c.credit[u] = n
	}
	return c
}

// next gives the index of the item whose turn it is, and the turns then. Items
// are in order of arrival and not empty.
func (q *Queue) next(t turns, items []Item, now time.Time) (turns, int) {
	t = t.clone()
	best := items[0].At(now)
	for _, i := range items {
		best = min(best, i.At(now))
	}
	head := map[string]int{} // each user's first item of the best rank
	for k, i := range items {
		if _, has := head[i.User]; !has && i.At(now) == best {
			head[i.User] = k
		}
	}
	for {
		user := t.users[t.current]
		if k, has := head[user]; has {
			if !t.paid {
				t.credit[user] += quantum
				t.paid = true
			}
			if t.credit[user] >= items[k].Cost {
				return t, k
			}
		}
		t.current = (t.current + 1) % len(t.users)
		t.paid = false
	}
}
