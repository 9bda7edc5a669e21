package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// owner is the one person of a box without accounts.
const owner = "owner"

// Store is what a Service needs of the database.
type Store interface {
	StartTurn(context.Context, storage.Turn) (storage.Turn, bool, error)
	Turn(ctx context.Context, id string) (storage.Turn, error)
	Message(ctx context.Context, id string) (storage.Message, error)
	Path(ctx context.Context, messageID string) ([]storage.Message, error)
	NewestLeaf(ctx context.Context, conversationID string) (string, error)
	Conversation(ctx context.Context, id string) (storage.Conversation, error)
	AppendText(messageID, text string)
	FinishMessage(ctx context.Context, id string, end storage.End) (storage.Message, error)
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
	SetSources(ctx context.Context, messageID string, sources []storage.Source, g storage.Grounding) ([]storage.Source, error)
	SetCollection(ctx context.Context, conversationID, collection string) (storage.Conversation, error)
}

// Deps is what New needs. Log gets no text of users.
type Deps struct {
	Store     Store
	Engine    engine.Backend
	Publisher Publisher
	// Model turns the name that a person chose, or "", into the one to ask for.
	// It returns an error that has a code when there is no such model.
	Model func(ctx context.Context, wanted string) (string, error)
	// Preset gives what a person chose for one model; "" is the one that the
	// engine would choose. nil: there are no presets.
	Preset func(model string) Preset
	// OnBattery says whether this machine runs on its battery; nil: it never does.
	OnBattery func() bool
	Grounder  Grounder         // nil: there are no documents
	Now       func() time.Time // nil: time.Now
	Log       *slog.Logger     // nil: none
}

// Service owns all turns. Its methods are safe for concurrent use.
type Service struct {
	store  Store
	engine engine.Backend
	events Publisher
	model  func(context.Context, string) (string, error)
	preset func(string) Preset
	now    func() time.Time
	log    *slog.Logger

	onBattery func() bool
	grounder  Grounder // may be nil

	// asking makes "which is the newest leaf" and "follow it" one step. The
	// database has one writer, so nothing is lost by it.
	asking sync.Mutex

	mu       sync.Mutex
	turns    map[string]*turn    // by turn id
	answers  map[string]*turn    // by the answer's id
	drafts   map[string]*reading // by conversation
	readers  int
	left     time.Time // when the last reader left
	closed   bool
	running  sync.WaitGroup
	shutdown chan struct{}
}

// sweepEvery is how often orphans are looked for.
const sweepEvery = time.Second

// New starts a Service; Shutdown ends it.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Model == nil {
		d.Model = func(_ context.Context, wanted string) (string, error) { return wanted, nil }
	}
	if d.Preset == nil {
		d.Preset = func(string) Preset { return Preset{} }
	}
	if d.OnBattery == nil {
		d.OnBattery = func() bool { return false }
	}
	s := &Service{
		onBattery: d.OnBattery, grounder: d.Grounder, drafts: map[string]*reading{},
		store: d.Store, engine: d.Engine, events: d.Publisher, model: d.Model, preset: d.Preset, now: d.Now, log: d.Log,
		turns: map[string]*turn{}, answers: map[string]*turn{}, left: d.Now(), shutdown: make(chan struct{}),
	}
	s.running.Add(1)
	go s.watch()
	return s
}

// Live gives the text so far of an answer that is being written, and the
// number of the last event that the text includes. Later deltas continue it.
// When ok is false the answer has ended, and the database has all of it.
func (s *Service) Live(messageID string) (text string, seq uint64, ok bool) {
	s.mu.Lock()
	t := s.answers[messageID]
	s.mu.Unlock()
	if t == nil {
		return "", 0, false
	}
	text, seq = t.live()
	return text, seq, true
}

// Stop ends a turn; what was written is kept. A turn that has ended already
// is fine, an unknown one is CodeTurnNotFound.
func (s *Service) Stop(turnID string) error {
	s.mu.Lock()
	t := s.turns[turnID]
	s.mu.Unlock()
	if t != nil {
		t.cancel(errStopped)
		return nil
	}
	_, err := s.store.Turn(context.Background(), turnID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return &app.Error{Code: app.CodeTurnNotFound, Err: err}
	case err != nil:
		return fmt.Errorf("stop turn: %w", err)
	}
	return nil
}

// SetReaders says how many event streams are open now. Turns that nobody
// reads end after the setting turn_orphan_seconds.
func (s *Service) SetReaders(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 0 && s.readers > 0 {
		s.left = s.now()
	}
	s.readers = n
}

// Shutdown ends every turn as interrupted, with what was written, and waits
// for them while ctx lasts. No question is taken any more.
func (s *Service) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.shutdown)
	}
	for _, t := range s.turns {
		t.cancel(errShutdown)
	}
	for _, r := range s.drafts {
		r.cancel()
	}
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for answers: %w", ctx.Err())
	}
}

// add makes a turn live, or refuses when the service is shutting down.
func (s *Service) add(t *turn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return &app.Error{Code: engine.CodeClosed}
	}
	s.turns[t.id], s.answers[t.answer.ID] = t, t
	s.running.Add(1)
	return nil
}

func (s *Service) remove(t *turn) {
	s.mu.Lock()
	delete(s.turns, t.id)
	delete(s.answers, t.answer.ID)
	s.mu.Unlock()
	t.cancel(nil)
	s.running.Done()
}

// run writes one answer.
func (s *Service) run(t *turn, path []storage.Message, j job) {
	defer s.remove(t)
	usage, err := s.write(t, path, j)
	if t.filter != nil {
		s.show(t, t.filter.Close())
	}
	s.finish(t, t.checked(endOf(usage, err, context.Cause(t.ctx))))
	if err != nil && t.ctx.Err() == nil {
		s.log.Warn("answer failed", "turn", t.id, "model", j.model, "err", err)
	}
}

// write finds what the documents say, where they are asked, and lets the model
// write. It turns a panic into a failed answer: a bug under one answer must not
// end the others.
func (s *Service) write(t *turn, path []storage.Message, j job) (usage engine.Usage, err error) {
	defer func() {
		if p := recover(); p != nil {
			// The value may hold text of the conversation; the stack does not.
			s.log.Error("panic under an answer", "turn", t.id, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = &app.Error{Code: engine.CodeInternal}
		}
	}()
	request := s.request(t, path, j)
	if j.collection != "" {
		g, err := s.ground(t, path, j)
		if err != nil || g.said() != "" {
			s.show(t, g.said())
			return engine.Usage{}, err
		}
		request.Messages, request.LocalOnly = groundedPrompt(path, g, time.Local), g.LocalOnly
		bound(&request, g.MaxTokens)
	}
	bound(&request, defaultTokens)
	if j.noModel != nil {
		return engine.Usage{}, j.noModel
	}
	usage, err = s.engine.Generate(t.ctx, request, func(e engine.Event) error {
		s.emit(t, e)
		if t.filter != nil && t.filter.Over() {
			return errRepeats
		}
		return nil
	})
	if errors.Is(err, errRepeats) {
		usage.Finish, err = engine.FinishStop, nil
	}
	return usage, err
}

// errRepeats ends a model that says the same again and again.
var errRepeats = errors.New("the model repeats itself")

// bound bounds an answer where nobody chose a bound; 0: not.
func bound(r *engine.Request, tokens int) {
	if r.Sampling.MaxTokens == unbounded && tokens > 0 {
		r.Sampling.MaxTokens = tokens
	}
}

// finish saves the end and tells the readers. While the disk takes no writes
// the answer stays live, so that its text can be read, and the end is tried
// again; storage keeps it too.
func (s *Service) finish(t *turn, end storage.End) {
	told := false
	for {
		m, err := s.store.FinishMessage(context.Background(), t.answer.ID, end)
		switch {
		case err == nil:
			s.ended(t, m)
			return
		case errors.Is(err, storage.ErrNotFound):
			return // its conversation was deleted for good
		case !errors.Is(err, storage.ErrReadOnly):
			s.log.Error("the end of an answer could not be saved", "turn", t.id, "err", err)
			s.unsaved(t, end, err)
			return
		}
		if !told {
			told = true
			s.unsaved(t, end, &app.Error{Code: app.CodeReadOnly, Err: err})
		}
		select {
		case <-time.After(sweepEvery):
		case <-s.shutdown:
			return
		}
	}
}

func (s *Service) ended(t *turn, m storage.Message) {
	name := EventDone
	if m.Status == storage.StatusFailed {
		name = EventFailed
	}
	s.events.Publish(name, TurnEnded{TurnID: t.id, ConversationID: m.ConversationID, Message: viewMessage(m)})
	s.touched(m.ConversationID)
}

// unsaved shows an answer whose end is not on the disk.
func (s *Service) unsaved(t *turn, end storage.End, err error) {
	m := t.answer
	m.Status, m.Figures, m.Error = storage.StatusFailed, end.Figures, messageError(err)
	m.Text, _ = t.live()
	s.events.Publish(EventFailed, TurnEnded{TurnID: t.id, ConversationID: m.ConversationID, Message: viewMessage(m)})
}

// touched tells the readers that a conversation has moved in the list.
func (s *Service) touched(conversationID string) {
	c, err := s.store.Conversation(context.Background(), conversationID)
	if err != nil {
		return // deleted meanwhile
	}
	s.events.Publish(EventConversationChanged, ConversationChanged{viewConversation(c)})
}

// watch ends turns that nobody reads.
func (s *Service) watch() {
	defer s.running.Done()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.shutdown:
			return
		case <-tick.C:
			s.sweep()
		}
	}
}

func (s *Service) sweep() {
	s.mu.Lock()
	alone := s.readers == 0 && len(s.turns) > 0
	s.mu.Unlock()
	if !alone {
		return
	}
	set, err := s.settings(context.Background())
	if err != nil {
		s.log.Warn("orphans were not looked for", "err", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.turns {
		if s.readers == 0 && orphaned(s.now(), s.left, t.started, set.orphan) {
			t.cancel(errOrphaned)
		}
	}
}

// orphaned says whether a turn without readers has gone on for too long. The
// clock starts when the last reader left, or with the turn if that came later.
func orphaned(now, left, started time.Time, limit time.Duration) bool {
	since := left
	if started.After(since) {
		since = started
	}
	return limit > 0 && now.Sub(since) >= limit
}
