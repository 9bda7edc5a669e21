package library

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

func newUploads(t *testing.T, db *storage.DB, dir string) *Uploads {
	t.Helper()
	u := NewUploads(UploadsDeps{Store: db, Dir: dir})
	t.Cleanup(func() { u.Close() })
	return u
}

// aFile is random bytes that begin as a model does.
func aFile(size int) []byte {
	random := rand.New(rand.NewPCG(uint64(size), 7))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	copy(b, "GGUF")
	return b
}

func begin(t *testing.T, u *Uploads, name string, size int) Upload {
	t.Helper()
	v, err := u.Begin(t.Context(), name, int64(size), 1)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func codeOf(err error) engine.Code {
	var e *app.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestUpload_InPiecesOverARestart(t *testing.T) {
	db, dir := openStore(t), filepath.Join(t.TempDir(), "not", "there")
	content := aFile(UploadPiece + 1000)
	u := newUploads(t, db, dir)
	v := begin(t, u, "a model ü.gguf", len(content))
	v, err := u.Write(t.Context(), v.ID, 0, content[:UploadPiece])
	if err != nil || v.Offset != UploadPiece {
		t.Fatalf("%+v, %v", v, err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 || list[0].Name() != "a model ü.gguf.part" {
		t.Fatalf("the folder has %v, %v", list, err)
	}
	u.Close()

	again := newUploads(t, db, dir)
	list, err := again.List(t.Context())
	if d := cmp.Diff([]Upload{v}, list); err != nil || d != "" {
		t.Fatal(err, d)
	}
	if resumed := begin(t, again, v.Name, len(content)); resumed != v {
		t.Fatalf("went on with %+v", resumed)
	}
	if got, err := again.Write(t.Context(), v.ID, 5, content[5:9]); codeOf(err) != app.CodeConflict || got.Offset != v.Offset {
		t.Errorf("a piece from elsewhere: %+v, %v", got, err)
	}
	if _, err := again.Write(t.Context(), v.ID, v.Offset, append(content[v.Offset:], 'x')); codeOf(err) != app.CodeInvalid {
		t.Errorf("more than there is: %v", err)
	}
	v, err = again.Write(t.Context(), v.ID, v.Offset, content[v.Offset:])
	if err != nil || v.Offset != v.Size {
		t.Fatalf("%+v, %v", v, err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, v.Name)); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the file is another one, %v", err)
	}
	if list, err := again.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("still on its way: %v, %v", list, err)
	}
	if _, err := again.Get(t.Context(), v.ID); codeOf(err) != app.CodeUploadNotFound {
		t.Errorf("after its end: %v", err)
	}
	if _, err := again.Begin(t.Context(), v.Name, 9, 1); codeOf(err) != app.CodeConflict {
		t.Errorf("over a file that is there: %v", err)
	}
}

// The program may end between any two steps of the end.
func TestUpload_EndedHalfway(t *testing.T) {
	db, dir := openStore(t), t.TempDir()
	u := newUploads(t, db, dir)
	content := aFile(100)
	v := begin(t, u, "a.gguf", 100)
	if err := os.WriteFile(filepath.Join(dir, "a.gguf.part"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if done := begin(t, u, "a.gguf", 100); done.Offset != 100 {
		t.Fatalf("all bytes are there, and it is %+v", done)
	}
	if _, err := os.Stat(filepath.Join(dir, "a.gguf")); err != nil {
		t.Error(err)
	}
	if _, err := db.PutUpload(t.Context(), storage.Upload{Name: "a.gguf", Size: 100, Modified: 1}); err != nil {
		t.Fatal(err)
	}
	if list, err := u.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("its row was not forgotten: %v, %v", list, err)
	}
	if _, err := u.Get(t.Context(), v.ID); codeOf(err) != app.CodeUploadNotFound {
		t.Error(err)
	}
}

func TestUpload_AnotherFileOfThatNameBeginsAnew(t *testing.T) {
	db, dir := openStore(t), t.TempDir()
	u := newUploads(t, db, dir)
	content := aFile(100)
	v := begin(t, u, "a.gguf", 100)
	if _, err := u.Write(t.Context(), v.ID, 0, content[:50]); err != nil {
		t.Fatal(err)
	}
	other, err := u.Begin(t.Context(), "a.gguf", 100, 2)
	if err != nil || other.Offset != 0 || other.ID == v.ID {
		t.Errorf("%+v, %v", other, err)
	}
	if _, err := u.Write(t.Context(), v.ID, 50, content[50:]); codeOf(err) != app.CodeUploadNotFound {
		t.Errorf("a piece of the first: %v", err)
	}
}

func TestUpload_Refused(t *testing.T) {
	db, dir := openStore(t), t.TempDir()
	u := newUploads(t, db, dir)
	for _, name := range []string{"", ".gguf", "a", "a.GGUF", "a.gguf.exe", ".a.gguf", " a.gguf", "../a.gguf", "b/a.gguf", `b\a.gguf`, "/a.gguf",
		"a\x00.gguf", "a\n.gguf", "a\u202efugg.gguf", "a\xff.gguf", strings.Repeat("a", 200) + ".gguf"} {
		if _, err := u.Begin(t.Context(), name, 9, 0); codeOf(err) != app.CodeInvalid {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, size := range []int64{0, -1, 1 << 60} {
		if _, err := u.Begin(t.Context(), "a.gguf", size, 0); codeOf(err) != app.CodeInvalid {
			t.Errorf("size %d: %v", size, err)
		}
	}
	v := begin(t, u, "a.gguf", 9)
	for _, piece := range []string{"no model.", "", strings.Repeat("x", UploadPiece+1)} {
		if _, err := u.Write(t.Context(), v.ID, 0, []byte(piece)); codeOf(err) != app.CodeInvalid {
			t.Errorf("%.10q: %v", piece, err)
		}
	}
	for _, name := range []string{"b.gguf", "c.gguf", "d.gguf"} {
		begin(t, u, name, 9)
	}
	if _, err := u.Begin(t.Context(), "e.gguf", 9, 0); codeOf(err) != app.CodeConflict {
		t.Errorf("one too many: %v", err)
	}
	if err := u.Cancel(t.Context(), v.ID); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "f.gguf.part"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Begin(t.Context(), "f.gguf", 9, 0); codeOf(err) != app.CodeConflict {
		t.Errorf("what another program writes: %v", err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "a.gguf.part")); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Begin(t.Context(), "a.gguf", 9, 0); codeOf(err) != app.CodeConflict {
		t.Errorf("a link in its place: %v", err)
	}
}

func TestUpload_Cancelled(t *testing.T) {
	db, dir := openStore(t), t.TempDir()
	u := newUploads(t, db, dir)
	v := begin(t, u, "a.gguf", 9)
	if _, err := u.Write(t.Context(), v.ID, 0, []byte("GGUFx")); err != nil {
		t.Fatal(err)
	}
	if err := u.Cancel(t.Context(), v.ID); err != nil {
		t.Fatal(err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("left behind: %v", list)
	}
	if err := u.Cancel(t.Context(), v.ID); codeOf(err) != app.CodeUploadNotFound {
		t.Error(err)
	}
}

// Two pages may send the same file: no piece is lost or doubled.
func TestUpload_TwoSenders(t *testing.T) {
	db, dir := openStore(t), t.TempDir()
	u := newUploads(t, db, dir)
	content := aFile(40_000)
	v := begin(t, u, "a.gguf", len(content))
	var senders sync.WaitGroup
	for range 2 {
		senders.Go(func() {
			for at := int64(0); at < v.Size; {
				got, err := u.Write(context.Background(), v.ID, at, content[at:min(at+1000, v.Size)])
				switch codeOf(err) {
				case app.CodeUploadNotFound:
					return
				case "", app.CodeConflict:
					at = max(at, got.Offset)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	senders.Wait()
	if got, err := os.ReadFile(filepath.Join(dir, "a.gguf")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestUpload_FullDisk(t *testing.T) {
	db, dir := openStore(t), t.TempDir()
	u := newUploads(t, db, dir)
	u.free = func(string) (int64, bool) { return spareBytes + 100, true }
	if _, err := u.Begin(t.Context(), "a.gguf", 101, 0); codeOf(err) != app.CodeDiskFull {
		t.Errorf("larger than what is free: %v", err)
	}
	if list, err := u.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("begun all the same: %v, %v", list, err)
	}
	begin(t, u, "a.gguf", 100)
	if err := diskError(syscall.ENOSPC); codeOf(err) != app.CodeDiskFull {
		t.Error(err)
	}
	if err := diskError(syscall.EACCES); codeOf(err) != app.CodeReadOnly {
		t.Error(err)
	}
}

func TestImport(t *testing.T) {
	db, from, dir := openStore(t), t.TempDir(), t.TempDir()
	u := newUploads(t, db, dir)
	content := aFile(2*UploadPiece + 5)
	path := filepath.Join(from, "a.gguf")
	write(t, path, content)
	v, err := u.Import(t.Context(), path)
	if err != nil || !v.Copying || v.Size != int64(len(content)) {
		t.Fatalf("%+v, %v", v, err)
	}
	wait(t, "the copy", func() bool { _, err := os.Stat(filepath.Join(dir, "a.gguf")); return err == nil })
	if got, err := os.ReadFile(filepath.Join(dir, "a.gguf")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the copy is another file, %v", err)
	}
	write(t, filepath.Join(from, "text.gguf"), []byte("no model"))
	bad, err := u.Import(t.Context(), filepath.Join(from, "text.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "the reason", func() bool { v, _ := u.Get(t.Context(), bad.ID); return !v.Copying && v.Reason != "" })

	if err := os.Symlink(path, filepath.Join(from, "link.gguf")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(from, "pipe.gguf"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"a.gguf", filepath.Join(from, "none.gguf"), filepath.Join(from, "link.gguf"), filepath.Join(from, "pipe.gguf"), from, "/dev/zero", "/etc/passwd", ""} {
		if _, err := u.Import(t.Context(), p); codeOf(err) != app.CodeInvalid {
			t.Errorf("%q: %v", p, err)
		}
	}
}

// A copy that was ended goes on where it was.
func TestImport_GoesOn(t *testing.T) {
	db, from, dir := openStore(t), t.TempDir(), t.TempDir()
	content := aFile(3*UploadPiece + 5)
	path := filepath.Join(from, "a.gguf")
	write(t, path, content)
	for range 50 {
		u := newUploads(t, db, dir)
		v, err := u.Import(t.Context(), path)
		if codeOf(err) == app.CodeConflict {
			break // it is whole
		}
		if err != nil {
			t.Fatal(err)
		}
		wait(t, "a piece", func() bool {
			now, err := u.Get(t.Context(), v.ID)
			return err != nil || now.Offset > v.Offset
		})
		u.Close()
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a.gguf")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
