package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// The ring keeps events for ringTime, and never more than ringBytes of them.
const (
	ringTime  = 60 * time.Second
	ringBytes = 16 << 20
)

const (
	eventDelta   = "turn.delta"
	eventHello   = "hello"
	eventReset   = "reset"
	eventEngine  = "engine.changed"
	eventMonitor = "monitor"
	eventChanged = "conversation.changed"
	eventDeleted = "conversation.deleted"
)

// event is one entry of the ring.
type event struct {
	seq  uint64
	at   time.Time
	name string
	data []byte
}

// Hub numbers the events of one person and keeps the last minute of them.
// Readers have no queues of their own: each has a position in the ring, so a
// slow one costs nothing, and what it missed is joined when it reads on.
type Hub struct {
	now     func() time.Time
	readers func(int) // told how many streams are open

	counting sync.Mutex
	open     int

	mu     sync.Mutex
	seq    uint64 // of the newest event
	ring   []event
	bytes  int
	wake   chan struct{} // closed and replaced at each event
	closed bool
}

// NewHub makes a Hub. Sequence numbers start from the clock, so that a number
// from an earlier run of the program is older than the ring; they stay below
// 2^53, which JavaScript can hold.
func NewHub(now func() time.Time) *Hub {
	return &Hub{now: now, seq: uint64(now().UnixMilli()) * 1000, wake: make(chan struct{}), readers: func(int) {}}
}

// OnReaders says whom to tell how many streams are open. Call it before the
// first reader comes.
func (h *Hub) OnReaders(f func(n int)) { h.readers = f }

// Publish gives an event its number and wakes the readers. It never blocks on
// one of them.
func (h *Hub) Publish(name string, data any) uint64 {
	b, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Errorf("marshal event %s: %w", name, err)) // a bug: events are our own types
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	h.ring = append(h.ring, event{h.seq, h.now(), name, b})
	h.bytes += len(b)
	h.trim()
	close(h.wake)
	h.wake = make(chan struct{})
	return h.seq
}

// trim drops what is too old or too much; the caller holds the lock.
func (h *Hub) trim() {
	oldest := h.now().Add(-ringTime)
	n := 0
	for n < len(h.ring) && (h.ring[n].at.Before(oldest) || h.bytes > ringBytes) {
		h.bytes -= len(h.ring[n].data)
		n++
	}
	if n > 0 {
		// Copied so that the array does not keep what was dropped.
		h.ring = append([]event(nil), h.ring[n:]...)
	}
}

// Forget drops what the ring has of a document's text: it begins behind the
// newest answer that stands on it. Who asks for what was before gets a reset.
func (h *Hub) Forget(document string) {
	of := fmt.Appendf(nil, `"document_id":%q`, document)
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, e := range slices.Backward(h.ring) {
		if strings.HasPrefix(e.name, "turn.") && bytes.Contains(e.data, of) {
			h.ring = slices.Clone(h.ring[i+1:]) // the array must not keep what was dropped
			h.bytes = 0
			for _, kept := range h.ring {
				h.bytes += len(kept.data)
			}
			return
		}
	}
}

// readersOpen says how many streams are open.
func (h *Hub) readersOpen() int {
	h.counting.Lock()
	defer h.counting.Unlock()
	return h.open
}

// Seq is the number of the newest event.
func (h *Hub) Seq() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seq
}

// reader is one open stream's place in the ring.
type reader struct {
	hub  *Hub
	last uint64 // sequence of the newest event it has got
	// lost says that events between last and the ring's beginning are gone.
	lost bool
}

// join opens a reader. after is the last event that the caller has seen; nil
// starts from now.
func (h *Hub) join(after *uint64) *reader {
	h.count(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	r := &reader{hub: h, last: h.seq}
	if after != nil {
		h.trim()
		if h.holds(*after) {
			r.last = *after
		} else {
			r.lost = true
		}
	}
	return r
}

// holds says whether every event after seq is in the ring.
func (h *Hub) holds(seq uint64) bool {
	return seq <= h.seq && seq+uint64(len(h.ring)) >= h.seq
}

// leave closes a reader.
func (h *Hub) leave() { h.count(-1) }

// count tells how many streams are open. The lock spans the call, so that
// numbers are told in the order in which they became true.
func (h *Hub) count(by int) {
	h.counting.Lock()
	defer h.counting.Unlock()
	h.open += by
	h.readers(h.open)
}

// next gives the events after the reader's place, deltas joined, and a
// channel that is closed when there is more. ok is false when the hub is
// closed. A reader that the ring has overtaken is marked lost and starts anew.
func (r *reader) next() (events []event, more <-chan struct{}, ok bool) {
	h := r.hub
	h.mu.Lock()
	more = h.wake
	if !h.holds(r.last) {
		r.lost, r.last = true, h.seq
	}
	events = append(events, h.ring[len(h.ring)-int(h.seq-r.last):]...)
	r.last = h.seq
	ok = !h.closed
	h.mu.Unlock()
	return joinDeltas(events), more, ok
}

// Close ends every stream.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.wake)
		h.wake = make(chan struct{})
	}
}

// delta is the data of eventDelta, as the chat publishes it.
type delta struct {
	TurnID         string `json:"turn_id"`
	ConversationID string `json:"conversation_id"`
	MessageID      string `json:"message_id"`
	Text           string `json:"text"`
}

// joinDeltas makes one event of deltas of the same message that follow each
// other. It carries the last one's number. Only neighbours are joined: then a
// stream that breaks anywhere goes on without a gap or a repeat.
func joinDeltas(events []event) []event {
	out := events[:0:0]
	for i := 0; i < len(events); {
		e := events[i]
		i++
		if e.name != eventDelta || i == len(events) || events[i].name != eventDelta {
			out = append(out, e)
			continue
		}
		var d delta
		if json.Unmarshal(e.data, &d) != nil {
			out = append(out, e)
			continue
		}
		text := []byte(d.Text)
		for i < len(events) && events[i].name == eventDelta {
			var next delta
			if json.Unmarshal(events[i].data, &next) != nil || next.MessageID != d.MessageID {
				break
			}
			text = append(text, next.Text...)
			e.seq = events[i].seq
			i++
		}
		d.Text = string(text)
		e.data, _ = json.Marshal(d) // four strings always marshal
		out = append(out, e)
	}
	return out
}
