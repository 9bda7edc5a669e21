package main

import (
	"fmt"
	"strings"
	"testing"

	"alcove/engine/wire"
)

// conversation is a chat as the app sends it.
type conversation struct {
	id       string
	user     string
	messages []wire.Message
}

func newConversation(user, system string) *conversation {
	return &conversation{id: user, user: user, messages: []wire.Message{
		{Role: "system", Segments: []wire.Segment{{Text: system, Share: "everybody"}}}}}
}

// say adds a message and gives the frame that asks for the next answer.
func (c *conversation) say(id uint64, s wire.Sampling, text string) wire.ToWorker {
	c.add("user", text)
	return wire.ToWorker{Submit: &wire.Submit{ID: id, Sampling: s, Class: "interactive", User: c.user, Messages: c.messages}}
}

func (c *conversation) add(role, text string) {
	c.messages = append(c.messages, wire.Message{Role: role, Segments: []wire.Segment{{Text: text, Share: "conversation:" + c.id}}})
}

const system = "You are a helpful assistant of a small company. You answer politely, in short sentences, and only what you know. "

// The second turn reuses all of the first, also where the model wrote words in
// other tokens than a tokeniser would make of them.
func TestSecondTurnReusesTheFirst(t *testing.T) {
	w := loaded(t)
	for id := uint64(1); id < 40; id += 10 {
		c := newConversation(fmt.Sprint(id), system)
		s := wire.Sampling{Temperature: 1.8, Seed: id, MaxTokens: 40} // odd words
		w.write(c.say(id, s, "Tell me something strange."))
		first := w.end(id)
		c.add("assistant", first.text)
		w.write(c.say(id+1, wire.Sampling{MaxTokens: 2}, "And then?"))
		second := w.end(id + 1)
		// The last token of an answer is never computed.
		if want := first.end.PromptTokens + first.end.OutputTokens - 1; second.end.CachedTokens < want {
			t.Errorf("%d of %d tokens were cached; the answer was %q", second.end.CachedTokens, want, first.text)
		}
	}
}

// A system prompt that eight people share is computed once, whoever comes first
// and however close together they come.
func TestSystemPromptIsComputedOnce(t *testing.T) {
	w := loaded(t)
	prompts := 0
	long := strings.Repeat(system, 8)
	for id := uint64(1); id <= 8; id++ {
		w.write(newConversation(fmt.Sprint("person ", id), long).say(id, wire.Sampling{MaxTokens: 4}, fmt.Sprintf("What is %d plus one?", id)))
	}
	computed := 0
	for id := uint64(1); id <= 8; id++ {
		e := w.end(id).end
		if e.Finish == "failed" {
			t.Fatalf("%+v", e)
		}
		prompts += e.PromptTokens
		computed += e.PromptTokens - e.CachedTokens
	}
	if each := prompts / 8; computed > each+8*40 {
		t.Errorf("%d of %d prompt tokens were computed, one prompt has %d", computed, prompts, each)
	}
}

// Two keys with equal prompts: the second is told nothing.
func TestTwoKeysAreApart(t *testing.T) {
	w := loaded(t)
	for id := uint64(1); id <= 2; id++ {
		m := ask(id, wire.Sampling{MaxTokens: 2}, "The same question?")
		m.Submit.User = fmt.Sprint("key ", id)
		for i := range m.Submit.Messages {
			m.Submit.Messages[i].Segments[0].Share = fmt.Sprint("key:", id)
		}
		w.write(m)
		if e := w.end(id).end; e.CachedTokens != 0 || e.PromptTokens == 0 {
			t.Errorf("key %d: %+v", id, e)
		}
	}
}
