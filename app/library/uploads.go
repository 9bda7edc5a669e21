package library

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"unicode"
	"unicode/utf8"

	"alcove/app"
	"alcove/storage"
)

// This file takes files into the model folder, piece by piece. NAME.part grows
// there, which the folder's watcher leaves alone, and becomes NAME when it is
// whole: no half of a file is ever taken for a model.

// UploadPiece is the most that one piece may have, in bytes.
const UploadPiece = 8 << 20

const (
	maxUploads  = 4   // that have not ended
	maxFileName = 200 // bytes, so that .part still fits
	maxFileSize = 1 << 50
	// spareBytes stay free on the disk: the database must be able to go on.
	spareBytes = 256 << 20
)

// UploadStore is what Uploads need of the database.
type UploadStore interface {
	Uploads(ctx context.Context) ([]storage.Upload, error)
	PutUpload(ctx context.Context, u storage.Upload) (storage.Upload, error)
	DeleteUpload(ctx context.Context, id string) error
}

// Upload is a file on its way into the model folder.
type Upload struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Offset int64  `json:"offset" doc:"Bytes that are there: the next piece begins here. As large as size: it is whole, and the upload has ended."`
	// Copying says that the box copies it from this machine's disk itself.
	Copying bool   `json:"copying,omitzero"`
	Reason  string `json:"reason,omitempty" doc:"Why the copying ended early."`
}

// UploadsDeps is what Uploads are made of.
type UploadsDeps struct {
	Store UploadStore
	Dir   string       // the model folder that files come into; it is made when it is missing
	Log   *slog.Logger // nil: none
}

// Uploads own the files that are not whole yet. Methods are safe for concurrent
// use; one upload is written to by one caller at a time.
type Uploads struct {
	store   UploadStore
	dir     string
	log     *slog.Logger
	free    func(dir string) (int64, bool)
	running context.Context
	stop    context.CancelFunc
	copies  sync.WaitGroup

	beginning sync.Mutex // makes "is there room for one more" and "begin it" one step
	mu        sync.Mutex
	busy      map[string]bool               // by id: somebody writes to it
	copying   map[string]context.CancelFunc // by id
	reasons   map[string]string             // by id: why a copy ended
}

// NewUploads makes Uploads. Close ends the copies that are under way; what is
// there of them is kept.
func NewUploads(d UploadsDeps) *Uploads {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	u := &Uploads{store: d.Store, dir: d.Dir, log: d.Log, free: freeBytes,
		busy: map[string]bool{}, copying: map[string]context.CancelFunc{}, reasons: map[string]string{}}
	u.running, u.stop = context.WithCancel(context.Background())
	return u
}

// Close ends the copies and waits for them.
func (u *Uploads) Close() error {
	u.stop()
	u.copies.Wait()
	return nil
}

// List gives the uploads that have not ended.
func (u *Uploads) List(ctx context.Context) ([]Upload, error) {
	rows, err := u.store.Uploads(ctx)
	if err != nil {
		return nil, err
	}
	list := []Upload{}
	for _, r := range rows {
		if _, err := os.Lstat(filepath.Join(u.dir, r.Name)); err == nil && !u.lies(r.Name) {
			// It is whole, and the program ended before it forgot the row.
			if err := u.store.DeleteUpload(ctx, r.ID); err != nil {
				return nil, err
			}
			continue
		}
		list = append(list, u.view(r))
	}
	return list, nil
}

// Get gives one of them.
func (u *Uploads) Get(ctx context.Context, id string) (Upload, error) {
	r, err := u.row(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	return u.view(r), nil
}

// Begin starts to take a file, or goes on with the one that was begun: the same
// name, size and time of change. Errors are *app.Error; then nothing was changed.
func (u *Uploads) Begin(ctx context.Context, name string, size, modified int64) (Upload, error) {
	if err := checkName(name); err != nil {
		return Upload{}, err
	}
	if size < 1 || size > maxFileSize {
		return Upload{}, refuseFile("size", "The file is empty, or larger than any disk.")
	}
	u.beginning.Lock()
	defer u.beginning.Unlock()
	rows, err := u.store.Uploads(ctx)
	if err != nil {
		return Upload{}, err
	}
	var old *storage.Upload
	for i := range rows {
		if rows[i].Name == name {
			old = &rows[i]
		}
	}
	if _, err := os.Lstat(filepath.Join(u.dir, name)); err == nil {
		return Upload{}, exists(name)
	}
	if old != nil && old.Size == size && old.Modified == modified {
		if u.have(*old) == size { // the program ended before it gave the name
			return u.finish(ctx, *old)
		}
		return u.view(*old), u.room(size - u.have(*old))
	}
	switch {
	case old == nil && len(rows) >= maxUploads:
		return Upload{}, &app.Error{Code: app.CodeConflict, Param: "name", Message: fmt.Sprintf(
			"%d files are on their way already. Nothing was changed. Let one of them end, or remove it, and try again.", len(rows))}
	case old == nil && u.lies(name):
		return Upload{}, &app.Error{Code: app.CodeConflict, Param: "name", Message: fmt.Sprintf(
			"Another program writes %s.part in the models folder. Nothing was changed. Let it end, or remove that file, and try again.", short(name))}
	}
	return u.begin(ctx, storage.Upload{Name: name, Size: size, Modified: modified}, old)
}

// begin stores a new upload in place of the old one of that name.
func (u *Uploads) begin(ctx context.Context, r storage.Upload, old *storage.Upload) (Upload, error) {
	if old != nil {
		release, err := u.hold(old.ID)
		if err != nil {
			return Upload{}, err
		}
		defer release()
		if err := u.remove(old.Name); err != nil {
			return Upload{}, err
		}
	}
	if err := u.room(r.Size); err != nil {
		return Upload{}, err
	}
	if err := os.MkdirAll(u.dir, 0o700); err != nil {
		return Upload{}, diskError(err)
	}
	r, err := u.store.PutUpload(ctx, r)
	if err != nil {
		return Upload{}, err
	}
	return u.view(r), nil
}

// Write adds a piece at offset, which must be as much as is there. When the
// file is whole it gets its name, and the upload has ended. With an error what
// was there is kept.
func (u *Uploads) Write(ctx context.Context, id string, offset int64, piece []byte) (Upload, error) {
	r, err := u.row(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	release, err := u.hold(id)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	have := u.have(r)
	switch {
	case offset != have:
		return u.view(r), &app.Error{Code: app.CodeConflict, Param: "offset", Message: fmt.Sprintf(
			"The piece does not follow what is there: %d bytes are. Nothing was changed. Go on from there.", have)}
	case int64(len(piece)) > r.Size-have || len(piece) > UploadPiece || len(piece) == 0:
		return u.view(r), refuseFile("offset", "The piece is empty or larger than what is left of the file.")
	case have == 0 && !strings.HasPrefix(string(piece), "GGUF"):
		return u.view(r), refuseFile("name", "This file is not a GGUF model.")
	}
	if err := u.append(r, have, piece); err != nil {
		return u.view(r), err
	}
	if have+int64(len(piece)) < r.Size {
		return u.view(r), nil
	}
	return u.finish(ctx, r)
}

// finish gives a whole file its name.
func (u *Uploads) finish(ctx context.Context, r storage.Upload) (Upload, error) {
	err := renameNew(u.part(r.Name), filepath.Join(u.dir, r.Name))
	switch {
	case errors.Is(err, fs.ErrExist):
		return u.view(r), exists(r.Name)
	case err != nil:
		return u.view(r), diskError(err)
	}
	if err := syncDir(u.dir); err != nil {
		u.log.Warn("the models folder could not be synced", "err", err)
	}
	v := Upload{ID: r.ID, Name: r.Name, Size: r.Size, Offset: r.Size}
	// The file is there, whatever becomes of its row: it is forgotten next time.
	if err := u.store.DeleteUpload(context.WithoutCancel(ctx), r.ID); err != nil {
		u.log.Warn("an upload that has ended was not forgotten", "err", err)
	}
	return v, nil
}

// Cancel ends an upload and removes what is there of it.
func (u *Uploads) Cancel(ctx context.Context, id string) error {
	r, err := u.row(ctx, id)
	if err != nil {
		return err
	}
	u.mu.Lock()
	if end := u.copying[id]; end != nil {
		end()
	}
	u.mu.Unlock()
	release, err := u.holdSoon(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	if err := u.remove(r.Name); err != nil {
		return err
	}
	return u.store.DeleteUpload(ctx, id)
}

func (u *Uploads) row(ctx context.Context, id string) (storage.Upload, error) {
	rows, err := u.store.Uploads(ctx)
	if err != nil {
		return storage.Upload{}, err
	}
	for _, r := range rows {
		if r.ID == id {
			return r, nil
		}
	}
	return storage.Upload{}, &app.Error{Code: app.CodeUploadNotFound}
}

func (u *Uploads) view(r storage.Upload) Upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	return Upload{ID: r.ID, Name: r.Name, Size: r.Size, Offset: u.have(r), Copying: u.copying[r.ID] != nil, Reason: u.reasons[r.ID]}
}

// room says that so many bytes more would leave enough free.
func (u *Uploads) room(more int64) error {
	dir := u.dir
	for {
		free, known := u.free(dir)
		if up := filepath.Dir(dir); !known && up != dir {
			dir = up // it is made with the first file
			continue
		}
		if !known || free-spareBytes >= more {
			return nil
		}
		return &app.Error{Code: app.CodeDiskFull, Message: fmt.Sprintf(
			"There is not enough room on the disk: %s more are needed, and %s are free, of which %s stay free. What was there is kept. Make room, then go on.",
			sizeText(more), sizeText(free), sizeText(spareBytes))}
	}
}

func exists(name string) error {
	return &app.Error{Code: app.CodeConflict, Param: "name", Message: fmt.Sprintf(
		"There is a file %s in the models folder already. It was left as it is. Rename the new one, or remove the old one, and try again.", short(name))}
}

func refuseFile(field, sentence string) error {
	return &app.Error{Code: app.CodeInvalid, Param: field, Message: sentence + " Nothing was taken."}
}

// checkName refuses what is no plain name of a model file.
func checkName(name string) error {
	hidden := strings.HasPrefix(name, ".") || strings.TrimSpace(name) != name
	odd := strings.ContainsAny(name, `/\`) || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
	switch {
	case odd || hidden || filepath.Base(name) != name:
		return refuseFile("name", "The file's name has signs that are not taken: separators, control characters, or a dot or space at its beginning.")
	case !strings.HasSuffix(name, ".gguf") || name == ".gguf":
		return refuseFile("name", "Models are files that end in .gguf, and this one does not.")
	case len(name) > maxFileName:
		return refuseFile("name", fmt.Sprintf("The file's name is longer than %d bytes.", maxFileName))
	}
	return nil
}

// diskError gives a failure to write its sentence.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &app.Error{Code: app.CodeDiskFull, Err: err}
	}
	return &app.Error{Code: app.CodeReadOnly, Err: err,
		Message: "The models folder cannot be written to. What was there is kept. Check its permissions and the disk, then try again."}
}

func sizeText(n int64) string {
	if n < 1e9 {
		return fmt.Sprintf("%d MB", n/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
