package local_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
)

// greedy asks for at most n tokens, the same ones each time.
func greedy(text string, n int) engine.Request {
	r := ask(text)
	r.Sampling.MaxTokens = n
	return r
}

// longQuestion takes many steps to read with a small batch.
var longQuestion = strings.Repeat("The quick brown fox jumps over the lazy dog. ", 20) + "What is the capital of France?"

// smallSteps makes reading a prompt last.
func smallSteps(c *local.Config) { c.Batch, c.BackoffMin = 16, time.Millisecond }

// signalOn sends a signal to the worker on the nth event that is so.
func signalOn(t *testing.T, b bench, sig syscall.Signal, n int, so func(engine.Event) bool) func(engine.Event) {
	seen := 0
	return func(ev engine.Event) {
		if !so(ev) {
			return
		}
		if seen++; seen != n {
			return
		}
		if pid := b.Status().WorkerPID; pid > 0 {
			if err := syscall.Kill(pid, sig); err != nil {
				t.Errorf("signal the worker: %v", err)
			}
		}
	}
}

func inPrefill(ev engine.Event) bool {
	s, ok := ev.(engine.Stage)
	return ok && s.Name == engine.StagePrefill
}

func inDecode(ev engine.Event) bool { _, ok := ev.(engine.Token); return ok }

// The answer of the real worker is the same whether it is killed or not.
func TestReal_AnswerGoesOn(t *testing.T) {
	b := newReal(t, func(c *local.Config) { smallSteps(c); c.BeatTimeout = 3 * time.Second })
	req := greedy(longQuestion, 32)
	whole := b.generate(t.Context(), req, nil)
	if whole.err != nil || whole.usage.OutputTokens == 0 {
		t.Fatalf("usage %+v, error %v", whole.usage, whole.err)
	}
	cases := map[string]struct {
		sig syscall.Signal
		n   int
		so  func(engine.Event) bool
	}{
		"SIGKILL in prefill":    {syscall.SIGKILL, 1, inPrefill},
		"SIGKILL in decode":     {syscall.SIGKILL, 5, inDecode},
		"SIGKILL at the start":  {syscall.SIGKILL, 1, inDecode},
		"SIGABRT in decode":     {syscall.SIGABRT, 3, inDecode},
		"SIGSEGV in decode":     {syscall.SIGSEGV, 4, inDecode},
		"SIGSTOP in prefill":    {syscall.SIGSTOP, 1, inPrefill},
		"SIGSTOP in decode":     {syscall.SIGSTOP, 6, inDecode},
		"SIGTERM in the middle": {syscall.SIGTERM, 2, inDecode},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := b.generate(t.Context(), req, signalOn(t, b, c.sig, c.n, c.so))
			if r.err != nil || r.text != whole.text {
				t.Errorf("text %q, error %v, want %q", r.text, r.err, whole.text)
			}
			if r.usage.Restarts != 1 || r.usage.OutputTokens != whole.usage.OutputTokens || !slices.Contains(r.stages, engine.StageResuming) {
				t.Errorf("usage %+v, stages %v", r.usage, r.stages)
			}
		})
	}
}

func TestReal_SecondDeath(t *testing.T) {
	b := newReal(t, smallSteps)
	kills := 0
	r := b.generate(t.Context(), greedy("Count from one to one hundred.", 60), func(ev engine.Event) {
		if st := b.Status(); inDecode(ev) && kills < 2 && st.WorkerPID > 0 {
			kills++
			if err := syscall.Kill(st.WorkerPID, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
			b.await(t, "the death", func() bool { return b.Status().Restarts == kills })
		}
	})
	if code(r.err) != engine.CodeWorkerFailed || r.text == "" || r.usage.Finish != engine.FinishFailed || r.usage.Restarts != 2 {
		t.Errorf("text %q, usage %+v, error %v", r.text, r.usage, r.err)
	}
}

func TestReal_Limits(t *testing.T) {
	b := newReal(t, func(c *local.Config) { c.Context = 256 })
	if r := b.generate(t.Context(), ask(strings.Repeat("word ", 1000)), nil); code(r.err) != engine.CodeContextFull || !strings.Contains(r.err.Error(), "256") {
		t.Errorf("too long: %v", r.err)
	}
	req := greedy("What is the capital of France?", 20)
	system := engine.Message{Role: engine.RoleSystem, Segments: []engine.Segment{{Text: "You are a helpful assistant."}}}
	req.Messages = append([]engine.Message{system}, req.Messages...)
	r := b.generate(t.Context(), req, nil)
	if r.err != nil || !strings.Contains(r.text, "Paris") {
		t.Errorf("text %q, error %v", r.text, r.err)
	}
	if st := b.Status(); !st.Ready || !strings.Contains(local.LibraryVersion, st.Library) || !st.Seal.NoNewPrivileges {
		t.Errorf("status %+v", st)
	}
}

func TestReal_ParentKilled(t *testing.T) {
	r := needReal(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, freeze := range map[string]bool{"running": false, "frozen": true} {
		t.Run(name, func(t *testing.T) { killParent(t, exe, []string{r.worker, r.runtime, r.models}, freeze) })
	}
}

// soak is a count of the soak run; other runs do a twentieth of it.
func soak(n int) int {
	if os.Getenv("ALCOVE_SOAK") == "1" {
		return n
	}
	return max(1, n/20)
}

// Kills at random moments of reading and writing, with up to two answers
// beside: every answer comes to its end, and alone it is the same as without a
// kill. Kills that came too late are not counted.
func TestSoak_WorkerKills(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	b := newReal(t, smallSteps)
	// More questions than slots, so that none finds its prefix computed.
	reqs, want := make([]engine.Request, 6), make([]string, 6)
	for i := range reqs {
		reqs[i] = greedy(fmt.Sprintf("%d. %s", i+1, longQuestion), 24)
		r := b.generate(t.Context(), reqs[i], nil)
		if r.err != nil || r.text == "" {
			t.Fatalf("text %q, error %v", r.text, r.err)
		}
		want[i] = r.text
	}
	kills, tries := 0, 0
	for n := soak(100); kills < n && tries < 3*n+10; tries++ {
		i, beside := tries%len(reqs), random.IntN(3)
		where, so, nth := "prefill", inPrefill, 1+random.IntN(8)
		if random.IntN(2) == 0 {
			where, so, nth = "decode", inDecode, 1+random.IntN(20)
		}
		pause := time.Duration(random.Int64N(int64(5 * time.Millisecond)))
		what := fmt.Sprintf("kill %d, event %d of %s, %v later, %d beside", kills, nth, where, pause, beside)
		others := make(chan result)
		for k := range beside {
			go func() {
				others <- b.generate(t.Context(), greedy(fmt.Sprintf("Count from %d to one hundred.", k), 24), nil)
			}()
		}
		before, seen := b.Status().Restarts, 0
		kill := signalOn(t, b, syscall.SIGKILL, nth, so)
		r := b.generate(t.Context(), reqs[i], func(ev engine.Event) {
			if so(ev) {
				time.Sleep(pause)
				seen++
			}
			kill(ev)
		})
		for range beside {
			if o := <-others; o.err != nil || o.text == "" || o.usage.Restarts > 1 {
				t.Errorf("%s: beside it: text %q, usage %+v, error %v", what, o.text, o.usage, o.err)
			}
		}
		if r.err != nil || r.text == "" || r.usage.Restarts > 1 {
			t.Errorf("%s: text %q, usage %+v, error %v", what, r.text, r.usage, r.err)
		}
		if beside == 0 && r.text != want[i] { // beside others the sums are rounded otherwise
			t.Errorf("%s: text %q, want %q", what, r.text, want[i])
		}
		kills += r.usage.Restarts
		if seen >= nth { // one that came too late must not count as a death of the next answer
			b.wait(t, "the worker's death", func(s engine.Status) bool { return s.Restarts > before })
		}
	}
	t.Logf("%d kills in %d tries", kills, tries)
	if kills < soak(100) {
		t.Errorf("%d kills hit, want %d", kills, soak(100))
	}
	if st := b.Status(); st.Active+st.Queued != 0 {
		t.Errorf("something is left: %+v", st)
	}
}
