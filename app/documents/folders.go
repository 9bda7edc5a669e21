package documents

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"alcove/app"
	"alcove/storage"
)

// Folder is a folder of this machine whose files are documents.
type Folder struct {
	ID     string `json:"id"`
	Path   string `json:"path"`
	Files  int    `json:"files" doc:"Documents of it."`
	State  string `json:"state" enum:"watching,missing" doc:"missing: it is not there now; its documents are kept."`
	Reason string `json:"reason,omitempty"`
}

// removing is the reason of a folder that is being given up.
const removing = "removing"

const maxFolders = 200

// Folders lists the watched folders of a collection that a person may read.
func (s *Service) Folders(ctx context.Context, person, collection string) ([]Folder, error) {
	if _, err := s.readable(ctx, person, collection); err != nil {
		return nil, err
	}
	rows, err := s.d.Store.Folders(ctx)
	out := []Folder{}
	for _, f := range rows {
		if f.CollectionID == collection && f.Reason != removing {
			out = append(out, viewFolder(f))
		}
	}
	return out, err
}

func viewFolder(f storage.DocumentFolder) Folder {
	v := Folder{ID: f.ID, Path: f.Path, Files: f.Files, State: "watching", Reason: f.Reason}
	if !f.Missing.IsZero() {
		v.State = "missing"
	}
	return v
}

// AddFolder watches a folder of this machine. Who may name one is the caller's
// concern: it is read with the rights of this program.
func (s *Service) AddFolder(ctx context.Context, person, collection, path string) (Folder, error) {
	if _, err := s.owned(ctx, person, collection); err != nil {
		return Folder{}, err
	}
	real, err := s.checkFolder(path)
	if err != nil {
		return Folder{}, err
	}
	all, err := s.d.Store.Folders(ctx)
	if err != nil {
		return Folder{}, err
	}
	if len(all) >= maxFolders {
		return Folder{}, app.Errorf(app.CodeConflict, "%d folders are watched, and more are not. Nothing was changed.", maxFolders)
	}
	f, err := s.d.Store.AddFolder(ctx, storage.DocumentFolder{CollectionID: collection, Path: real})
	switch {
	case errors.Is(err, storage.ErrConflict):
		message := "This folder is watched already. Nothing was changed."
		if slices.ContainsFunc(all, func(f storage.DocumentFolder) bool {
			return f.CollectionID == collection && f.Path == real && f.Reason == removing
		}) {
			message = "The documents of this folder are still being removed, since it was given up. Nothing was changed. Try again in a moment."
		}
		return Folder{}, &app.Error{Code: app.CodeConflict, Message: message, Err: err}
	case errors.Is(err, storage.ErrNotFound):
		return Folder{}, &app.Error{Code: app.CodeCollectionNotFound, Err: err}
	case err != nil:
		return Folder{}, err
	}
	s.watch(f)
	return viewFolder(f), nil
}

// checkFolder gives the folder's real path, or says why it cannot be watched.
func (s *Service) checkFolder(path string) (string, error) {
	if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) || len(path) > 4096 {
		return "", invalid("path", "Write the folder's whole path, from the root.")
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", invalid("path", "This folder is not there, or Alcove may not look into it.")
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() {
		return "", invalid("path", "This is not a folder.")
	}
	for _, own := range []string{s.d.Data, s.d.Dir} {
		if own == "" {
			continue
		}
		own, err := filepath.EvalSymlinks(own)
		if err == nil && (within(own, real) || within(real, own)) {
			return "", invalid("path", "Alcove's own data is in this folder. Choose another one.")
		}
	}
	return real, nil
}

// within says whether path is folder or lies below it.
func within(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// RemoveFolder stops watching a folder and removes its documents. The files
// themselves stay.
func (s *Service) RemoveFolder(ctx context.Context, person, collection, id string) error {
	if _, err := s.owned(ctx, person, collection); err != nil {
		return err
	}
	rows, err := s.d.Store.Folders(ctx)
	if err != nil {
		return err
	}
	for _, f := range rows {
		if f.ID != id || f.CollectionID != collection {
			continue
		}
		s.unwatch(id)
		if err := s.d.Store.SetFolderState(ctx, id, removing, f.Device); err != nil {
			s.watch(f) // nothing was changed
			return err
		}
		s.tasks.Go(func() { s.dropFolder(f) })
		return nil
	}
	return &app.Error{Code: app.CodeFolderNotFound}
}

// dropFolder removes a folder's documents, some at a time, and then the folder.
func (s *Service) dropFolder(f storage.DocumentFolder) {
	s.insist("a folder that was given up still has documents", func() error {
		docs, err := s.d.Store.FolderDocuments(s.running, f.ID)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(docs, 20) {
			ids := make([]string, len(part))
			for i, d := range part {
				ids[i] = d.ID
			}
			if err := s.ask(s.running, func(q *queue) error { _, err := q.remove(s.running, ids...); return err }); err != nil {
				return err
			}
		}
		return s.d.Store.DeleteFolder(s.running, f.ID)
	})
}

// watch begins to watch a folder.
func (s *Service) watch(f storage.DocumentFolder) {
	ctx, cancel := context.WithCancel(s.running)
	w := &watcher{s: s, folder: f, cancel: cancel, done: make(chan struct{}), seen: map[string]sighting{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.folders[f.ID] != nil {
		cancel()
		return
	}
	s.folders[f.ID] = w
	s.tasks.Go(func() { w.run(ctx) })
}

// unwatch ends the watching and waits for it.
func (s *Service) unwatch(id string) {
	s.mu.Lock()
	w := s.folders[id]
	delete(s.folders, id)
	s.mu.Unlock()
	if w != nil {
		w.cancel()
		<-w.done
	}
}

// watcher owns the looks at one folder.
type watcher struct {
	s      *Service
	folder storage.DocumentFolder
	cancel context.CancelFunc
	done   chan struct{}
	seen   map[string]sighting
	missed map[string]time.Time // documents: since when their files are not there
	notes  *notifier
}

func (w *watcher) run(ctx context.Context) {
	defer close(w.done)
	w.notes = newNotifier()
	defer w.notes.close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.notes.changed():
			// What happens at once is looked at once.
			select {
			case <-ctx.Done():
				return
			case <-time.After(w.s.t.pause):
			}
			w.notes.drain()
		case <-timer.C:
		}
		rest, err := w.round(ctx)
		if err != nil && ctx.Err() == nil {
			w.s.log.Warn("a watched folder could not be looked at", "folder", w.folder.ID, "err", err)
		}
		timer.Reset(rest)
	}
}

// round looks at the folder once and says when to look again.
func (w *watcher) round(ctx context.Context) (time.Duration, error) {
	t, store, began := w.s.t, w.s.d.Store, time.Now()
	l, err := look(ctx, w.folder.Path)
	if ctx.Err() != nil {
		return t.poll, nil
	}
	if err != nil {
		return t.poll, w.missing(ctx, missingReason(err))
	}
	docs, err := store.FolderDocuments(ctx, w.folder.ID)
	if err != nil {
		return t.poll, err
	}
	if emptied(l.files, len(docs), l.device, w.folder.Device) {
		return t.poll, w.missing(ctx, "The folder is empty and on another disk than before. Is its disk mounted?")
	}
	if err := w.present(ctx, l); err != nil {
		return t.poll, err
	}
	whole, fresh := w.notes.watch(w.folder.Path, l.dirs)
	whole = whole && tellsChanges(w.folder.Path)
	ready, unsettled := settled(w.seen, l.files, time.Now(), t.settle)
	d := compare(docs, l.files, l.unread)
	d.sure = w.surelyGone(d.gone, time.Now())
	again, err := w.apply(ctx, d, ready)
	switch {
	case again:
		return 0, err
	case fresh:
		return t.pause, err
	case len(d.sure) < len(d.gone):
		return min(t.gone, t.poll), err
	case unsettled:
		return min(t.settle, t.poll), err
	case !whole || err != nil || len(l.unread) > 0:
		return max(t.poll, 20*time.Since(began)), err // a slow drive is not looked at all the time
	}
	return t.rescan, nil
}

// surelyGone are the documents whose files are not there for a while: programs
// that save may take a file away for a moment before the new one has its name.
func (w *watcher) surelyGone(gone []storage.Document, now time.Time) map[string]bool {
	sure, missed := map[string]bool{}, make(map[string]time.Time, len(gone))
	for _, doc := range gone {
		since, ok := w.missed[doc.ID]
		if !ok {
			since = now
		}
		missed[doc.ID] = since
		if now.Sub(since) >= w.s.t.gone {
			sure[doc.ID] = true
		}
	}
	w.missed = missed
	return sure
}

func missingReason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "The folder is not there."
	case errors.Is(err, fs.ErrPermission):
		return "Alcove may not read the folder."
	}
	return "The folder cannot be read."
}

// missing notes that the folder is not there. Nothing is removed: a disk that
// is not mounted is no deletion.
func (w *watcher) missing(ctx context.Context, reason string) error {
	clear(w.seen)
	clear(w.missed)
	if w.folder.Reason == reason {
		return nil
	}
	w.folder.Reason = reason
	return w.note(ctx)
}

// present notes that the folder is there.
func (w *watcher) present(ctx context.Context, l listing) error {
	reason := ""
	if w.folder.Reason == "" && w.folder.Device == l.device {
		return nil
	}
	w.folder.Reason, w.folder.Device = reason, l.device
	return w.note(ctx)
}

func (w *watcher) note(ctx context.Context) error {
	err := w.s.d.Store.SetFolderState(ctx, w.folder.ID, w.folder.Reason, w.folder.Device)
	if err != nil {
		return err
	}
	return w.s.ask(ctx, func(q *queue) error { q.changed[w.folder.CollectionID] = true; return nil })
}

// apply makes the documents what the files are. What is gone goes first. again:
// there is more to do, and a look between.
func (w *watcher) apply(ctx context.Context, d differences, ready map[string]bool) (again bool, err error) {
	sizes := map[int64]bool{} // of new files: what is gone may have moved to one of them
	for _, f := range d.fresh {
		sizes[f.size] = true
	}
	moved := map[string][]storage.Document{} // by hash; copies of a file have the same
	for _, doc := range d.gone {
		if sizes[doc.Size] && doc.SHA256 != "" {
			moved[doc.SHA256] = append(moved[doc.SHA256], doc)
		} else if d.sure[doc.ID] {
			if err := w.remove(ctx, doc.ID); err != nil {
				return false, err
			}
		}
	}
	until := time.Now().Add(time.Second)
	left := false
	for _, c := range d.changed {
		if !ready[c.file.path] {
			continue
		}
		if left = time.Now().After(until); left {
			return true, nil
		}
		if err := w.change(ctx, c); err != nil {
			return false, err
		}
	}
	for _, f := range d.fresh {
		if !ready[f.path] {
			left = true
			continue
		}
		if time.Now().After(until) {
			return true, nil
		}
		if err := w.add(ctx, f, moved); err != nil {
			return false, err
		}
	}
	if !left { // every new file was compared: what is left has not moved
		for _, docs := range moved {
			for _, doc := range docs {
				if !d.sure[doc.ID] {
					continue
				}
				if err := w.remove(ctx, doc.ID); err != nil {
					return false, err
				}
			}
		}
	}
	return false, nil
}

func (w *watcher) remove(ctx context.Context, id string) error {
	return w.s.ask(ctx, func(q *queue) error { _, err := q.remove(ctx, id); return err })
}

// hash gives the SHA-256 of a file that is still what a look saw; "" for one
// that is too large or that Alcove may not read, which reading it then says, and
// false for another one.
func (w *watcher) hash(ctx context.Context, f found) (string, bool) {
	if f.size > MaxFile {
		return "", true
	}
	file, err := openIn(w.folder.Path, f.path)
	if err != nil {
		return "", errors.Is(err, fs.ErrPermission)
	}
	defer file.Close()
	sum, err := hashFile(ctx, file)
	if err != nil {
		return "", false
	}
	info, err := file.Stat()
	return sum, err == nil && info.Size() == f.size && info.ModTime().Equal(f.modified)
}

// change takes up a file that is another one now.
func (w *watcher) change(ctx context.Context, c change) error {
	sum, same := w.hash(ctx, c.file)
	if !same || sum == "" && c.doc.SHA256 == "" && !differs(c.doc, c.file) {
		return nil // the next look
	}
	err := w.s.ask(ctx, func(q *queue) error {
		d, err := w.s.d.Store.SetDocumentFile(ctx, c.doc.ID, sum, c.file.size, c.file.modified)
		if err != nil || sum == c.doc.SHA256 && sum != "" {
			return err
		}
		q.drop(d.ID)
		if d.State == storage.DocumentDuplicate {
			q.unread(d)
		} else if d.State != storage.DocumentWaiting {
			d, err = w.s.d.Store.QueueDocument(ctx, d.ID, 0, time.Time{})
		}
		if err == nil {
			q.state(d)
		}
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	return err
}

// takeMoved takes the document of a file that was moved: of copies the one of
// that name, else the one that was read.
func takeMoved(moved map[string][]storage.Document, sum, name string) (storage.Document, bool) {
	list := moved[sum]
	if len(list) == 0 {
		return storage.Document{}, false
	}
	at := slices.IndexFunc(list, func(d storage.Document) bool { return d.Name == name })
	if at < 0 {
		at = max(0, slices.IndexFunc(list, func(d storage.Document) bool { return d.State != storage.DocumentDuplicate }))
	}
	doc := list[at]
	moved[sum] = slices.Delete(list, at, at+1)
	return doc, true
}

// add takes up a new file, or sees that it is one that was moved.
func (w *watcher) add(ctx context.Context, f found, moved map[string][]storage.Document) error {
	sum, same := w.hash(ctx, f)
	if !same {
		return nil
	}
	name, guess := filepath.Base(filepath.FromSlash(f.path)), w.s.guess(f.path)
	d := storage.Document{CollectionID: w.folder.CollectionID, Folder: w.folder.ID, Name: name, Path: f.path, SHA256: sum, Size: f.size,
		Modified: f.modified, Priority: 1, Series: guess.Series, Version: guess.Version, Effective: guess.Effective}
	was, isMove := takeMoved(moved, sum, name)
	before := w.s.guess(was.Path)
	return w.s.ask(ctx, func(q *queue) error {
		var err error
		if isMove {
			d.ID = was.ID
			d, err = w.s.d.Store.MoveDocumentFile(ctx, d, guess.Version != before.Version || guess.Effective != before.Effective)
		} else {
			d, _, err = w.s.d.Store.AddDocument(ctx, d)
		}
		if err == nil {
			q.state(d)
		}
		return err
	})
}
