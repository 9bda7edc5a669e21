package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"alcove/storage/sqlcgen"
)

// End is how an answer ended. Class and User are what the generation is
// counted for; they matter only with Figures. Grounding, and which of the
// Sources are cited, replace what SetSources stored; nil leaves it.
type End struct {
	Status    Status
	Error     *MessageError
	Figures   *Figures
	Class     string
	User      string
	Sources   []Source
	Grounding *Grounding
}

// growing owns the text of all growing answers that is not committed yet. One
// goroutine commits it, for all answers together; the inbox is the only thing
// that others touch.
type growing struct {
	db    *DB
	every time.Duration
	ends  chan endRequest
	wake  chan struct{}
	quit  chan struct{}
	done  chan struct{}
	once  sync.Once

	mu    sync.Mutex
	inbox []chunk
	used  map[string]time.Time // keys that were used, for last_used_at

	held map[string]*heldText // only the loop touches it
}

type chunk struct{ messageID, text string }

// heldText waits for its commit. end is set when the answer ended while the
// disk took no writes.
type heldText struct {
	text strings.Builder
	end  *End
}

type endRequest struct {
	id    string
	end   End
	reply chan endReply
}

type endReply struct {
	message Message
	err     error
}

// retryEvery is the pause after a commit that failed.
const retryEvery = time.Second

func startGrowing(db *DB, every time.Duration) *growing {
	g := &growing{
		db: db, every: every,
		ends: make(chan endRequest), wake: make(chan struct{}, 1),
		quit: make(chan struct{}), done: make(chan struct{}),
		used: map[string]time.Time{}, held: map[string]*heldText{},
	}
	go g.run()
	return g
}

func (g *growing) stop() {
	g.once.Do(func() { close(g.quit) })
	<-g.done
}

// AppendText adds text to a growing answer. It never blocks and cannot fail:
// the text is committed within Options.Flush, or kept in memory and tried
// again while the disk takes no writes. Text for a message that is not
// growing is dropped. Appends to one message must come from one goroutine.
func (db *DB) AppendText(messageID, text string) {
	g := db.growing
	g.mu.Lock()
	g.inbox = append(g.inbox, chunk{messageID, text})
	g.mu.Unlock()
	g.poke()
}

func (g *growing) poke() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// FinishMessage ends a growing answer: its text is joined and indexed, its
// figures are recorded, all in one transaction that is on the disk when it
// returns nil. With ErrReadOnly the end is kept in memory like the text and is
// tried again. Ending an answer a second time in the same way returns the
// stored one; in another way it is ErrConflict. Once it was handed over, a
// cancelled ctx does not take it back.
func (db *DB) FinishMessage(ctx context.Context, id string, end End) (Message, error) {
	switch end.Status {
	case StatusDone, StatusStopped, StatusInterrupted, StatusFailed:
	default:
		return Message{}, fmt.Errorf("finish message: %w: status %q is not an end", ErrInvalid, end.Status)
	}
	r := endRequest{id: id, end: end, reply: make(chan endReply, 1)}
	select {
	case db.growing.ends <- r:
	case <-db.growing.done:
		return Message{}, fmt.Errorf("finish message: %w", ErrClosed)
	case <-ctx.Done():
		return Message{}, fmt.Errorf("finish message: %w", ctx.Err())
	}
	select {
	case a := <-r.reply:
		if a.err != nil {
			return Message{}, fmt.Errorf("finish message: %w", a.err)
		}
		return a.message, nil
	case <-ctx.Done():
		return Message{}, fmt.Errorf("finish message: %w", ctx.Err())
	}
}

func (g *growing) run() {
	defer close(g.done)
	timer := time.NewTimer(g.every)
	timer.Stop()
	armed := false
	arm := func(d time.Duration) {
		if !armed {
			timer.Reset(d)
			armed = true
		}
	}
	for {
		select {
		case <-g.wake:
			arm(g.every)
		case <-timer.C:
			armed = false
			if err := g.commit(); err != nil {
				arm(max(g.every, retryEvery))
			}
		case r := <-g.ends:
			g.collect()
			m, err := g.end(r.id, r.end)
			if g.held[r.id] != nil {
				arm(max(g.every, retryEvery))
			}
			r.reply <- endReply{m, err}
		case <-g.quit:
			if err := g.commit(); err != nil {
				g.db.log.Error("the last text of growing answers could not be saved", "answers", len(g.held), "err", err)
			}
			return
		}
	}
}

// collect empties the inbox.
func (g *growing) collect() {
	g.mu.Lock()
	chunks := g.inbox
	g.inbox = nil
	g.mu.Unlock()
	for _, c := range chunks {
		h := g.held[c.messageID]
		if h == nil {
			h = &heldText{}
			g.held[c.messageID] = h
		}
		h.text.WriteString(c.text)
	}
}

// commit writes everything that is held, in one transaction but for ends that
// a failed disk left over.
func (g *growing) commit() error {
	g.collect()
	used := g.takeUsed()
	ctx := context.Background() // what was appended is saved whoever has left
	if len(g.held) == 0 && len(used) == 0 {
		return g.db.ready(ctx)
	}
	dropped := 0
	err := g.db.write(ctx, func(q *sqlcgen.Queries) error {
		dropped = 0
		for id, h := range g.held {
			if h.text.Len() == 0 {
				continue
			}
			n, err := q.AppendPart(ctx, sqlcgen.AppendPartParams{Text: h.text.String(), MessageID: id})
			if err != nil {
				return err
			}
			if n == 0 {
				dropped++
			}
		}
		for id, at := range used {
			ms := millis(at)
			if err := q.TouchKey(ctx, sqlcgen.TouchKeyParams{UsedAt: &ms, ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		g.putUsed(used)
		return err
	}
	if dropped > 0 {
		g.db.log.Warn("text for messages that are not growing was dropped", "messages", dropped)
	}
	ends := map[string]End{}
	for id, h := range g.held {
		h.text.Reset() // all of it is saved, also when an end fails below
		if h.end == nil {
			delete(g.held, id)
		} else {
			ends[id] = *h.end
		}
	}
	for id, end := range ends {
		if _, err := g.end(id, end); g.held[id] != nil {
			return err
		}
	}
	return nil
}

// end commits an answer's end with the text that is held for it.
func (g *growing) end(id string, end End) (m Message, err error) {
	ctx := context.Background()
	h := g.held[id]
	if h == nil {
		h = &heldText{}
	}
	err = g.db.write(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetStoredMessage(ctx, id)
		if err != nil {
			return err
		}
		if Status(row.Status) == StatusWriting {
			if err := endMessage(ctx, q, row, h.text.String(), end); err != nil {
				return err
			}
			now := sqlcgen.TouchConversationParams{UpdatedAt: millis(g.db.now()), ID: row.ConversationID}
			if err := q.TouchConversation(ctx, now); err != nil {
				return err
			}
			if err := g.record(ctx, q, id, end); err != nil {
				return err
			}
		} else if Status(row.Status) != end.Status {
			return fmt.Errorf("%w: the answer has ended already", ErrConflict)
		}
		if row, err = q.GetStoredMessage(ctx, id); err != nil {
			return err
		}
		m, err = completeOne(ctx, q, row)
		return err
	})
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrConflict) {
		h.end = &end
		g.held[id] = h
		return Message{}, err
	}
	delete(g.held, id)
	return m, err
}

func (g *growing) record(ctx context.Context, q *sqlcgen.Queries, id string, end End) error {
	f := end.Figures
	if f == nil {
		return nil
	}
	return q.InsertGeneration(ctx, sqlcgen.InsertGenerationParams{
		MessageID: &id, Class: end.Class, User: end.User, Model: f.Model, Device: f.Device,
		PromptTokens: int64(f.PromptTokens), CachedTokens: int64(f.CachedTokens), OutputTokens: int64(f.OutputTokens),
		FirstTokenMs: f.FirstTokenMS, TotalMs: f.TotalMS, TokensPerSec: f.TokensPerSec,
		Finish: f.Finish, Restarts: int64(f.Restarts), CreatedAt: millis(g.db.now()),
	})
}

// endMessage joins a message's parts and more into one whole part, which the
// index covers, and sets its status.
func endMessage(ctx context.Context, q *sqlcgen.Queries, row sqlcgen.Message, more string, end End) error {
	parts, err := q.ListParts(ctx, []string{row.ID})
	if err != nil {
		return err
	}
	var whole strings.Builder
	for _, p := range parts {
		whole.WriteString(p.Text)
	}
	whole.WriteString(more)
	if err := q.DeleteParts(ctx, row.ID); err != nil {
		return err
	}
	if whole.Len() > 0 {
		err := q.InsertPart(ctx, sqlcgen.InsertPartParams{MessageID: row.ID, Kind: "text", Text: whole.String(), Whole: 1})
		if err != nil {
			return err
		}
	}
	params := sqlcgen.EndMessageParams{Status: string(end.Status), ID: row.ID}
	if end.Error != nil {
		params.ErrorCode, params.ErrorMessage = end.Error.Code, end.Error.Message
	}
	if err := q.EndMessage(ctx, params); err != nil {
		return err
	}
	return endSources(ctx, q, row.ID, end)
}
