package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
)

// chat asks with a system prompt that everybody shares.
func chat(user, question string) engine.Request {
	r := greedy(question, 4)
	r.User = user
	r.Messages[0].Segments[0].Share = "conversation:" + user
	system := strings.Repeat("You are a helpful assistant of a small company. ", 20)
	r.Messages = append([]engine.Message{{Role: engine.RoleSystem, Segments: []engine.Segment{{Text: system, Share: "everybody"}}}}, r.Messages...)
	return r
}

func saved(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.kv"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// wait waits for a condition that a beat of the worker brings.
func (b bench) wait(t *testing.T, what string, cond func(engine.Status) bool) {
	t.Helper()
	for end := time.Now().Add(patience); !cond(b.Status()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: %+v", what, b.Status())
		}
	}
}

// The supervisor gives the worker a folder of its own; what is in there is used
// after a restart of everything, and goes when it is to be forgotten.
func TestReal_StatesAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "states")
	change := func(c *local.Config) { c.StateDir = dir }
	first := newReal(t, change)
	r := first.generate(t.Context(), chat("a", "What is two plus two?"), nil)
	if r.err != nil || r.usage.CachedTokens != 0 {
		t.Fatalf("%+v", r)
	}
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
		t.Fatalf("%v %v", st, err)
	}
	first.wait(t, "a state on disk", func(s engine.Status) bool { return s.Work.KeptDisk > 0 })
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := newReal(t, change)
	r = second.generate(t.Context(), chat("b", "What is two plus two?"), nil)
	if r.err != nil || r.usage.CachedTokens < r.usage.PromptTokens-40 {
		t.Errorf("after a restart: %+v %v", r.usage, r.err)
	}
	second.wait(t, "work in the status", func(s engine.Status) bool {
		return s.Work.Restored == 1 && s.Work.PrefillRows > 0 && s.CellsUsed > 100 && s.Cells >= 1024 && s.Work.Threads == 1 &&
			s.View != nil && s.View.Steps > 0 && len(s.View.Tree) > 0 && s.View.Tree[0].Label == "everybody"
	})
	if len(saved(t, dir)) != 1 {
		t.Errorf("%v", saved(t, dir))
	}
	second.Forget("everybody")
	for end := time.Now().Add(patience); len(saved(t, dir)) > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if left := saved(t, dir); len(left) > 0 {
		t.Errorf("after forgetting: %v", left)
	}
}

// A question that was read while it was typed leaves its last words to read.
func TestReal_ReadWhileTyping(t *testing.T) {
	b := newReal(t, nil)
	typed := chat("a", longQuestion)
	typed.PrefillOnly, typed.Class = true, engine.ClassBatch
	if r := b.generate(t.Context(), typed, nil); r.err != nil || r.usage.Finish != engine.FinishStop || r.tokens != 0 || r.usage.CachedTokens != 0 {
		t.Fatalf("%+v", r)
	}
	r := b.generate(t.Context(), chat("a", longQuestion+" Answer in one word, please."), nil)
	if left := r.usage.PromptTokens - r.usage.CachedTokens; r.err != nil || r.tokens == 0 || left > 20 {
		t.Errorf("%d tokens were left to read: %+v", left, r)
	}
}

// Without a worker everything saved goes.
func TestForgetWithoutAWorker(t *testing.T) {
	dir := t.TempDir()
	b := newFake(t, func(c *local.Config) { c.StateDir = dir })
	for i := range 2 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".kv")), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.Forget("anything")
	if left := saved(t, dir); len(left) > 0 {
		t.Errorf("%v", left)
	}
}
