package loop

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"time"

	"alcove/engine/wire"
)

// A view is made so often at most while there is work, and has so much.
const (
	viewEvery = 500 * time.Millisecond
	viewSlots = 64
	viewNodes = 128
)

// viewing is what views need.
type viewing struct {
	at   time.Time    // of the last
	seed maphash.Seed // of this worker: nobody can compute a name's hash
}

// look makes a view when one is due, else it gives nil. What is at rest is
// always looked at: no step comes that would do it later.
func (l *Loop) look(busy bool) *wire.View {
	now := l.now()
	if busy && now.Sub(l.viewing.at) < viewEvery {
		return nil
	}
	l.viewing.at = now
	v := &wire.View{}
	v.Slots, v.MoreSlots = l.viewSlots()
	v.Tree, v.MoreNodes = l.viewTree()
	return v
}

// viewSlots lists the requests: admitted ones, those in the queue, and those
// whose prompt is being prepared.
func (l *Loop) viewSlots() (slots []wire.Slot, more int) {
	all := make([]*request, 0, len(l.requests))
	for _, r := range l.requests {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *request) int {
		return cmp.Or(cmp.Compare(a.kind(), b.kind()), cmp.Compare(a.line(), b.line()), cmp.Compare(a.order, b.order))
	})
	if len(all) > viewSlots {
		more, all = len(all)-viewSlots, all[:viewSlots]
	}
	slots = make([]wire.Slot, 0, len(all))
	for _, r := range all {
		slots = append(slots, l.slot(r))
	}
	return slots, more
}

// kind sorts requests by how far they are.
func (r *request) kind() int {
	switch r.state {
	case preparing:
		return 2
	case queued:
		return 1
	default:
		return 0
	}
}

// line is the place in the queue; those without one come last.
func (r *request) line() int {
	if r.state == queued && r.place == 0 {
		return math.MaxInt
	}
	return r.place
}

// slot describes a request without a word of it.
func (l *Loop) slot(r *request) wire.Slot {
	s := wire.Slot{ID: r.id, State: stateNames[r.state]}
	if r.state == preparing {
		return s // nothing else is known yet
	}
	s.Class, s.User = classNames[r.rank], l.alias(r.user)
	s.Prompt, s.Cached, s.Have, s.Written = r.prompt, r.cached, r.have, len(r.out())
	switch {
	case r.state != queued:
		s.Rows = r.rows
	case r.follows():
		s.Follows = r.leader.id
	default:
		s.Place = r.place
	}
	return s
}

var (
	stateNames = []string{preparing: "preparing", queued: "queued", prefill: "prefill", decode: "decode", ended: "ended"}
	classNames = []string{"interactive", "api", "batch"}
)

// alias tells users apart without saying who they are.
func (l *Loop) alias(user string) string {
	if user == "" {
		return ""
	}
	return fmt.Sprintf("%06x", maphash.String(l.viewing.seed, user)&0xffffff)
}

func (l *Loop) viewTree() (tree []wire.Node, more int) {
	nodes, more := l.tree.Nodes(viewNodes)
	tree = make([]wire.Node, 0, len(nodes))
	for _, n := range nodes {
		tree = append(tree, wire.Node{Depth: n.Depth, Tokens: n.Tokens, Label: labelKind(n.Label), Seqs: n.Seqs, InUse: n.InUse, Pinned: n.Pinned})
	}
	return tree, more
}

// labelKind is what sort of readers a label names, never which.
func labelKind(label string) string {
	share, shared := strings.CutPrefix(label, sharePrefix)
	switch {
	case shared && share == "everybody":
		return "everybody"
	case shared && strings.HasPrefix(share, "conversation:"):
		return "conversation"
	case shared:
		return "key"
	case strings.HasPrefix(label, userPrefix):
		return "user"
	case strings.HasPrefix(label, requestPrefix):
		return "request"
	default:
		return "forgotten"
	}
}
