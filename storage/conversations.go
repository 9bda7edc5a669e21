package storage

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"alcove/storage/sqlcgen"

	"github.com/google/uuid"
)

// Conversation is a tree of messages. UpdatedAt moves when a turn starts or
// ends and when it is renamed.
type Conversation struct {
	ID    string
	Title string // empty until the first question or a rename
	// Collection is what its questions are asked of when they say nothing else;
	// "" is none.
	Collection string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Cursor is a place in the list of conversations; empty is its beginning, and
// as a result its end.
type Cursor string

// maxPage bounds a page of the list.
const maxPage = 200

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func conversationOf(r sqlcgen.Conversation) Conversation {
	return Conversation{ID: r.ID, Title: r.Title, Collection: r.Collection, CreatedAt: fromMillis(r.CreatedAt), UpdatedAt: fromMillis(r.UpdatedAt)}
}

// CreateConversation stores a conversation; an empty ID is filled in, times
// are set. With an id that exists it changes nothing and returns the stored
// one and false.
func (db *DB) CreateConversation(ctx context.Context, c Conversation) (Conversation, bool, error) {
	if c.ID == "" {
		c.ID = newID()
	}
	now, created := millis(db.now()), false
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.InsertConversation(ctx, sqlcgen.InsertConversationParams{ID: c.ID, Title: c.Title, Collection: c.Collection, CreatedAt: now, UpdatedAt: now})
		if err != nil {
			return err
		}
		created = n == 1
		row, err := q.GetConversation(ctx, c.ID)
		c = conversationOf(row)
		return err
	})
	if err != nil {
		return Conversation{}, false, fmt.Errorf("create conversation: %w", err)
	}
	return c, created, nil
}

// Conversation returns one that is not deleted.
func (db *DB) Conversation(ctx context.Context, id string) (c Conversation, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetConversation(ctx, id)
		c = conversationOf(row)
		return err
	})
	if err != nil {
		return Conversation{}, fmt.Errorf("read conversation: %w", err)
	}
	return c, nil
}

// Conversations lists the ones that are not deleted, newest change first, and
// says where the next page begins.
func (db *DB) Conversations(ctx context.Context, before Cursor, limit int) ([]Conversation, Cursor, error) {
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	at, num, err := before.place()
	if err != nil {
		return nil, "", fmt.Errorf("list conversations: %w", err)
	}
	var rows []sqlcgen.Conversation
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err = q.ListConversations(ctx, sqlcgen.ListConversationsParams{UpdatedAt: at, Num: num, Count: int64(limit) + 1})
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list conversations: %w", err)
	}
	next := Cursor("")
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = Cursor(fmt.Sprintf("%d-%d", last.UpdatedAt, last.Num))
	}
	list := make([]Conversation, len(rows))
	for i, r := range rows {
		list[i] = conversationOf(r)
	}
	return list, next, nil
}

func (c Cursor) place() (at, num int64, err error) {
	if c == "" {
		return math.MaxInt64, math.MaxInt64, nil
	}
	if n, err := fmt.Sscanf(string(c), "%d-%d", &at, &num); err != nil || n != 2 || fmt.Sprintf("%d-%d", at, num) != string(c) {
		return 0, 0, fmt.Errorf("%w: this is not a cursor of the list", ErrInvalid)
	}
	return at, num, nil
}

// RenameConversation sets the title.
func (db *DB) RenameConversation(ctx context.Context, id, title string) (Conversation, error) {
	return db.changeConversation(ctx, "rename", id, func(q *sqlcgen.Queries) (int64, error) {
		return q.RenameConversation(ctx, sqlcgen.RenameConversationParams{Title: title, UpdatedAt: millis(db.now()), ID: id})
	})
}

// RestoreConversation brings back what DeleteConversation hid and
// PurgeDeleted has not removed.
func (db *DB) RestoreConversation(ctx context.Context, id string) (Conversation, error) {
	return db.changeConversation(ctx, "restore", id, func(q *sqlcgen.Queries) (int64, error) {
		return q.RestoreConversation(ctx, id)
	})
}

func (db *DB) changeConversation(ctx context.Context, verb, id string, change func(*sqlcgen.Queries) (int64, error)) (c Conversation, err error) {
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		if n, err := change(q); err != nil {
			return err
		} else if n == 0 {
			return ErrNotFound
		}
		row, err := q.GetConversation(ctx, id)
		c = conversationOf(row)
		return err
	})
	if err != nil {
		return Conversation{}, fmt.Errorf("%s conversation: %w", verb, err)
	}
	return c, nil
}

// DeleteConversation hides a conversation and its messages; RestoreConversation
// brings it back until PurgeDeleted has run.
func (db *DB) DeleteConversation(ctx context.Context, id string) error {
	now := millis(db.now())
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.DeleteConversation(ctx, sqlcgen.DeleteConversationParams{DeletedAt: &now, ID: id})
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete conversation: %w", err)
	}
	return nil
}

// titleLength bounds a title that is made from a question, in runes.
const titleLength = 60

// titleOf is the beginning of a question, cut at a word.
func titleOf(question string) string {
	const enough = 4 * 1024 // bytes; a question may have megabytes
	if len(question) > enough {
		question = strings.ToValidUTF8(question[:enough], "")
	}
	words := strings.FieldsFunc(question, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	title := strings.Join(words, " ")
	if utf8.RuneCountInString(title) <= titleLength {
		return title
	}
	runes := []rune(title)[:titleLength-1] // room for the ellipsis
	cut := string(runes)
	if []rune(title)[titleLength-1] != ' ' {
		if i := strings.LastIndexByte(cut, ' '); i > 0 {
			cut = cut[:i]
		}
	}
	return strings.TrimRight(cut, " ") + "…"
}
