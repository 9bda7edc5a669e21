package documents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"alcove/app"
	"alcove/app/documents/extract"
	"alcove/storage"
)

// MaxFile is the largest file that is taken, in bytes.
const MaxFile = 256 << 20

// spare bytes stay free on the disk: the database must be able to go on.
const spare = 256 << 20

const partPrefix = ".part-"

// originalPath is where a file that was sent lies: named by its content, so
// that no name that a person chose ever becomes a path.
func (s *Service) originalPath(sha string) string { return inDir(s.d.Dir, sha) }

// receive streams a file to the disk beside the others and gives its
// temporary name, hash and size. On an error nothing of it is left.
func (s *Service) receive(from io.Reader, size int64) (name, sha string, n int64, err error) {
	if size > MaxFile {
		return "", "", 0, &app.Error{Code: app.CodeDocumentTooLarge}
	}
	if free, known := freeBytes(s.d.Dir); known && free < spare+max(0, size) {
		return "", "", 0, &app.Error{Code: app.CodeDiskFull, Message: "There is not enough room on the disk for this file. Nothing was taken. Make room, then send it again."}
	}
	f, err := os.CreateTemp(s.d.Dir, partPrefix+"*") // 0600
	if err != nil {
		return "", "", 0, diskError(err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	sum := sha256.New()
	n, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(from, MaxFile+1))
	switch {
	case err != nil:
		return "", "", 0, diskError(err)
	case n > MaxFile:
		return "", "", 0, &app.Error{Code: app.CodeDocumentTooLarge}
	case n == 0:
		return "", "", 0, invalid("name", "This file is empty.")
	}
	if err = f.Sync(); err != nil {
		return "", "", 0, diskError(err)
	}
	return f.Name(), hex.EncodeToString(sum.Sum(nil)), n, nil
}

func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &app.Error{Code: app.CodeDiskFull, Message: "The disk is full. Nothing of this file was kept. Make room, then send it again.", Err: err}
	}
	if errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EIO) {
		return &app.Error{Code: app.CodeReadOnly, Err: err}
	}
	return err
}

// keep gives a received file its place. What is there already is the same.
func (s *Service) keep(part, sha string) error {
	path := s.originalPath(sha)
	if err := os.Mkdir(filepath.Dir(path), 0o700); err == nil {
		if err := syncFolder(s.d.Dir); err != nil {
			return diskError(err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return diskError(err)
	}
	if err := os.Rename(part, path); err != nil {
		return diskError(err)
	}
	return diskError(syncFolder(filepath.Dir(path)))
}

// removeOriginal deletes a file that no document uses any more. It runs on the
// owner's goroutine, as keep does: no file is deleted that is just being added.
func (s *Service) removeOriginal(ctx context.Context, sha string) {
	if len(sha) != 64 {
		return
	}
	used, err := s.d.Store.SentInUse(ctx, sha)
	if err == nil && used {
		return
	}
	if err == nil {
		path := s.originalPath(sha)
		if err = os.Remove(path); err == nil {
			err = syncFolder(filepath.Dir(path))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("a deleted document's file is still there; the next start removes it", "err", err)
	}
}

// sweep removes what a program that ended left: parts of files, and files that
// no document uses.
func (s *Service) sweep(ctx context.Context) {
	err := filepath.WalkDir(s.d.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name := e.Name()
		if strings.HasPrefix(name, partPrefix) {
			return os.Remove(path)
		}
		if len(name) != 64 {
			return nil // not ours
		}
		used, err := s.d.Store.SentInUse(ctx, name)
		if err != nil || used {
			return err
		}
		return os.Remove(path)
	})
	if err != nil && ctx.Err() == nil {
		s.log.Warn("files of deleted documents could not be looked for", "err", err)
	}
}

// openFile opens a document's file: of one that was sent the copy, of a watched
// folder the file itself, never through a link out of the folder.
func (s *Service) openFile(ctx context.Context, d storage.Document) (*os.File, error) {
	gone := func(err error) error {
		if known := (*extract.Error)(nil); errors.As(err, &known) {
			return known
		}
		return &extract.Error{Reason: extract.Gone, Detail: err.Error()}
	}
	if d.Folder == "" {
		if len(d.SHA256) != 64 {
			return nil, gone(errors.New("a document without a file"))
		}
		f, err := os.Open(s.originalPath(d.SHA256))
		if err != nil {
			return nil, gone(err)
		}
		return f, nil
	}
	folder, err := s.folderOf(ctx, d)
	if err != nil {
		return nil, err
	}
	if folder == "" {
		return nil, gone(errors.New("its folder is not watched any more"))
	}
	f, err := openIn(folder, d.Path)
	if err != nil {
		return nil, gone(err)
	}
	return f, nil
}

// folderOf is the path of a document's watched folder; "": it is not watched.
func (s *Service) folderOf(ctx context.Context, d storage.Document) (string, error) {
	folders, err := s.d.Store.Folders(ctx)
	for _, folder := range folders {
		if folder.ID == d.Folder {
			return folder.Path, nil
		}
	}
	return "", err
}

// inFolder says whether a watched folder has a document's file, also where that
// cannot be read.
func (s *Service) inFolder(ctx context.Context, d storage.Document) (bool, error) {
	folder, err := s.folderOf(ctx, d)
	if err != nil || folder == "" {
		return false, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return false, nil //nolint:nilerr // it is missing
	}
	defer root.Close()
	info, err := root.Lstat(filepath.FromSlash(d.Path))
	return err == nil && info.Mode().IsRegular(), nil
}

// openIn opens a regular file below a folder.
func openIn(folder, path string) (*os.File, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	// Not blocking: a pipe must not hold us.
	f, err := root.OpenFile(filepath.FromSlash(path), os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err == nil && info.Size() > MaxFile {
		err = &extract.Error{Reason: extract.TooLarge}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// hashFile gives the SHA-256 of a file from its beginning.
func hashFile(ctx context.Context, f *os.File) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, reader{ctx, f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// reader ends with its context.
type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
