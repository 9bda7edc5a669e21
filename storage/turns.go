package storage

import (
	"context"
	"errors"
	"fmt"

	"alcove/storage/sqlcgen"
)

// Turn is a question with its answer. Question is nil when an answer is
// generated again: Answer.ParentID is then the question that has it already.
type Turn struct {
	ID             string // filled in when empty
	ConversationID string
	Question       *Message
	Answer         Message
}

// StartTurn stores a question and its empty, growing answer in one
// transaction, and titles a conversation that has no title. Only ID, ParentID
// and Text of the given messages count; empty ids are filled in.
//
// It may be repeated: with a question's id (or, without a question, an
// answer's id) that exists, it changes nothing and returns the stored turn and
// false. The same id with other text, or elsewhere, is ErrConflict.
func (db *DB) StartTurn(ctx context.Context, t Turn) (Turn, bool, error) {
	created := false
	stored := Turn{}
	err := db.write(ctx, func(q *sqlcgen.Queries) (err error) {
		if _, err := q.GetConversation(ctx, t.ConversationID); err != nil {
			return fmt.Errorf("conversation: %w", named(err))
		}
		if stored, err = repeatedTurn(ctx, q, t); !errors.Is(err, ErrNotFound) {
			return err
		}
		created = true
		stored, err = db.insertTurn(ctx, q, t)
		return err
	})
	if err != nil {
		return Turn{}, false, fmt.Errorf("start turn: %w", err)
	}
	return stored, created, nil
}

// Turn returns a stored turn. Question is nil for one that generated an answer
// again.
func (db *DB) Turn(ctx context.Context, id string) (t Turn, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		t, err = storedTurn(ctx, q, id)
		return err
	})
	if err != nil {
		return Turn{}, fmt.Errorf("read turn: %w", err)
	}
	return t, nil
}

func storedTurn(ctx context.Context, q *sqlcgen.Queries, id string) (Turn, error) {
	rows, err := q.ListTurn(ctx, id)
	if err != nil {
		return Turn{}, err
	}
	list, err := complete(ctx, q, rows)
	if err != nil {
		return Turn{}, err
	}
	t := Turn{ID: id}
	for i, m := range list {
		t.ConversationID = m.ConversationID
		if m.Role == RoleUser {
			t.Question = &list[i]
		} else {
			t.Answer = m
		}
	}
	if t.Answer.ID == "" {
		return Turn{}, ErrNotFound
	}
	return t, nil
}

// repeatedTurn returns the stored turn that t repeats, ErrNotFound when t is
// new and ErrConflict when only its id is old.
func repeatedTurn(ctx context.Context, q *sqlcgen.Queries, t Turn) (Turn, error) {
	asked, role := t.Answer, RoleAssistant
	if t.Question != nil {
		asked, role = *t.Question, RoleUser
	}
	if asked.ID == "" {
		return Turn{}, ErrNotFound
	}
	row, err := q.GetStoredMessage(ctx, asked.ID)
	if err != nil {
		return Turn{}, named(err)
	}
	stored, err := storedTurn(ctx, q, row.TurnID)
	if errors.Is(err, ErrNotFound) {
		return Turn{}, ErrConflict // its conversation is deleted
	}
	if err != nil {
		return Turn{}, err
	}
	// The parent of a question is not compared: it may have been "the newest".
	same := row.ConversationID == t.ConversationID && Role(row.Role) == role
	switch {
	case same && t.Question != nil && stored.Question != nil:
		same = stored.Question.Text == asked.Text
	case same && t.Question == nil:
		same = stored.Question == nil && stored.Answer.ParentID == asked.ParentID
	}
	if !same {
		return Turn{}, ErrConflict
	}
	return stored, nil
}

func (db *DB) insertTurn(ctx context.Context, q *sqlcgen.Queries, t Turn) (Turn, error) {
	if t.ID == "" {
		t.ID = newID()
	}
	now := db.now()
	if t.Question != nil {
		question := Message{ID: t.Question.ID, ParentID: t.Question.ParentID, Role: RoleUser, Status: StatusDone, Text: t.Question.Text}
		if err := insertMessage(ctx, q, t, &question, millis(now)); err != nil {
			return Turn{}, fmt.Errorf("question: %w", err)
		}
		title := sqlcgen.TitleConversationParams{Title: titleOf(question.Text), ID: t.ConversationID}
		if err := q.TitleConversation(ctx, title); err != nil {
			return Turn{}, err
		}
		t.Question, t.Answer.ParentID = &question, question.ID
	}
	answer := Message{ID: t.Answer.ID, ParentID: t.Answer.ParentID, Role: RoleAssistant, Status: StatusWriting}
	if err := insertMessage(ctx, q, t, &answer, millis(now)); err != nil {
		return Turn{}, fmt.Errorf("answer: %w", err)
	}
	t.Answer = answer
	return t, q.TouchConversation(ctx, sqlcgen.TouchConversationParams{UpdatedAt: millis(now), ID: t.ConversationID})
}

// insertMessage checks that a parent is of the same conversation and of the
// other role, stores m and fills in what m lacks.
func insertMessage(ctx context.Context, q *sqlcgen.Queries, t Turn, m *Message, now int64) error {
	if m.ID == "" {
		m.ID = newID()
	}
	m.ConversationID, m.TurnID, m.CreatedAt = t.ConversationID, t.ID, fromMillis(now)
	var parent *string
	if m.ParentID != "" {
		row, err := q.GetStoredMessage(ctx, m.ParentID)
		if err != nil {
			return fmt.Errorf("parent: %w", named(err))
		}
		if row.ConversationID != t.ConversationID {
			return fmt.Errorf("parent in another conversation: %w", ErrNotFound)
		}
		if Role(row.Role) == m.Role {
			return fmt.Errorf("%w: a question follows an answer and an answer a question", ErrInvalid)
		}
		parent = &m.ParentID
	} else if m.Role == RoleAssistant {
		return fmt.Errorf("%w: an answer needs a question", ErrInvalid)
	}
	err := q.InsertMessage(ctx, sqlcgen.InsertMessageParams{
		ID: m.ID, ConversationID: t.ConversationID, ParentID: parent, TurnID: t.ID,
		Role: string(m.Role), Status: string(m.Status), CreatedAt: now,
	})
	if err != nil || m.Text == "" {
		return err
	}
	return q.InsertPart(ctx, sqlcgen.InsertPartParams{MessageID: m.ID, Kind: "text", Text: m.Text, Whole: 1})
}
