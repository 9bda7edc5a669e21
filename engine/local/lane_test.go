package local_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// many are so many texts, each another one.
func many(n int) []engine.EmbedInput {
	list := make([]engine.EmbedInput, n)
	for i := range list {
		list[i].Text = fmt.Sprint("text number ", i)
	}
	return list
}

// right checks vectors of the fake.
func right(t *testing.T, in []engine.EmbedInput, got engine.Embedded, err error) {
	t.Helper()
	if err != nil || len(got.Vectors) != len(in) {
		t.Fatalf("%d vectors of %d texts, %v", len(got.Vectors), len(in), err)
	}
	for i, v := range got.Vectors {
		if !slices.Equal(v, fake.Vector(in[i].Text)) {
			t.Fatalf("text %d has the vector of another", i)
		}
	}
}

// Whatever ends, stops or misleads a worker in the middle, the vectors come.
func TestLane_GoesOn(t *testing.T) {
	hangs := []fake.Act{fake.Freeze, fake.Stall}
	for _, do := range append([]fake.Act{fake.Kill, fake.Abort, fake.ExitZero, fake.BadFrame, fake.BadLength, fake.Untimely, fake.Spin,
		fake.Short, fake.NoNumber, fake.Foreign, fake.Early}, hangs...) {
		t.Run(string(do), func(t *testing.T) {
			t.Parallel()
			b := newFake(t, func(c *local.Config) {
				if slices.Contains(hangs, do) {
					impatient(c)
				}
			})
			fake.Model(t, b.dir, "finds", fake.Script{Finds: true, Faults: []fake.Fault{{Do: do, At: fake.AtVector, Step: 5}}})
			in := many(20)
			got, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: in, Class: engine.ClassBatch})
			right(t, in, got, err)
			if st := b.Status(); st.Restarts != 1 || fake.Starts(t, b.dir, "finds") != 2 {
				t.Errorf("%d restarts", st.Restarts)
			}
		})
	}
}

func TestLane_SecondDeath(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "finds", fake.Script{Finds: true, Faults: []fake.Fault{{Do: fake.Kill, At: fake.AtVector, Step: 3}, {Do: fake.Kill, At: fake.AtVector, Step: 1}}})
	var e *engine.Error
	if _, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: many(9)}); !errors.As(err, &e) || e.Code != engine.CodeWorkerFailed {
		t.Fatalf("%v", err)
	}
	in := many(9)
	got, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: in})
	right(t, in, got, err)
}

// A file that cannot be loaded, or that always dies, gives a sentence and no loop.
func TestLane_Hopeless(t *testing.T) {
	for do, want := range map[fake.Act]engine.Code{fake.Refuse: engine.CodeModelLoad, fake.Kill: engine.CodeModelSetAside} {
		b := newFake(t, nil)
		fake.Model(t, b.dir, "finds", fake.Script{Finds: true, Always: &fake.Fault{Do: do, At: fake.AtLoad}})
		var e *engine.Error
		if _, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: many(2)}); !errors.As(err, &e) || e.Code != want {
			t.Errorf("%s: %v", do, err)
		}
		if st := b.Status(); strings.Contains(st.Reason, "fake") || !st.Resting {
			t.Errorf("%s: %+v: no model for answers failed", do, st)
		}
	}
}

// What was read is not asked again, until the model's file is another one.
func TestLane_Cache(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "finds", fake.Script{Finds: true, Always: &fake.Fault{Do: fake.Kill, At: fake.AtVector, Step: 6}})
	in := many(5)
	got, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: in})
	right(t, in, got, err)
	got.Vectors[0][0] = 7 // it is the caller's own
	again, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: slices.Concat(in[3:], in)})
	right(t, slices.Concat(in[3:], in), again, err)
	if again.Fingerprint != got.Fingerprint || again.Tokens[0] != got.Tokens[3] || fake.Starts(t, b.dir, "finds") != 1 {
		t.Errorf("%+v", again)
	}
	before := b.Embedding()
	path := filepath.Join(b.dir, "finds.gguf")
	if err := os.WriteFile(path, fake.Header(map[string]any{"general.architecture": "fake", "general.name": "Another", "fake.context_length": uint32(4096), "fake.pooling_type": uint32(1)}), 0o600); err != nil {
		t.Fatal(err)
	}
	b.await(t, "another content", func() bool { return b.Embedding().Fingerprint != before.Fingerprint && b.Embedding().Model == "finds" })
}

// Models for chat come and go, and the one that finds passages stays; answers
// that are being written and it do not disturb each other.
func TestLane_StandsBeside(t *testing.T) {
	b := newFake(t, func(c *local.Config) { c.MaxLoaded = 1 })
	fake.Model(t, b.dir, "a-finds", fake.Script{Finds: true, Pause: time.Millisecond})
	fake.Model(t, b.dir, "one", fake.Script{Endless: true})
	fake.Model(t, b.dir, "two", fake.Script{})
	in := many(3)
	got, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: in})
	right(t, in, got, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := b.begin(ctx, t, askFor("one"))
	if st := b.Status(); st.Model != "one" || st.Active != 1 || len(st.Loaded) != 2 {
		t.Errorf("%+v", st)
	}
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			in := many(30 + i)
			got, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: in, Class: engine.ClassBatch})
			if err != nil || len(got.Vectors) != len(in) {
				t.Errorf("%d vectors, %v", len(got.Vectors), err)
			}
		})
	}
	group.Wait()
	cancel()
	<-ended
	if r := b.generate(t.Context(), askFor("two"), nil); r.err != nil {
		t.Fatal(r.err)
	}
	if l := b.loaded(); !slices.Equal(l, []string{"a-finds", "two"}) || fake.Starts(t, b.dir, "a-finds") != 1 {
		t.Errorf("loaded %v: one model answers at once, and the other stays beside it", l)
	}
	if err := b.Unload(t.Context(), "a-finds"); err != nil || !slices.Equal(b.loaded(), []string{"two"}) {
		t.Errorf("%v %v: it goes when somebody says so", b.loaded(), err)
	}
	again, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: many(99)})
	right(t, many(99), again, err)
}

// Who does not wait any more costs nothing more, and more than one may be asked for.
func TestLane_Cancel(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "finds", fake.Script{Finds: true, Pause: 5 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := b.Embed(ctx, engine.EmbedRequest{Inputs: many(2000)})
		done <- err
	}()
	b.await(t, "it is at work", func() bool { l := b.Status().Loaded; return len(l) == 1 && l[0].Ready && l[0].Active == 1 })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	b.await(t, "nobody waits", func() bool { return b.Status().Loaded[0].Active == 0 })
}

func TestLane_Reranker(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "ranks", fake.Script{Ranks: true})
	fake.Model(t, b.dir, "chat", fake.Script{})
	got, err := b.Rerank(t.Context(), engine.RerankRequest{Query: "q", Passages: []string{"a", "b", "c"}, Class: engine.ClassInteractive})
	if err != nil || got.Model != "ranks" || len(got.Scores) != 3 || got.Scores[1] != fake.Vector("qb")[0] {
		t.Fatalf("%+v %v", got, err)
	}
	if info := b.Embedding(); info.Reranker != "ranks" || info.Model != "" {
		t.Errorf("%+v", info)
	}
	var e *engine.Error
	if _, err := b.Embed(t.Context(), engine.EmbedRequest{Inputs: many(1)}); !errors.As(err, &e) || e.Code != engine.CodeNoModel {
		t.Errorf("%v: a reranker gives no vectors", err)
	}
	if _, err := b.CountTokens(t.Context(), "chat", []string{"a"}); !errors.As(err, &e) || e.Code != engine.CodeNoModel {
		t.Errorf("%v: a model that is not loaded is not loaded to count", err)
	}
	if err := b.Load(t.Context(), "chat"); err != nil {
		t.Fatal(err)
	}
	if n, err := b.CountTokens(t.Context(), "chat", []string{"a b", "c"}); err != nil || !slices.Equal(n, []int{2, 1}) {
		t.Errorf("%v %v", n, err)
	}
}
