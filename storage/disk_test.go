package storage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fill takes all the room that is left in folder and returns how to give it
// back.
func fill(t *testing.T, folder string) (free func()) {
	t.Helper()
	name := filepath.Join(folder, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{64 * 1024, 4096, 1} {
		b := make([]byte, size)
		for err = nil; err == nil; {
			_, err = f.Write(b)
		}
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

// D05: nothing is acknowledged on a full disk, reading works, and what was
// appended meanwhile is there when there is room again.
func TestDisk_FullAndBack(t *testing.T) {
	folder := tmpfs(t, "size=4m")
	c := newClock()
	db := open(t, filepath.Join(folder, "alcove.db"), c)
	id := newConversation(t, db)
	turn := ask(t, db, id, "", "kept question")
	ending := ask(t, db, id, "", "another")
	db.AppendText(turn.Answer.ID, "before ")
	wait(t, "text", func() bool { return text(t, db, turn.Answer.ID) == "before " })

	free := fill(t, folder)
	acked := map[string]bool{}
	var refused error
	for i := 0; refused == nil; i++ { // the WAL may have room of its own
		q := fmt.Sprintf("q%d", i)
		_, _, err := db.StartTurn(t.Context(), Turn{ConversationID: id, Question: &Message{ID: q, Text: strings.Repeat("long ", 2000)}})
		acked[q] = err == nil
		refused = err
	}
	if !errors.Is(refused, ErrReadOnly) || !errors.Is(db.Writable(), ErrReadOnly) {
		t.Fatal(refused)
	}
	if _, _, err := db.CreateConversation(t.Context(), Conversation{Title: "small"}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a small write was acknowledged after a refusal: %v", err)
	}
	db.AppendText(turn.Answer.ID, "while full ")
	db.AppendText(ending.Answer.ID, "ended while full")
	if _, err := db.FinishMessage(t.Context(), ending.Answer.ID, End{Status: StatusDone}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("an end was acknowledged: %v", err)
	}
	if got := text(t, db, turn.Answer.ID); got != "before " {
		t.Errorf("read %q", got)
	}
	if hits, err := db.Search(t.Context(), "kept", 10); err != nil || len(hits) != 2 {
		t.Errorf("search on a full disk: %+v, %v", hits, err)
	}
	if err := db.Backup(t.Context(), filepath.Join(folder, "backup.db")); err == nil {
		t.Error("a backup without room was acknowledged")
	}

	free()
	wait(t, "writes", func() bool { return db.Writable() == nil })
	db.AppendText(turn.Answer.ID, "and after")
	answer(t, db, turn, ".")
	if got := text(t, db, turn.Answer.ID); got != "before while full and after." {
		t.Errorf("text = %q", got)
	}
	wait(t, "the end that was kept", func() bool {
		m, err := db.Message(t.Context(), ending.Answer.ID)
		return err == nil && m.Status == StatusDone && m.Text == "ended while full"
	})
	for q, want := range acked {
		if _, err := db.Message(t.Context(), q); (err == nil) != want {
			t.Errorf("%s: acknowledged %v, read %v", q, want, err)
		}
	}
	checkWhole(t, db)
	if names, _ := filepath.Glob(filepath.Join(folder, "*.part")); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
}

// A disk that is full at the start lets people read.
func TestOpen_FullDisk(t *testing.T) {
	folder := tmpfs(t, "size=4m")
	path, c := filepath.Join(folder, "alcove.db"), newClock()
	db, err := Open(t.Context(), Options{Path: path, Now: c.now, Flush: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	turn := ask(t, db, newConversation(t, db), "", "q")
	db.AppendText(turn.Answer.ID, "so far")
	wait(t, "text", func() bool { return text(t, db, turn.Answer.ID) != "" })
	crash(t, db)

	free := fill(t, folder)
	db = open(t, path, c)
	if m, err := db.Message(t.Context(), turn.Answer.ID); err != nil || m.Text != "so far" {
		t.Errorf("%+v, %v", m, err)
	}
	if _, _, err := db.CreateConversation(t.Context(), Conversation{Title: strings.Repeat("x", 1<<20)}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("written on a full disk: %v", err)
	}
	free()
	wait(t, "the answer of the last run is marked", func() bool {
		m, err := db.Message(t.Context(), turn.Answer.ID)
		return err == nil && m.Status == StatusInterrupted && m.Text == "so far"
	})
}

// The same state without a mount, so that it is tested everywhere.
func TestDisk_PageLimit(t *testing.T) {
	db, _ := openNew(t)
	id := newConversation(t, db)
	turn := ask(t, db, id, "", "q")
	limit := func(pages int) {
		t.Helper()
		if _, err := db.writer.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite makes it the present size
	long := strings.Repeat("words that need room ", 1<<13)
	db.AppendText(turn.Answer.ID, long)
	if _, err := db.FinishMessage(t.Context(), turn.Answer.ID, End{Status: StatusDone}); !errors.Is(err, ErrReadOnly) {
		t.Fatal(err)
	}
	if err := db.Writable(); !errors.Is(err, ErrReadOnly) {
		t.Fatal(err)
	}
	if _, err := db.Messages(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	limit(1 << 20)
	m, err := db.FinishMessage(t.Context(), turn.Answer.ID, End{Status: StatusDone}) // the caller may repeat it
	if err != nil || m.Text != long || db.Writable() != nil {
		t.Errorf("%d bytes, %v, %v", len(m.Text), err, db.Writable())
	}
}

// An end that fails again must not have the text of other answers saved twice.
// (Found by TestSoakFault with ENOSPC.)
func TestDisk_EndFailsAfterTextWasSaved(t *testing.T) {
	db, _ := openNew(t)
	db.growing.stop() // its goroutine is this test from here on
	g := db.growing
	limit := func(pages int) (now int) {
		t.Helper()
		mustDo(t, db.writer.QueryRow(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&now))
		return now
	}
	id := newConversation(t, db)
	ending, other := ask(t, db, id, "", "q").Answer.ID, ask(t, db, id, "", "q").Answer.ID
	var long strings.Builder
	for long.Len() < 400*1024 {
		fmt.Fprintf(&long, "%x ", rand.Uint64()) // words that the index needs room for
	}
	full := limit(1)
	db.AppendText(ending, long.String())
	g.collect()
	if _, err := g.end(ending, End{Status: StatusDone}); !errors.Is(err, ErrReadOnly) {
		t.Fatal(err)
	}
	limit(full + 130) // room for the probe and the text, not for the index
	db.AppendText(other, "once")
	if err := g.commit(); !errors.Is(err, ErrReadOnly) {
		t.Fatal(err)
	}
	if got := text(t, db, other); got != "once" {
		t.Fatalf("the test is blind: text %q", got)
	}
	limit(1 << 20)
	mustDo(t, g.commit())
	if got := text(t, db, other); got != "once" {
		t.Errorf("text %q", got)
	}
	if m, err := db.Message(t.Context(), ending); err != nil || m.Status != StatusDone || m.Text != long.String() {
		t.Errorf("%s with %d bytes, %v", m.Status, len(m.Text), err)
	}
}

// crash leaves everything as kill -9 would, within this process: nothing that
// was appended and not committed is saved.
func crash(t *testing.T, db *DB) {
	t.Helper()
	g := db.growing
	g.mu.Lock()
	g.inbox = nil
	g.mu.Unlock()
	db.growing.stop()
	mustDo(t, db.closeOnce())
}
