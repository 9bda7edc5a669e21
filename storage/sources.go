package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"alcove/storage/sqlcgen"
)

// SetSources stores what a growing answer will stand on, before it is written,
// and gives it as it was stored: sources whose document was removed since they
// were found are without its text. It replaces what was stored. An answer that
// has ended is ErrConflict.
func (db *DB) SetSources(ctx context.Context, messageID string, sources []Source, g Grounding) (stored []Source, err error) {
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetStoredMessage(ctx, messageID)
		if err != nil {
			return err
		}
		if Status(row.Status) != StatusWriting {
			return fmt.Errorf("%w: the answer has ended already", ErrConflict)
		}
		if err := q.DeleteSources(ctx, messageID); err != nil {
			return err
		}
		if stored, err = withoutRemoved(ctx, q, sources); err != nil {
			return err
		}
		for _, s := range stored {
			if err := insertSource(ctx, q, messageID, s); err != nil {
				return err
			}
		}
		if err := putGrounding(ctx, q, messageID, g); err != nil || g.Inbox == "" {
			return err
		}
		return q.PutInbox(ctx, sqlcgen.PutInboxParams{MessageID: messageID, Collection: g.Collection, Kind: g.Inbox, Now: millis(db.now())})
	})
	if err != nil {
		return nil, fmt.Errorf("save sources: %w", err)
	}
	return stored, nil
}

// WithoutRemoved gives sources as they may be shown now: those whose document
// was removed are without its text, and Removed.
func (db *DB) WithoutRemoved(ctx context.Context, sources []Source) (out []Source, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		out, err = withoutRemoved(ctx, q, sources)
		return err
	})
	return out, wrap(err, "look for removed documents")
}

func withoutRemoved(ctx context.Context, q *sqlcgen.Queries, sources []Source) ([]Source, error) {
	out := slices.Clone(sources)
	for i := range out {
		if out[i].DocumentID == "" {
			continue
		}
		n, err := q.CountDocument(ctx, out[i].DocumentID)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			out[i].Wipe()
		}
	}
	return out, nil
}

// Wipe takes the text of a document that is gone out of a source. What it was
// called stays, so that the answer says what it stood on.
func (s *Source) Wipe() { s.Quote, s.Text, s.Heading, s.Removed = "", "", "", true }

func insertSource(ctx context.Context, q *sqlcgen.Queries, messageID string, s Source) error {
	params := sqlcgen.InsertSourceParams{
		MessageID: messageID, N: int64(s.N), DocumentID: s.DocumentID,
		Cited: flag(s.Cited), Removed: flag(s.Removed), Quote: s.Quote, Text: s.Text,
	}
	s.Quote, s.Text = "", "" // they have columns of their own, which are emptied
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	params.Data = string(data)
	return q.InsertSource(ctx, params)
}

func putGrounding(ctx context.Context, q *sqlcgen.Queries, messageID string, g Grounding) error {
	data, err := json.Marshal(g)
	if err != nil {
		return err
	}
	return q.PutGrounding(ctx, sqlcgen.PutGroundingParams{MessageID: messageID, Collection: g.Collection, Data: string(data)})
}

// endSources stores which sources an answer names and how it was checked.
func endSources(ctx context.Context, q *sqlcgen.Queries, messageID string, end End) error {
	if end.Grounding == nil {
		return nil
	}
	for _, s := range end.Sources {
		err := q.CiteSource(ctx, sqlcgen.CiteSourceParams{Cited: flag(s.Cited), MessageID: messageID, N: int64(s.N)})
		if err != nil {
			return err
		}
	}
	return putGrounding(ctx, q, messageID, *end.Grounding)
}

// addSources fills in what answers stand on. at says where each message is.
func addSources(ctx context.Context, q *sqlcgen.Queries, ids []string, at map[string]*Message) error {
	groundings, err := q.ListGroundings(ctx, ids)
	if err != nil || len(groundings) == 0 {
		return err
	}
	grounded := make([]string, len(groundings))
	for i, row := range groundings {
		grounded[i] = row.MessageID
		g := new(Grounding)
		if err := json.Unmarshal([]byte(row.Data), g); err != nil {
			return fmt.Errorf("grounding of message %s: %w", row.MessageID, err)
		}
		at[row.MessageID].Grounding = g
	}
	rows, err := q.ListSources(ctx, grounded)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var s Source
		if err := json.Unmarshal([]byte(row.Data), &s); err != nil {
			return fmt.Errorf("sources of message %s: %w", row.MessageID, err)
		}
		s.Quote, s.Text, s.Cited = row.Quote, row.Text, row.Cited == 1
		if row.Gone == 1 {
			s.Wipe()
		}
		m := at[row.MessageID]
		m.Sources = append(m.Sources, s)
	}
	return nil
}

// SetCollection says of which collection a conversation's next questions are
// asked, "" for none.
func (db *DB) SetCollection(ctx context.Context, id, collection string) (Conversation, error) {
	return db.changeConversation(ctx, "set the collection of a", id, func(q *sqlcgen.Queries) (int64, error) {
		return q.SetConversationCollection(ctx, sqlcgen.SetConversationCollectionParams{Collection: collection, UpdatedAt: millis(db.now()), ID: id})
	})
}
