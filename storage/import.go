package storage

import (
	"context"
	"fmt"

	"alcove/storage/sqlcgen"
)

// Imported is a conversation with its whole tree, parents before children. All
// ids are new ones, and every status is a final one.
type Imported struct {
	Conversation Conversation
	Messages     []Message
}

// Import stores conversations in one transaction: all or nothing. Times are kept.
// Text of sources whose document is not there is left out, so that a deleted
// document does not come back with an old file. Figures, ratings and the inbox are
// not touched: they are measured and said here, not told.
func (db *DB) Import(ctx context.Context, list []Imported) ([]Conversation, error) {
	out := make([]Conversation, 0, len(list))
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		for _, one := range list {
			c, err := importOne(ctx, q, one)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("import conversations: %w", err)
	}
	return out, nil
}

func importOne(ctx context.Context, q *sqlcgen.Queries, one Imported) (Conversation, error) {
	c := one.Conversation
	for _, m := range one.Messages {
		if c.Title == "" && m.Role == RoleUser {
			c.Title = titleOf(m.Text)
		}
	}
	n, err := q.InsertConversation(ctx, sqlcgen.InsertConversationParams{ID: c.ID, Title: c.Title, Collection: c.Collection, CreatedAt: millis(c.CreatedAt), UpdatedAt: millis(c.UpdatedAt)})
	if err == nil && n == 0 {
		err = ErrConflict
	}
	if err != nil {
		return Conversation{}, err
	}
	for _, m := range one.Messages {
		if err := importMessage(ctx, q, m); err != nil {
			return Conversation{}, err
		}
	}
	row, err := q.GetConversation(ctx, c.ID)
	return conversationOf(row), err
}

func importMessage(ctx context.Context, q *sqlcgen.Queries, m Message) error {
	turn := Turn{ID: m.TurnID, ConversationID: m.ConversationID}
	if m.Status == StatusWriting {
		return fmt.Errorf("%w: an imported message is not being written", ErrInvalid)
	}
	end := sqlcgen.EndMessageParams{Status: string(m.Status), ID: m.ID}
	if m.Error != nil {
		end.ErrorCode, end.ErrorMessage = m.Error.Code, m.Error.Message
	}
	if err := insertMessage(ctx, q, turn, &m, millis(m.CreatedAt)); err != nil {
		return err
	}
	if m.Error != nil {
		if err := q.EndMessage(ctx, end); err != nil {
			return err
		}
	}
	if m.Grounding == nil {
		return nil
	}
	sources, err := withoutRemoved(ctx, q, m.Sources)
	if err != nil {
		return err
	}
	for _, s := range sources {
		if err := insertSource(ctx, q, m.ID, s); err != nil {
			return err
		}
	}
	return putGrounding(ctx, q, m.ID, *m.Grounding)
}

// ConversationIDs lists all that are not deleted, oldest first, as they are at
// one moment.
func (db *DB) ConversationIDs(ctx context.Context) (ids []string, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		ids, err = q.ListConversationIDs(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	return ids, nil
}
