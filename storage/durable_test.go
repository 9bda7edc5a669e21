package storage

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"
)

func soaking() bool { return os.Getenv("ALCOVE_SOAK") != "" }

func TestSQLite_VersionAndPragmas(t *testing.T) {
	if _, n, _ := sqlite3.Version(); n < 3051003 {
		t.Errorf("SQLite %d has the WAL-reset bug, which 3.51.3 fixed", n)
	}
	db, _ := openNew(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1",
		"busy_timeout": "5000", "temp_store": "2", "mmap_size": "0",
	} {
		var got string
		if err := db.writer.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("writer's %s = %s, want %s, %v", pragma, got, want, err)
		}
	}
	if _, err := db.readers.Exec("DELETE FROM settings"); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("a reader can write: %v", err)
	}
}

// D11: what was deleted and purged is nowhere in the files.
func TestPurgeDeleted_LeavesNothingInTheFiles(t *testing.T) {
	db, c := openNew(t)
	kept := newConversation(t, db)
	parent := ""
	var secret []string
	for i := range 100 {
		// The index keeps a word without the beginning that it shares with the
		// word before, so each canary's end is what is looked for.
		canary := fmt.Sprintf("zqx%dkanarienvogel%d", i, i*7)
		secret = append(secret, canary[4:])
		id := newConversation(t, db)
		turn := ask(t, db, id, "", "first "+canary)
		db.AppendText(turn.Answer.ID, "part of "+canary[:8])
		if i%2 == 0 { // half of them grow in several commits
			wait(t, "part", func() bool { return text(t, db, turn.Answer.ID) != "" })
		}
		answer(t, db, turn, canary[8:]+" the rest")
		if _, err := db.RenameConversation(t.Context(), id, "renamed "+canary); err != nil {
			t.Fatal(err)
		}
		if err := db.DeleteConversation(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		parent = answer(t, db, ask(t, db, kept, parent, fmt.Sprintf("kept question %d", i)), "kept answer").ID
	}
	if found := grep(t, db, "kanarienvogel"); len(found) == 0 {
		t.Fatal("the test is blind: the canaries are not there before")
	}
	if n, err := db.PurgeDeleted(t.Context(), c.now()); n != 100 || err != nil {
		t.Fatalf("purged %d, %v", n, err)
	}
	for _, s := range append(secret, "kanarienvogel") {
		for _, name := range grep(t, db, s) {
			t.Errorf("%s is still in %s", s, name)
		}
	}
	if hits, err := db.Search(t.Context(), "kept question", 200); err != nil || len(hits) != 101 {
		t.Errorf("%d hits in what was kept, %v", len(hits), err)
	}
	checkWhole(t, db)
}

func TestPurgeDeleted_WaitsForReaders(t *testing.T) {
	db, c := openNew(t)
	id := newConversation(t, db)
	answer(t, db, ask(t, db, id, "", "kanarienvogel"), "a")
	reader, err := db.readers.Begin() // an old snapshot, like a slow backup
	if err != nil {
		t.Fatal(err)
	}
	var n int
	mustDo(t, reader.QueryRow("SELECT count(*) FROM messages").Scan(&n), db.DeleteConversation(t.Context(), id))
	if n, err := db.PurgeDeleted(t.Context(), c.now()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if len(grep(t, db, "kanarienvogel")) == 0 {
		t.Fatal("the test is blind: the reader did not hold the WAL")
	}
	mustDo(t, reader.Rollback())
	if n, err := db.PurgeDeleted(t.Context(), c.now()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if found := grep(t, db, "kanarienvogel"); len(found) != 0 {
		t.Errorf("still in %v", found)
	}
}

// grep names the files of the data folder that hold text.
func grep(t *testing.T, db *DB, text string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(db.path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(db.path), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			names = append(names, e.Name())
		}
	}
	return names
}

// checkWhole lets SQLite check the file, the references and both indexes.
func checkWhole(t *testing.T, db *DB) {
	t.Helper()
	var result string
	if err := db.writer.QueryRow("PRAGMA integrity_check").Scan(&result); err != nil || result != "ok" {
		t.Errorf("integrity_check: %s, %v", result, err)
	}
	rows, err := db.writer.Query("PRAGMA foreign_key_check")
	if err != nil {
		t.Fatal(err)
	}
	if rows.Next() {
		t.Error("foreign_key_check found something")
	}
	rows.Close()
	for _, fts := range []string{"titles_fts", "parts_fts", "chunks_fts"} {
		if _, err := db.writer.Exec(fmt.Sprintf("INSERT INTO %s (%s) VALUES ('integrity-check')", fts, fts)); err != nil {
			t.Errorf("%s: %v", fts, err)
		}
	}
}

// Every query that the product makes finds its rows by an index. Those of
// small tables may read them whole.
func TestQueries_UseIndexes(t *testing.T) {
	small := regexp.MustCompile(`SCAN (settings|model_settings|file_hashes|uploads|api_keys|checks|baselines|alert_secrets|alerts|capacity_runs|embedders|indexed|allowed|r|collections|c|f|document_nums|every)\b|SCAN path\b|documents_working`)
	paged := regexp.MustCompile(`^List(Conversations|Messages|(Readable)?Documents|Blocks)`)
	db, _ := openNew(t)
	files, err := filepath.Glob("queries/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no queries", err)
	}
	list := map[string]string{"searchTitles": searchTitles, "searchParts": searchParts,
		"reachDocuments": reachDocuments, "matchRanked": matchRanked, "matchAny": matchAny, "reachStems": reachStems, "reachChunks": reachChunks, "reachChunk": reachChunk, "wholeReach": wholeReach,
		"knownVectors": knownVectors, "vectorsOfTexts": vectorsOfTexts, "documentVectors": documentVectors, "withoutVector": withoutVector, "wordCounts": wordCounts, "knownWords": knownWords}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range strings.Split(string(b), "-- name: ")[1:] {
			title, body, _ := strings.Cut(q, "\n")
			list[title] = body
		}
	}
	parameter := regexp.MustCompile(`@\w+|sqlc\.slice\('\w+'\)|\?`)
	for title, query := range list {
		rows, err := db.writer.Query("EXPLAIN QUERY PLAN " + parameter.ReplaceAllString(query, "1"))
		if err != nil {
			t.Errorf("%s: %v", title, err)
			continue
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			whole := strings.Contains(detail, "SCAN") && !strings.Contains(detail, "VIRTUAL TABLE") && !strings.Contains(detail, "CONSTANT ROW") &&
				!strings.HasPrefix(detail, "SCAN (subquery") // what a sub-query gives; how that finds its rows is a line of its own
			if whole && !strings.Contains(detail, "messages_growing") && !strings.Contains(detail, "alert_notices_open") && !small.MatchString(detail) {
				t.Errorf("%s reads a whole table: %s", title, detail)
			}
			if paged.MatchString(title) {
				if strings.Contains(detail, "TEMP B-TREE") {
					t.Errorf("%s sorts: %s", title, detail)
				}
			}
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}

// tmpfs mounts a small file system; the test is skipped where that is not
// permitted.
func tmpfs(t *testing.T, options string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "disk")
	mustDo(t, os.Mkdir(folder, 0o700))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options+",mode=700", "tmpfs", folder).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: mounting a tmpfs needs root: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return folder
}

func remount(t *testing.T, folder, how string) {
	t.Helper()
	out, err := exec.Command("mount", "-o", "remount,"+how, folder).CombinedOutput()
	if err != nil {
		t.Fatalf("remount: %v %s", err, out)
	}
}
