package loop

import (
	"context"
	"fmt"
	"hash/maphash"
	"time"

	"alcove/engine/wire"
	"alcove/engine/worker/admit"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/prefix"
	"alcove/engine/worker/sample"
	"alcove/engine/worker/snapshot"
	"alcove/engine/worker/steptime"
)

// Model is the model's context, as far as the loop needs it. Piece, EndsAnswer
// and VocabSize may be called from any goroutine.
type Model interface {
	VocabSize() int
	Piece(token int32) []byte
	EndsAnswer(token int32) bool
	// Add puts one row into the next step.
	Add(token, pos, seq int32, output bool) error
	// Pad adds rows that are of use to nobody and are gone after the step.
	Pad(rows int) error
	// Decode computes the rows. If they do not fit, nothing has changed.
	Decode() (fits bool, err error)
	// Waited is how much of the last Decode was waiting for the device.
	Waited() time.Duration
	// Logits are valid until the next Decode.
	Logits(row int) []float32
	// Remove takes a sequence back to n tokens; if false, to none.
	Remove(seq, n int32) bool
	// Copy makes an empty sequence share the first n tokens of another.
	Copy(from, to, n int32) error
	// State copies what was computed for tokens from to to into memory of alloc.
	State(seq, from, to int32, alloc func(bytes int) []byte) ([]byte, error)
	// Restore gives a sequence of from tokens those up to to, out of the state
	// of start to end. If that fails the cache is suspect.
	Restore(seq int32, data []byte, start, end, from, to int32) error
	// Reset empties the cache.
	Reset() error
	// SetThreads chooses how many threads compute the next step.
	SetThreads(n int)
}

// Config is what the loop has to share out.
type Config struct {
	Context int // tokens one conversation may have
	Cells   int // tokens in the cache, for all
	Slots   int // requests at once
	Seqs    int // sequence ids: those of requests, and those that are parked
	Batch   int // rows in a step
	Threads int // at most
	// Target is how long a step may take while somebody reads along.
	Target time.Duration
	// Partial: sequences can share a part of another and be cut anywhere.
	Partial bool
	// Tile is how many rows attention handles together, 1 for none.
	Tile int
	// NoDrafts: nothing is guessed from the text before.
	NoDrafts bool
	// Strangers is how many cells may hold tokens that no answer uses, while
	// there are answers: each row's attention walks over them. 0: all.
	Strangers int
	// SpaceFirst: the tokeniser puts a space before each text, so the first
	// word of an answer comes with one that nobody wrote.
	SpaceFirst bool
}

// Loop generates answers. Run owns everything below the line.
type Loop struct {
	model    Model
	cfg      Config
	tokenise Builder
	now      func() time.Time
	emit     func(*Step)
	in       chan any // arrival, prepared, cancel
	work     chan *wire.Submit
	answers  *answers
	store    *snapshot.Store // nil: nothing is kept outside the cache
	files    *snapshot.Store // where labels are forgotten; nil: nowhere
	gauges   gauges

	// Owned by Run.
	requests  map[uint64]*request
	queue     admit.Queue
	active    []*request // admitted, oldest first
	tree      *prefix.Tree
	times     *steptime.Model
	tuner     *steptime.Tuner
	reach     int           // of this step; see steptime
	pad       int           // rows of this step that nobody needs
	spare     float64       // cores that the neighbours left at the last look
	threads   int           // of the next step
	waited    time.Duration // for the device, in this step
	free      func() float64
	saveTimes func([]byte)
	timesAt   uint64 // step of the last save
	counts    counts
	told      told
	viewing   viewing
	changed   bool      // what admission depends on, since it was looked at
	looked    time.Time // when
	resting   *time.Timer
	tidy      bool            // all that is worth it has been saved
	first     time.Time       // when the first request came after a rest
	pinned    int             // cells
	forgotten map[string]bool // labels of which nothing is saved any more
	arrived   int             // answers that began since strangers were counted
	arrivals  uint64
	steps     uint64
	step      Step
	pool      *pool
	chosen    []*request // by this step
	letters   []byte     // scratch
	err       error
}

type arrival struct{ id uint64 }

type prepared struct {
	r   *request
	err error
}

type cancel struct{ id uint64 }

type forget struct{ share string }

type grant struct{ threads int }

// New makes a loop. emit is called from Run, once a step that brought
// something; it must not block for long, and copy what it keeps.
func New(model Model, cfg Config, build Builder, emit func(*Step)) *Loop {
	l := &Loop{model: model, cfg: cfg, tokenise: build, now: time.Now, emit: emit,
		in: make(chan any, 256), work: make(chan *wire.Submit, 1024), requests: map[uint64]*request{}, forgotten: map[string]bool{},
		tree: prefix.New(cfg.Seqs, cfg.Partial), times: steptime.New(cfg.Tile), threads: cfg.Threads,
		free: func() float64 { return -1 }, pool: &pool{samplers: make([]sample.Sampler, 1)}}
	l.answers = newAnswers(model, cfg)
	l.viewing.seed = maphash.MakeSeed()
	l.tuner = steptime.NewTuner(l.times, cfg.Threads)
	return l
}

// Submit starts a request. It is safe for concurrent use.
func (l *Loop) Submit(s *wire.Submit) {
	l.in <- arrival{s.ID}
	l.work <- s
}

// Cancel ends a request at the next step, wherever it is. An unknown one is
// over already and is ignored.
func (l *Loop) Cancel(id uint64) { l.in <- cancel{id} }

// Forget gives up what was computed of text with this label, also what was
// saved.
func (l *Loop) Forget(share string) { l.in <- forget{share} }

// Grant says how many threads may compute from the next step on.
func (l *Loop) Grant(threads int) { l.in <- grant{threads} }

// Prepare renders and tokenises new requests until ctx ends. It runs beside
// Run, so that a long prompt does not stop the answers being written.
func (l *Loop) Prepare(ctx context.Context) {
	for {
		select {
		case s := <-l.work:
			r, err := l.prepare(s)
			select {
			case l.in <- prepared{r, err}:
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// Run generates until ctx ends or the model fails; after a failure the process
// must end, as the context is broken.
func (l *Loop) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l.pool = startPool(ctx)
	for l.drain(ctx) {
		c := clock{now: l.now, last: l.now()}
		l.admit()
		l.build()
		c.lap(&l.counts.BuildUS)
		l.decode()
		c.lap(&l.counts.DecodeUS)
		l.counts.split(l.waited)
		l.sample()
		c.lap(&l.counts.SampleUS)
		l.report()
		c.lap(&l.counts.EmitUS)
		if l.err != nil {
			return l.err
		}
	}
	return nil
}

// drain takes all that has come in, and waits while there is nothing to do.
func (l *Loop) drain(ctx context.Context) bool {
	for {
		idle := len(l.active) == 0 && l.queue.Len() == 0 && l.step.Empty()
		l.measure(!idle)
		if idle {
			if l.steps > l.timesAt+learned {
				l.keepTimes()
			}
			select {
			case m := <-l.in:
				l.take(m)
			case <-l.spareTime():
				l.tidy = l.saveOne()
			case <-ctx.Done():
				return false
			}
			continue
		}
		l.resting = nil
		if l.gather(ctx) {
			continue
		}
		select {
		case m := <-l.in:
			l.take(m)
		case <-ctx.Done():
			return false
		default:
			return true
		}
	}
}

// together is how long the first of several requests waits for the others, whose
// prompts are being prepared: one step for all is faster than one each.
const together = 15 * time.Millisecond

// gather waits for requests that are being prepared, while nothing is computed.
// It is true if one of them has come.
func (l *Loop) gather(ctx context.Context) bool {
	if len(l.active) > 0 || l.queue.Len() == 0 {
		l.first = time.Time{}
		return false
	}
	if l.first.IsZero() {
		l.first = l.now()
	}
	left := together - l.now().Sub(l.first)
	if len(l.requests) == l.queue.Len() || left <= 0 {
		return false
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case m := <-l.in:
		l.take(m)
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (l *Loop) take(m any) {
	switch m := m.(type) {
	case arrival:
		if l.requests[m.id] != nil {
			l.err = fmt.Errorf("request %d is already there", m.id)
			return
		}
		l.arrivals++
		l.requests[m.id] = &request{id: m.id, order: l.arrivals, since: l.now(), seq: -1}
	case prepared:
		old := l.requests[m.r.id]
		if old == nil {
			return // cancelled while it was prepared
		}
		m.r.order, m.r.since = old.order, old.since
		l.requests[m.r.id] = m.r
		l.start(m.r, m.err)
	case forget:
		l.forget(name(m.share, ""))
	case grant:
		l.tuner.Limit(m.threads)
	case cancel:
		if r := l.requests[m.id]; r != nil {
			l.finish(r, "cancelled", nil)
		}
	}
}

// start queues a prepared request, unless it is over already.
func (l *Loop) start(r *request, err error) {
	switch {
	case err != nil:
		why := fail.From(err)
		if why.Code == fail.Internal {
			logf("request %d: %v", r.id, err)
		}
		l.finish(r, "failed", why)
		return
	case r.replay != "":
		l.say(r, []byte(r.replay))
	}
	if _, stopped := r.text.Add(nil); stopped {
		l.finish(r, "stop", nil)
	} else if r.limit(l.cfg.Context) {
		l.flush(r)
		l.finish(r, "length", nil)
	} else if r.readOnly && !l.cfg.Partial {
		// What will be asked never begins with all of what is typed and the
		// template's end, and nothing can be cut: the conversation, which this
		// would go on from, would be lost for it.
		l.finish(r, "stop", nil)
	} else {
		l.enqueue(r)
	}
}

// finish ends a request wherever it is.
func (l *Loop) finish(r *request, reason string, why *fail.Error) {
	l.step.Ends = append(l.step.Ends, r.end(reason, why))
	l.counts.ended++
	l.counts.wrote += uint64(len(r.out()))
	if n := len(r.all.Spans); n > 0 && r.open >= r.prompt {
		l.answers.put(r.all.Spans[n-1].Label, r.out())
	}
	if r.seq >= 0 {
		l.leave(r)
	}
	l.queue.Remove(r.id)
	l.changed = true // it may have held up others
	delete(l.requests, r.id)
}

func (l *Loop) stage(r *request, name string, done, total int) {
	l.step.Stages = append(l.step.Stages, wire.Stage{ID: r.id, Name: name, Done: done, Total: total})
}

// report emits what the step brought.
func (l *Loop) report() {
	if l.step.Empty() {
		return
	}
	l.step.N = l.steps
	l.emit(&l.step)
	l.step.Reset()
}
