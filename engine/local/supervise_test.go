package local_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

const story = "Größe, 東京, 👩‍🚀 and plain words. "

// impatient makes hangs show soon. A machine that is busy may make a worker
// look hung; the tests that use it allow for that.
func impatient(c *local.Config) {
	c.BeatTimeout, c.StepTimeout = 2*time.Second, time.Second
}

// Whatever ends or stops a worker, wherever, the answer goes on.
func TestEngine_AnswerGoesOn(t *testing.T) {
	quick := []fake.Act{fake.Kill, fake.Abort, fake.ExitZero, fake.BadFrame, fake.BadLength, fake.Untimely}
	hangs := []fake.Act{fake.Freeze, fake.Stall, fake.Spin}
	for _, at := range []fake.Moment{fake.AtPrefill, fake.AtDecode} {
		for _, do := range append(quick, hangs...) {
			t.Run(fmt.Sprintf("%s in %s", do, at), func(t *testing.T) {
				t.Parallel()
				b := newFake(t, func(c *local.Config) {
					if slices.Contains(hangs, do) {
						impatient(c)
					}
				})
				fake.Model(t, b.dir, "m", fake.Script{Text: story, Cut: 2, Prefill: 5, Faults: []fake.Fault{{Do: do, At: at, Step: 4}}})
				r := b.generate(t.Context(), ask("one two three"), nil)
				if r.err != nil || r.text != story || r.usage.Finish != engine.FinishStop {
					t.Fatalf("text %q, finish %s, error %v", r.text, r.usage.Finish, r.err)
				}
				if n := (len(story) + 1) / 2; r.usage.OutputTokens != n || r.tokens > n {
					t.Errorf("%d tokens counted, %d sent, want %d", r.usage.OutputTokens, r.tokens, n)
				}
				if r.usage.Restarts != 1 || !slices.Contains(r.stages, engine.StageResuming) {
					t.Errorf("%d restarts, stages %v", r.usage.Restarts, r.stages)
				}
				if st := b.Status(); st.Restarts != 1 || !st.Ready || st.Active+st.Queued != 0 {
					t.Errorf("status %+v", st)
				}
			})
		}
	}
}

// Several answers survive the same death, each with its own text.
func TestEngine_AllAnswersGoOn(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Text: story, Cut: 1, Faults: []fake.Fault{{Do: fake.Kill, At: fake.AtDecode, Step: 20}}})
	results := make(chan result)
	for range 8 {
		go func() { results <- b.generate(t.Context(), ask("hello"), nil) }()
	}
	for range 8 {
		if r := <-results; r.err != nil || r.text != story {
			t.Errorf("text %q, error %v", r.text, r.err)
		}
	}
}

func TestEngine_SecondDeath(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Text: story, Cut: 1, Faults: []fake.Fault{
		{Do: fake.Kill, At: fake.AtDecode, Step: 10}, {Do: fake.Abort, At: fake.AtDecode, Step: 30}}})
	r := b.generate(t.Context(), ask("hello"), nil)
	if code(r.err) != engine.CodeWorkerFailed || r.usage.Finish != engine.FinishFailed {
		t.Fatalf("finish %s, error %v", r.usage.Finish, r.err)
	}
	if r.text == "" || !strings.HasPrefix(story, r.text) || r.usage.OutputTokens < len(r.text) || r.usage.Restarts != 2 {
		t.Errorf("text %q, usage %+v", r.text, r.usage)
	}
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != story {
		t.Errorf("the next answer: text %q, error %v", r.text, r.err)
	}
}

func TestEngine_SetAside(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "bad", fake.Script{Text: story, Always: &fake.Fault{Do: fake.Kill, At: fake.AtDecode, Step: 3}})
	fake.Model(t, b.dir, "good", fake.Script{Text: story})
	bad := ask("hello")
	bad.Model = "bad"
	if r := b.generate(t.Context(), bad, nil); code(r.err) != engine.CodeWorkerFailed {
		t.Fatalf("two deaths: %v", r.err)
	}
	r := b.generate(t.Context(), bad, nil)
	if code(r.err) != engine.CodeModelSetAside || r.text == "" {
		t.Fatalf("third death: text %q, error %v", r.text, r.err)
	}
	if m := b.model("bad"); m.State != engine.ModelSetAside || m.Reason == "" {
		t.Errorf("model %+v", m)
	}
	if r := b.generate(t.Context(), bad, nil); code(r.err) != engine.CodeModelSetAside || fake.Starts(t, b.dir, "bad") != 3 {
		t.Errorf("%d starts, error %v", fake.Starts(t, b.dir, "bad"), r.err)
	}
	good := ask("hello")
	good.Model = "good"
	if r := b.generate(t.Context(), good, nil); r.err != nil || r.text != story {
		t.Errorf("another model: text %q, error %v", r.text, r.err)
	}
	if err := b.Load(t.Context(), "bad"); err != nil {
		t.Fatalf("an explicit load: %v", err)
	}
	if m := b.model("bad"); m.State != engine.ModelLoaded {
		t.Errorf("after an explicit load: %+v", m)
	}
}

// Deaths with finished answers between them are bad luck, not a bad model.
func TestEngine_FinishedAnswersForgive(t *testing.T) {
	b := newFake(t, nil)
	s := fake.Script{Text: story}
	for _, step := range []int{6, 2, 1, 0} { // the resumed answer is past the next process's fault
		s.Faults = append(s.Faults, fake.Fault{Do: fake.Kill, At: fake.AtDecode, Step: step})
	}
	fake.Model(t, b.dir, "m", s)
	for range 4 {
		if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != story || r.usage.Restarts != 1 {
			t.Fatalf("text %q, %d restarts, error %v", r.text, r.usage.Restarts, r.err)
		}
	}
	if m := b.model("m"); m.State != engine.ModelLoaded {
		t.Errorf("model %+v", m)
	}
}

// What is only read brings no text, and is given up when its worker dies: nobody
// waits for it, and it is no answer that forgives deaths.
func TestEngine_PrefillOnly(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Text: story, Prefill: 5, Faults: []fake.Fault{
		{Do: fake.Kill, At: fake.AtPrefill, Step: 2}, {Do: fake.Kill, At: fake.AtDecode, Step: 1}, {Do: fake.Kill, At: fake.AtDecode, Step: 2},
	}})
	read := ask("one two three")
	read.PrefillOnly, read.Class = true, engine.ClassBatch
	r := b.generate(t.Context(), read, nil)
	if r.err != nil || r.usage.Finish != engine.FinishCancelled || r.tokens != 0 || slices.Contains(r.stages, engine.StageResuming) {
		t.Errorf("killed: %+v", r)
	}
	if r = b.generate(t.Context(), read, nil); r.err != nil || r.usage.Finish != engine.FinishStop || r.usage.PromptTokens != 3 || r.tokens != 0 {
		t.Errorf("read: %+v", r)
	}
	b.generate(t.Context(), ask("four"), nil) // two more deaths
	if m := b.model("m"); m.State != engine.ModelSetAside {
		t.Errorf("after three deaths without an answer between them: %+v", m)
	}
}

// A model that dies at load is set aside, and the last good one comes back.
func TestEngine_DiesAtLoad(t *testing.T) {
	for _, do := range []fake.Act{fake.Kill, fake.Abort, fake.ExitZero, fake.BadFrame} {
		for _, at := range []fake.Moment{fake.AtStart, fake.AtLoad} {
			t.Run(fmt.Sprintf("%s at %s", do, at), func(t *testing.T) {
				b := newFake(t, nil)
				fake.Model(t, b.dir, "bad", fake.Script{Always: &fake.Fault{Do: do, At: at}})
				fake.Model(t, b.dir, "good", fake.Script{Text: story})
				if err := b.Load(t.Context(), "good"); err != nil {
					t.Fatal(err)
				}
				req := ask("hello")
				req.Model = "bad"
				if r := b.generate(t.Context(), req, nil); code(r.err) != engine.CodeModelSetAside || fake.Starts(t, b.dir, "bad") != 3 {
					t.Fatalf("%d starts, error %v", fake.Starts(t, b.dir, "bad"), r.err)
				}
				b.await(t, "the last good model", func() bool { return b.model("good").State == engine.ModelLoaded })
			})
		}
	}
}

func TestEngine_LoadFails(t *testing.T) {
	cases := map[string]struct {
		fault fake.Fault
		code  engine.Code
	}{
		"refused by the worker": {fake.Fault{Do: fake.Refuse, At: fake.AtLoad}, engine.CodeModelLoad},
		"another version":       {fake.Fault{Do: fake.Version}, engine.CodeRuntimeChanged},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newFake(t, nil)
			fake.Model(t, b.dir, "m", fake.Script{Text: story, Faults: []fake.Fault{c.fault, c.fault}})
			if err := b.Load(t.Context(), ""); code(err) != c.code {
				t.Fatalf("load: %v", err)
			}
			if r := b.generate(t.Context(), ask("hello"), nil); code(r.err) != c.code || r.usage.Finish != engine.FinishFailed {
				t.Fatalf("generate: %v", r.err)
			}
			if st := b.Status(); st.Ready || st.Reason == "" {
				t.Errorf("status %+v", st)
			}
			if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != story {
				t.Errorf("when the fault has gone: text %q, error %v", r.text, r.err)
			}
		})
	}
}

// A load that fails goes back to the model that worked.
func TestEngine_LoadFailsBack(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "bad", fake.Script{Always: &fake.Fault{Do: fake.Refuse, At: fake.AtLoad}})
	fake.Model(t, b.dir, "good", fake.Script{})
	if err := b.Load(t.Context(), "good"); err != nil {
		t.Fatal(err)
	}
	if err := b.Load(t.Context(), "bad"); code(err) != engine.CodeModelLoad {
		t.Fatal(err)
	}
	b.await(t, "the model before", func() bool { return b.Status().Model == "good" })
}

// Requests for two models in any order are all answered, one model at a time.
func TestEngine_Swap(t *testing.T) {
	b := newFake(t, func(c *local.Config) { c.MaxAnswers = 1000 })
	texts := map[string]string{"a": "alpha beta", "b": "gamma delta"}
	for id, text := range texts {
		fake.Model(t, b.dir, id, fake.Script{Text: text, Prefill: 2})
	}
	type named struct {
		model string
		result
	}
	results := make(chan named)
	const n = 40
	for i := range n {
		go func() {
			req := ask("hello")
			req.Model = string("ab"[i*i%3%2])
			results <- named{req.Model, b.generate(t.Context(), req, nil)}
		}()
	}
	loads := make(chan error)
	go func() { loads <- b.Load(t.Context(), "b") }()
	for range n {
		if r := <-results; r.err != nil || r.text != texts[r.model] || r.usage.Model != r.model {
			t.Errorf("model %s: text %q, usage %+v, error %v", r.model, r.text, r.usage, r.err)
		}
	}
	if err := <-loads; err != nil {
		t.Error(err)
	}
}

// model is one of the engine's list.
func (b bench) model(id string) engine.Model {
	for _, m := range b.Models() {
		if m.ID == id {
			return m
		}
	}
	return engine.Model{}
}

// await polls until it is so; the test fails when its patience ends.
func (b bench) await(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	for !so() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s did not come; status %+v", what, b.Status())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
