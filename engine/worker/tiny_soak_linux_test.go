package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"alcove/engine/wire"
	"alcove/engine/worker/tiny"
)

// chat is a conversation of the traffic below and what it waits for.
type chat struct {
	*conversation
	known  map[string][]int32 // tokens of its answers
	size   int                // tokens it had last
	submit *wire.Submit       // nil: it waits for nothing
	cancel bool
}

// traffic is a worker, the plain decode of the same model, and some chats.
type traffic struct {
	*worker
	t      *testing.T
	random *rand.Rand
	p      *plain
	chats  []*chat
	id     uint64
	born   int
	tally  tally
	cached int
}

// begin gives a place to a new conversation.
func (x *traffic) begin(i int) {
	x.born++
	sys := []string{strings.Repeat(system, 2), strings.Repeat(system, 2) + "You like to count. ", "Be brief."}[x.random.IntN(3)]
	x.chats[i] = &chat{conversation: newConversation(fmt.Sprint("user ", x.born), sys), known: map[string][]int32{}}
}

func (c *chat) tokensOf(share, text string) []int32 {
	if share != "conversation:"+c.id {
		return nil
	}
	return c.known[text]
}

// ask sends a chat's next question: whole, while it is typed, or as what is left
// of an answer.
func (x *traffic) ask(c *chat) {
	words := strings.Fields("what is the capital of one two three four one two three and the time that it would take to count all days")
	var question []string
	for range 1 + x.random.IntN(25) {
		question = append(question, words[x.random.IntN(len(words))])
	}
	x.id++
	s := wire.Sampling{MaxTokens: 1 + x.random.IntN(20)}
	c.submit = c.say(x.id, s, strings.Join(question, " ")).Submit
	c.submit.Class = []string{"interactive", "interactive", "api", "batch"}[x.random.IntN(4)]
	switch x.random.IntN(5) {
	case 0:
		c.submit.PrefillOnly = true
	case 1:
		want, _ := x.p.goesOn(x.t, c.submit, c.tokensOf)
		for _, token := range want[:x.random.IntN(len(want))] {
			c.submit.Resume = append(c.submit.Resume, token.token)
		}
	}
	x.write(wire.ToWorker{Submit: c.submit})
	if c.cancel = x.random.IntN(4) == 0; c.cancel {
		n := x.random.IntN(6)
		x.until(x.id, func(a *answer) bool { return a.end != nil || n == 0 || len(a.ids) >= n })
		time.Sleep(time.Duration(x.random.IntN(3)) * time.Millisecond)
		x.write(wire.ToWorker{Cancel: &wire.Cancel{ID: x.id}})
	}
}

// take waits for a chat's answer, compares it with the plain decode, and goes
// on from it.
func (x *traffic) take(c *chat) {
	s := c.submit
	a := x.end(s.ID)
	c.submit = nil
	x.cached += a.end.CachedTokens
	c.size = max(c.size, a.end.PromptTokens+a.end.OutputTokens)
	drop := func() { c.messages = c.messages[:len(c.messages)-1] } // the question
	if a.end.Finish == "failed" {
		x.t.Fatalf("request %d: %+v", s.ID, a.end)
	}
	if s.PrefillOnly {
		if len(a.ids) > 0 || a.end.Finish != "stop" && !c.cancel {
			x.t.Errorf("request %d wrote %v, %+v", s.ID, a.ids, a.end)
		}
		drop()
		return
	}
	want, size := x.p.goesOn(x.t, s, c.tokensOf)
	if a.end.Finish == "cancelled" {
		want = want[:min(len(want), len(s.Resume)+len(a.ids))]
	} else if a.end.PromptTokens != size {
		x.t.Errorf("request %d: the prompt has %d tokens, not %d", s.ID, a.end.PromptTokens, size)
	}
	whole := a
	whole.ids = append(append([]int32(nil), s.Resume...), a.ids...)
	if a.end.Finish != "cancelled" || len(a.ids) > 0 {
		end := *a.end
		end.OutputTokens = len(whole.ids)
		whole.end = &end
		x.tally.compare(x.t, fmt.Sprintf("request %d (%s, %d tokens before)", s.ID, a.end.Finish, len(s.Resume)), whole, want)
	}
	if a.end.Finish == "cancelled" || len(whole.ids) == 0 {
		drop()
		return
	}
	c.known[a.text] = whole.ids
	c.add("assistant", a.text)
}

// TestSoakTinyTraffic: whatever people do at once (ask, type, stop, go on after
// a break), every answer of every kind of model is that of a plain decode.
func TestSoakTinyTraffic(t *testing.T) {
	for _, kind := range tiny.All() {
		t.Run(kind.Name, func(t *testing.T) {
			path := tinyFile(t, kind, tiny.Options{Seed: 2})
			m := tinyLoad(path)
			m.Context, m.Cells, m.Batch, m.StateDir = 512, 700, 64, stateDir(t)
			x := &traffic{worker: tinyWorker(t, m), t: t, random: seeded(t), p: tinyPlain(t, path), chats: make([]*chat, 5), tally: tally{routes: kind.Routes}}
			for i := range x.chats {
				x.begin(i)
			}
			for range soak(600) {
				i := x.random.IntN(len(x.chats))
				c := x.chats[i]
				switch {
				case c.submit != nil:
					x.take(c)
				case c.size > 300: // the next question must fit
					x.begin(i)
				default:
					x.ask(c)
				}
				if x.random.IntN(40) == 0 {
					x.write(wire.ToWorker{Forget: &wire.Forget{Share: "everybody"}})
				}
			}
			for _, c := range x.chats {
				if c.submit != nil {
					x.take(c)
				}
			}
			x.tally.report(t)
			t.Logf("%d prompt tokens were cached", x.cached)
		})
	}
}
