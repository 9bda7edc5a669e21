package loop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"alcove/engine/worker/snapshot"
)

// keeping gives a bench that keeps states in memory, and on disk if dir is set.
func keeping(t testing.TB, cfg Config, dir string, memory int64) *bench {
	t.Helper()
	b := newBench(t, cfg)
	b.keep(t, dir, memory)
	return b
}

func (b *bench) keep(t testing.TB, dir string, memory int64) *snapshot.Store {
	t.Helper()
	s, err := snapshot.Open(dir, "fake", snapshot.Limits{Memory: memory, Disk: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b.l.Keep(s)
	return s
}

// rest does what the loop does while there is nothing to do.
func (b *bench) rest() {
	b.t.Helper()
	for range 1000 {
		if b.l.saveOne() {
			return
		}
	}
	b.t.Fatalf("saving does not end")
}

func cached(b *bench, id uint64) int { return b.of(id).end.CachedTokens }

// Idle conversations leave the cache when others are answered, and come back
// with all that was computed.
func TestIdleConversationsMakeWay(t *testing.T) {
	b := keeping(t, Config{Context: 1024, Cells: 4096, Slots: 4, Batch: 128, Strangers: 64}, "", 1<<20)
	first := map[uint64]string{}
	for id := uint64(1); id <= 5; id++ {
		first[id] = fmt.Sprintf("Person %d tells a story that is %s.", id, strings.Repeat("long, ", 30))
		s := newSubmit(id, first[id])
		s.User, s.Sampling.MaxTokens = fmt.Sprint("user ", id), 3
		b.submit(s)
		b.finish()
		b.rest()
	}
	s := newSubmit(6, "#a short question")
	s.User = "somebody else"
	b.submit(s)
	b.step()
	if got := b.l.tree.Cells(); got > 64+len("#a short question")+1 {
		t.Errorf("%d cells are in use beside a short question", got)
	}
	b.finish()
	for id := uint64(1); id <= 5; id++ {
		s := newSubmit(10+id, first[id]+" And then?")
		s.User = fmt.Sprint("user ", id)
		b.submit(s)
		b.finish()
		if _, want, _ := reference(b.l.cfg, s); b.of(10+id).text != want {
			t.Errorf("answer %d: %q, want %q", id, b.of(10+id).text, want)
		}
		if got := cached(b, 10+id); got < len(first[id]) {
			t.Errorf("conversation %d: %d of %d tokens were kept", id, got, len(first[id]))
		}
	}
	if b.m.restored == 0 {
		t.Error("nothing was put back")
	}
}

// After a restart the system prompt is read from disk; what is private is not
// there.
func TestAnchorsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Context: 1024, Cells: 4096, Slots: 4, Batch: 128}
	b := newBench(t, cfg)
	s := b.keep(t, dir, 1<<20)
	b.submit(shared(1, "a", "everybody", handbook, "my word is plum"))
	b.finish()
	b.rest()
	s.Close()
	b.l.Keep(nil)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files: %v", len(files), files)
	}

	after := newBench(t, cfg)
	again, err := snapshot.Open(dir, "fake", snapshot.Limits{Memory: 1 << 20, Disk: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	after.l.Keep(again)
	for id := uint64(1); id <= 2; id++ {
		s := shared(id, fmt.Sprint("u", id), "everybody", handbook, "my word is plum")
		after.submit(s)
		after.finish()
		if _, want, _ := reference(cfg, s); after.of(id).text != want {
			t.Errorf("answer %d: %q, want %q", id, after.of(id).text, want)
		}
		if got := cached(after, id); got != len(handbook) {
			t.Errorf("request %d: %d cached tokens", id, got)
		}
	}
	other := shared(3, "u", "somebody", handbook, "what?")
	after.submit(other)
	after.finish()
	if got := cached(after, 3); got != 0 {
		t.Errorf("another label found %d tokens", got)
	}
	after.l.take(forget{"everybody"})
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 0 {
		t.Errorf("after forgetting: %v", files)
	}
	after.submit(shared(4, "u", "everybody", handbook, "again?"))
	after.finish()
	if got := cached(after, 4); got != 0 {
		t.Errorf("what was forgotten gave %d tokens", got)
	}
}

// What was under way when a label was forgotten is answered and never saved.
func TestForgottenIsNotSavedAgain(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 1, Batch: 128})
	s := b.keep(t, dir, 1<<20)
	b.submit(newSubmit(1, "#somebody is first"))
	b.submit(shared(2, "u", "key", handbook, "what?"))
	b.l.answers.put(name("key", ""), []int32{'a', 'b'})
	b.l.take(forget{"key"})
	if b.l.answers.get(name("key", ""), "ab") != nil {
		t.Error("an answer is still known")
	}
	b.finish()
	b.rest()
	s.Close()
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); b.of(2).text == "" || len(files) != 0 {
		t.Errorf("%q, files %v", b.of(2).text, files)
	}
	b.l.Keep(nil)
}

// A model from which nothing is kept still forgets what others left.
func TestForgetWithoutKeeping(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "0123456789abcdef-left.kv")
	if err := os.WriteFile(file, []byte("of another model"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Open(dir, "fake", snapshot.Limits{Disk: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := newBenchOf(t, Config{Context: 256, Cells: 1024, Slots: 2, Batch: 64}, true)
	b.l.KeepNothing(s)
	b.submit(newSubmit(1, "#a question"))
	b.finish()
	b.l.take(forget{"key"})
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

// Cells whose state could not be saved stay while there is room.
func TestUnsavedStaysInTheCache(t *testing.T) {
	b := keeping(t, Config{Context: 1024, Cells: 4096, Slots: 4, Batch: 128, Strangers: 64}, "", 64)
	long := newSubmit(1, "#"+strings.Repeat("a long contract ", 40))
	b.submit(long)
	b.finish()
	b.rest()
	s := newSubmit(2, "#a short question")
	s.User = "somebody"
	b.submit(s)
	b.finish()
	again := newSubmit(3, long.Messages[0].Segments[0].Text+" and then?")
	b.submit(again)
	b.finish()
	if got := cached(b, 3); got < 600 {
		t.Errorf("%d tokens were still there", got)
	}
}

// A state that cannot be put back costs time and nothing else.
func TestBadStateStartsAnew(t *testing.T) {
	b := keeping(t, Config{Context: 1024, Cells: 4096, Slots: 4, Batch: 64, Strangers: 1}, "", 1<<20)
	b.submit(shared(1, "a", "everybody", handbook, "one?"))
	b.finish()
	b.rest()
	running := newSubmit(2, "#an answer that goes on")
	running.Sampling.MaxTokens = 60
	b.submit(running)
	for range 5 {
		b.step() // makes the handbook leave the cache
	}
	b.m.spoilt = 1
	s := shared(3, "c", "everybody", handbook, "three?")
	b.submit(s)
	b.finish()
	if _, want, _ := reference(b.l.cfg, s); b.of(3).text != want || cached(b, 3) != 0 {
		t.Errorf("%q, want %q", b.of(3).text, want)
	}
	if _, want, _ := reference(b.l.cfg, running); b.of(2).text != want {
		t.Errorf("the running answer: %q, want %q", b.of(2).text, want)
	}
	if b.l.counts.Damaged != 1 {
		t.Errorf("%d were counted as damaged", b.l.counts.Damaged)
	}
}

// Whatever is saved, shed and put back when, each answer is what it is alone.
func TestKeepingDoesNotChangeAnswers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(rt, Config{Context: 64, Cells: 128, Slots: 3, Batch: 16, Strangers: rapid.IntRange(0, 40).Draw(rt, "strangers")})
		s, err := snapshot.Open("", "fake", snapshot.Limits{Memory: rapid.Int64Range(0, 3000).Draw(rt, "memory")})
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		b.l.Keep(s)
		for id := uint64(1); id < 14; id++ {
			s := drawSubmit(rt, id)
			b.submit(s)
			for range rapid.IntRange(0, 20).Draw(rt, "steps") {
				b.step()
				if len(b.l.requests) == 0 && rapid.Bool().Draw(rt, "rest") {
					b.rest()
				}
			}
			if len(b.l.active) > 1 && rapid.IntRange(0, 9).Draw(rt, "spoil") == 0 {
				b.m.spoilt = 1
			}
			defer func() {
				if _, want, finish := reference(b.l.cfg, s); !rt.Failed() && (b.of(id).text != want || b.of(id).end.Finish != finish) {
					rt.Errorf("request %d: %q, want %q", id, b.of(id).text, want)
				}
			}()
		}
		b.finish()
	})
}

// The loop saves by itself while there is nothing to do, and ends cleanly.
func TestSavesWhileIdle(t *testing.T) {
	b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 4, Batch: 128})
	s := b.keep(t, "", 1<<20)
	b.l.now = time.Now
	ends := make(chan struct{}, 8)
	b.l.emit = func(s *Step) {
		for range s.Ends {
			ends <- struct{}{}
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { b.l.Prepare(ctx); done <- nil }()
	go func() { done <- b.l.Run(ctx) }()
	b.l.Submit(shared(1, "a", "everybody", handbook, "one?"))
	<-ends
	for s.Use().Entries < 2 {
		time.Sleep(time.Millisecond)
	}
	b.l.Submit(shared(2, "a", "everybody", handbook, "two?"))
	<-ends
	stop()
	if err, err2 := <-done, <-done; err != nil || err2 != nil {
		t.Error(err, err2)
	}
}
