package embed

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
)

// Model computes. Its methods are called by one goroutine.
type Model interface {
	// Tokenize turns plain text into tokens without the model's marks.
	Tokenize(text string) ([]int32, error)
	// Wrap puts the model's marks around a text, Pair those around query and passage.
	Wrap(tokens []int32) []int32
	Pair(query, passage []int32) []int32
	// Marks is how many tokens Wrap adds, with pair Pair.
	Marks(pair bool) int
	// Compute gives a vector for each text.
	Compute(texts [][]int32) ([][]float32, error)
	SetThreads(n int)
	VocabSize() int
}

// Config says what one step may hold.
type Config struct {
	Context    int // tokens of one text, with the model's marks
	Rows       int // tokens of a step
	Texts      int // of a step
	Dimensions int // of a vector
	Scores     bool
	Threads    int // that may compute, until a Grant says otherwise
	// Spare is how many cores other programs leave to this one; below 0 it is not
	// known. nil: never known.
	Spare func() float64
}

// Lane answers the app's requests for vectors, one batch after another. Run is
// its goroutine; Beat may be called by others.
type Lane struct {
	model   Model
	set     Config
	vectors func(*wire.Vectors, []byte)
	counted func(*wire.Counted)

	granted  int
	queue    *Queue
	requests []*request // in order of arrival
	ends     []wire.EmbedEnd
	n        atomic.Uint64
	open     atomic.Int64 // requests
}

// request is one Embed that has not ended.
type request struct {
	id     uint64
	class  Class
	cut    bool
	query  []int32
	left   int          // inputs without a vector
	inputs []wire.Input // by index; given up when they are tokens
	next   []int        // indexes of those that are not tokens yet, the longest first
}

// New makes a lane. vectors and counted send frames and must not block for long.
func New(m Model, c Config, vectors func(*wire.Vectors, []byte), counted func(*wire.Counted)) *Lane {
	if c.Spare == nil {
		c.Spare = func() float64 { return -1 }
	}
	return &Lane{model: m, set: c, granted: max(1, c.Threads), vectors: vectors, counted: counted, queue: NewQueue(c.Rows, c.Texts)}
}

// Beat says how far the lane is.
func (l *Lane) Beat() wire.Beat {
	open := int(l.open.Load())
	return wire.Beat{Step: l.n.Load(), Busy: open > 0, Active: open}
}

// Run answers until in is closed, a message is not for a lane, or the model fails.
func (l *Lane) Run(in <-chan wire.ToWorker) error {
	for {
		if len(l.requests) == 0 {
			m, ok := <-in
			if !ok {
				return nil
			}
			if err := l.take(m); err != nil {
				return err
			}
		}
		for more := true; more; {
			select {
			case m, ok := <-in:
				if !ok {
					return nil
				}
				if err := l.take(m); err != nil {
					return err
				}
			default:
				more = false
			}
		}
		if err := l.step(); err != nil {
			return err
		}
	}
}

func (l *Lane) take(m wire.ToWorker) error {
	switch {
	case m.Embed != nil:
		return l.begin(m.Embed)
	case m.Cancel != nil:
		if l.find(m.Cancel.ID) != nil {
			l.finish(m.Cancel.ID, nil)
		}
	case m.Count != nil:
		if len(m.Count.Texts) > wire.MaxInputs {
			return fmt.Errorf("a Count of %d texts", len(m.Count.Texts))
		}
		l.counted(Count(l.model, m.Count))
	case m.Grant != nil:
		l.granted = max(1, m.Grant.Threads)
	case m.Forget != nil: // nothing is kept
	default:
		return fmt.Errorf("a message that is not expected now")
	}
	return nil
}

// Tokenizer turns plain text into tokens.
type Tokenizer interface {
	Tokenize(text string) ([]int32, error)
}

// Count answers Count with a model's tokens.
func Count(m Tokenizer, c *wire.Count) *wire.Counted {
	out := &wire.Counted{ID: c.ID, Counts: make([]int, len(c.Texts))}
	for i, text := range c.Texts {
		tokens, err := m.Tokenize(text)
		if err != nil {
			why := fail.From(err)
			return &wire.Counted{ID: c.ID, Code: why.Code, Message: why.Message}
		}
		out.Counts[i] = len(tokens)
	}
	return out
}

func (l *Lane) begin(m *wire.Embed) error {
	if len(m.Inputs) > wire.MaxInputs || l.find(m.ID) != nil {
		return fmt.Errorf("an Embed of %d inputs, or one that is there already", len(m.Inputs))
	}
	r := &request{id: m.ID, class: classOf(m.Class), cut: m.Cut, inputs: m.Inputs, left: len(m.Inputs), next: make([]int, len(m.Inputs))}
	size := func(i int) int { return len(m.Inputs[i].Text) + 4*len(m.Inputs[i].Tokens) } // about four bytes a token
	for i := range r.next {
		r.next[i] = i
	}
	slices.SortStableFunc(r.next, func(a, b int) int { return cmp.Compare(size(b), size(a)) })
	l.requests = append(l.requests, r)
	l.open.Add(1)
	if l.set.Scores {
		query, err := l.model.Tokenize(m.Query)
		if err != nil {
			l.finish(m.ID, err)
			return nil
		}
		r.query = query[:min(len(query), l.set.Context/2)] // room for the passage
	}
	if r.left == 0 {
		l.finish(m.ID, nil)
	}
	return nil
}

// classOf reads the engine's word.
func classOf(name string) Class {
	switch name {
	case "interactive":
		return Interactive
	case "api":
		return API
	}
	return Batch
}

func (l *Lane) find(id uint64) *request {
	for _, r := range l.requests {
		if r.id == id {
			return r
		}
	}
	return nil
}

// finish ends a request.
func (l *Lane) finish(id uint64, err error) {
	l.queue.Drop(id)
	l.requests = slices.DeleteFunc(l.requests, func(r *request) bool { return r.id == id })
	l.open.Add(-1)
	end := wire.EmbedEnd{ID: id}
	if err != nil {
		why := fail.From(err)
		end.Code, end.Message = why.Code, why.Message
	}
	l.ends = append(l.ends, end)
}

// step computes one batch and tells what it brought.
func (l *Lane) step() error {
	l.prepare()
	batch := l.queue.Next()
	texts := make([][]int32, len(batch))
	for i, it := range batch {
		texts[i] = it.Tokens
	}
	out := &wire.Vectors{}
	var raw []byte
	if len(batch) > 0 {
		l.model.SetThreads(threadsFor(l.granted, l.set.Spare()))
		vectors, err := l.model.Compute(texts)
		if err != nil {
			return err
		}
		out.Size = l.set.Dimensions
		for i, it := range batch {
			r := l.find(it.Request)
			if r == nil {
				continue // it has failed
			}
			if !finite(vectors[i]) {
				l.finish(it.Request, fail.New(fail.Internal, "The model gave numbers that are none for one of the texts. Choose another model, or get its file again."))
				continue
			}
			out.Of = append(out.Of, wire.Vector{ID: it.Request, Index: it.Index, Tokens: len(it.Tokens)})
			for _, x := range vectors[i] {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
			}
			if r.left--; r.left == 0 {
				l.finish(it.Request, nil)
			}
		}
	}
	if out.Ends, l.ends = l.ends, nil; len(batch) > 0 || len(out.Ends) > 0 {
		out.N = l.n.Add(1)
		l.vectors(out, raw)
	}
	return nil
}

// missing is what may be missing of a core for a thread: one that has none makes
// all others wait at each barrier, and two threads on a busy machine are slower
// than one, by ten times and more.
const missing = 0.5

// threadsFor is how many of the granted threads compute beside neighbours.
func threadsFor(granted int, spare float64) int {
	if spare < 0 {
		return granted
	}
	return max(1, min(granted, int(spare+missing)))
}

func finite(v []float32) bool {
	return !slices.ContainsFunc(v, func(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) })
}

// ahead is how many steps' rows are made tokens before they are needed: enough to
// pack well, and so few that what is urgent does not wait for it.
const ahead = 4

// prepare makes tokens of the texts that come next.
func (l *Lane) prepare() {
	var items []Item
	for class := range classes {
		rows := l.queue.Rows(class)
		for _, r := range slices.Clone(l.requests) {
			for r.class == class && len(r.next) > 0 && rows < ahead*l.set.Rows {
				i := r.next[0]
				r.next = r.next[1:]
				tokens, err := l.tokens(r, r.inputs[i])
				if err != nil {
					items = slices.DeleteFunc(items, func(it Item) bool { return it.Request == r.id })
					l.finish(r.id, err)
					break
				}
				r.inputs[i] = wire.Input{}
				rows += len(tokens)
				items = append(items, Item{Request: r.id, Index: i, Tokens: tokens, Class: class})
			}
		}
		if rows > 0 {
			break // what is urgent does not wait for what is not
		}
	}
	l.queue.Add(items)
}

// tokens are what the model reads of an input.
func (l *Lane) tokens(r *request, in wire.Input) (tokens []int32, err error) {
	if tokens = in.Tokens; len(tokens) == 0 {
		if tokens, err = l.model.Tokenize(in.Text); err != nil {
			return nil, err
		}
	}
	size := l.model.VocabSize()
	if slices.ContainsFunc(tokens, func(t int32) bool { return t < 0 || int(t) >= size }) {
		return nil, fail.New(fail.InvalidRequest, "An input has a token that the model does not have: its tokens are 0 to %d.", size-1)
	}
	room := l.set.Context - l.model.Marks(l.set.Scores) - len(r.query)
	if len(tokens) > room && !r.cut {
		return nil, fail.New(fail.ContextFull, "An input has %d tokens, and this model reads %d at most. Shorten it, or split it.", len(tokens), room)
	}
	tokens = tokens[:min(len(tokens), max(room, 0))]
	if l.set.Scores {
		tokens = l.model.Pair(r.query, tokens)
	} else {
		tokens = l.model.Wrap(tokens)
	}
	if len(tokens) == 0 || len(tokens) > l.set.Context {
		return nil, fail.New(fail.InvalidRequest, "An input is empty, or is one that this model cannot read.")
	}
	return tokens, nil
}
