package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/engine/wire"
	"alcove/engine/worker/llama"
	"alcove/engine/worker/prompt"
	"alcove/engine/worker/tiny"
)

// tinyNearly is the gap of scores below which the order of additions may
// decide; see nearly.
const tinyNearly = 0.3

// tinyFile writes a tiny model with the chat template of its kind, if none is
// given.
func tinyFile(t *testing.T, kind tiny.Model, o tiny.Options) string {
	t.Helper()
	if o.Template == "" && kind.Template != "" {
		source, err := os.ReadFile("prompt/testdata/templates/" + kind.Template + ".jinja")
		if err != nil {
			t.Fatal(err)
		}
		o.Template = string(source)
	}
	path := filepath.Join(t.TempDir(), kind.Name+".gguf")
	if err := kind.Write(path, o); err != nil {
		t.Fatal(err)
	}
	return path
}

// tinyWorker starts a worker with a model file and other settings.
func tinyWorker(t *testing.T, m *wire.Load) *worker {
	t.Helper()
	if _, err := os.Stat(runtimeDir); err != nil {
		t.Skip("no libraries here; run: make setup")
	}
	var more []string
	if m.StateDir != "" {
		more = []string{"--state", m.StateDir}
	}
	for _, a := range m.LoRA {
		more = append(more, "--lora", a)
	}
	w := spawn(t, runtimeDir, m.ModelPath, more...)
	w.write(wire.ToWorker{Load: m})
	for w.ready == nil {
		m := w.read()
		if m.LoadFailed != nil {
			t.Fatalf("load failed: %+v", m.LoadFailed)
		}
		w.ready = m.Ready
	}
	go w.listen()
	return w
}

func tinyLoad(path string) *wire.Load {
	return &wire.Load{RuntimeDir: runtimeDir, ModelPath: path, Context: 768, Slots: 3, Cells: 1536, Batch: 128, Threads: 1, DeviceOnly: "cpu"}
}

// tinyPlain is a decode of one sequence with a tiny model.
func tinyPlain(t *testing.T, path string) *plain { return plainOf(t, path, 1024, 128) }

// plainOf is a decode of one sequence, its prompt in steps of so many rows.
func plainOf(t *testing.T, path string, context, step int) *plain {
	t.Helper()
	lib, err := llama.Open(runtimeDir, llama.AllGPUs)
	if err != nil {
		t.Skip("no libraries here; run: make setup")
	}
	m, err := lib.Load(path, llama.Options{Context: context, Slots: 1, Seqs: 2, Batch: step, Threads: 1, CPUOnly: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, llama.LogTail())
	}
	t.Cleanup(m.Close)
	info := m.Info()
	tm, err := prompt.NewTemplate(info.Template, prompt.Special{BOS: info.BOS, EOS: info.EOS, BOSToken: info.BOSToken,
		AddBOS: info.AddBOS, SpaceFirst: info.SpaceFirst})
	if err != nil {
		t.Fatal(err)
	}
	return &plain{m, tm, context, step}
}

// goesOn gives the greedy tokens of a later turn, whose earlier answers are the
// tokens that known gives.
func (p *plain) goesOn(t *testing.T, s *wire.Submit, known prompt.Known) (out []choice, promptTokens int) {
	t.Helper()
	built, err := p.template.Build(p.model, s.Messages, time.Now(), p.context, known)
	if err != nil {
		t.Fatal(err)
	}
	defer p.model.Remove(0, 0)
	tokens := built.Tokens
	for at := 0; len(out) < s.Sampling.MaxTokens; {
		row := 0
		for ; at < len(tokens); at, row = at+1, row+1 {
			if row == p.step {
				p.decode(t)
				row = 0
			}
			if err := p.model.Add(tokens[at], int32(at), 0, at == len(tokens)-1); err != nil {
				t.Fatal(err)
			}
		}
		p.decode(t)
		c := best(p.model.Logits(row - 1))
		out = append(out, c)
		if p.model.EndsAnswer(c.token) {
			break
		}
		tokens = append(tokens, c.token)
	}
	return out, len(built.Tokens)
}

// tally counts how often answers left the plain decode.
type tally struct {
	answers, tokens, left int
	widest                float32
	routes                bool // see tiny.Model
	jumped                int  // of those that left, how many where no token was nearly as good
}

func (n *tally) report(t *testing.T) {
	t.Helper()
	t.Logf("%d answers of %d tokens; %d left the plain decode, where the best was ahead by at most %.4f", n.answers, n.tokens, n.left, n.widest)
	if n.routes && n.jumped > 1+n.answers/50 {
		t.Errorf("%d of %d answers left where the best was far ahead", n.jumped, n.answers)
	}
}

func (n *tally) compare(t *testing.T, what string, a answer, want []choice) {
	t.Helper()
	n.answers++
	n.tokens += len(want)
	if a.end.Finish == "failed" {
		t.Fatalf("%s: %+v", what, a.end)
	}
	if a.end.OutputTokens != len(a.ids) {
		t.Errorf("%s: %d tokens were sent, %d counted", what, len(a.ids), a.end.OutputTokens)
	}
	at := differ(a, want)
	if at < 0 {
		return
	}
	n.left++
	n.widest = max(n.widest, want[at].gap)
	if want[at].gap <= tinyNearly {
		return
	}
	if n.jumped++; !n.routes {
		t.Errorf("%s leaves at token %d, where the best was ahead by %.3f", what, at, want[at].gap)
	}
}

// TestTinyGreedyEqualsPlainDecode asks of every kind of model what
// TestGreedyEqualsPlainDecode asks of the real one.
func TestTinyGreedyEqualsPlainDecode(t *testing.T) {
	for _, kind := range tiny.All() {
		t.Run(kind.Name, func(t *testing.T) {
			path := tinyFile(t, kind, tiny.Options{Seed: 1})
			p := tinyPlain(t, path)
			systems := []string{strings.Repeat(system, 3), strings.Repeat(system, 3) + "You like to count. ", "Be brief."}
			questions := []string{"What is the capital of France?", "Count to ten.", "one two three four one two three four one two"}
			want := map[string][]choice{}
			key := func(sys, q string) string { return sys + "\x00" + q }
			s := wire.Sampling{MaxTokens: 16}
			distinct := map[int32]bool{}
			for _, sys := range systems {
				for _, q := range questions {
					c := p.answer(t, newConversation("x", sys).say(1, s, q).Submit)
					want[key(sys, q)] = c
					for _, x := range c {
						distinct[x.token] = true
					}
				}
			}
			if len(distinct) < 20 {
				t.Errorf("nine answers have %d different tokens: the test sees little", len(distinct))
			}
			n := &tally{routes: kind.Routes}
			for name, change := range map[string]func(*wire.Load){
				"all":       func(m *wire.Load) { m.StateDir = stateDir(t) },
				"few cells": func(m *wire.Load) { m.Cells, m.Slots, m.StepMS, m.Batch = 768, 2, 1, 32 },
				"nothing":   func(m *wire.Load) { m.StateMemory, m.NoDrafts = -1, true },
			} {
				m := tinyLoad(path)
				change(m)
				w := tinyWorker(t, m)
				id, cached := uint64(0), 0
				for round := range 3 {
					asked := map[uint64]string{}
					for i := range 6 {
						id++
						sys, q := systems[(i+round)%len(systems)], questions[(i*2+round)%len(questions)]
						asked[id] = key(sys, q)
						w.write(newConversation(fmt.Sprint("user ", i%4), sys).say(id, s, q))
					}
					for id, key := range asked {
						a := w.end(id)
						n.compare(t, fmt.Sprintf("%s, request %d", name, id), a, want[key])
						cached += a.end.CachedTokens
					}
					if round == 1 && m.StateDir != "" {
						// The long system text is saved then, and not only the short one.
						w.idle(func(x wire.Work) bool { return x.KeptDisk > 20<<10 || !kind.Rewinds })
						w.write(wire.ToWorker{Stop: &wire.Stop{}})
						w.exit()
						w = tinyWorker(t, m)
					}
				}
				if (cached > 0) != kind.Rewinds { // nobody went on: what others began is all there was
					t.Errorf("%s: %d prompt tokens were shared", name, cached)
				}
				if m.StateDir != "" {
					w.idle(func(x wire.Work) bool {
						if x.DecodeRows == 0 { // told before the requests came
							return false
						}
						if x.Full > 0 || (x.Restored > 0) != kind.Rewinds {
							t.Errorf("%d steps had no room, %d states were put back", x.Full, x.Restored)
						}
						return true
					})
				}
				w.conn.Close()
			}
			n.report(t)
		})
	}
}

// TestTinySecondTurn: a conversation goes on where it ended, also where nothing
// else is shared, and the end of an answer is the end token and not a character
// more.
func TestTinySecondTurn(t *testing.T) {
	for _, kind := range tiny.All() {
		t.Run(kind.Name, func(t *testing.T) {
			p := tinyPlain(t, tinyFile(t, kind, tiny.Options{Seed: 1}))
			s := wire.Sampling{MaxTokens: 24}
			ask := func(user string) *conversation { return newConversation(user, "Be brief.") }
			whole := p.answer(t, ask("x").say(1, s, "Count to five.").Submit)
			// The same model, but for this token that ends answers now.
			stop := -1
			for i := 4; i < len(whole) && stop < 0; i++ {
				if !slices.ContainsFunc(whole[:i], func(c choice) bool { return c.token == whole[i].token }) && whole[i].gap > tinyNearly {
					stop = i
				}
			}
			if stop < 0 {
				t.Fatalf("no token of %v could end the answer", whole)
			}
			path := tinyFile(t, kind, tiny.Options{Seed: 1, EOS: whole[stop].token})
			p = tinyPlain(t, path)
			w := tinyWorker(t, tinyLoad(path))
			n := &tally{routes: kind.Routes}
			for id := uint64(1); id < 6; id += 2 { // several at a time would share their ids
				c := ask(fmt.Sprint("user ", id))
				w.write(c.say(id, s, "Count to five."))
				first := w.end(id)
				if first.end.Finish != "stop" || len(first.ids) != stop {
					t.Errorf("%d of %d tokens, then %+v", len(first.ids), stop, first.end)
				}
				c.add("assistant", first.text)
				if id == 3 { // while it is typed the conversation must not be lost
					typed := &wire.Submit{ID: 100, Class: "batch", User: c.user, PrefillOnly: true, Messages: slices.Clone(c.messages)}
					typed.Messages = append(typed.Messages, wire.Message{Role: "user", Segments: []wire.Segment{{Text: "And t", Share: "conversation:" + c.id}}})
					w.write(wire.ToWorker{Submit: typed})
					w.end(typed.ID)
				}
				next := c.say(id+1, s, "And then?")
				want, size := p.goesOn(t, next.Submit, func(share, text string) []int32 {
					if text == first.text && share == "conversation:"+c.id {
						return first.ids
					}
					return nil
				})
				w.write(next)
				second := w.end(id + 1)
				n.compare(t, fmt.Sprint("second turn ", id), second, want)
				if second.end.PromptTokens != size {
					t.Errorf("the second prompt has %d tokens, not %d", second.end.PromptTokens, size)
				}
				// This template moves the system text to the last question.
				if want := first.end.PromptTokens + len(first.ids); kind.Template != "inst" && second.end.CachedTokens < want-1 {
					t.Errorf("%d of %d tokens of the first turn were used again", second.end.CachedTokens, want)
				}
			}
		})
	}
}

// What a model thought before earlier answers is not shown to it again, as its
// template wants.
func TestTinyThoughtsAreLeftOut(t *testing.T) {
	for _, kind := range tiny.All() {
		if kind.Name != "qwen3" {
			continue
		}
		p := tinyPlain(t, tinyFile(t, kind, tiny.Options{Seed: 1}))
		build := func(answer string) []int32 {
			c := newConversation("x", "Be brief.")
			c.add("user", "Count to two.")
			c.add("assistant", answer)
			b, err := p.template.Build(p.model, c.say(1, wire.Sampling{}, "And then?").Submit.Messages, time.Now(), 1024, nil)
			if err != nil {
				t.Fatal(err)
			}
			return b.Tokens
		}
		if with, without := build("<think>\nThe next one is two.\n</think>\n\none two"), build("one two"); !slices.Equal(with, without) {
			t.Errorf("with thoughts %v, without %v", with, without)
		}
	}
}

// TestTinyNothingAborts: a small context, one place, prompts that are too long,
// cancels at any moment: the worker lives and answers as before.
func TestTinyNothingAborts(t *testing.T) {
	for _, kind := range tiny.All() {
		t.Run(kind.Name, func(t *testing.T) {
			const short = "{% for message in messages %}{{ message['content'] + ' ' }}{% endfor %}" // others fill 64 tokens
			path := tinyFile(t, kind, tiny.Options{Seed: 1, Context: 128, Template: short})
			p := tinyPlain(t, path)
			for _, m := range []*wire.Load{
				{Context: 64, Slots: 1, Batch: 512}, {Context: 64, Slots: 4, Cells: 100, Batch: 8}, {Context: 0, Slots: 1, Batch: 1}, {Context: 300, Slots: 2, Cells: 300, Batch: 256},
			} {
				m.RuntimeDir, m.ModelPath, m.Threads, m.DeviceOnly = runtimeDir, path, 1, "cpu"
				w := tinyWorker(t, m)
				id := uint64(0)
				ask := func(s wire.Sampling, text string) uint64 {
					id++
					w.write(wire.ToWorker{Submit: &wire.Submit{ID: id, Sampling: s, Class: "interactive", User: "u",
						Messages: []wire.Message{{Role: "user", Segments: []wire.Segment{{Text: text, Share: "all"}}}}}})
					return id
				}
				for i := range 3 { // cancelled while they are read, and too long
					for n := range 4 {
						ask(wire.Sampling{}, strings.Repeat("What is ", 1+(n*5+i)%8)+"?")
					}
					ask(wire.Sampling{}, strings.Repeat("Tell me all. ", 100*(i+1)))
					for n := range uint64(5) {
						if n != uint64(i) {
							w.write(wire.ToWorker{Cancel: &wire.Cancel{ID: id - n}})
						}
					}
				}
				for i := uint64(1); i <= id; i++ {
					if e := w.end(i).end; e.Finish == "failed" && e.Code != "context_full" {
						t.Fatalf("request %d: %+v", i, e)
					}
				}
				// To the last token of the context.
				a := w.end(ask(wire.Sampling{Temperature: 1, Seed: 3}, "Count."))
				if a.end.Finish != "stop" && a.end.PromptTokens+a.end.OutputTokens != w.ready.Context {
					t.Errorf("%+v in a context of %d", a.end, w.ready.Context)
				}
				x := &wire.Submit{Sampling: wire.Sampling{MaxTokens: 6}, Messages: []wire.Message{{Role: "user", Segments: []wire.Segment{{Text: "What?"}}}}}
				(&tally{routes: kind.Routes}).compare(t, fmt.Sprintf("context %d, %d slots", m.Context, m.Slots), w.end(ask(x.Sampling, "What?")), p.answer(t, x))
				w.conn.Close()
			}
		})
	}
}
