package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func mode(t *testing.T, name string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// checkPrivate checks every file of a data folder, and the folder.
func checkPrivate(t *testing.T, folder string) {
	t.Helper()
	if m := mode(t, folder); m != 0o700 {
		t.Errorf("folder is %04o", m)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 3 {
		t.Errorf("only %d files", len(entries))
	}
	for _, e := range entries {
		if m := mode(t, filepath.Join(folder, e.Name())); m != 0o600 {
			t.Errorf("%s is %04o", e.Name(), m)
		}
	}
}

func TestOpen_IsPrivateWhateverTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o022} {
		t.Run("", func(t *testing.T) {
			old := syscall.Umask(mask)
			defer syscall.Umask(old)
			db, _ := openNew(t)
			answer(t, db, ask(t, db, newConversation(t, db), "", "q"), "a")
			if err := db.Backup(t.Context(), filepath.Join(filepath.Dir(db.path), "copy.db")); err != nil {
				t.Fatal(err)
			}
			checkPrivate(t, filepath.Dir(db.path))
		})
	}
}

func TestOpen_TightensWhatIsOurs(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "data", "alcove.db"), newClock()
	folder := filepath.Dir(path)
	mustDo(t, os.Mkdir(folder, 0o700), os.Chmod(folder, 0o777)) // empty, open to all
	db, err := Open(t.Context(), Options{Path: path, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	newConversation(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	mustDo(t, os.Chmod(folder, 0o755), os.Chmod(path, 0o666), os.Chmod(path+".lock", 0o644))
	open(t, path, c)
	checkPrivate(t, folder)
}

func mustDo(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestOpen_RefusesWhatIsNotPrivate(t *testing.T) {
	for _, row := range []struct {
		name    string
		prepare func(t *testing.T, path string)
		says    string
	}{
		{"a shared folder with other things", func(t *testing.T, path string) {
			mustDo(t, os.WriteFile(filepath.Join(filepath.Dir(path), "letter.txt"), []byte("x"), 0o644), os.Chmod(filepath.Dir(path), 0o755))
		}, "chmod 700"},
		{"a link as database", func(t *testing.T, path string) {
			target := filepath.Join(t.TempDir(), "target")
			mustDo(t, os.WriteFile(target, nil, 0o600), os.Symlink(target, path))
		}, "symbolic link"},
		{"a link as lock file", func(t *testing.T, path string) {
			mustDo(t, os.Symlink(filepath.Join(t.TempDir(), "target"), path+".lock"))
		}, ""},
		{"somebody else's folder", func(t *testing.T, path string) {
			giveAway(t, filepath.Dir(path))
		}, "belongs to user"},
		{"somebody else's file", func(t *testing.T, path string) {
			mustDo(t, os.WriteFile(path, nil, 0o600))
			giveAway(t, path)
		}, "belongs to user"},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "data", "alcove.db")
			mustDo(t, os.Mkdir(filepath.Dir(path), 0o700))
			row.prepare(t, path)
			before := mode(t, filepath.Dir(path))
			db, err := Open(t.Context(), Options{Path: path})
			if err == nil {
				db.Close()
				t.Fatal("opened")
			}
			if row.says != "" && (!errors.Is(err, ErrNotPrivate) || !strings.Contains(err.Error(), row.says)) {
				t.Error(err)
			}
			if m := mode(t, filepath.Dir(path)); m != before {
				t.Errorf("the folder was changed from %04o to %04o", before, m)
			}
		})
	}
}

func giveAway(t *testing.T, name string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to give a file to another user")
	}
	mustDo(t, os.Chown(name, 65534, 65534))
}

func TestOpen_SecondOneIsRefused(t *testing.T) {
	db, c := openNew(t)
	if _, err := Open(t.Context(), Options{Path: db.path}); !errors.Is(err, ErrInUse) {
		t.Fatal(err)
	}
	newConversation(t, db) // the first one goes on
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, db.path, c) // the lock file that stays behind locks nobody out
}

func TestOpen_NameWithOddCharacters(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "a b%20c?d#e&[f]", "alcove ü?mode=memory.db"), newClock()
	db := open(t, path, c)
	newConversation(t, db)
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("the file is elsewhere: %v, %v", info, err)
	}
}

func TestOpen_ReadOnlyFolder(t *testing.T) {
	folder := tmpfs(t, "size=4m")
	path, c := filepath.Join(folder, "alcove.db"), newClock()
	db, err := Open(t.Context(), Options{Path: path, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	remount(t, folder, "ro")
	_, err = Open(t.Context(), Options{Path: path, Now: c.now})
	if !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "--data") {
		t.Fatal(err)
	}
	remount(t, folder, "rw")
	open(t, path, c)
}
