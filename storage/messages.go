package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"alcove/storage/sqlcgen"
)

// Role says who wrote a message.
type Role string

// Roles that are stored. The system prompt is a setting, not a message.
const (
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
)

// Status is a message's place in its life. Every one but StatusWriting is final.
type Status string

// Message states.
const (
	StatusWriting     Status = "writing"     // growing
	StatusDone        Status = "done"        //
	StatusStopped     Status = "stopped"     // by Stop, or nobody was reading
	StatusInterrupted Status = "interrupted" // the program ended while it was written
	StatusFailed      Status = "failed"      // Error says why
)

// MessageError is why an answer failed: a code for programs and a sentence for
// the user.
type MessageError struct {
	Code    string
	Message string
}

// Message is one node of a conversation's tree.
type Message struct {
	ID             string
	ConversationID string
	ParentID       string // empty for a root
	TurnID         string
	Role           Role
	Status         Status
	Text           string // of a growing answer: what is committed so far
	Error          *MessageError
	Figures        *Figures   // nil until an answer has ended, and for questions
	Sources        []Source   // what an answer stands on
	Grounding      *Grounding // nil for one that was not asked of documents
	Rating         string     // "up" or "down": what its reader thinks of it; "": nothing
	CreatedAt      time.Time
}

// Figures are what an answer cost. Durations are milliseconds.
type Figures struct {
	Model        string
	Device       string
	PromptTokens int
	CachedTokens int // part of PromptTokens that was not computed again
	OutputTokens int
	FirstTokenMS int64 // from the request to the first token
	TotalMS      int64
	TokensPerSec float64 // after the first token
	Finish       string  // stop, length, cancelled or failed
	Restarts     int     // workers that died under this answer
}

// Messages returns a conversation's whole tree, oldest first.
func (db *DB) Messages(ctx context.Context, conversationID string) (list []Message, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		if _, err := q.GetConversation(ctx, conversationID); err != nil {
			return err
		}
		rows, err := q.ListMessages(ctx, conversationID)
		if err != nil {
			return err
		}
		list, err = complete(ctx, q, rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return list, nil
}

// Message returns one message.
func (db *DB) Message(ctx context.Context, id string) (m Message, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetMessage(ctx, id)
		if err != nil {
			return err
		}
		m, err = completeOne(ctx, q, row)
		return err
	})
	if err != nil {
		return Message{}, fmt.Errorf("read message: %w", err)
	}
	return m, nil
}

// Path returns the messages from the root to messageID.
func (db *DB) Path(ctx context.Context, messageID string) (list []Message, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		if _, err := q.GetMessage(ctx, messageID); err != nil {
			return err
		}
		rows, err := q.ListPath(ctx, messageID)
		if err != nil {
			return err
		}
		list, err = complete(ctx, q, rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read path of message: %w", err)
	}
	return list, nil
}

// NewestLeaf returns the id of the youngest message that nothing follows, ""
// in an empty conversation. A new question without a given parent follows it.
func (db *DB) NewestLeaf(ctx context.Context, conversationID string) (id string, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		if _, err := q.GetConversation(ctx, conversationID); err != nil {
			return err
		}
		ids, err := q.ListNewestLeaf(ctx, conversationID)
		if len(ids) > 0 {
			id = ids[0]
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read newest message: %w", err)
	}
	return id, nil
}

func completeOne(ctx context.Context, q *sqlcgen.Queries, row sqlcgen.Message) (Message, error) {
	list, err := complete(ctx, q, []sqlcgen.Message{row})
	if err != nil {
		return Message{}, err
	}
	return list[0], nil
}

// complete adds text and figures to rows, in their order.
func complete(ctx context.Context, q *sqlcgen.Queries, rows []sqlcgen.Message) ([]Message, error) {
	const batch = 500 // ids in one statement
	list := make([]Message, len(rows))
	for from := 0; from < len(rows); from += batch {
		part := rows[from:min(from+batch, len(rows))]
		ids, refs := make([]string, len(part)), make([]*string, len(part))
		for i := range part {
			ids[i], refs[i] = part[i].ID, &part[i].ID
		}
		parts, err := q.ListParts(ctx, ids)
		if err != nil {
			return nil, err
		}
		generations, err := q.ListGenerations(ctx, refs)
		if err != nil {
			return nil, err
		}
		texts := make(map[string]*strings.Builder, len(part))
		for _, p := range parts {
			if texts[p.MessageID] == nil {
				texts[p.MessageID] = new(strings.Builder)
			}
			texts[p.MessageID].WriteString(p.Text)
		}
		at := make(map[string]*Message, len(part))
		figures := make(map[string]*Figures, len(generations))
		for _, g := range generations {
			figures[*g.MessageID] = figuresOf(g)
		}
		for i, r := range part {
			m := messageOf(r)
			if t := texts[r.ID]; t != nil {
				m.Text = t.String()
			}
			m.Figures = figures[r.ID]
			list[from+i] = m
			at[r.ID] = &list[from+i]
		}
		if err := addSources(ctx, q, ids, at); err != nil {
			return nil, err
		}
		if err := addRatings(ctx, q, ids, at); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func messageOf(r sqlcgen.Message) Message {
	m := Message{
		ID: r.ID, ConversationID: r.ConversationID, TurnID: r.TurnID,
		Role: Role(r.Role), Status: Status(r.Status), CreatedAt: fromMillis(r.CreatedAt),
	}
	if r.ParentID != nil {
		m.ParentID = *r.ParentID
	}
	if r.ErrorCode != "" {
		m.Error = &MessageError{Code: r.ErrorCode, Message: r.ErrorMessage}
	}
	return m
}

func figuresOf(g sqlcgen.Generation) *Figures {
	return &Figures{
		Model: g.Model, Device: g.Device,
		PromptTokens: int(g.PromptTokens), CachedTokens: int(g.CachedTokens), OutputTokens: int(g.OutputTokens),
		FirstTokenMS: g.FirstTokenMs, TotalMS: g.TotalMs, TokensPerSec: g.TokensPerSec,
		Finish: g.Finish, Restarts: int(g.Restarts),
	}
}
