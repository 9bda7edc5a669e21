package documents

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"alcove/app/documents/extract"
	"alcove/app/documents/index"
	"alcove/storage"
)

// countEvery is how seldom the documents of all collections are counted.
const countEvery = 5 * time.Second

const (
	maxAttempts = 2  // to read a file that ends its reader
	maxPuts     = 5  // of a document into an index that fails
	maxResumes  = 10 // begins of a document with which the program itself ends
)

// ReasonIndex is a reason besides those of extract: the document's text could
// not be put into the index.
const ReasonIndex extract.Reason = "index"

// job is a document in work.
type job struct {
	doc    storage.Document
	cancel context.CancelFunc
	text   extract.Document // what was read
	told   time.Time        // last event about its progress
}

// queue is the owner's state: at most one document is read, and one large or
// some small ones are put into the index, so that the next is read while the
// vectors of those before are computed, and the embedder gets the passages of
// small ones together. read holds one that waits for the index.
type queue struct {
	s        *Service
	reading  *job
	read     *job
	indexing []*job
	rest     time.Time // nothing is begun before
	unsaid   bool      // a document's end could not be stored: it seems to be in work
	day      string
	changed  map[string]bool // collections whose figures moved
	moved    bool            // some did since they were last counted all together
	counted  time.Time       // when that was
	ends     chan end
	erasing  erasing
}

// end is what became of a job's work.
type end struct {
	job  *job
	put  bool // it was put into the index; else it was read
	text extract.Document
	err  error
}

// run is the owner's loop. unsaid: see queue.
func (s *Service) run(unsaid bool) {
	defer close(s.done)
	q := &queue{s: s, unsaid: unsaid, changed: map[string]bool{}, ends: make(chan end), erasing: erasing{removed: true}}
	timer := time.NewTimer(0)
	defer timer.Stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-s.running.Done():
			q.finish()
			return
		case f := <-s.asks:
			f(q)
		case e := <-q.ends:
			q.ended(e)
		case <-tick.C:
			q.tell()
			q.newDay()
		case <-q.erasing.due(s.now()):
			q.erase()
			continue
		case <-timer.C:
		}
		if wait, ok := q.next(); ok {
			timer.Reset(wait)
		}
	}
}

// finish waits for what is under way; it was told to end.
func (q *queue) finish() {
	for q.reading != nil || len(q.indexing) > 0 {
		q.done((<-q.ends).job)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.s.running), time.Minute)
	defer cancel()
	if err := q.s.d.Store.RestDocuments(ctx); err != nil {
		q.s.log.Warn("the queue goes on as after a crash", "err", err)
	}
}

// next begins what can be begun, and says when to look again, if at all.
func (q *queue) next() (time.Duration, bool) {
	if j := q.read; j != nil && q.room(j) {
		q.read, q.indexing = nil, append(q.indexing, j)
		q.put(j)
	}
	if q.reading != nil || q.read != nil || q.s.running.Err() != nil {
		return 0, false
	}
	if wait := q.rest.Sub(q.s.now()); wait > 0 {
		return wait, true
	}
	if q.unsaid {
		if len(q.indexing) > 0 {
			return 0, false
		}
		if err := q.s.d.Store.RestDocuments(q.s.running); err != nil {
			q.rest = q.s.now().Add(q.s.t.disk)
			return q.s.t.disk, true
		}
		q.unsaid = false
	}
	d, soon, err := q.s.d.Store.NextDocument(q.s.running)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		if soon.IsZero() {
			return 0, false
		}
		return max(10*time.Millisecond, soon.Sub(q.s.now())), true
	case err != nil:
		if q.s.running.Err() == nil {
			q.s.log.Warn("the queue rests", "err", err)
		}
		q.rest = q.s.now().Add(q.s.t.disk)
		return q.s.t.disk, true
	}
	q.begin(d)
	return 0, false
}

const (
	mostSmall = 6        // documents that are put into the index at a time
	small     = 32 << 10 // bytes of the text of one of them
)

// room says whether a document may be put into the index beside the others.
func (q *queue) room(j *job) bool {
	return len(q.indexing) == 0 || len(q.indexing) < mostSmall && j.small() && !slices.ContainsFunc(q.indexing, func(o *job) bool { return !o.small() })
}

func (j *job) small() bool {
	n := 0
	for _, b := range j.text.Blocks {
		n += len(b.Text)
	}
	return n <= small
}

// done takes a job whose work has ended.
func (q *queue) done(j *job) {
	if q.reading == j {
		q.reading = nil
		return
	}
	q.indexing = slices.DeleteFunc(q.indexing, func(o *job) bool { return o == j })
}

func (q *queue) begin(d storage.Document) {
	ctx, cancel := context.WithCancel(q.s.running)
	j := &job{doc: d, cancel: cancel}
	q.reading = j
	q.state(d)
	go func() {
		text, err := q.s.readFile(ctx, j, func(p float64) { q.s.advance(j, p) })
		q.ends <- end{job: j, text: text, err: err}
	}()
}

func (q *queue) put(j *job) {
	ctx, cancel := context.WithCancel(q.s.running)
	j.cancel = cancel
	d, err := q.s.d.Store.MoveDocument(ctx, j.doc.ID, storage.DocumentReading, storage.DocumentIndexing, "")
	if err != nil {
		go func() { q.ends <- end{job: j, put: true, err: err} }()
		return
	}
	j.doc = d
	q.state(d)
	if j.text.Effective == "" { // not what an earlier text of the file said
		j.text.Effective = q.s.guess(placeOf(d)).Effective
	}
	go func() {
		err := q.s.d.Index.Put(ctx, j.doc, j.text, func(p float64) { q.s.advance(j, p) })
		q.ends <- end{job: j, put: true, err: err}
	}()
}

// ended takes a job's result.
func (q *queue) ended(e end) {
	e.job.cancel()
	q.done(e.job)
	q.s.idle(e.job.doc.ID)
	err := e.err
	switch {
	case q.s.running.Err() != nil: // the next run goes on
	case err == nil && e.put:
		q.ready(e.job)
	case err == nil:
		e.job.text = e.text
		q.read = e.job
	case errors.Is(err, errLeft), errors.Is(err, index.ErrRemoved), errors.Is(err, storage.ErrConflict), errors.Is(err, storage.ErrNotFound), errors.Is(err, context.Canceled):
		// Somebody cancelled or removed it, or it is another file now: whoever did
		// that has said so.
		q.look(e.job.doc.ID)
	case errors.Is(err, storage.ErrReadOnly): // the disk's fault, and no attempt
		q.wait(e.job.doc, e.job.doc.Attempts-1, q.s.now().Add(q.s.t.disk))
	case e.put:
		q.putFailed(e.job, err)
	default:
		q.readFailed(e.job, err)
	}
}

// ready tells of a document that is found now.
func (q *queue) ready(j *job) {
	if j.doc.Indexed != "" { // what was computed of the old text must not be used
		q.s.d.Forget(j.doc.ID)
		q.s.wantScrub()
	}
	q.look(j.doc.ID)
	q.series(j.doc)
	q.s.d.Ended(j.doc.CollectionID)
}

// readFailed decides what becomes of a file that could not be read. What may
// have been the machine's fault is tried once more.
func (q *queue) readFailed(j *job, err error) {
	var e *extract.Error
	if !errors.As(err, &e) {
		e = &extract.Error{Reason: extract.Crashed, Detail: err.Error()}
	}
	q.s.log.Info("a document could not be read", "document", j.doc.ID, "reason", e.Reason, "detail", e.Detail, "attempt", j.doc.Attempts)
	if transient(e.Reason) && j.doc.Attempts < maxAttempts {
		q.wait(j.doc, j.doc.Attempts, q.s.now().Add(q.s.t.retry))
		return
	}
	q.fail(j.doc, storage.DocumentReading, e.Reason)
}

func transient(r extract.Reason) bool {
	return r == extract.Crashed || r == extract.Timeout || r == extract.Memory
}

// putFailed asks the index again, later each time. The file is read again then, so that its text is not
// kept in memory meanwhile.
func (q *queue) putFailed(j *job, err error) {
	q.s.log.Warn("a document could not be indexed", "document", j.doc.ID, "attempt", j.doc.Attempts, "err", err)
	if j.doc.Attempts >= maxPuts {
		q.fail(j.doc, storage.DocumentIndexing, ReasonIndex)
		return
	}
	q.wait(j.doc, j.doc.Attempts, q.s.now().Add(q.s.t.again<<(j.doc.Attempts-1)))
}

func (q *queue) wait(d storage.Document, attempts int, until time.Time) {
	d, err := q.s.d.Store.QueueDocument(q.s.running, d.ID, attempts, until)
	q.wrote(d, err)
}

func (q *queue) fail(d storage.Document, was storage.DocumentState, r extract.Reason) {
	d, err := q.s.d.Store.MoveDocument(q.s.running, d.ID, was, storage.DocumentFailed, string(r))
	q.wrote(d, err)
	q.s.d.Ended(d.CollectionID)
}

// wrote tells of a new state. A document whose state could not be stored waits
// again when the disk takes writes.
func (q *queue) wrote(d storage.Document, err error) {
	if err == nil {
		q.state(d)
		return
	}
	if q.s.running.Err() == nil && !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrConflict) {
		q.s.log.Error("a document's state could not be stored", "err", err)
		q.rest, q.unsaid = q.s.now().Add(q.s.t.disk), true
	}
}

// look reads a document again and tells of it.
func (q *queue) look(id string) {
	d, err := q.s.d.Store.AnyDocument(q.s.running, id)
	if err == nil {
		q.state(d)
	}
}

// state tells of a document's new state.
func (q *queue) state(d storage.Document) {
	q.changed[d.CollectionID] = true
	q.s.d.Publish(EventDocument, DocumentChanged{q.s.view(d)})
}

// series tells of the other versions of a document, which may hold or not now.
func (q *queue) series(d storage.Document) {
	if d.Series == "" {
		return
	}
	list, err := q.s.d.Store.SeriesOf(q.s.running, d.CollectionID, d.Series)
	if err != nil {
		return
	}
	for _, other := range list {
		if other.ID != d.ID {
			q.state(other)
		}
	}
}

// tell publishes the figures of collections that moved.
func (q *queue) tell() {
	q.moved = q.moved || len(q.changed) > 0 || q.counted.IsZero()
	if now := q.s.now(); q.moved && (now.Sub(q.counted) >= countEvery || now.Before(q.counted)) {
		if f, err := q.s.Figures(q.s.running); err == nil {
			q.s.standing.Store(&f)
			q.moved, q.counted = false, now
		}
	}
	for id := range q.changed {
		delete(q.changed, id)
		if c, err := q.s.collectionView(q.s.running, id); err == nil {
			q.s.d.Publish(EventCollection, CollectionChanged{c})
		}
	}
}

// newDay judges which versions hold when the day has changed.
func (q *queue) newDay() {
	day := q.s.now().Format(time.DateOnly)
	if q.day == day {
		return
	}
	list, err := q.s.d.Store.AllCollections(q.s.running)
	if err != nil {
		return
	}
	for _, c := range list {
		changed, err := q.s.d.Store.Supersede(q.s.running, c.ID)
		if err != nil {
			return // the next tick tries again
		}
		for _, id := range changed {
			q.look(id)
		}
	}
	q.day = day
}

// drop ends the work on a document, if there is any.
func (q *queue) drop(id string) {
	for _, j := range append([]*job{q.reading}, q.indexing...) {
		if j != nil && j.doc.ID == id {
			j.cancel()
		}
	}
	if q.read != nil && q.read.doc.ID == id {
		q.read = nil
		q.s.idle(id)
	}
}

// advance notes a document's progress and tells of it now and then. It is
// called on the goroutine that works.
func (s *Service) advance(j *job, p float64) {
	s.mu.Lock()
	s.progress[j.doc.ID] = min(1, max(0, p))
	now := time.Now()
	due := now.Sub(j.told) >= s.t.tell
	if due {
		j.told = now
	}
	s.mu.Unlock()
	if due {
		s.d.Publish(EventDocument, DocumentChanged{s.view(j.doc)})
	}
}

func (s *Service) idle(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.progress, id)
}

// errLeft: the document is not to be read as it was taken from the queue.
var errLeft = errors.New("this document is not to be read now")

// readFile reads a document's file in the child.
func (s *Service) readFile(ctx context.Context, j *job, progress func(float64)) (extract.Document, error) {
	f, err := s.openFile(ctx, j.doc)
	if err != nil {
		return extract.Document{}, err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return extract.Document{}, &extract.Error{Reason: extract.Gone, Detail: err.Error()}
	}
	if j.doc.Folder != "" { // it may have changed since it was found
		if err := s.sameFile(ctx, j, f, before); err != nil {
			return extract.Document{}, err
		}
	}
	text, err := s.d.Extract(ctx, f, j.doc.Name, func(done, total int) {
		if total > 0 {
			progress(float64(done) / float64(total))
		}
	})
	if err == nil && len(text.Blocks) == 0 {
		err = &extract.Error{Reason: extract.Empty}
	}
	if after, e := f.Stat(); e == nil && j.doc.Folder != "" && (after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime())) {
		// It was written to while it was read.
		if _, err := s.d.Store.QueueDocument(ctx, j.doc.ID, j.doc.Attempts-1, s.now().Add(s.t.settle)); err != nil {
			return extract.Document{}, err
		}
		return extract.Document{}, errLeft
	}
	return text, err
}

// sameFile hashes a watched file and notes what it is now.
func (s *Service) sameFile(ctx context.Context, j *job, f *os.File, info os.FileInfo) error {
	sum, err := hashFile(ctx, f)
	if err != nil {
		return &extract.Error{Reason: extract.Gone, Detail: err.Error()}
	}
	if _, err := f.Seek(0, 0); err != nil {
		return &extract.Error{Reason: extract.Gone, Detail: err.Error()}
	}
	if sum == j.doc.SHA256 {
		return nil
	}
	d, err := s.d.Store.SetDocumentFile(ctx, j.doc.ID, sum, info.Size(), info.ModTime())
	if err != nil {
		return err
	}
	j.doc = d
	if d.State == storage.DocumentDuplicate {
		err = s.ask(s.running, func(q *queue) error { q.unread(d); return nil })
	}
	if err == nil && d.State != storage.DocumentReading {
		err = errLeft
	}
	if err != nil {
		return err
	}
	return nil
}
