// Package documents is the way in: collections, the queue in which files
// become text that is found, watched folders and versions. One goroutine owns
// the queue; the database is its memory, so that it goes on after any end of
// the program.
package documents

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"alcove/app/documents/extract"
	"alcove/storage"
)

// Indexer makes a document's text findable: app/documents/index does.
// Put switches text and chunks in one transaction; while it works, what was there
// before is found. Its error is storage.ErrConflict, storage.ErrNotFound or
// index.ErrRemoved where nobody wants the document any more. Withdraw tells that
// the store does not find a document any more: a Put of it that is under way ends
// and nothing of it is kept in memory. It waits for nobody.
type Indexer interface {
	Put(ctx context.Context, doc storage.Document, d extract.Document, progress func(float64)) error
	Withdraw(documentID string, num int64)
}

// Deps is what a Service is made of. All without "may" must be set.
type Deps struct {
	Store *storage.DB
	// Dir holds the files that were sent; it is made when it is missing.
	Dir string
	// Data is the data folder, which cannot be watched; may be "".
	Data string
	// Extract reads a file in a sealed child. Errors about the file are
	// *extract.Error.
	Extract func(ctx context.Context, file *os.File, name string, progress func(done, total int)) (extract.Document, error)
	Index   Indexer
	// Forget gives up what was computed of a document's text; may be nil.
	Forget func(document string)
	// Publish tells the pages; may be nil.
	Publish func(event string, data any)
	// Ended is called after a document became ready, failed or went; may be nil.
	Ended func(collection string)
	Log   *slog.Logger     // may be nil
	Now   func() time.Time // may be nil

	times *times // tests shorten them
}

// times are how long things rest.
type times struct {
	retry  time.Duration // a file whose reading crashed or took too long, once
	again  time.Duration // the index could not take a document; doubled each time
	disk   time.Duration // the disk takes no writes
	tell   time.Duration // between two events about one document's progress
	scrub  time.Duration // from a deletion to the overwriting
	settle time.Duration // a file must not change for so long
	gone   time.Duration // a file must not be there for so long
	rescan time.Duration // of a folder that tells of its changes
	poll   time.Duration // of one that does not
	pause  time.Duration // from an event to the look
}

var usual = times{retry: 20 * time.Second, again: 10 * time.Second, disk: 10 * time.Second, tell: 500 * time.Millisecond, scrub: 500 * time.Millisecond,
	settle: 2 * time.Second, gone: time.Second, rescan: time.Minute, poll: 3 * time.Second, pause: 300 * time.Millisecond}

// Service is the way in. Methods are safe for concurrent use.
type Service struct {
	d       Deps
	t       times
	log     *slog.Logger
	now     func() time.Time
	running context.Context
	stop    context.CancelFunc
	asks    chan func(*queue)
	done    chan struct{}
	scrubs  chan struct{}
	tasks   sync.WaitGroup

	standing atomic.Pointer[Figures]

	mu       sync.Mutex
	progress map[string]float64 // by document
	erased   []string           // documents of which only what is to be scrubbed is left
	folders  map[string]*watcher
	closed   bool
}

// Open resumes the queue where the last run of the program left it.
func Open(ctx context.Context, d Deps) (*Service, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Publish == nil {
		d.Publish = func(string, any) {}
	}
	if d.Forget == nil {
		d.Forget = func(string) {}
	}
	if d.Ended == nil {
		d.Ended = func(string) {}
	}
	if d.times == nil {
		d.times = &usual
	}
	s := &Service{d: d, t: *d.times, log: d.Log, now: d.Now, asks: make(chan func(*queue)), done: make(chan struct{}), scrubs: make(chan struct{}, 1),
		progress: map[string]float64{}, folders: map[string]*watcher{}}
	if err := os.MkdirAll(d.Dir, 0o700); err != nil {
		return nil, err
	}
	// A full disk keeps nobody from reading; the queue rests until it takes writes.
	resumed := d.Store.ResumeDocuments(ctx, maxResumes, string(extract.Crashed))
	if resumed != nil && !errors.Is(resumed, storage.ErrReadOnly) {
		return nil, resumed
	}
	s.sweep(ctx)
	folders, err := d.Store.Folders(ctx)
	if err != nil {
		return nil, err
	}
	f, err := s.Figures(ctx)
	if err != nil {
		return nil, err
	}
	s.standing.Store(&f)
	s.running, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	go s.run(resumed != nil)
	s.tasks.Go(s.scrubber)
	s.wantScrub()
	for _, f := range folders {
		if f.Reason == removing {
			s.tasks.Go(func() { s.dropFolder(f) })
			continue
		}
		s.watch(f)
	}
	s.tasks.Go(s.clear)
	return s, nil
}

// Close ends the work. What was being read is read again by the next run.
func (s *Service) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	<-s.done
	s.tasks.Wait()
	return nil
}

// ask lets the owner run f and waits for it.
func (s *Service) ask(ctx context.Context, f func(*queue) error) error {
	reply := make(chan error, 1)
	select {
	case s.asks <- func(q *queue) { reply <- f(q) }:
		return <-reply
	case <-s.done:
		return storage.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// poke lets the owner look at the queue.
func (s *Service) poke() {
	s.tasks.Go(func() { s.ask(s.running, func(*queue) error { return nil }) }) //nolint:errcheck // closed: nobody looks any more
}

func (s *Service) wantScrub() {
	select {
	case s.scrubs <- struct{}{}:
	default: // one is due already
	}
}

// scrubber overwrites what was deleted. Deletions that come together are
// overwritten together; a slow reader is waited for.
func (s *Service) scrubber() {
	rest := s.t.scrub
	for {
		select {
		case <-s.running.Done():
			return
		case <-s.scrubs:
		}
		for {
			select {
			case <-s.running.Done():
				return
			case <-time.After(rest):
			}
			began := time.Now()
			erased := s.takeErased()
			clean, err := s.d.Store.ScrubDeleted(s.running)
			// A large file is not read all day: but the 5 seconds are kept.
			rest = max(s.t.scrub, min(3*time.Second, 10*time.Since(began)))
			if err != nil && s.running.Err() == nil {
				s.log.Warn("what was deleted is not overwritten yet", "err", err)
			}
			if clean {
				for _, id := range erased {
					s.d.Publish(EventDocumentErased, DocumentErased{ID: id})
				}
				break
			}
			s.noteErased(erased...)
		}
	}
}
