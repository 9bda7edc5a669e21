package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"alcove/engine/local/fake"
)

const (
	ingestKillsInSoak = 200
	ingestKillsInTest = ingestKillsInSoak / 20
	sentARound        = 4  // by each sender, so that the queue empties now and then
	checkedARound     = 60 // documents; all of them at the end
)

// paper is a document that a test sent.
type paper struct {
	id, mark, text string
	parts          int
	sent           bool // the server has said so
	deleting, gone bool // asked for, and confirmed
}

// papers has every document that was sent, acknowledged or not.
type papers struct {
	mu     sync.Mutex
	list   []*paper
	random *rand.Rand
}

// next makes a document of some paragraphs, each with its mark.
func (l *papers) next() *paper {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &paper{mark: fmt.Sprintf("zq%016x", l.random.Uint64()), parts: 1 + l.random.IntN(60)}
	var b strings.Builder
	for i := range p.parts {
		fmt.Fprintf(&b, "Paragraph %d of %s says that canaries sing in the morning.\n\n", i, p.mark)
	}
	p.text = b.String()
	l.list = append(l.list, p)
	return p
}

// some picks a document that was acknowledged and not deleted.
func (l *papers) some() *paper {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.list[l.random.IntN(len(l.list))]
	if !p.sent || p.deleting {
		return nil
	}
	p.deleting = true
	return p
}

func (l *papers) dice(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.random.IntN(n)
}

// work sends and deletes documents until the server is gone.
func (l *papers) work(ctx context.Context, a *served) {
	for range sentARound {
		p := l.next()
		got, err := a.send(ctx, "POST", "/api/v1/documents?"+url.Values{"collection": {"hr"}, "name": {p.mark + ".txt"}}.Encode(), p.text)
		if err != nil {
			return
		}
		if got.status != 202 {
			a.t.Errorf("sent a document: %+v", got)
			return
		}
		var d struct{ ID string }
		got.read(a.t, &d)
		l.mu.Lock()
		p.id, p.sent = d.ID, true
		l.mu.Unlock()
		if l.dice(3) > 0 {
			continue
		}
		if p := l.some(); p != nil {
			got, err := a.send(ctx, "DELETE", "/api/v1/documents/"+p.id, "")
			if err != nil {
				return
			}
			if got.status != 204 && got.status != 404 {
				a.t.Errorf("deleted a document: %+v", got)
			}
			l.mu.Lock()
			p.gone = true
			l.mu.Unlock()
		}
	}
}

// check compares the box with the list: what was acknowledged is there, with
// all of its text or none; what was deleted is not.
func (l *papers) check(a *served, most int) {
	a.t.Helper()
	for i, p := range l.list {
		if !p.sent || i < len(l.list)-most/2 && l.dice(len(l.list)) > most/2 { // the newest, and some of the others
			continue
		}
		got := a.call("GET", "/api/v1/documents/"+p.id+"/text", "")
		switch {
		case got.status == 404 && p.deleting:
			p.gone = true
		case got.status == 200 && !p.gone:
			var v struct {
				Document struct {
					State, Reason string
					Found         bool
				}
				Blocks []struct{ Text string }
			}
			got.read(a.t, &v)
			marks := strings.Count(got.body, p.mark) - strings.Count(got.body, p.mark+".txt")
			for _, b := range v.Blocks {
				if !strings.Contains(b.Text, p.mark) {
					a.t.Errorf("foreign text in %s: %q", p.id, b.Text)
				}
			}
			if v.Document.State == "failed" {
				a.t.Errorf("a document failed: %+v", v.Document)
			}
			if v.Document.Found && marks < p.parts || !v.Document.Found && len(v.Blocks) > 0 {
				a.t.Errorf("half a document is found: %d of %d parts, %+v", marks, p.parts, v.Document)
			}
		default:
			a.t.Errorf("document sent %v, deleting %v, gone %v: %d", p.sent, p.deleting, p.gone, got.status)
		}
	}
}

// TestSoakKillIngest kills the app with SIGKILL at random moments while
// documents are sent, read, indexed and deleted, and starts it again.
func TestSoakKillIngest(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "fine"})
	kills := ingestKillsInTest
	if os.Getenv("ALCOVE_SOAK") == "1" {
		kills = ingestKillsInSoak
	}
	seed := rand.Uint64()
	if s := os.Getenv("ALCOVE_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("ALCOVE_SEED=%d, %d kills", seed, kills)
	l := &papers{random: rand.New(rand.NewPCG(seed, 0))}
	a := p.serve(t)
	if got := a.call("POST", "/api/v1/collections", `{"id":"hr","title":"HR"}`); got.status != 201 {
		t.Fatal(got)
	}
	for n := range kills {
		ctx, cancel := context.WithCancel(context.Background())
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() { l.work(ctx, a) })
		}
		time.Sleep(time.Duration(l.dice(500)) * time.Millisecond)
		a.kill()
		cancel()
		wait.Wait()
		a = p.serve(t)
		if l.check(a, checkedARound); t.Failed() {
			t.Fatalf("after kill %d\n%s", n+1, a.log)
		}
	}
	var c struct{ Documents, Ready, Waiting, Failed int }
	for end := time.Now().Add(10 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if a.get("/api/v1/collections/hr", &c); c.Waiting == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the queue does not end: %+v\n%s", c, a.log)
		}
	}
	l.check(a, 2*len(l.list))
	if c.Ready != c.Documents || c.Failed != 0 {
		t.Errorf("%+v", c)
	}
	l.disk(t, a, p.data)
	t.Logf("%d documents sent, %d kept", len(l.list), c.Ready)
}

// disk looks at the files: of what was deleted nothing is left, of each document
// that is there the file is, and no other.
func (l *papers) disk(t *testing.T, a *served, data string) {
	t.Helper()
	want := map[string]bool{}
	var gone []*paper
	for _, p := range l.list {
		sum := sha256.Sum256([]byte(p.text))
		if p.gone {
			gone = append(gone, p)
		} else if p.sent {
			want[hex.EncodeToString(sum[:])] = true
		}
	}
	left := func() (found []string) {
		err := filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			for _, p := range gone {
				if strings.Contains(string(b), p.mark) {
					found = append(found, p.mark+" in "+path)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for end := time.Now().Add(time.Minute); len(left()) > 0; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("of deleted documents there is: %v", left())
			break
		}
	}
	a.kill()
	err := filepath.WalkDir(filepath.Join(data, "documents"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			delete(want, e.Name())
		}
		return err
	})
	if err != nil || len(want) > 0 {
		t.Errorf("files of documents that are missing: %v, %v", want, err)
	}
}
