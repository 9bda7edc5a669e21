package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"alcove/engine/worker/prefix"
)

const key = "model, cpu, f16, 0.5.0"

func folder(t testing.TB) string {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t interface {
	Helper()
	Fatal(...any)
}, dir string, memory, disk int64) *Store {
	t.Helper()
	s, err := Open(dir, key, Limits{Memory: memory, Disk: disk})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func text(label string, tokens ...int32) prefix.Text {
	return prefix.Text{Tokens: tokens, Spans: []prefix.Span{{End: len(tokens), Label: label}}}
}

func put(s *Store, x prefix.Text, start int, size int, anchor bool) []byte {
	data := s.Alloc(size)
	for i := range data {
		data[i] = byte(i*7 + len(x.Tokens) + int(x.Tokens[0]))
	}
	if data != nil {
		s.Put(x, start, len(x.Tokens), data, anchor)
	}
	return bytes.Clone(data)
}

// written waits until all anchors are on disk.
func written(s *Store) {
	for {
		s.mu.Lock()
		busy := len(s.jobs)
		for _, e := range s.entries {
			busy += e.users
		}
		s.mu.Unlock()
		if busy == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestFindsTheLongest(t *testing.T) {
	s := open(t, "", 1<<20, 0)
	defer s.Close()
	put(s, text("a", 1, 2, 3, 4), 0, 10, false)
	put(s, text("a", 1, 2, 3, 4, 5, 6), 4, 10, false)
	put(s, text("a", 1, 2, 9), 0, 10, false)
	for _, c := range []struct {
		x           prefix.Text
		from, limit int
		start, to   int
	}{
		{text("a", 1, 2, 3, 4, 5, 6, 7), 0, 7, 0, 4},  // the second needs the first
		{text("a", 1, 2, 3, 4, 5, 6, 7), 4, 7, 4, 6},  //
		{text("a", 1, 2, 3, 4, 5, 8), 5, 6, -1, 5},    // nothing beyond the five
		{text("a", 1, 2, 9, 9), 0, 4, 0, 3},           //
		{text("a", 1, 2, 3, 7), 0, 2, 0, 2},           // a part of it
		{text("b", 1, 2, 3, 4), 0, 4, -1, 0},          // another label
		{text("a", 1, 2, 3, 4, 5, 6), 3, 6, 0, 4},     //
		{text("a", 7, 2, 3, 4, 5, 6, 7), 4, 7, -1, 4}, // another beginning
	} {
		e, to := s.Find(c.x, c.from, c.limit)
		if to != c.to || (e == nil) != (c.start < 0) || (e != nil && e.Start != c.start) {
			t.Errorf("%v from %d: %+v to %d", c.x.Tokens, c.from, e, to)
		}
	}
	if !s.Covers(text("a", 1, 2, 3, 4), 1, 3) || s.Covers(text("b", 1, 2, 3), 0, 2) || s.Covers(text("a", 1, 2, 3, 4, 5, 6), 3, 6) {
		t.Error("covers")
	}
}

// Memory is bounded, what was used last stays, and what is in use is never
// taken away.
func TestMemoryIsBounded(t *testing.T) {
	s := open(t, "", 1000, 0)
	defer s.Close()
	for i := range int32(20) {
		put(s, text("a", i, 1), 0, 300, false)
		if e, _ := s.Find(text("a", 0, 1), 0, 2); e != nil {
			if _, err := s.Data(e); err != nil {
				t.Fatal(err)
			}
			s.Release(e)
		}
	}
	if u := s.Use(); u.Memory != 900 || u.Entries != 3 {
		t.Errorf("%+v", u)
	}
	e, _ := s.Find(text("a", 0, 1), 0, 2)
	if e == nil {
		t.Fatal("what was used most is gone")
	}
	data, err := s.Data(e)
	if err != nil {
		t.Fatal(err)
	}
	if s.Alloc(900) != nil {
		t.Error("900 bytes beside 300 that are in use")
	}
	s.Discard(e)
	if data[1] != 7+2 { // the memory is still there
		t.Error("data changed while it was in use")
	}
	s.Release(e)
	if s.Alloc(1001) != nil || s.Alloc(-1) != nil {
		t.Error("more than there is")
	}
}

func TestRestart(t *testing.T) {
	dir := folder(t)
	s := open(t, dir, 1<<20, 1<<20)
	x := prefix.Text{Tokens: []int32{1, 2, 3, 4, 5}, Spans: []prefix.Span{{End: 3, Label: "all"}, {End: 5, Label: "docs"}}}
	want := put(s, x, 2, 5000, true)
	put(s, text("me", 1, 2), 0, 100, false)
	s.Close()
	s = open(t, dir, 1<<20, 1<<20)
	defer s.Close()
	if u := s.Use(); u.Entries != 1 || u.Memory != 0 || u.Disk < 5000 {
		t.Fatalf("%+v", u)
	}
	longer := prefix.Text{Tokens: append(x.Tokens, 6), Spans: []prefix.Span{{End: 3, Label: "all"}, {End: 5, Label: "docs"}, {End: 6, Label: "me"}}}
	e, to := s.Find(longer, 2, 6)
	if e == nil || to != 5 || e.Start != 2 {
		t.Fatalf("found %+v to %d", e, to)
	}
	got, err := s.Data(e)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("other data: %v", err)
	}
	s.Release(e)
	st, err := os.Stat(e.path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", st.Mode(), err)
	}
	other, err := Open(dir, "another model", Limits{Memory: 1 << 20, Disk: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if u := other.Use(); u.Entries != 0 || u.Disk == 0 {
		t.Errorf("another model sees %+v", u)
	}
	s.Forget("docs")
	if files, _ := os.ReadDir(dir); len(files) != 0 || s.Use().Disk != 0 {
		t.Errorf("%d files after forgetting", len(files))
	}
}

func TestDiskIsBounded(t *testing.T) {
	dir := folder(t)
	s := open(t, dir, 1<<20, 4000)
	for i := range int32(6) {
		put(s, text("a", i, 1), 0, 1000, true)
		written(s)
		old := time.Now().Add(time.Duration(i-100) * time.Hour)
		for _, e := range s.entries {
			if e.Text.Tokens[0] == i && e.path != "" {
				os.Chtimes(e.path, old, old)
			}
		}
	}
	if u := s.Use(); u.Disk > 4000 || u.Disk < 2000 {
		t.Errorf("%+v", u)
	}
	s.Close()
	s = open(t, dir, 1<<20, 4000)
	if e, _ := s.Find(text("a", 5, 1), 0, 2); e == nil {
		t.Error("the newest is gone")
	}
	if e, _ := s.Find(text("a", 0, 1), 0, 2); e != nil {
		t.Error("the oldest is there")
	}
	s.Close()
	s = open(t, dir, 1<<20, 1500) // a smaller bound holds at once
	defer s.Close()
	if u := s.Use(); u.Disk > 1500 || u.Entries > 1 {
		t.Errorf("%+v", u)
	}
}

func TestFolderOfOthers(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]string{"open to others": dir, "missing": filepath.Join(dir, "no")} {
		s, err := Open(d, key, Limits{Memory: 1000, Disk: 1000})
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if put(s, text("a", 1), 0, 10, true) == nil {
			t.Errorf("%s: does not work in memory", name)
		}
		s.Close()
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Error("something was written")
	}
}

// Whatever happens to a file, it is never read as if it were whole.
func TestDamagedFiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "snapshots")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		s := open(rt, dir, 1<<20, 1<<20)
		x := text("a", 1, 2, 3)
		want := put(s, x, 0, 300, true)
		s.Close()
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		if len(files) != 1 {
			rt.Fatalf("%v", files)
		}
		good, err := os.ReadFile(files[0])
		if err != nil {
			rt.Fatal(err)
		}
		bad := bytes.Clone(good)
		switch rapid.IntRange(0, 3).Draw(rt, "how") {
		case 0:
			bad[rapid.IntRange(0, len(bad)-1).Draw(rt, "at")] ^= byte(rapid.IntRange(1, 255).Draw(rt, "bits"))
		case 1:
			bad = bad[:rapid.IntRange(0, len(bad)-1).Draw(rt, "length")]
		case 2:
			bad = append(bad, 0)
		case 3:
			n := rapid.IntRange(0, len(bad)).Draw(rt, "from")
			bad = append(bad[:n:n], bad[min(n+1, len(bad)):]...)
		}
		// Before the start, or between the start and the use.
		late := rapid.Bool().Draw(rt, "late")
		if !late {
			os.WriteFile(files[0], bad, 0o600)
		}
		s = open(rt, dir, 1<<20, 1<<20)
		defer s.Close()
		if late {
			os.WriteFile(files[0], bad, 0o600)
		}
		e, _ := s.Find(x, 0, 3)
		if e == nil {
			if late {
				rt.Fatal("a good file was not found")
			}
			return
		}
		data, err := s.Data(e)
		if err == nil {
			if !bytes.Equal(data, want) || !bytes.Equal(bad, good) {
				rt.Fatal("damaged data was given out")
			}
			s.Release(e)
			return
		}
		if !errors.Is(err, ErrDamaged) {
			rt.Fatal(err)
		}
		if e, _ := s.Find(x, 0, 3); e != nil {
			rt.Fatal("a damaged entry is still there")
		}
		if _, err := os.Stat(files[0]); err == nil {
			rt.Fatal("a damaged file is still there")
		}
	})
}

// What was begun and not finished is deleted.
func TestPartialFiles(t *testing.T) {
	dir := folder(t)
	for _, name := range []string{"x.kv.part", "unrelated.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir, 1000, 1000)
	defer s.Close()
	files, _ := os.ReadDir(dir)
	if len(files) != 1 || files[0].Name() != "unrelated.txt" || s.Use().Disk != 0 {
		t.Errorf("%v", fmt.Sprint(files))
	}
}

// A file that cannot be read now, for want of memory, stays for later; one that
// is gone is taken off the account.
func TestTroubleDeletesNothing(t *testing.T) {
	dir := folder(t)
	s := open(t, dir, 1<<20, 1<<20)
	x := text("share:a", 1, 2, 3, 4)
	put(s, x, 0, 1000, true)
	written(s)
	s.Close()
	small := open(t, dir, 10, 1<<20)
	e, _ := small.Find(x, 0, 4)
	if e == nil {
		t.Fatal("nothing was found")
	}
	if _, err := small.Data(e); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("%v", err)
	}
	if again, _ := small.Find(x, 0, 4); again != e {
		t.Error("it was given up")
	}
	if err := os.Remove(e.path); err != nil {
		t.Fatal(err)
	}
	if _, err := small.Data(e); err == nil {
		t.Error("it was read")
	}
	if u := small.Use(); u.Disk != 0 || u.Entries != 0 {
		t.Errorf("%+v", u)
	}
	small.Close()
}

// One that is larger than all the place pushes nothing out.
func TestTooLargeForTheDisk(t *testing.T) {
	dir := folder(t)
	s := open(t, dir, 1<<20, 3000)
	put(s, text("share:a", 1, 2, 3, 4), 0, 1000, true)
	written(s)
	put(s, text("share:b", 5, 6, 7, 8), 0, 5000, true)
	written(s)
	s.Close()
	if files, _ := filepath.Glob(filepath.Join(dir, "*"+suffix)); len(files) != 1 {
		t.Errorf("%v", files)
	}
}
