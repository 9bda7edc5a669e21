package documents

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"alcove/app/documents/extract"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

const anna = "anna"

// shelf is an index that only has the text itself; tests hold it up.
type shelf struct {
	store *storage.DB
	hold  chan struct{} // not nil: Put waits for it
	fail  func(n int) error

	mu      sync.Mutex
	puts    int
	removed []string
}

func (i *shelf) Put(ctx context.Context, doc storage.Document, d extract.Document, progress func(float64)) error {
	i.mu.Lock()
	i.puts++
	n, hold, fail := i.puts, i.hold, i.fail
	i.mu.Unlock()
	progress(0.5)
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if fail != nil {
		if err := fail(n); err != nil {
			return err
		}
	}
	flags, err := json.Marshal(append([]extract.Flag{}, d.Flags...))
	if err != nil {
		return err
	}
	c := storage.Contents{SHA256: doc.SHA256, Format: d.Format, Title: d.Title, Effective: d.Effective, Pages: d.Pages, Flags: flags}
	for _, b := range d.Blocks {
		c.Blocks = append(c.Blocks, storage.Block{Kind: string(b.Kind), Text: b.Text, Page: b.Page})
	}
	num, gen, err := i.store.NewChunks(ctx, doc.ID)
	if err == nil {
		err = i.store.AddBlocks(ctx, num, gen, c.Blocks)
	}
	if err == nil {
		err = i.store.PublishChunks(ctx, doc.ID, gen, 0, c)
	}
	return err
}

func (i *shelf) Withdraw(id string, _ int64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.removed = append(i.removed, id)
}

// lines is an extractor: a paragraph a line; "!reason" as the first line fails.
func lines(_ context.Context, f *os.File, _ string, progress func(done, total int)) (extract.Document, error) {
	b, err := io.ReadAll(f)
	if err != nil {
		return extract.Document{}, err
	}
	if r, ok := strings.CutPrefix(string(b), "!"); ok {
		return extract.Document{}, &extract.Error{Reason: extract.Reason(strings.TrimSpace(r))}
	}
	progress(1, 1)
	d := extract.Document{Format: "text", Pages: 1}
	for _, l := range strings.Split(string(b), "\n") {
		d.Blocks = append(d.Blocks, extract.Block{Kind: extract.Paragraph, Text: l, Page: 1})
	}
	return d, nil
}

// desk is a service over a real database.
type desk struct {
	*Service
	t     *testing.T
	store *storage.DB
	index *shelf
	dir   string // the data folder

	mu     sync.Mutex
	events []string
	forgot []string
}

func newDesk(t *testing.T, change ...func(*Deps)) *desk {
	t.Helper()
	return newDeskIn(t, t.TempDir(), change...)
}

func newDeskIn(t *testing.T, dir string, change ...func(*Deps)) *desk {
	t.Helper()
	d := &desk{t: t, dir: dir}
	store, err := storage.Open(t.Context(), storage.Options{Path: emptydb.At(t, filepath.Join(d.dir, "data", "alcove.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	d.store, d.index = store, &shelf{store: store}
	d.open(change...)
	if _, err := d.CreateCollection(t.Context(), anna, "hr", CollectionChange{}); err != nil {
		t.Fatal(err)
	}
	return d
}

// quick rests shortly.
func quick() *times {
	return &times{retry: time.Millisecond, again: time.Millisecond, disk: time.Millisecond, tell: time.Millisecond, scrub: time.Millisecond,
		settle: 30 * time.Millisecond, gone: 5 * time.Millisecond, rescan: time.Second, poll: 20 * time.Millisecond, pause: time.Millisecond}
}

func (d *desk) open(change ...func(*Deps)) {
	d.t.Helper()
	deps := Deps{Store: d.store, Dir: filepath.Join(d.dir, "data", "documents"), Data: filepath.Join(d.dir, "data"), Extract: lines, Index: d.index,
		Forget: func(id string) { d.mu.Lock(); d.forgot = append(d.forgot, id); d.mu.Unlock() },
		Publish: func(event string, data any) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.events = append(d.events, event)
		}, times: quick()}
	for _, c := range change {
		c(&deps)
	}
	s, err := Open(d.t.Context(), deps)
	if err != nil {
		d.t.Fatal(err)
	}
	d.Service = s
	d.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			d.t.Error(err)
		}
	})
}

func (d *desk) send(name, text string) Document {
	d.t.Helper()
	doc, _, err := d.Send(d.t.Context(), anna, Sent{Collection: "hr", Name: name, Size: int64(len(text))}, strings.NewReader(text))
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}

// wait waits until a document is in a state.
func (d *desk) wait(id string, state storage.DocumentState) Document {
	d.t.Helper()
	var doc Document
	d.until("document "+id+" is "+string(state), func() bool {
		var err error
		doc, err = d.Get(d.t.Context(), anna, id)
		return err == nil && doc.State == state
	})
	return doc
}

func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			list, _, err := d.List(context.Background(), anna, Filter{})
			d.t.Fatalf("not so after 30 s: %s (%+v, %v)", what, list, err)
		}
	}
}

// said is the text of a document.
func (d *desk) said(id string) string {
	d.t.Helper()
	_, blocks, err := d.Text(d.t.Context(), anna, id, 0, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	var b strings.Builder
	for _, x := range blocks {
		b.WriteString(x.Text + "\n")
	}
	return b.String()
}

// grep names the files below the data folder that hold a text.
func (d *desk) grep(text string) (names []string) {
	d.t.Helper()
	err := filepath.WalkDir(filepath.Join(d.dir, "data"), func(path string, e os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) || err == nil && !e.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && strings.Contains(string(b), text) {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return names
}
