package library

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"alcove/app"
)

// Import copies a file of this machine into the model folder, beside everything
// else; List tells how it goes. It gives what it begins with. Errors are
// *app.Error; then nothing was changed.
func (u *Uploads) Import(ctx context.Context, path string) (Upload, error) {
	if !filepath.IsAbs(path) {
		return Upload{}, refuseFile("path", "The path must begin at the top of the disk.")
	}
	f, err := openFile(filepath.Clean(path))
	if err != nil {
		return Upload{}, &app.Error{Code: app.CodeInvalid, Param: "path", Err: err,
			Message: "The file cannot be opened, or is a link. Nothing was taken. Check its permissions, or copy it into the models folder by hand."}
	}
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		f.Close()
		return Upload{}, refuseFile("path", "This is not a regular file.")
	}
	v, err := u.Begin(ctx, filepath.Base(path), st.Size(), st.ModTime().UnixMilli())
	if err != nil {
		f.Close()
		return v, err
	}
	copying, end := context.WithCancel(u.running)
	u.mu.Lock()
	if u.copying[v.ID] != nil {
		u.mu.Unlock()
		end()
		f.Close()
		return v, nil // it is under way
	}
	u.copying[v.ID] = end
	delete(u.reasons, v.ID)
	u.copies.Add(1)
	u.mu.Unlock()
	v.Copying, v.Reason = true, ""
	go func() {
		defer u.copies.Done()
		defer f.Close()
		err := u.copy(copying, v, f)
		u.mu.Lock()
		defer u.mu.Unlock()
		told := copying.Err() == nil // else somebody ended it
		end()
		delete(u.copying, v.ID)
		if err != nil && told {
			_, _, u.reasons[v.ID] = app.Describe(err)
			u.log.Info("copy into the models folder", "err", err)
		}
	}()
	return v, nil
}

// copy goes on from where v is, until the end or until ctx ends.
func (u *Uploads) copy(ctx context.Context, v Upload, f *os.File) error {
	piece := make([]byte, UploadPiece)
	for v.Offset < v.Size && ctx.Err() == nil {
		n, err := f.ReadAt(piece[:min(UploadPiece, v.Size-v.Offset)], v.Offset)
		if err != nil && !errors.Is(err, io.EOF) || n == 0 {
			return &app.Error{Code: app.CodeInvalid, Err: err, Message: "The file could not be read to its end. What was copied is kept. Drop it here again to go on."}
		}
		if v, err = u.Write(ctx, v.ID, v.Offset, piece[:n]); err != nil {
			return err
		}
	}
	return ctx.Err()
}
