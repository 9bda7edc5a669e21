package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// D10: writers, readers, search, purge and backups at once, and nobody is told
// that the database is locked.
func TestSoakConcurrent_NobodyIsLockedOut(t *testing.T) {
	db, c := openNew(t)
	folder := t.TempDir()
	rounds := 200 / soakDivisor()
	shared := newConversation(t, db)
	var writing, reading sync.WaitGroup
	var done atomic.Bool
	var turns atomic.Int64
	check := func(what string, err error) {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for w := range 20 {
		writing.Go(func() {
			for i := range rounds {
				turn, _, err := db.StartTurn(t.Context(), Turn{ConversationID: shared, Question: &Message{Text: fmt.Sprintf("question %d of %d", i, w)}})
				check("start", err)
				for range 5 {
					db.AppendText(turn.Answer.ID, "growing text ")
				}
				_, err = db.FinishMessage(t.Context(), turn.Answer.ID, End{Status: StatusDone, Figures: &Figures{Model: "m"}})
				check("finish", err)
				gone, _, err := db.CreateConversation(t.Context(), Conversation{Title: "gone"})
				check("create", err)
				check("delete", db.DeleteConversation(t.Context(), gone.ID))
				turns.Add(1)
			}
		})
	}
	for r := range 20 {
		reading.Go(func() {
			for !done.Load() {
				readAround(t, db, shared, fmt.Sprintf("question %d", r))
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	backups := 0
	reading.Go(func() {
		for ; !done.Load(); backups++ {
			for last := turns.Load(); turns.Load() < last+100 && !done.Load(); {
				time.Sleep(time.Millisecond)
			}
			check("backup", db.Backup(t.Context(), filepath.Join(folder, fmt.Sprintf("b%d.db", backups))))
			_, err := db.PurgeDeleted(t.Context(), c.now())
			check("purge", err)
		}
	})
	writing.Wait()
	done.Store(true)
	reading.Wait()

	if n := count(t, db, "messages"); n != 20*rounds*2 {
		t.Errorf("%d messages, want %d", n, 20*rounds*2)
	}
	checkWhole(t, db)
	for i := range backups { // D04: every one opens and is whole
		path := filepath.Join(folder, fmt.Sprintf("b%d.db", i))
		if mode(t, path) != 0o600 {
			t.Errorf("%s is readable by others", path)
		}
		copied, err := Open(t.Context(), Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		checkWhole(t, copied)
		mustDo(t, copied.Close())
	}
	t.Logf("%d backups", backups)
}

// readAround reads what a page reads.
func readAround(t *testing.T, db *DB, conversation, query string) {
	t.Helper()
	list, _, listErr := db.Conversations(t.Context(), "", 20)
	_, searchErr := db.Search(t.Context(), query, 20)
	leaf, leafErr := db.NewestLeaf(t.Context(), conversation)
	var pathErr error
	if leaf != "" {
		_, pathErr = db.Path(t.Context(), leaf)
	}
	if err := errors.Join(listErr, searchErr, leafErr, pathErr); err != nil || len(list) == 0 {
		t.Errorf("%d conversations, %v", len(list), err)
	}
}

// D12: what is restored from a backup is what was there.
func TestBackup_HasEverything(t *testing.T) {
	db, c := openNew(t)
	for i := range 30 {
		id := newConversation(t, db)
		answer(t, db, ask(t, db, id, "", fmt.Sprintf("question %d", i)), strings.Repeat("answer ", i))
	}
	if _, _, err := db.CreateKey(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "restored", "alcove.db")
	mustDo(t, os.Mkdir(filepath.Dir(path), 0o700), db.Backup(t.Context(), path))
	if err := db.Backup(t.Context(), path); err == nil || !strings.Contains(err.Error(), ErrExists.Error()) {
		t.Errorf("a backup replaced a file: %v", err)
	}
	restored := open(t, path, c)
	for _, table := range []string{"conversations", "messages", "message_parts", "generations", "settings", "api_keys", "sessions"} {
		if a, b := dump(t, db, table), dump(t, restored, table); a != b {
			t.Errorf("%s differs:\n%.300s\n%.300s", table, a, b)
		}
	}
	if hits, err := restored.Search(t.Context(), "question 29", 10); err != nil || len(hits) != 2 {
		t.Errorf("search in the restored: %+v, %v", hits, err)
	}
	checkWhole(t, restored)
}

// dump is a table as text.
func dump(t *testing.T, db *DB, table string) string {
	t.Helper()
	rows, err := db.readers.Query("SELECT * FROM " + table + " ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		row, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, row...)
	}
	return b.String()
}
