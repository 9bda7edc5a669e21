package index

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"alcove/app/documents/recent"
	"alcove/engine"
	"alcove/storage"
)

// Options of New. Store is needed.
type Options struct {
	Store    *storage.DB
	Embedder engine.Embedder // nil: full text alone
	Now      func() time.Time
	Log      *slog.Logger // gets no text of users or documents
	// Look is how often it is looked whether the embedder changed or texts have
	// no vector; 0: 15 s.
	Look time.Duration
}

// Index is safe for concurrent use.
type Index struct {
	o       Options
	vectors vectors
	counts  counts
	asked   recent.Cache[[]float32] // vectors of questions
	figures figures
	scale   atomic.Pointer[scaleOf] // of the embedder that was measured last; nil: none yet

	loaded  chan struct{} // closed when the vectors are in memory
	poke    chan struct{}
	missing atomic.Bool // some chunks may be without a vector
	partial atomic.Bool // many are: those that have one would pass for nearer, so only words are looked for
	unsaid  unsaid
	stop    context.CancelFunc
	stopped sync.WaitGroup

	mu      sync.Mutex
	putting map[string]*putting // by document
}

// putting is a document on its way in.
type putting struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// ErrRemoved is of a Put whose document was removed meanwhile; it is a
// storage.ErrNotFound.
var ErrRemoved = fmt.Errorf("the document was removed while it was put into the index: %w", storage.ErrNotFound)

// New opens the index of a store: it removes what a crash left, reads the
// vectors into memory in the background (Search waits for them) and keeps
// making vectors that are missing.
func New(ctx context.Context, o Options) (*Index, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Look <= 0 {
		o.Look = 15 * time.Second
	}
	ix := &Index{o: o, loaded: make(chan struct{}), poke: make(chan struct{}, 1), putting: map[string]*putting{}}
	ix.vectors.reset("")
	nums, err := o.Store.DocumentsWithOld(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	ctx, ix.stop = context.WithCancel(context.WithoutCancel(ctx))
	ix.stopped.Go(func() { ix.fill(ctx, nums) })
	return ix, nil
}

// Close ends the work in the background.
func (ix *Index) Close() {
	ix.stop()
	ix.stopped.Wait()
}

// Withdraw is called when the store does not find a document any more, because
// it was removed or became a duplicate: its vectors leave memory, and a Put of it
// that is under way ends with ErrRemoved. num is the document's row. What is left
// of it in the store is the caller's to remove.
func (ix *Index) Withdraw(documentID string, num int64) {
	ix.mu.Lock()
	p := ix.putting[documentID]
	ix.mu.Unlock()
	if p != nil {
		p.cancel()
	}
	ix.vectors.remove(num)
	ix.counts.changed()
}

// settle takes vectors out again whose documents were withdrawn while they were
// read: whoever withdraws one later than this looks takes them out himself.
func (ix *Index) settle(ctx context.Context, nums []int64) error {
	gone, err := ix.o.Store.Withdrawn(ctx, nums)
	for _, num := range gone {
		ix.vectors.remove(num)
	}
	return err
}

// dropOld removes passages that are not found any more, few at a time, so that
// others can write in between.
func (ix *Index) dropOld(ctx context.Context, num int64) error {
	for {
		more, err := ix.o.Store.DropOld(ctx, num)
		if err != nil || !more {
			return err
		}
	}
}

// today is the box's own day.
func (ix *Index) today() string { return ix.o.Now().Format(time.DateOnly) }
