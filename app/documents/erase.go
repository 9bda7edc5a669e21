package documents

import (
	"context"
	"time"

	"alcove/storage"
)

// A document that goes is marked in one small transaction, from which on nothing
// finds it. What is left of it is erased by the owner in small steps, between
// which it does what else it is asked for and others write, and is overwritten
// after the last one. The marks are in the database: what a run of the program
// did not erase the next one does.

// erasing is what the owner has to erase.
type erasing struct {
	removed bool      // the store has marked documents
	old     []int64   // documents (rows) that are there and have passages that are not found
	rest    time.Time // nothing is erased before: the disk takes no writes
}

// due is ready when there is something to erase.
func (e *erasing) due(now time.Time) <-chan time.Time {
	if !e.removed && len(e.old) == 0 {
		return nil
	}
	return time.After(max(0, e.rest.Sub(now)))
}

// erase does one step.
func (q *queue) erase() {
	ctx, e := q.s.running, &q.erasing
	var erased string
	var err error
	if e.removed {
		if erased, e.removed, err = q.s.d.Store.EraseRemoved(ctx); erased != "" {
			q.s.noteErased(erased)
		}
		e.removed = e.removed || err != nil
	} else {
		var more bool
		if more, err = q.s.d.Store.DropOld(ctx, e.old[0]); err == nil && !more {
			e.old = e.old[1:]
		}
	}
	if err != nil {
		e.rest = q.s.now().Add(q.s.t.disk)
		if ctx.Err() == nil {
			q.s.log.Warn("what was deleted is not erased yet", "err", err)
		}
		return
	}
	if !e.removed && len(e.old) == 0 {
		q.s.wantScrub()
	}
}

// remove takes documents out; from here on nothing finds them. Those that are
// not there are left out.
func (q *queue) remove(ctx context.Context, ids ...string) (int, error) {
	list, err := q.s.d.Store.DeleteDocuments(ctx, ids...)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		q.drop(d.ID)
		q.s.d.Index.Withdraw(d.ID, d.Num)
		q.s.d.Forget(d.ID)
		if d.Folder == "" {
			q.s.removeOriginal(ctx, d.SHA256)
		}
		q.changed[d.CollectionID] = true
		q.s.d.Publish(EventDocumentDeleted, DocumentDeleted{ID: d.ID, Collection: d.CollectionID})
		q.series(d)
		q.s.d.Ended(d.CollectionID)
	}
	q.erasing.removed = q.erasing.removed || len(list) > 0
	return len(list), nil
}

// removeOne is remove of a document that must be there.
func (q *queue) removeOne(ctx context.Context, id string) error {
	n, err := q.remove(ctx, id)
	if err == nil && n == 0 {
		err = storage.ErrNotFound
	}
	return err
}

// unread takes a document out of memory that has become a duplicate: the store
// does not find it any more.
func (q *queue) unread(d storage.Document) {
	q.s.d.Index.Withdraw(d.ID, d.Num)
	q.s.d.Forget(d.ID)
	q.erasing.old = append(q.erasing.old, d.Num)
}

// clear removes the documents of deleted collections, some at a time.
func (s *Service) clear() {
	s.insist("documents of a deleted collection are still there", func() error {
		for {
			ids, err := s.d.Store.RemovableDocuments(s.running, 20)
			if err != nil || len(ids) == 0 {
				return err
			}
			if err := s.ask(s.running, func(q *queue) error { _, err := q.remove(s.running, ids...); return err }); err != nil {
				return err
			}
		}
	})
}

// insist does something again, while the disk takes no writes, until it is done
// or the program ends; what is left then the next start does.
func (s *Service) insist(left string, do func() error) {
	for {
		err := do()
		if err == nil || s.running.Err() != nil {
			return
		}
		s.log.Warn(left, "err", err)
		select {
		case <-s.running.Done():
		case <-time.After(s.t.disk):
		}
	}
}

func (s *Service) noteErased(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erased = append(s.erased, ids...)
}

func (s *Service) takeErased() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := s.erased
	s.erased = nil
	return ids
}
