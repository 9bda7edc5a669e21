package storage

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// schemaWith is the embedded schema and more steps after it.
func schemaWith(t *testing.T, steps ...string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(embedded(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(embedded(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: b}
	}
	for i, sql := range steps {
		files[fmt.Sprintf("%04d_step.sql", 9001+i)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + sql)}
	}
	return files
}

// older makes a database of the embedded schema with one conversation.
func older(t *testing.T) (path string, c *clock) {
	t.Helper()
	path, c = filepath.Join(t.TempDir(), "data", "alcove.db"), newClock()
	c.at = time.Now()
	db, err := Open(t.Context(), Options{Path: path, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	answer(t, db, ask(t, db, newConversation(t, db), "", "Kept?"), "Kept.")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path, c
}

func copies(t *testing.T, path string) []string {
	t.Helper()
	names, err := filepath.Glob(path + ".v*.copy")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestMigrate_CopiesThenChanges(t *testing.T) {
	path, c := older(t)
	if len(copies(t, path)) != 0 {
		t.Error("a new file was copied")
	}
	steps := []string{}
	for i := range keepCopies + 2 {
		c.advance(time.Second)
		steps = append(steps, fmt.Sprintf("CREATE TABLE added%d (x INTEGER);", i))
		db, err := Open(t.Context(), Options{Path: path, Now: c.now, migrations: schemaWith(t, steps...)})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, fmt.Sprintf("added%d", i)) + count(t, db, "messages"); n != 2 {
			t.Errorf("%d rows", n)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if n := len(copies(t, path)); n != min(i+1, keepCopies) {
			t.Errorf("%d copies after %d migrations", n, i+1)
		}
	}
	checkPrivate(t, filepath.Dir(path))
	newest := copies(t, path)[keepCopies-1]
	restored := filepath.Join(t.TempDir(), "alcove.db")
	mustDo(t, os.Rename(newest, restored))
	db, err := Open(t.Context(), Options{Path: restored, Now: c.now, migrations: schemaWith(t, steps[:keepCopies+1]...)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if hits, err := db.Search(t.Context(), "kept", 10); err != nil || len(hits) != 3 {
		t.Errorf("search in the copy: %+v, %v", hits, err)
	}
	if len(copies(t, restored)) != 0 {
		t.Error("the copy was not of the schema before the last step")
	}
}

func TestMigrate_DropsCopiesThatAreTooOld(t *testing.T) {
	path, c := older(t)
	db, err := Open(t.Context(), Options{Path: path, Now: c.now, migrations: schemaWith(t, "CREATE TABLE x (x);")})
	if err != nil {
		t.Fatal(err)
	}
	mustDo(t, db.Close())
	if len(copies(t, path)) != 1 {
		t.Fatal("no copy")
	}
	c.advance(keepFor + time.Hour)
	db, err = Open(t.Context(), Options{Path: path, Now: c.now, migrations: schemaWith(t, "CREATE TABLE x (x);")})
	if err != nil {
		t.Fatal(err)
	}
	mustDo(t, db.Close())
	if n := len(copies(t, path)); n != 0 {
		t.Errorf("%d copies are kept for ever", n)
	}
}

func TestMigrate_FailedStepChangesNothing(t *testing.T) {
	path, c := older(t)
	broken := schemaWith(t, "CREATE TABLE good (x);", "DELETE FROM message_parts; DELETE FROM messages; INSERT INTO none VALUES (1);")
	if _, err := Open(t.Context(), Options{Path: path, Now: c.now, migrations: broken}); err == nil {
		t.Fatal("migrated")
	}
	if len(copies(t, path)) != 1 {
		t.Error("no copy")
	}
	c.advance(time.Second)
	db, err := Open(t.Context(), Options{Path: path, Now: c.now, migrations: schemaWith(t, "CREATE TABLE good (x);")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if n := count(t, db, "messages"); n != 2 {
		t.Errorf("%d messages", n)
	}
}

func TestOpen_NewerSchemaStaysAsItIs(t *testing.T) {
	path, c := older(t)
	db, err := Open(t.Context(), Options{Path: path, Now: c.now, migrations: schemaWith(t, "CREATE TABLE newer (x);")})
	if err != nil {
		t.Fatal(err)
	}
	mustDo(t, db.Close())
	before := hash(t, path)
	if _, err := Open(t.Context(), Options{Path: path, Now: c.now}); !errors.Is(err, ErrNewerSchema) {
		t.Fatal(err)
	}
	if hash(t, path) != before || len(copies(t, path)) != 1 {
		t.Error("the file was changed")
	}
}

func hash(t *testing.T, name string) [32]byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(b)
}

func TestOpen_DamagedFileIsKept(t *testing.T) {
	for _, row := range []struct {
		name   string
		damage func(b []byte) []byte
	}{
		{"noise in the header", func(b []byte) []byte { copy(b, "this is not SQLite at all"); return b }},
		{"zero header", func(b []byte) []byte { clear(b[:100]); return b }},
		{"cut in the header", func(b []byte) []byte { return b[:50] }},
		{"cut in the first page", func(b []byte) []byte { return b[:1000] }},
		{"other text", func([]byte) []byte { return []byte(strings.Repeat("Dear Sir or Madam\n", 999)) }},
		{"schema overwritten", func(b []byte) []byte { clear(b[100:4096]); return b }},
	} {
		t.Run(row.name, func(t *testing.T) {
			path, c := older(t)
			b, err := os.ReadFile(path)
			mustDo(t, err, os.WriteFile(path, row.damage(b), 0o600))
			before := hash(t, path)
			_, err = Open(t.Context(), Options{Path: path, Now: c.now})
			if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) {
				t.Fatal(err)
			}
			if hash(t, path) != before {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpen_ForeignDatabaseIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	other, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.Exec("CREATE TABLE bookmarks (url TEXT)")
	mustDo(t, err, other.Close())
	if _, err := Open(t.Context(), Options{Path: path}); !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
}

// A document of before its blocks had gens keeps its text, and the next one
// another row.
func TestMigrate_BlocksGetGens(t *testing.T) {
	before := schemaWith(t).(fstest.MapFS)
	for name := range before {
		if name >= "0015" {
			delete(before, name)
		}
	}
	path, c := filepath.Join(t.TempDir(), "data", "alcove.db"), newClock()
	db, err := Open(t.Context(), Options{Path: path, Now: c.now, migrations: before})
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.writer.Exec(`
INSERT INTO collections (id, title, owner, created_at, updated_at) VALUES ('hr', 'HR', 'anna', 0, 0);
INSERT INTO documents (num, id, collection_id, name, state, sha256, size, modified, queued_at, indexed_sha256, indexed_at, created_at, updated_at)
VALUES (7, 'read', 'hr', 'a', 'ready', 'a', 1, 0, 0, 'a', 0, 0, 0), (9, 'waits', 'hr', 'b', 'waiting', 'b', 1, 0, 0, '', NULL, 0, 0);
INSERT INTO document_blocks (document_num, seq, page, kind, text) VALUES (7, 0, 1, 'paragraph', 'kept'), (7, 1, 1, 'paragraph', 'too');
INSERT INTO indexed (document_num, gen, chunks, indexed_at) VALUES (7, 3, 0, 0);`)
	mustDo(t, err)
	mustDo(t, db.Close())
	db = open(t, path, c)
	text, err := db.Blocks(t.Context(), "read", 0, 10)
	if err != nil || len(text) != 2 || text[0].Text != "kept" || text[1].Seq != 1 {
		t.Errorf("%+v, %v", text, err)
	}
	if old, err := db.DocumentsWithOld(t.Context()); err != nil || len(old) != 0 {
		t.Errorf("leftovers of %v, %v", old, err)
	}
	if _, gen, err := db.NewChunks(t.Context(), "read"); err != nil || gen != 4 {
		t.Errorf("gen %d, %v", gen, err)
	}
	mustDo(t, func() error { _, err := db.DeleteDocument(t.Context(), "waits"); return err }())
	erase(t, db)
	if d := newDocument(t, db, Document{CollectionID: "hr", Name: "c", SHA256: "c"}); d.Num != 10 {
		t.Errorf("row %d", d.Num)
	}
	checkWhole(t, db)
}
