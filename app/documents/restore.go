package documents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"alcove/storage"
)

// Restore says which backup goes into which data folder.
type Restore struct {
	File     string // the copy of the database; its files are in Beside(File)
	Database string // must not exist
	Dir      string // for the files of documents
	NoFiles  bool   // of the database alone
	// Tell is called with what will be written, before it is; may be nil.
	Tell func(Copied)
}

// BadFiles says which files of a backup are not as they must be.
type BadFiles struct{ Missing, Damaged int }

func (e *BadFiles) Error() string {
	return fmt.Sprintf("files of documents: %d missing, %d damaged", e.Missing, e.Damaged)
}

// Run restores a backup. Every file is read and held against its hash before
// anything is written: *BadFiles where one is wrong. The database gets its name
// last, so that a restore that was broken off is no data folder, and can be
// begun again.
func (r Restore) Run(ctx context.Context) (Copied, error) {
	for _, name := range []string{r.Database, r.Database + "-wal", r.Database + "-shm"} { // a log would be applied
		if _, err := os.Lstat(name); err == nil {
			return Copied{}, fmt.Errorf("restore to %s: %w", name, storage.ErrExists)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return Copied{}, err
		}
	}
	list, err := storage.SentFiles(ctx, r.File)
	if err != nil {
		return Copied{}, err
	}
	info, err := os.Stat(r.File)
	if err != nil {
		return Copied{}, err
	}
	folder := filepath.Dir(r.Database)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Copied{}, err
	}
	plan := Copied{Database: info.Size(), Free: free(folder)}
	if r.NoFiles {
		list = nil
	}
	for _, f := range list {
		plan.Files, plan.Bytes = plan.Files+1, plan.Bytes+f.Size
	}
	if r.Tell != nil {
		r.Tell(plan)
	}
	if err := plan.room(); err != nil {
		return plan, err
	}
	if err := CheckFiles(ctx, Beside(r.File), list, true); err != nil {
		return plan, err
	}
	if err := os.MkdirAll(r.Dir, 0o700); err != nil {
		return plan, err
	}
	for _, f := range list {
		if err := copyFile(ctx, Beside(r.File), r.Dir, f.SHA256); err != nil {
			return plan, err
		}
	}
	return plan, putDatabase(ctx, r.File, r.Database)
}

// putDatabase copies a database that nobody has open under its name.
func putDatabase(ctx context.Context, from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), partPrefix+"*") // 0600
	if err != nil {
		return diskError(err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	if _, err := io.Copy(out, reader{ctx, in}); err != nil {
		return diskError(err)
	}
	if err := out.Sync(); err != nil {
		return diskError(err)
	}
	return giveName(out.Name(), to)
}

// CheckFiles looks for the files of documents in a folder: *BadFiles where one
// is missing or, as far as its size tells, damaged. hashed reads them all.
func CheckFiles(ctx context.Context, dir string, list []storage.SentFile, hashed bool) error {
	bad := BadFiles{}
	for _, f := range list {
		good, err := checkFile(ctx, dir, f, hashed)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			bad.Missing++
		case err != nil:
			return err
		case !good:
			bad.Damaged++
		}
	}
	if bad != (BadFiles{}) {
		return &bad
	}
	return nil
}

func checkFile(ctx context.Context, dir string, f storage.SentFile, hashed bool) (good bool, err error) {
	if len(f.SHA256) != 64 {
		return false, fs.ErrNotExist
	}
	in, err := os.Open(inDir(dir, f.SHA256))
	if err != nil {
		return false, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil || !hashed || info.Size() != f.Size {
		return err == nil && info.Size() == f.Size, err
	}
	sum, err := hashFile(ctx, in)
	return sum == f.SHA256, err
}
