package snapshot

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"testing"

	"alcove/engine/worker/prefix"
)

// pieces puts a text in two pieces on disk and opens the store anew.
func pieces(t *testing.T, dir string) (s *Store, x prefix.Text, want [2][]byte) {
	t.Helper()
	s = open(t, dir, 1<<20, 1<<20)
	x = text("all", 1, 2, 3, 4, 5, 6)
	want[0] = put(s, text("all", 1, 2, 3), 0, 3000, true)
	want[1] = put(s, x, 3, 5000, true)
	s.Close()
	return open(t, dir, 1<<20, 1<<20), x, want
}

func TestPrefetch(t *testing.T) {
	s, x, want := pieces(t, folder(t))
	defer s.Close()
	if u := s.Use(); u.Entries != 2 || u.Memory != 0 {
		t.Fatalf("%+v", u)
	}
	s.Prefetch(text("others", 1, 2, 3, 4, 5, 6), 6)
	if u := s.Use(); u.Memory != 0 {
		t.Fatalf("read for somebody who may not have it: %+v", u)
	}
	s.Prefetch(x, 2) // a part of the first is of use
	if u := s.Use(); u.Memory != 3000 {
		t.Fatalf("%+v", u)
	}
	s.Prefetch(x, 6)
	if u := s.Use(); u.Memory != 8000 {
		t.Fatalf("%+v", u)
	}
	for from, i := 0, 0; i < 2; i++ {
		e, to := s.Find(x, from, 6)
		if e == nil {
			t.Fatalf("nothing from %d", from)
		}
		os.Remove(e.path) // nobody needs it now
		got, err := s.Data(e)
		if err != nil || !bytes.Equal(got, want[i]) {
			t.Errorf("piece %d: other data, %v", i, err)
		}
		s.Release(e)
		from = to
	}
}

func TestPrefetch_Damaged(t *testing.T) {
	s, x, _ := pieces(t, folder(t))
	defer s.Close()
	e, _ := s.Find(x, 0, 6)
	data, err := os.ReadFile(e.path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(e.path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Prefetch(x, 3)
	if u := s.Use(); u.Memory != 0 || u.Entries != 2 {
		t.Errorf("%+v", u)
	}
	if _, err := s.Data(e); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged one: %v", err)
	}
	if u := s.Use(); u.Entries != 1 {
		t.Errorf("a damaged one stays: %+v", u)
	}
}

// What does not fit into memory is not read, and what is forgotten meanwhile is
// not kept.
func TestPrefetch_Bounds(t *testing.T) {
	dir := folder(t)
	s, x, _ := pieces(t, dir)
	s.Close()
	s = open(t, dir, 4000, 1<<20)
	s.Prefetch(x, 6)
	if u := s.Use(); u.Memory != 3000 {
		t.Errorf("%+v", u)
	}
	s.Close()
	for range 20 {
		s, x, _ := pieces(t, folder(t))
		var wait sync.WaitGroup
		wait.Go(func() { s.Prefetch(x, 6) })
		wait.Go(func() { s.Forget("all") })
		wait.Go(func() {
			if e, _ := s.Find(x, 0, 6); e != nil {
				if _, err := s.Data(e); err == nil {
					s.Release(e)
				}
			}
		})
		wait.Wait()
		if u := s.Use(); u.Entries != 0 || u.Memory != 0 || u.Disk != 0 {
			t.Fatalf("forgotten, and %+v is there", u)
		}
		s.Close()
	}
}
