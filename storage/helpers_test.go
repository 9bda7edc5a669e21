package storage

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// open opens a database with a moved clock and closes it with the test.
func open(t *testing.T, path string, c *clock) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Path: path, Now: c.now, Flush: 5 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openNew(t *testing.T) (*DB, *clock) {
	t.Helper()
	c := newClock()
	path := filepath.Join(t.TempDir(), "data", "alcove.db")
	data, err := emptyFile()
	mustDo(t, err, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600))
	return open(t, path, c), c
}

// emptyFile is a new database, which all migrations have made, once. Tests that
// have one of their own copy it; internal/testkit/emptydb does it for others.
var emptyFile = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "alcove-storage-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "data", "alcove.db")
	db, err := Open(context.Background(), Options{Path: path})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func newConversation(t *testing.T, db *DB) string {
	t.Helper()
	c, _, err := db.CreateConversation(context.Background(), Conversation{})
	if err != nil {
		t.Fatal(err)
	}
	return c.ID
}

// ask starts a turn below parent.
func ask(t *testing.T, db *DB, conversation, parent, text string) Turn {
	t.Helper()
	turn, created, err := db.StartTurn(context.Background(), Turn{ConversationID: conversation, Question: &Message{ParentID: parent, Text: text}})
	if err != nil || !created {
		t.Fatalf("StartTurn = created %v, %v", created, err)
	}
	return turn
}

// answer finishes a turn's answer with text.
func answer(t *testing.T, db *DB, turn Turn, text string) Message {
	t.Helper()
	db.AppendText(turn.Answer.ID, text)
	m, err := db.FinishMessage(context.Background(), turn.Answer.ID, End{Status: StatusDone})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
