package index

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/storage"
)

// childEnv holds the database's path in the process that is killed.
const childEnv = "ALCOVE_INDEX_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		fmt.Fprintln(os.Stderr, putForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// version is the text of chunk i when a document was read for the n-th time;
// all chunks of one reading say the same n.
func version(n, i int) string { return fmt.Sprintf("Reading%d of passage %d about leave.", n, i) }

// perDocument chunks need several transactions, and so do as many blocks.
const (
	perDocument = 3*together + 5
	blocks      = 1500
)

// putForever reads one document again and again until it is killed.
func putForever(path string) error {
	ctx := context.Background()
	store, err := storage.Open(ctx, storage.Options{Path: path, Now: day})
	if err != nil {
		return err
	}
	ix, err := New(ctx, Options{Store: store, Embedder: newFake(), Now: day})
	if err != nil {
		return err
	}
	list, _, err := store.Documents(ctx, storage.DocumentFilter{Person: "owner", Collection: "hr", Limit: 1})
	if err != nil {
		return err
	}
	for n := int(time.Now().UnixNano() % 1e9); ; n++ {
		d := list[0]
		if _, err := store.QueueDocument(ctx, d.ID, 0, time.Time{}); err != nil {
			return err
		}
		if d, _, err = store.NextDocument(ctx); err != nil {
			return err
		}
		if d, err = store.MoveDocument(ctx, d.ID, storage.DocumentReading, storage.DocumentIndexing, ""); err != nil {
			return err
		}
		var texts []string
		for i := range perDocument {
			texts = append(texts, version(n, i))
		}
		contents := contentFor(d, "en")
		for i := range blocks {
			contents.Blocks = append(contents.Blocks, storage.Block{Kind: "paragraph", Text: version(n, i)})
		}
		if err := ix.PutChunks(ctx, d, chunksOf(d, "en", texts...), contents, func(float64) { fmt.Println("part") }); err != nil {
			return err
		}
	}
}

// TestSoakKilledWhilePutting kills a process that puts a document into the
// index. What is found afterwards is one reading, whole, and nothing else is left.
func TestSoakKilledWhilePutting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "alcove.db")
	in := func(use func(s *shelf)) {
		store, err := storage.Open(t.Context(), storage.Options{Path: path, Now: day})
		if err != nil {
			t.Fatal(err)
		}
		s := &shelf{t: t, store: store, fake: newFake()}
		s.open()
		use(s)
		s.ix.Close()
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	in(func(s *shelf) {
		s.collection("hr", "owner")
		s.put(storage.Document{CollectionID: "hr"}, "en", parental)
	})
	for round := range max(3, soaked(200)) {
		killedAfter(t, path, 1+round%9)
		in(func(s *shelf) {
			found, err := s.ix.Whole(t.Context(), "owner", "hr", "", 1000)
			if err != nil {
				t.Fatal(err)
			}
			list, _, err := s.store.Documents(t.Context(), storage.DocumentFilter{Person: "owner", Collection: "hr"})
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			text, err := s.store.Blocks(t.Context(), list[0].ID, 0, 2*blocks)
			if err != nil {
				t.Fatal(err)
			}
			readings := map[string]bool{}
			for _, b := range text {
				first, _, _ := strings.Cut(b.Text, " ")
				readings[first] = true
			}
			for _, p := range found {
				first, _, _ := strings.Cut(p.Text, " ")
				readings[first] = true
			}
			if len(readings) != 1 || (len(found) != perDocument || len(text) != blocks) && (len(found) != 1 || len(text) != 0) {
				t.Fatalf("round %d: %d passages and %d blocks of %d readings", round, len(found), len(text), len(readings))
			}
			until(t, "no leftovers", func() bool {
				nums, err := s.store.DocumentsWithOld(t.Context())
				return err == nil && len(nums) == 0
			})
			until(t, "vectors", func() bool { return s.vectors() == len(found) })
		})
	}
}

// killedAfter runs the child until it has told of so many parts, and kills it.
func killedAfter(t *testing.T, path string, parts int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range parts {
		if !lines.Scan() {
			t.Fatal("the child ended by itself")
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	child.Wait() //nolint:errcheck // it was killed
}
