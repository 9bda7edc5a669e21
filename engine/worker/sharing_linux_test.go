package main

import (
	"fmt"
	"os"
	"path/filepath"
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

// Two conversations with one system prompt are one node with two below it, and
// who waits and writes can be seen while they do.
func TestViewShowsWhatIsShared(t *testing.T) {
	w := loaded(t)
	long := strings.Repeat(system, 4)
	for id := uint64(1); id <= 2; id++ {
		w.write(newConversation(fmt.Sprint("CANARY", id), long).say(id, wire.Sampling{MaxTokens: 400, Temperature: 3, Seed: id}, "Tell me all."))
	}
	var slots []wire.Slot
	w.until(1, func(a *answer) bool {
		if v := w.beat.View; v != nil && len(v.Slots) == 2 && v.Slots[0].State == "decode" && v.Slots[1].State == "decode" {
			slots = v.Slots
		}
		return slots != nil || a.end != nil
	})
	if slots == nil {
		t.Fatalf("never seen: two that write; %+v", w.end(1).end)
	}
	for i, s := range slots {
		if s.ID != uint64(i+1) || s.Rows < 1 || s.Have < s.Prompt || s.Written < 1 || s.User == "" || strings.Contains(s.User, "CANARY") {
			t.Errorf("slot %+v", s)
		}
	}
	if slots[1].Cached < slots[1].Prompt/2 || slots[0].User == slots[1].User {
		t.Errorf("slots %+v", slots)
	}
	w.write(wire.ToWorker{Cancel: &wire.Cancel{ID: 1}})
	w.write(wire.ToWorker{Cancel: &wire.Cancel{ID: 2}})
	w.end(1)
	w.end(2)
	w.until(0, func(*answer) bool { return !w.beat.Busy && w.beat.View != nil && len(w.beat.View.Slots) == 0 })
	w.mu.Lock()
	tree := w.beat.View.Tree
	w.mu.Unlock()
	if len(tree) != 3 || tree[0].Depth != 0 || tree[0].Label != "everybody" || tree[0].Seqs != 2 || !tree[0].Pinned || tree[0].InUse {
		t.Fatalf("tree %+v", tree)
	}
	for _, n := range tree[1:] {
		if n.Depth != 1 || n.Label != "conversation" || n.Seqs != 1 || n.InUse || n.Tokens < 8 {
			t.Errorf("below: %+v", n)
		}
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

// stateDir is a folder as the app makes it.
func stateDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func snapshots(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.kv"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// idle waits until the worker has saved what it wants to save.
func (w *worker) idle(cond func(wire.Work) bool) {
	w.t.Helper()
	w.until(0, func(*answer) bool { return !w.beat.Busy && w.beat.Work != nil && cond(*w.beat.Work) })
}

// After a restart the system prompt comes from disk and the answer is the same
// as before; a damaged file is deleted and costs a computation; nothing that is
// private is on disk.
func TestSnapshotsSurviveARestart(t *testing.T) {
	dir := stateDir(t)
	m := loadMessage()
	m.StateDir = dir
	long := strings.Repeat(system, 6)
	ask := func(w *worker, id uint64, user string) answer {
		w.write(newConversation(user, long).say(id, wire.Sampling{MaxTokens: 16}, "What colour is the sky?"))
		return w.end(id)
	}
	w := loadedAs(t, m)
	first := ask(w, 1, "CANARYUSER")
	w.idle(func(x wire.Work) bool { return x.KeptDisk > 0 })
	w.write(wire.ToWorker{Stop: &wire.Stop{}})
	w.exit()
	files := snapshots(t, dir)
	if len(files) != 1 {
		t.Fatalf("snapshots: %v", files)
	}
	data, err := os.ReadFile(files[0])
	if err != nil || strings.Contains(string(data), "CANARY") || strings.Contains(string(data), "conversation:") {
		t.Errorf("private words are on disk, or %v", err)
	}

	w = loadedAs(t, m)
	second := ask(w, 1, "somebody else")
	if second.end.CachedTokens < first.end.PromptTokens-40 || second.text != first.text {
		t.Errorf("after a restart: %+v\n%q\n%q", second.end, second.text, first.text)
	}
	w.write(wire.ToWorker{Stop: &wire.Stop{}})
	w.exit()

	data[len(data)/2] ^= 1
	if err := os.WriteFile(files[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	w = loadedAs(t, m)
	third := ask(w, 1, "a third one")
	if third.end.CachedTokens != 0 || third.text != first.text {
		t.Errorf("after the damage: %+v %q", third.end, third.text)
	}
	w.idle(func(x wire.Work) bool { return x.Damaged == 1 && x.KeptDisk > 0 })
	w.write(wire.ToWorker{Forget: &wire.Forget{Share: "everybody"}})
	w.write(newConversation("x", "short").say(2, wire.Sampling{MaxTokens: 1}, "x"))
	w.end(2)
	if files := snapshots(t, dir); len(files) != 0 {
		t.Errorf("after forgetting: %v", files)
	}
}

// The worker writes into its own folder and nowhere else.
func TestStateFolderIsTheOnlyOne(t *testing.T) {
	m := loadMessage()
	m.StateDir = stateDir(t)
	w := spawn(t, runtimeDir, modelPath, "--state", stateDir(t))
	w.write(wire.ToWorker{Load: m})
	for {
		x := w.read()
		if x.Ready != nil {
			t.Fatal("loaded for another folder")
		}
		if x.LoadFailed != nil {
			break
		}
	}
	if w.hello.Seal.LandlockABI == 0 {
		t.Skip("this kernel has no Landlock")
	}
	// Sealed without a folder it cannot write there, and works without.
	m = loadMessage()
	w = loadedAs(t, m)
	w.write(newConversation("x", strings.Repeat(system, 4)).say(1, wire.Sampling{MaxTokens: 1}, "x"))
	w.end(1)
}
