package storage

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// Why an answer is in the inbox.
const (
	InboxUnanswered = "unanswered"  // the documents did not say
	InboxLowScore   = "low_score"   // they hardly did
	InboxThumbsDown = "thumbs_down" // its reader was not content
)

// States of what is in the inbox.
const (
	InboxOpen      = "open"
	InboxAnswered  = "answered" // HR wrote an answer
	InboxDismissed = "dismissed"
)

// InboxItem is one answer that HR should look at, without who asked.
type InboxItem struct {
	MessageID  string // of the answer
	Collection string
	Kind       string
	State      string
	AnswerID   string // approved answer that was written for it
	Question   string
	Note       string // of its reader
	Grounding  Grounding
	CreatedAt  time.Time
}

// Approved is an answer that HR wrote. DocumentID is what questions find.
type Approved struct {
	ID         string // filled in when empty
	Collection string
	DocumentID string
	Question   string
	Answer     string
	Effective  string // day from which it holds; "": always
	Expires    string // last day on which it holds; "": it does not end
	By         string // who signs it, as people read it; "": nobody said
	Sources    []ApprovedSource
	// Outdated says that it is not given any more: a passage that it stands on is
	// not found as it was, or its last day has passed. Filled in by ListApproved.
	Outdated  bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ApprovedSource is a passage that an approved answer stands on.
type ApprovedSource struct {
	DocumentID string `json:"document_id"`
	Document   string `json:"document"` // file name; "": it is gone. Not stored
	ChunkID    string `json:"chunk_id"`
	Page       int    `json:"page,omitempty"`
	PageEnd    int    `json:"page_end,omitempty"`
	Quote      string `json:"quote"` // literally from the passage; "": its document is gone
}

// GoldenRun is what became of a collection's golden questions at one time.
type GoldenRun struct {
	ID         string // filled in when empty
	Collection string
	Reason     string // why it ran
	Models     string // what could change the answers: embedder, reranker, and the model that writes
	Total      int
	Passed     int
	Broken     int // failed now, and passed the time before
	Results    json.RawMessage
	Quotes     []GoldenQuote // what was found; those of deleted documents go
	Texts      []GoldenText  // what the model wrote; those that stand on deleted documents go
	StartedAt  time.Time
	EndedAt    time.Time
}

// GoldenQuote is the sentence that a golden question found in a document.
type GoldenQuote struct {
	Question   string // its id
	DocumentID string
	Quote      string
}

// GoldenText is what the model wrote to a golden question.
type GoldenText struct {
	Question  string // its id
	Text      string
	Documents []string // that it was written from; filled in by who stores it
}

// Rate keeps what a reader thinks of an answer. A thumb down for an answer from
// documents puts it into the inbox, a thumb up takes it out again.
// A question is ErrInvalid.
func (db *DB) Rate(ctx context.Context, messageID string, up bool, note string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetStoredMessage(ctx, messageID)
		if err != nil {
			return err
		}
		if Role(row.Role) != RoleAssistant {
			return fmt.Errorf("%w: only answers are rated", ErrInvalid)
		}
		now := millis(db.now())
		if err := q.PutRating(ctx, sqlcgen.PutRatingParams{MessageID: messageID, Up: flag(up), Note: note, At: now}); err != nil {
			return err
		}
		rows, err := q.ListGroundings(ctx, []string{messageID})
		if err != nil || len(rows) == 0 {
			return err
		}
		if up {
			return takeBack(ctx, q, messageID, rows[0].Data)
		}
		return q.PutInbox(ctx, sqlcgen.PutInboxParams{MessageID: messageID, Collection: rows[0].Collection, Kind: InboxThumbsDown, Now: now})
	})
	if err != nil {
		return fmt.Errorf("rate an answer: %w", err)
	}
	return nil
}

// takeBack takes a thumb down out of the inbox. What would be there without it
// stays: its question was not answered, whatever its reader thinks of that.
func takeBack(ctx context.Context, q *sqlcgen.Queries, messageID, grounding string) error {
	var g Grounding
	if err := json.Unmarshal([]byte(grounding), &g); err != nil {
		return fmt.Errorf("grounding of message %s: %w", messageID, err)
	}
	if g.Inbox != "" {
		return q.SetInboxKind(ctx, sqlcgen.SetInboxKindParams{Kind: g.Inbox, MessageID: messageID, Was: InboxThumbsDown})
	}
	return q.TakeOutOfInbox(ctx, sqlcgen.TakeOutOfInboxParams{MessageID: messageID, Kind: InboxThumbsDown})
}

// addRatings fills in what readers think of answers.
func addRatings(ctx context.Context, q *sqlcgen.Queries, ids []string, at map[string]*Message) error {
	rows, err := q.ListRatings(ctx, ids)
	for _, r := range rows {
		at[r.MessageID].Rating = map[int64]string{0: "down", 1: "up"}[r.Up]
	}
	return err
}

// Inbox gives what is in one state in a collection's inbox, newest first.
func (db *DB) Inbox(ctx context.Context, collection, state string, limit int) ([]InboxItem, error) {
	list := []InboxItem{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListInbox(ctx, sqlcgen.ListInboxParams{Collection: collection, State: state, Count: int64(limit)})
		for _, r := range rows {
			item := InboxItem{MessageID: r.MessageID, Collection: r.Collection, Kind: r.Kind, State: r.State, AnswerID: r.AnswerID,
				Question: r.Question, Note: r.Note, CreatedAt: fromMillis(r.CreatedAt)}
			if err := json.Unmarshal([]byte(r.Grounding), &item.Grounding); err != nil {
				return fmt.Errorf("grounding of message %s: %w", r.MessageID, err)
			}
			list = append(list, item)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the inbox: %w", err)
	}
	return list, nil
}

// CountInbox counts a collection's inbox by state.
func (db *DB) CountInbox(ctx context.Context, collection string) (map[string]int, error) {
	counts := map[string]int{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.CountInbox(ctx, collection)
		for _, r := range rows {
			counts[r.State] = int(r.N)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count the inbox: %w", err)
	}
	return counts, nil
}

// InInbox is ErrNotFound where one of some answers is not in a collection's inbox.
func (db *DB) InInbox(ctx context.Context, collection string, messageIDs []string) error {
	for _, id := range messageIDs {
		there := false
		err := db.each(ctx, `SELECT 1 FROM inbox WHERE message_id = @id AND collection = @collection`,
			[]any{sqlNamed("id", id), sqlNamed("collection", collection)}, func(*sql.Rows) error { there = true; return nil })
		if err == nil && !there {
			err = ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("look into the inbox: %w", err)
		}
	}
	return nil
}

// SetInbox gives items of a collection's inbox a state. answer is the approved
// answer that was written for them, or "". One that is not there is ErrNotFound,
// and nothing was changed.
func (db *DB) SetInbox(ctx context.Context, collection string, messageIDs []string, state, answer string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error { return db.setInbox(ctx, q, collection, messageIDs, state, answer) })
	if err != nil {
		return fmt.Errorf("change the inbox: %w", err)
	}
	return nil
}

func (db *DB) setInbox(ctx context.Context, q *sqlcgen.Queries, collection string, messageIDs []string, state, answer string) error {
	for _, id := range messageIDs {
		n, err := q.SetInboxState(ctx, sqlcgen.SetInboxStateParams{State: state, AnswerID: answer, UpdatedAt: millis(db.now()), MessageID: id, Collection: collection})
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
	}
	return nil
}

// PutApproved stores an approved answer, marks its document, and the items of
// the inbox that it answers. Answers of the same words have one document and are
// one answer: a new one becomes the one that is there, and a changed one takes
// the other's place.
func (db *DB) PutApproved(ctx context.Context, a Approved, answers []string) (Approved, error) {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		others, err := q.OtherApproved(ctx, sqlcgen.OtherApprovedParams{DocumentID: a.DocumentID, ID: a.ID})
		if err != nil {
			return err
		}
		if a.ID == "" && len(others) > 0 {
			a.ID, others = others[0], others[1:]
		}
		a.ID = cmp.Or(a.ID, newID())
		for _, other := range others {
			if err := q.PassInbox(ctx, sqlcgen.PassInboxParams{AnswerID: a.ID, Was: other}); err != nil {
				return err
			}
			if _, err := q.DeleteApproved(ctx, other); err != nil {
				return err
			}
		}
		err = q.PutApproved(ctx, sqlcgen.PutApprovedParams{ID: a.ID, Collection: a.Collection, DocumentID: a.DocumentID,
			Question: a.Question, Answer: a.Answer, Effective: a.Effective, Expires: a.Expires, ApprovedBy: a.By, Now: millis(db.now())})
		if err == nil {
			err = putApprovedSources(ctx, q, a)
		}
		if err != nil {
			return err
		}
		if err := q.MarkApproved(ctx, a.DocumentID); err != nil {
			return err
		}
		if err := db.setInbox(ctx, q, a.Collection, answers, InboxAnswered, a.ID); err != nil {
			return err
		}
		row, err := q.GetApproved(ctx, a.ID)
		sources := a.Sources
		a = approvedOf(row)
		a.Sources = sources
		return err
	})
	if err != nil {
		return Approved{}, fmt.Errorf("store an approved answer: %w", err)
	}
	return a, nil
}

// Approved gives an approved answer.
func (db *DB) Approved(ctx context.Context, id string) (Approved, error) {
	var a Approved
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetApproved(ctx, id)
		if err != nil {
			return err
		}
		list := []Approved{approvedOf(row)}
		err = addApprovedSources(ctx, q, list)
		a = list[0]
		return err
	})
	if err != nil {
		return Approved{}, fmt.Errorf("read an approved answer: %w", err)
	}
	return a, nil
}

// DeleteApproved forgets an approved answer; the questions that it answered are
// open again. Its document is its caller's to delete.
func (db *DB) DeleteApproved(ctx context.Context, id string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if _, err := q.DeleteApproved(ctx, id); err != nil {
			return err
		}
		return q.ReopenInbox(ctx, sqlcgen.ReopenInboxParams{UpdatedAt: millis(db.now()), AnswerID: id})
	})
	if err != nil {
		return fmt.Errorf("delete an approved answer: %w", err)
	}
	return nil
}

func approvedOf(r sqlcgen.ApprovedAnswer) Approved {
	return Approved{ID: r.ID, Collection: r.Collection, DocumentID: r.DocumentID, Question: r.Question, Answer: r.Answer, Effective: r.Effective,
		Expires: r.Expires, By: r.ApprovedBy, CreatedAt: fromMillis(r.CreatedAt), UpdatedAt: fromMillis(r.UpdatedAt)}
}
