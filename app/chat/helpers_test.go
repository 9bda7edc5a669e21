package chat

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"alcove/app"
	"alcove/engine"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

// script is an engine whose answers a test writes. Each answer runs play.
type script struct {
	play func(ctx context.Context, r engine.Request, emit func(engine.Event) error) (engine.Usage, error)

	mu       sync.Mutex
	requests []engine.Request
	queued   int
}

func (s *script) Generate(ctx context.Context, r engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	return s.play(ctx, r, emit)
}

func (s *script) asked() []engine.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]engine.Request(nil), s.requests...)
}

func (*script) Models() []engine.Model             { return []engine.Model{{ID: "m", Default: true}} }
func (*script) Load(context.Context, string) error { return nil }
func (*script) Close() error                       { return nil }

// Status is of an engine that has its model, and queued others waiting.
func (s *script) Unload(context.Context, string) error { return nil }

func (s *script) Tune(map[string]engine.Tuning) {}

func (s *script) Status() engine.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return engine.Status{Ready: true, Model: "m", Queued: s.queued}
}

// say writes the words and ends.
func say(words ...string) func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
	return func(ctx context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		usage := engine.Usage{Model: "m", Device: "test", PromptTokens: 7, Finish: engine.FinishStop, FirstToken: 3 * time.Millisecond}
		for _, w := range words {
			if err := emit(engine.Token{Text: w, N: 1}); err != nil {
				return usage, err
			}
			usage.OutputTokens++
		}
		return usage, nil
	}
}

// sayAndWait writes the words and goes on until its context ends.
func sayAndWait(words ...string) func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
	return func(ctx context.Context, r engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		usage, _ := say(words...)(ctx, r, emit)
		<-ctx.Done()
		usage.Finish = engine.FinishCancelled
		return usage, ctx.Err()
	}
}

// recorder keeps what was published.
type recorder struct {
	mu     sync.Mutex
	events []published
	wake   chan struct{}
}

type published struct {
	seq  uint64
	name string
	data any
}

func newRecorder() *recorder { return &recorder{wake: make(chan struct{})} }

func (r *recorder) Publish(name string, data any) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	seq := uint64(len(r.events) + 1)
	r.events = append(r.events, published{seq, name, data})
	close(r.wake)
	r.wake = make(chan struct{})
	return seq
}

func (r *recorder) all() []published {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]published(nil), r.events...)
}

// wait returns the first event that want accepts.
func (r *recorder) wait(t *testing.T, want func(published) bool) published {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for seen := 0; ; {
		r.mu.Lock()
		events, wake := r.events, r.wake
		r.mu.Unlock()
		for ; seen < len(events); seen++ {
			if want(events[seen]) {
				return events[seen]
			}
		}
		select {
		case <-wake:
		case <-deadline:
			t.Fatalf("the event did not come; got %+v", r.all())
		}
	}
}

func ended(turn string) func(published) bool {
	return func(p published) bool {
		e, ok := p.data.(TurnEnded)
		return ok && e.TurnID == turn
	}
}

func delta(text string) func(published) bool {
	return func(p published) bool {
		d, ok := p.data.(TurnDelta)
		return ok && d.Text == text
	}
}

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	c.t = c.t.Add(d)
	c.mu.Unlock()
}

// room is a Service with a real database and one conversation, "c".
type room struct {
	t       *testing.T
	db      *storage.DB
	engine  *script
	events  *recorder
	clock   *clock
	service *Service
}

func newRoom(t *testing.T, play func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error)) *room {
	t.Helper()
	clock := &clock{t: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	db, err := storage.Open(context.Background(), storage.Options{
		Path: emptydb.Path(t), Now: clock.Now, Flush: 5 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, db: db, engine: &script{play: play}, events: newRecorder(), clock: clock}
	r.service = New(Deps{Store: db, Engine: r.engine, Publisher: r.events, Now: clock.Now})
	r.service.SetReaders(1)
	t.Cleanup(func() {
		if err := r.service.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, _, err := db.CreateConversation(context.Background(), storage.Conversation{ID: "c"}); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *room) ask(q Question) Started {
	r.t.Helper()
	if q.ConversationID == "" {
		q.ConversationID = "c"
	}
	started, err := r.service.Ask(context.Background(), q)
	if err != nil {
		r.t.Fatal(err)
	}
	return started
}

// finished asks and waits for the end.
func (r *room) finished(q Question) (Started, storage.Message) {
	r.t.Helper()
	started := r.ask(q)
	r.events.wait(r.t, ended(started.TurnID))
	return started, r.message(started.Answer.ID)
}

func (r *room) message(id string) storage.Message {
	r.t.Helper()
	m, err := r.db.Message(context.Background(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

func (r *room) messages() []storage.Message {
	r.t.Helper()
	list, err := r.db.Messages(context.Background(), "c")
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// refused checks the code of an error and the field that it names.
func refused(t *testing.T, err error, code engine.Code, param string) {
	t.Helper()
	var e *app.Error
	if !errors.As(err, &e) || e.Code != code || e.Param != param {
		t.Errorf("error %v, want %s for %q", err, code, param)
	}
}
