package storage

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// childEnv holds the database's path in the process that is killed.
const childEnv = "ALCOVE_STORAGE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if err := chatter(path, os.Getenv(childEnv+"_LIFE")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// entry is a line of the ledger: what the child is about to do (Acked false)
// or was told is saved.
type entry struct {
	Op           string // create, start, finish, rename, delete
	Conversation string
	ID           string // the question's id, or the title
	Chunks       int    // of a finished answer
	Acked        bool
}

func chunkText(question string, i int) string { return fmt.Sprintf("%s.%d ", question, i) }

// chatter chats, renames and deletes with 8 clients until it is killed; in the
// life "story" it goes on after errors and ends after a few conversations.
func chatter(path, life string) error {
	db, err := Open(context.Background(), Options{Path: path, Flush: 10 * time.Millisecond})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	ledger := func(e entry) { // one write, so that a kill cannot tear a line
		line, _ := json.Marshal(e)
		mu.Lock()
		defer mu.Unlock()
		os.Stdout.Write(append(line, '\n'))
	}
	if life == "story" {
		for n := range 3 {
			chat(db, fmt.Sprintf("story-%d", n), ledger) // its errors are not acknowledged, no more
		}
		return db.Close()
	}
	failed := make(chan error)
	for client := range 8 {
		go func() {
			for n := 0; ; n++ {
				if err := chat(db, fmt.Sprintf("c%s-%d-%d", life, client, n), ledger); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

// chat is the life of one conversation.
func chat(db *DB, conversation string, ledger func(entry)) error {
	ctx := context.Background()
	do := func(e entry, fn func() error) error {
		e.Conversation = conversation
		ledger(e)
		if err := fn(); err != nil {
			return fmt.Errorf("%s: %w", e.Op, err)
		}
		e.Acked = true
		ledger(e)
		return nil
	}
	err := do(entry{Op: "create"}, func() error {
		_, _, err := db.CreateConversation(ctx, Conversation{ID: conversation, Title: "new"})
		return err
	})
	parent := ""
	for i := range 4 {
		question, chunks := fmt.Sprintf("%s-q%d", conversation, i), rand.IntN(30)
		var turn Turn
		err = errors.Join(err, do(entry{Op: "start", ID: question}, func() (err error) {
			turn, _, err = db.StartTurn(ctx, Turn{ConversationID: conversation, Question: &Message{ID: question, ParentID: parent, Text: "text of " + question}})
			return err
		}))
		if err != nil {
			return err
		}
		for c := range chunks {
			db.AppendText(turn.Answer.ID, chunkText(question, c))
			time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
		}
		err = do(entry{Op: "finish", ID: question, Chunks: chunks}, func() error {
			_, err := db.FinishMessage(ctx, turn.Answer.ID, End{Status: StatusDone, Figures: &Figures{Model: "m", OutputTokens: chunks}})
			return err
		})
		parent = turn.Answer.ID
		title := fmt.Sprintf("title %d", i)
		err = errors.Join(err, do(entry{Op: "rename", ID: title}, func() error {
			_, err := db.RenameConversation(ctx, conversation, title)
			return err
		}))
	}
	if rand.IntN(3) > 0 {
		return err
	}
	return errors.Join(err, do(entry{Op: "delete"}, func() error {
		if err := db.DeleteConversation(ctx, conversation); err != nil || rand.IntN(2) == 0 {
			return err
		}
		_, err := db.PurgeDeleted(ctx, time.Now().Add(time.Minute))
		return err
	}))
}

// D01: kill -9 at random moments. What was acknowledged is there, once. In soak
// five databases live side by side, as a life mostly waits for the disk.
func TestSoakKill_NothingAcknowledgedIsLost(t *testing.T) {
	kills, side := 100/soakDivisor(), 1
	if soaking() {
		side = 5
	}
	for i := range side {
		t.Run(fmt.Sprint("database ", i), func(t *testing.T) {
			t.Parallel()
			killed(t, kills/side)
		})
	}
}

// killed kills one database's program so many times.
func killed(t *testing.T, kills int) {
	path := filepath.Join(t.TempDir(), "data", "alcove.db")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var ledger []entry
	for life := range kills {
		ledger = append(ledger, liveAndDie(t, path, life, time.Duration(r.IntN(2000))*time.Millisecond)...)
		db, err := Open(t.Context(), Options{Path: path})
		if err != nil {
			t.Fatalf("life %d: %v", life, err)
		}
		checkWhole(t, db)
		checkLedger(t, db, ledger)
		mustDo(t, db.Close())
		if t.Failed() {
			t.Fatalf("after life %d", life)
		}
	}
	acked := 0
	for _, e := range ledger {
		if e.Acked {
			acked++
		}
	}
	if acked == 0 {
		t.Error("the test is blind: nothing was acknowledged")
	}
	t.Logf("%d acknowledged", acked)
}

// liveAndDie runs a child for a while, kills it and returns its ledger.
func liveAndDie(t *testing.T, path string, life int, after time.Duration) []entry {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path, fmt.Sprintf("%s_LIFE=%d", childEnv, life))
	var complaint strings.Builder
	cmd.Stderr = &complaint
	ledger := follow(t, cmd, after)
	if complaint.Len() > 0 {
		t.Fatalf("the child failed by itself: %s", complaint.String())
	}
	return ledger
}

// follow starts a child, kills it after a while and returns all that it wrote.
func follow(t *testing.T, cmd *exec.Cmd, after time.Duration) (ledger []entry) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	mustDo(t, err, cmd.Start())
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if err != io.EOF || len(line) > 0 {
				t.Fatalf("ledger: %v after %q", err, line)
			}
			break
		}
		var e entry
		mustDo(t, json.Unmarshal(line, &e))
		ledger = append(ledger, e)
	}
	cmd.Wait() // a killed one always has an error
	return ledger
}

// story is what the ledger says about one conversation.
type story struct {
	created   bool
	deleting  bool // asked for, or acknowledged
	deleted   bool
	titles    map[string]bool // that may stand there now
	questions map[string]*asked
}

type asked struct {
	acked, finished, ending bool
	chunks                  int
}

func storiesOf(ledger []entry) map[string]*story {
	stories := map[string]*story{}
	for _, e := range ledger {
		s := stories[e.Conversation]
		if s == nil {
			s = &story{titles: map[string]bool{"new": true}, questions: map[string]*asked{}}
			stories[e.Conversation] = s
		}
		q := s.questions[e.ID]
		switch e.Op {
		case "create":
			s.created = s.created || e.Acked
		case "start":
			if q == nil {
				s.questions[e.ID] = &asked{}
			} else {
				q.acked = e.Acked
			}
		case "finish":
			q.ending, q.finished, q.chunks = true, e.Acked, e.Chunks
		case "rename":
			if e.Acked {
				s.titles = map[string]bool{}
			}
			s.titles[e.ID] = true
		case "delete":
			s.deleting, s.deleted = true, e.Acked
		}
	}
	return stories
}

func checkLedger(t *testing.T, db *DB, ledger []entry) {
	t.Helper()
	for id, s := range storiesOf(ledger) {
		c, err := db.Conversation(t.Context(), id)
		if errors.Is(err, ErrNotFound) {
			if s.created && !s.deleting {
				t.Errorf("%s is lost", id)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if s.deleted {
			t.Errorf("%s is back", id)
		}
		if !s.titles[c.Title] {
			t.Errorf("%s has the title %q, not of %v", id, c.Title, s.titles)
		}
		messages, err := db.Messages(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		found, answers := map[string]int{}, map[string]Message{}
		for _, m := range messages {
			if m.Role == RoleAssistant {
				if _, twice := answers[m.ParentID]; twice {
					t.Errorf("%s was answered twice", m.ParentID)
				}
				answers[m.ParentID] = m
				continue
			}
			found[m.ID]++
			if m.Text != "text of "+m.ID {
				t.Errorf("%s has the text %q", m.ID, m.Text)
			}
		}
		for q, a := range s.questions {
			if found[q] == 0 && a.acked {
				t.Errorf("question %s is lost", q)
			}
			if found[q] > 0 {
				checkAnswer(t, q, a, answers[q])
			}
			delete(found, q)
		}
		if len(found) > 0 {
			t.Errorf("questions that nobody asked: %v", found)
		}
	}
}

// checkAnswer accepts the whole text of an answer whose end was acknowledged,
// and a beginning, cut between appends and marked, of another one.
func checkAnswer(t *testing.T, question string, a *asked, m Message) {
	t.Helper()
	whole := ""
	starts := map[string]bool{"": true}
	for i := range 30 {
		if a.ending && i == a.chunks {
			break
		}
		whole += chunkText(question, i)
		starts[whole] = true
	}
	switch {
	case m.Status == StatusDone && a.ending:
		if m.Text != whole || m.Figures == nil || m.Figures.OutputTokens != a.chunks {
			t.Errorf("answer to %s: %q, %+v", question, m.Text, m.Figures)
		}
	case a.finished:
		t.Errorf("the end of the answer to %s is lost: %+v", question, m)
	case m.Status != StatusInterrupted || !starts[m.Text]:
		t.Errorf("answer to %s: %s %q", question, m.Status, m.Text)
	}
}
