package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

func TestStopKeepsWhatWasWritten(t *testing.T) {
	r := newRoom(t, sayAndWait("half an ", "answer"))
	started := r.ask(Question{Text: "hello"})
	r.events.wait(t, delta("answer"))
	if err := r.service.Stop(started.TurnID); err != nil {
		t.Fatal(err)
	}
	end := r.events.wait(t, ended(started.TurnID))
	answer := r.message(started.Answer.ID)
	if end.name != EventDone || answer.Status != storage.StatusStopped || answer.Text != "half an answer" || answer.Figures == nil {
		t.Errorf("event %s, answer %+v", end.name, answer)
	}
	if err := r.service.Stop(started.TurnID); err != nil {
		t.Errorf("stopping what has ended: %v", err)
	}
	refused(t, r.service.Stop("nothing"), app.CodeTurnNotFound, "")
}

func TestFailureKeepsTextAndSaysWhy(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		code engine.Code
		want string
	}{
		{"engine", &engine.Error{Code: engine.CodeContextFull, Message: "9000 tokens, and the model takes 8192."}, engine.CodeContextFull, "9000 tokens"},
		{"unknown", errors.New("secret detail"), engine.CodeInternal, "Something went wrong"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRoom(t, func(ctx context.Context, q engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
				usage, _ := say("part")(ctx, q, emit)
				return usage, test.err
			})
			started, answer := r.finished(Question{Text: "hello"})
			if answer.Status != storage.StatusFailed || answer.Text != "part" || answer.Error == nil || answer.Error.Code != string(test.code) {
				t.Fatalf("answer %+v", answer)
			}
			if !strings.Contains(answer.Error.Message, test.want) || strings.Contains(answer.Error.Message, "secret") {
				t.Errorf("sentence %q", answer.Error.Message)
			}
			if answer.Figures == nil || answer.Figures.Finish != "failed" {
				t.Errorf("figures %+v", answer.Figures)
			}
			if e := r.events.wait(t, ended(started.TurnID)); e.name != EventFailed {
				t.Errorf("event %s", e.name)
			}
		})
	}
}

func TestPanicFailsOneAnswerOnly(t *testing.T) {
	r := newRoom(t, func(ctx context.Context, q engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		if strings.Contains(q.Messages[1].Text(), "boom") {
			panic("a bug")
		}
		return say("fine")(ctx, q, emit)
	})
	if _, answer := r.finished(Question{Text: "boom"}); answer.Status != storage.StatusFailed || answer.Error.Code != string(engine.CodeInternal) {
		t.Errorf("answer %+v", answer)
	}
	if _, answer := r.finished(Question{Text: "next", HasParent: true}); answer.Status != storage.StatusDone {
		t.Errorf("the answer after the panic: %+v", answer)
	}
}

func TestOrphansEnd(t *testing.T) {
	r := newRoom(t, sayAndWait("partial"))
	started := r.ask(Question{Text: "hello"})
	r.events.wait(t, delta("partial"))
	r.service.SetReaders(0)
	r.clock.add(defaultOrphan - time.Second)
	r.service.SetReaders(2)
	r.clock.add(time.Hour)
	r.service.sweep()
	if _, _, ok := r.service.Live(started.Answer.ID); !ok {
		t.Fatal("a turn with a reader was ended")
	}
	r.service.SetReaders(0)
	r.clock.add(defaultOrphan)
	r.service.sweep()
	r.events.wait(t, ended(started.TurnID))
	if m := r.message(started.Answer.ID); m.Status != storage.StatusStopped || m.Text != "partial" {
		t.Errorf("the orphan ended as %+v", m)
	}
}

func TestOrphaned(t *testing.T) {
	t0 := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }
	for _, test := range []struct {
		now, left, started int
		limit              time.Duration
		want               bool
	}{
		{now: 59, limit: time.Minute},
		{now: 60, limit: time.Minute, want: true},
		{now: 60, started: 30, limit: time.Minute}, // asked after the last reader left
		{now: 90, started: 30, limit: time.Minute, want: true},
		{now: 90, left: 40, started: 30, limit: time.Minute},
		{now: 100000, limit: 0},
	} {
		if got := orphaned(at(test.now), at(test.left), at(test.started), test.limit); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func TestShutdownInterrupts(t *testing.T) {
	r := newRoom(t, sayAndWait("so far"))
	started := r.ask(Question{Text: "hello"})
	r.events.wait(t, delta("so far"))
	if err := r.service.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if m := r.message(started.Answer.ID); m.Status != storage.StatusInterrupted || m.Text != "so far" {
		t.Errorf("the answer ended as %+v", m)
	}
	_, err := r.service.Ask(context.Background(), Question{ConversationID: "c", Text: "more", HasParent: true})
	refused(t, err, engine.CodeClosed, "")
	if n := len(r.messages()); n != 2 {
		t.Errorf("%d messages: a question was saved that nobody answers", n)
	}
}

// A reader that takes Live and every later delta has the answer, each byte
// once, at whatever moment it comes.
func TestLiveIsExact(t *testing.T) {
	const words = 2000
	r := newRoom(t, func(ctx context.Context, q engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		for i := range words {
			if err := emit(engine.Token{Text: fmt.Sprintf("%d ", i), N: 1}); err != nil {
				return engine.Usage{}, err
			}
		}
		return engine.Usage{Model: "m", Finish: engine.FinishStop}, nil
	})
	type look struct {
		text string
		seq  uint64
	}
	var looks []look
	var mu sync.Mutex
	var wait sync.WaitGroup
	started := r.ask(Question{Text: "count"})
	for range 4 {
		wait.Go(func() {
			for {
				text, seq, ok := r.service.Live(started.Answer.ID)
				if !ok {
					return
				}
				mu.Lock()
				looks = append(looks, look{text, seq})
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	whole := r.message(started.Answer.ID)
	if whole.Status != storage.StatusDone || !strings.HasSuffix(whole.Text, fmt.Sprintf("%d ", words-1)) {
		t.Fatalf("Live says the answer has ended, the database says %s", whole.Status)
	}
	events := r.events.all()
	rest := make([]string, len(events)+2) // text of the deltas from a number on
	for i := len(events) - 1; i >= 0; i-- {
		rest[i] = rest[i+1]
		if d, ok := events[i].data.(TurnDelta); ok {
			rest[i] = d.Text + rest[i+1]
		}
	}
	for _, l := range looks {
		if l.text+rest[l.seq] != whole.Text { // events[l.seq] is the one after l.seq
			t.Fatalf("at %d: %d bytes and %d later ones are not the %d of the answer", l.seq, len(l.text), len(rest[l.seq]), len(whole.Text))
		}
	}
}

func TestSettingsReachTheEngine(t *testing.T) {
	r := newRoom(t, say("a"))
	if err := r.db.SetSettings(context.Background(), rawSettings(map[string]string{
		"system_prompt": `"Speak like a pirate."`, "temperature": `0.9`, "top_k": `7`, "max_tokens": `11`,
	})); err != nil {
		t.Fatal(err)
	}
	seed, topK := uint64(5), 3
	r.finished(Question{Text: "hello", Sampling: Sampling{Seed: &seed, TopK: &topK, Stop: []string{"END"}}})
	q := r.engine.asked()[0]
	if q.Messages[0].Text() != "Speak like a pirate." {
		t.Errorf("system prompt %q", q.Messages[0].Text())
	}
	s := q.Sampling
	if s.Temperature != 0.9 || s.TopK != 3 || s.MaxTokens != 11 || s.Seed != 5 || s.TopP != defaultSampling.TopP || len(s.Stop) != 1 {
		t.Errorf("sampling %+v: question > setting > default is broken", s)
	}
	if q.Class != engine.ClassInteractive || q.User != owner || q.ID == "" {
		t.Errorf("request %+v", q)
	}
}

func TestReadSettingsLeavesWhatIsBroken(t *testing.T) {
	got := readSettings(rawSettings(map[string]string{
		"temperature": `99`, "system_prompt": `17`, "turn_orphan_seconds": `"soon"`, "default_model": `{}`,
	}))
	if got.sampling.Temperature != defaultSampling.Temperature || got.system != "" || got.orphan != defaultOrphan {
		t.Errorf("settings %+v", got)
	}
	if got := readSettings(rawSettings(map[string]string{"turn_orphan_seconds": `5`})); got.orphan != 5*time.Second {
		t.Errorf("orphan %v", got.orphan)
	}
}
