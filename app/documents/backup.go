package documents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"alcove/storage"
)

// A backup is a copy of the database, FILE, and beside it a folder with the
// files that were sent, FILE.documents, laid out as in the data folder: named by
// their content, so that every one can be checked.

// Backup says what is copied, from where and to where.
type Backup struct {
	Database string
	Dir      string // the files that were sent
	File     string // the copy of the database; must not exist, nor must Beside(File)
	NoFiles  bool   // of the database alone
	// Tell is called with what will be written, before it is; may be nil.
	Tell func(Copied)

	copied func() // tests remove documents here
}

// Copied is what a backup or a restore takes.
type Copied struct {
	Database int64 // bytes
	Files    int
	Bytes    int64 // of the files
	Free     int64 // on the disk of the target; -1: not known
	Missing  int   // files of documents that were not there to be copied
}

// Need is what the disk must take, in bytes.
func (c Copied) Need() int64 { return c.Database + c.Bytes }

// ErrNoRoom: there is less room than is needed. Nothing was written.
var ErrNoRoom = errors.New("there is not enough room on the disk")

func (c Copied) room() error {
	if c.Free < 0 || c.Free >= c.Need() {
		return nil
	}
	return fmt.Errorf("%w: %.1f MB are needed and %.1f MB are free; nothing was written; make room, or leave the files out with --without-files", ErrNoRoom, float64(c.Need())/1e6, float64(c.Free)/1e6)
}

// Beside is the folder of the files of a backup.
func Beside(file string) string { return file + ".documents" }

func inDir(dir, sha string) string { return filepath.Join(dir, sha[:2], sha) }

// Run makes the backup, also while the server writes. Files and database are of
// one moment: of a document that is deleted meanwhile neither is in it. Both
// appear under their names when they are complete and on the disk.
func (b Backup) Run(ctx context.Context) (Copied, error) {
	for _, name := range []string{b.File, Beside(b.File)} {
		if _, err := os.Lstat(name); err == nil {
			return Copied{}, fmt.Errorf("back up to %s: %w", name, storage.ErrExists)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return Copied{}, err
		}
	}
	plan, err := b.plan(ctx)
	if err != nil {
		return plan, err
	}
	work, err := os.MkdirTemp(filepath.Dir(b.File), filepath.Base(b.File)+".*.part") // 0700
	if err != nil {
		return plan, err
	}
	defer os.RemoveAll(work)
	files := filepath.Join(work, "documents")
	if err := os.Mkdir(files, 0o700); err != nil {
		return plan, err
	}
	done, err := b.copyAll(ctx, work, files)
	if err != nil {
		return done, err
	}
	if done.Files > 0 {
		if err := os.Rename(files, Beside(b.File)); err != nil {
			return done, err
		}
	}
	if err := giveName(filepath.Join(work, "alcove.db"), b.File); err != nil {
		err = fmt.Errorf("back up to %s: %w", b.File, err)
		if done.Files > 0 { // else what is there is of the backup that has the name now
			err = errors.Join(err, os.RemoveAll(Beside(b.File)))
		}
		return done, err
	}
	return done, nil
}

// giveName renames a file. The name is taken first, since a rename alone would
// replace a file that came in between, and not every disk has links.
func giveName(from, to string) error {
	name, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return storage.ErrExists
	}
	if err != nil {
		return err
	}
	name.Close()
	if err := os.Rename(from, to); err != nil {
		os.Remove(to)
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// plan looks for room and tells what will be taken.
func (b Backup) plan(ctx context.Context) (Copied, error) {
	info, err := os.Stat(b.Database)
	if err != nil {
		return Copied{}, fmt.Errorf("back up: %w", err)
	}
	plan := Copied{Database: info.Size(), Free: free(filepath.Dir(b.File))}
	if !b.NoFiles {
		list, err := storage.SentFiles(ctx, b.Database)
		if err != nil {
			return plan, err
		}
		for _, f := range list {
			plan.Files, plan.Bytes = plan.Files+1, plan.Bytes+f.Size
		}
	}
	if b.Tell != nil {
		b.Tell(plan)
	}
	return plan, plan.room()
}

func free(dir string) int64 {
	if n, known := freeBytes(dir); known {
		return n
	}
	return -1
}

// mostSnapshots bounds how often the database is copied anew because documents
// are deleted meanwhile.
const mostSnapshots = 5

// copyAll copies the database and then the files that the copy names. Where one
// is not there and the database does not name it any more, its document was
// deleted meanwhile: the database is copied once more.
func (b Backup) copyAll(ctx context.Context, work, files string) (Copied, error) {
	have := map[string]bool{}
	for n := 1; ; n++ {
		copied := filepath.Join(work, "alcove.db")
		if err := storage.BackupFile(ctx, b.Database, copied); err != nil {
			return Copied{}, err
		}
		if b.copied != nil {
			b.copied()
		}
		done, lost, err := b.copyFiles(ctx, copied, files, have)
		if err != nil {
			return done, err
		}
		gone := false
		if len(lost) > 0 && n < mostSnapshots {
			now, err := storage.SentFiles(ctx, b.Database)
			if err != nil {
				return done, err
			}
			gone = slices.ContainsFunc(lost, func(sha string) bool {
				return !slices.ContainsFunc(now, func(f storage.SentFile) bool { return f.SHA256 == sha })
			})
		}
		if !gone {
			done.Missing = len(lost)
			return done, dropOthers(ctx, files, copied)
		}
		if err := os.Remove(copied); err != nil {
			return done, err
		}
	}
}

func (b Backup) copyFiles(ctx context.Context, database, files string, have map[string]bool) (done Copied, lost []string, err error) {
	info, err := os.Stat(database)
	if err != nil || b.NoFiles {
		return Copied{Database: size(info)}, nil, err
	}
	done.Database = info.Size()
	list, err := storage.SentFiles(ctx, database)
	if err != nil {
		return done, nil, err
	}
	for _, f := range list {
		if !have[f.SHA256] {
			err := copyFile(ctx, b.Dir, files, f.SHA256)
			if errors.Is(err, fs.ErrNotExist) {
				lost = append(lost, f.SHA256)
				continue
			}
			if err != nil {
				return done, nil, err
			}
			have[f.SHA256] = true
		}
		done.Files, done.Bytes = done.Files+1, done.Bytes+f.Size
	}
	return done, lost, nil
}

func size(info fs.FileInfo) int64 {
	if info == nil {
		return 0
	}
	return info.Size()
}

// dropOthers removes files that a copy of the database does not name: their
// documents were deleted since an earlier one.
func dropOthers(ctx context.Context, files, database string) error {
	list, err := storage.SentFiles(ctx, database)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, f := range list {
		named[f.SHA256] = true
	}
	return filepath.WalkDir(files, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || named[e.Name()] {
			return err
		}
		return os.Remove(path)
	})
}

// errDamaged: a file is not what its name says.
var errDamaged = errors.New("the file is not what it was")

// copyFile copies the file of a content from one folder to another. What is
// there already is checked and kept. Another content is errDamaged.
func copyFile(ctx context.Context, from, to, sha string) (err error) {
	if len(sha) != 64 {
		return fs.ErrNotExist
	}
	in, err := os.Open(inDir(from, sha))
	if err != nil {
		return err
	}
	defer in.Close()
	name := inDir(to, sha)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(name), partPrefix+"*") // 0600
	if err != nil {
		return diskError(err)
	}
	defer func() {
		out.Close()
		if err != nil {
			os.Remove(out.Name())
		}
	}()
	sum := sha256.New()
	if _, err = io.Copy(io.MultiWriter(out, sum), reader{ctx, in}); err != nil {
		return diskError(err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != sha {
		return fmt.Errorf("%s: %w", inDir(from, sha), errDamaged)
	}
	if err = out.Sync(); err != nil {
		return diskError(err)
	}
	if err = os.Rename(out.Name(), name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}
