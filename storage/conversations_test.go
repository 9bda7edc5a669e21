package storage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestCreateConversation_SameIDChangesNothing(t *testing.T) {
	db, c := openNew(t)
	first, created, err := db.CreateConversation(t.Context(), Conversation{ID: "c1", Title: "Pay"})
	if err != nil || !created {
		t.Fatal(created, err)
	}
	want := Conversation{ID: "c1", Title: "Pay", CreatedAt: c.now(), UpdatedAt: c.now()}
	if d := cmp.Diff(want, first); d != "" {
		t.Error(d)
	}
	c.advance(time.Hour)
	again, created, err := db.CreateConversation(t.Context(), Conversation{ID: "c1", Title: "Other"})
	if err != nil || created || cmp.Diff(want, again) != "" {
		t.Errorf("again = %+v, created %v, %v", again, created, err)
	}
}

func TestConversations_PagesHaveEachOnce(t *testing.T) {
	db, c := openNew(t)
	var want []string
	for i := range 25 {
		if i%3 == 0 { // some share a millisecond
			c.advance(time.Second)
		}
		want = append([]string{newConversation(t, db)}, want...)
	}
	c.advance(time.Second)
	moved := want[17]
	if _, err := db.RenameConversation(t.Context(), moved, "now the newest"); err != nil {
		t.Fatal(err)
	}
	want = append([]string{moved}, append(want[:17:17], want[18:]...)...)
	var got []string
	cursor, pages := Cursor(""), 0
	for {
		list, next, err := db.Conversations(t.Context(), cursor, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			got = append(got, c.ID)
		}
		pages++
		if cursor = next; next == "" {
			break
		}
	}
	if d := cmp.Diff(want, got); d != "" || pages != 4 {
		t.Errorf("%d pages\n%s", pages, d)
	}
	for _, bad := range []Cursor{"x", "1", "1-", "1-2-3", "1-2 ", "-", "1e9-2"} {
		if _, _, err := db.Conversations(t.Context(), bad, 7); !errors.Is(err, ErrInvalid) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

func TestDeleteConversation_HidesUntilRestored(t *testing.T) {
	db, c := openNew(t)
	id := newConversation(t, db)
	turn := ask(t, db, id, "", "hidden question")
	answer(t, db, turn, "hidden answer")
	visible := func() (n int) {
		_, err1 := db.Conversation(t.Context(), id)
		_, err2 := db.Messages(t.Context(), id)
		_, err3 := db.Message(t.Context(), turn.Answer.ID)
		_, err4 := db.Path(t.Context(), turn.Answer.ID)
		_, err5 := db.Turn(t.Context(), turn.ID)
		_, err6 := db.NewestLeaf(t.Context(), id)
		for _, err := range []error{err1, err2, err3, err4, err5, err6} {
			if err == nil {
				n++
			} else if !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		}
		hits, err := db.Search(t.Context(), "hidden", 10)
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := db.Conversations(t.Context(), "", 0)
		if err != nil {
			t.Fatal(err)
		}
		return n + len(hits) + len(list)
	}
	const all = 6 + 3 + 1
	if n := visible(); n != all {
		t.Fatalf("before: %d of %d", n, all)
	}
	if err := db.DeleteConversation(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if n := visible(); n != 0 {
		t.Errorf("deleted: %d visible", n)
	}
	_, _, startErr := db.StartTurn(t.Context(), Turn{ConversationID: id, Question: &Message{Text: "x"}})
	_, renameErr := db.RenameConversation(t.Context(), id, "x")
	for _, err := range []error{startErr, renameErr, db.DeleteConversation(t.Context(), id)} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("change of a deleted one: %v", err)
		}
	}
	if n, err := db.PurgeDeleted(t.Context(), c.now().Add(-time.Second)); n != 0 || err != nil {
		t.Fatalf("purged too early: %d, %v", n, err)
	}
	if _, err := db.RestoreConversation(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if n := visible(); n != all {
		t.Errorf("restored: %d of %d", n, all)
	}
	if _, err := db.RestoreConversation(t.Context(), id); !errors.Is(err, ErrNotFound) {
		t.Errorf("restored twice: %v", err)
	}
}

func TestPurgeDeleted_LongConversation(t *testing.T) {
	db, c := openNew(t)
	id := newConversation(t, db)
	parent := ""
	for range 1200 { // more messages than SQLite lets triggers nest
		turn := ask(t, db, id, parent, "q")
		parent = answer(t, db, turn, "a").ID
	}
	if path, err := db.Path(t.Context(), parent); err != nil || len(path) != 2400 {
		t.Fatalf("path of %d, %v", len(path), err)
	}
	if err := db.DeleteConversation(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if n, err := db.PurgeDeleted(t.Context(), c.now()); n != 1 || err != nil {
		t.Fatalf("purged %d, %v", n, err)
	}
	for _, table := range []string{"conversations", "messages", "message_parts"} {
		if n := count(t, db, table); n != 0 {
			t.Errorf("%d rows left in %s", n, table)
		}
	}
}

func TestTitleOf(t *testing.T) {
	for _, row := range []struct{ question, want string }{
		{"What is the capital of France?", "What is the capital of France?"},
		{"  two\n\nlines\tand\x00control \r\n", "two lines and control"},
		{"", ""},
		{" \n", ""},
		{strings.Repeat("ä", 60), strings.Repeat("ä", 60)},
		{strings.Repeat("ä", 61), strings.Repeat("ä", 59) + "…"},
		{strings.Repeat("word ", 20), "word word word word word word word word word word word word…"},
		{strings.Repeat("x", 59) + " y z", strings.Repeat("x", 59) + "…"},
		{strings.Repeat("x", 58) + " yz and more", strings.Repeat("x", 58) + "…"},
		{strings.Repeat("é", 5<<20), strings.Repeat("é", 59) + "…"},
	} {
		if got := titleOf(row.question); got != row.want {
			t.Errorf("titleOf(%.20q) = %q, want %q", row.question, got, row.want)
		}
	}
	for range 500 {
		var b strings.Builder
		for range rand.IntN(200) {
			b.WriteRune([]rune("ab é\n\U0001f642 …")[rand.IntN(8)])
		}
		title := titleOf(b.String())
		if n := utf8.RuneCountInString(title); n > titleLength || !utf8.ValidString(title) || title != strings.TrimSpace(title) {
			t.Fatalf("titleOf(%q) = %q with %d runes", b.String(), title, n)
		}
	}
}

// count counts a table's rows.
func count(t *testing.T, db *DB, table string) (n int) {
	t.Helper()
	if err := db.readers.QueryRow(fmt.Sprintf("SELECT count(*) FROM %q", table)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
