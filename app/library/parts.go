package library

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"alcove/app"
	"alcove/storage"
)

// This file is what Uploads do on the disk, and who may do it.

func (u *Uploads) part(name string) string { return filepath.Join(u.dir, name+".part") }

// lies says that a part file is there.
func (u *Uploads) lies(name string) bool {
	_, err := os.Lstat(u.part(name))
	return err == nil
}

// have is how much of a file is there.
func (u *Uploads) have(r storage.Upload) int64 {
	st, err := os.Lstat(u.part(r.Name))
	if err != nil || !st.Mode().IsRegular() {
		return 0
	}
	return min(st.Size(), r.Size)
}

// append writes a piece so that it is on the disk when append returns. Of one
// that does not fit nothing is kept.
func (u *Uploads) append(r storage.Upload, at int64, piece []byte) error {
	f, err := openPart(u.part(r.Name), at == 0)
	if err != nil {
		return diskError(err)
	}
	defer f.Close()
	if _, err = f.WriteAt(piece, at); err == nil {
		err = f.Sync()
	}
	if err != nil {
		if e := f.Truncate(at); e != nil {
			u.log.Warn("a part of a file could not be cut", "err", e)
		}
		return diskError(err)
	}
	return nil
}

func (u *Uploads) remove(name string) error {
	if err := os.Remove(u.part(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskError(err)
	}
	return nil
}

// hold makes the caller the only one who writes to an upload.
func (u *Uploads) hold(id string) (release func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy[id] {
		return nil, &app.Error{Code: app.CodeConflict, Message: "Another page is sending this file. Nothing was changed. Wait a moment, then try again."}
	}
	u.busy[id] = true
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.busy, id)
	}, nil
}

// holdSoon waits for who writes now: one piece takes a moment.
func (u *Uploads) holdSoon(ctx context.Context, id string) (release func(), err error) {
	for range 500 {
		if release, err = u.hold(id); err == nil {
			return release, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
