package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"alcove/storage"
)

func deltaOf(message, text string) delta { return delta{"t" + message, "c", message, text} }

func TestHubJoinsNeighbours(t *testing.T) {
	h := NewHub(time.Now)
	r := h.join(nil)
	h.Publish(eventDelta, deltaOf("a", "1"))
	h.Publish(eventDelta, deltaOf("a", "2"))
	h.Publish(eventDelta, deltaOf("b", "x"))
	h.Publish(eventDelta, deltaOf("a", "3"))
	h.Publish("turn.done", turnEnd{TurnID: "ta"})
	last := h.Publish(eventDelta, deltaOf("b", "y"))
	events, _, ok := r.next()
	var got []string
	for _, e := range events {
		var d delta
		if err := json.Unmarshal(e.data, &d); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s%s@%d", e.name, d.MessageID, d.Text, last-e.seq))
	}
	want := "turn.delta a12@4|turn.delta bx@3|turn.delta a3@2|turn.done @1|turn.delta by@0"
	if strings.Join(got, "|") != want || !ok {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	if events, _, _ := r.next(); len(events) != 0 {
		t.Errorf("again: %v", events)
	}
}

func TestHubForgetsAfterAMinute(t *testing.T) {
	now := time.Unix(1e9, 0)
	h := NewHub(func() time.Time { return now })
	first := h.Publish("x", 1)
	now = now.Add(ringTime / 2)
	second := h.Publish("x", 2)
	if r := h.join(&first); r.lost || r.last != first {
		t.Errorf("within the minute: %+v", r)
	}
	now = now.Add(ringTime/2 + time.Second)
	before := first - 1
	if r := h.join(&before); !r.lost || r.last != second {
		t.Errorf("before the ring: %+v", r)
	}
	if r := h.join(&first); r.lost {
		t.Error("what follows the first is still there")
	}
	now = now.Add(ringTime)
	if r := h.join(&first); !r.lost {
		t.Error("an empty ring holds nothing after the first")
	}
	if r := h.join(&second); r.lost {
		t.Error("nothing follows the newest, so nothing is lost")
	}
	future := second + 1
	if r := h.join(&future); !r.lost || r.last != second {
		t.Errorf("a number that was never given: %+v", r)
	}
	// Another run of the program, later.
	if other := NewHub(func() time.Time { return now.Add(time.Second) }); !other.join(&second).lost {
		t.Error("a number of an earlier run was taken")
	}
	if h.seq >= 1<<53 {
		t.Error("JavaScript cannot hold the number")
	}
}

// A browser that comes back must not be told the text of a document that was
// deleted meanwhile.
func TestHubForgetsDocuments(t *testing.T) {
	h := NewHub(time.Now)
	start := h.Seq()
	of := func(id string) any {
		return map[string]any{"sources": []storage.Source{{DocumentID: "other"}, {DocumentID: id, Quote: "secret"}}}
	}
	h.Publish("turn.sources", of("gone"))
	told := h.Publish("turn.done", of("gone"))
	h.Publish("document.deleted", map[string]string{"id": "gone"})
	h.Publish("turn.done", of("stays"))
	h.Forget("never")
	if r := h.join(&start); r.lost {
		t.Error("a document that nobody was told of")
	}
	h.Forget("gone")
	if r := h.join(&start); !r.lost {
		t.Error("what was before is still given")
	}
	r := h.join(&told)
	if events, _, _ := r.next(); r.lost || len(events) != 2 {
		t.Errorf("what followed: lost %v, %d events", r.lost, len(events))
	}
	bytes := 0
	for _, e := range h.ring {
		bytes += len(e.data)
	}
	if bytes != h.bytes {
		t.Errorf("%d bytes counted, %d there", h.bytes, bytes)
	}
}

func TestHubIsBoundedInBytes(t *testing.T) {
	h := NewHub(time.Now)
	r := h.join(nil)
	big := strings.Repeat("x", 1<<20)
	for range 40 {
		h.Publish("x", big)
	}
	if h.bytes > ringBytes || len(h.ring) > 16 {
		t.Errorf("%d bytes in %d events", h.bytes, len(h.ring))
	}
	if events, _, _ := r.next(); !r.lost || len(events) != 0 || r.last != h.seq {
		t.Errorf("an overtaken reader: lost %v, %d events", r.lost, len(events))
	}
}

// Whatever the readers do, each gets every delta once and in order, or a reset.
func TestHubReadersLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := NewHub(time.Now)
		texts := map[string]string{}
		var r *reader
		got := map[string]string{}
		last := h.seq
		r = h.join(nil)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				id := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "message")
				text := rapid.StringMatching(`[a-zäß€]{1,3}`).Draw(t, "text")
				texts[id] += text
				h.Publish(eventDelta, deltaOf(id, text))
			case 2:
				h.Publish("turn.stage", 1)
			case 3:
				events, _, _ := r.next()
				// The stream may break after any of them and is resumed there.
				cut := rapid.IntRange(0, len(events)).Draw(t, "cut")
				for _, e := range events[:cut] {
					last = e.seq
					var d delta
					if e.name == eventDelta {
						if err := json.Unmarshal(e.data, &d); err != nil {
							t.Fatal(err)
						}
						got[d.MessageID] += d.Text
					}
				}
				h.leave()
				r = h.join(&last)
			}
		}
		events, _, _ := r.next()
		for _, e := range events {
			var d delta
			if e.name == eventDelta && json.Unmarshal(e.data, &d) == nil {
				got[d.MessageID] += d.Text
			}
		}
		if r.lost || got["a"] != texts["a"] || got["b"] != texts["b"] {
			t.Fatalf("lost %v: got %q, sent %q", r.lost, got, texts)
		}
	})
}

func TestHubTellsHowManyRead(t *testing.T) {
	h := NewHub(time.Now)
	told := -1
	h.OnReaders(func(n int) { told = n })
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			h.join(nil)
			h.leave()
		})
	}
	all.Wait()
	if told != 0 {
		t.Errorf("told %d readers in the end", told)
	}
}
