// Package emptydb gives tests databases with nothing in them. Each is a copy of
// one that was made by all migrations: making one takes a fifth of a second of a
// processor with the race detector, and hundreds of tests have one each.
package emptydb

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"alcove/storage"
)

var made = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "alcove-emptydb-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "data", "alcove.db")
	db, err := storage.Open(context.Background(), storage.Options{Path: path})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // all of it is in the one file then
		return nil, err
	}
	return os.ReadFile(path)
})

// Path gives the path of a new one, in a folder of the test's own.
func Path(t testing.TB) string {
	t.Helper()
	return At(t, filepath.Join(t.TempDir(), "data", "alcove.db"))
}

// At is Path for a path that the test has chosen.
func At(t testing.TB, path string) string {
	t.Helper()
	data, err := made()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
