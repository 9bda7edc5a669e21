package loop

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/prompt"
	"alcove/engine/worker/sample"
	"alcove/engine/worker/text"
)

// fakeModel is a scripted model: what comes next is a hash of all that its
// cache holds for the sequence, so an answer is right only if each row was
// computed once, in order, in its own sequence. It refuses what llama.cpp
// would abort on. Its steps take time on a clock of its own.
type fakeModel struct {
	cells, batch int
	seqs         map[int32][]fakeCell
	next         int // number of the next cell
	rows         []fakeRow
	scores       map[int][]float32
	computed     int
	copied       int
	steps        int
	threads      int
	restored     int
	padded, pads int
	tile         int  // rows below it cost three times as much
	spoilt       int  // this many restores fail
	refuse       int  // this many steps say: no room
	stiff        bool // cannot take back the end of a sequence, nor share it
	broken       bool // no logits
	clock        time.Time
	longest      time.Duration // step
	each         time.Duration // what a row takes
}

// fakeCell is known by its number: copies are the same cell.
type fakeCell struct {
	token  int32
	number int
}

type fakeRow struct {
	token, pos, seq int32
	output          bool
}

const (
	vocab   = 260
	endMark = 256
)

func newFake(cfg Config) *fakeModel {
	return &fakeModel{cells: cfg.Cells, batch: cfg.Batch, seqs: map[int32][]fakeCell{}, clock: time.Unix(1e9, 0), each: time.Millisecond}
}

func (m *fakeModel) VocabSize() int          { return vocab }
func (m *fakeModel) EndsAnswer(t int32) bool { return t == endMark }

// Waited is a fixed part of each step.
func (m *fakeModel) Waited() time.Duration { return 3 * time.Microsecond }

func (m *fakeModel) Logits(row int) []float32 { return m.scores[row] }
func (m *fakeModel) SetThreads(n int)         { m.threads = n }
func (m *fakeModel) Piece(t int32) []byte {
	if t < 0 || t > 255 {
		return nil
	}
	return []byte{byte(t)}
}

// Pad counts: the rows are in the step's time, and in the way for its length.
func (m *fakeModel) Pad(n int) error {
	if n < 1 || len(m.rows)+n > m.batch {
		return fmt.Errorf("pad by %d beside %d rows", n, len(m.rows))
	}
	m.padded = n
	return nil
}

func (m *fakeModel) tokens(seq int32) (tokens []int32) {
	for _, c := range m.seqs[seq] {
		tokens = append(tokens, c.token)
	}
	return tokens
}

func (m *fakeModel) Add(token, pos, seq int32, output bool) error {
	next := int32(len(m.seqs[seq]))
	for _, r := range m.rows {
		if r.seq == seq {
			next++
		}
	}
	if token < 0 || token >= vocab || pos != next || len(m.rows) >= m.batch {
		return fmt.Errorf("bad row: token %d, position %d (want %d), %d rows of %d", token, pos, next, len(m.rows), m.batch)
	}
	m.rows = append(m.rows, fakeRow{token, pos, seq, output})
	return nil
}

func (m *fakeModel) used() int {
	seen := map[int]bool{}
	for _, s := range m.seqs {
		for _, c := range s {
			seen[c.number] = true
		}
	}
	return len(seen)
}

func (m *fakeModel) Decode() (bool, error) {
	rows := m.rows
	m.rows = nil
	padded := m.padded
	m.padded = 0
	took := 2*time.Millisecond + time.Duration(len(rows)+padded)*m.each
	if m.tile > 1 && len(rows)+padded < m.tile {
		took += time.Duration(len(rows)) * m.each * 2
	}
	m.clock, m.longest = m.clock.Add(took), max(m.longest, took)
	if m.refuse > 0 {
		m.refuse--
		return false, nil
	}
	if m.used()+len(rows)+padded > m.cells {
		return false, nil
	}
	m.pads += padded
	m.steps++
	m.computed += len(rows)
	m.scores = map[int][]float32{}
	for i, r := range rows {
		m.next++
		m.seqs[r.seq] = append(m.seqs[r.seq], fakeCell{r.token, m.next})
		if r.output {
			m.scores[i] = scores(m.tokens(r.seq))
			if m.broken {
				m.scores[i] = nil
			}
		}
	}
	return true, nil
}

func (m *fakeModel) Remove(seq, n int32) bool {
	if m.stiff && n > 0 && int(n) < len(m.seqs[seq]) {
		m.seqs[seq] = nil
		return false
	}
	m.seqs[seq] = slices.Clone(m.seqs[seq][:n])
	return true
}

func (m *fakeModel) Copy(from, to, n int32) error {
	if m.stiff || len(m.seqs[to]) > 0 || n < 1 || int(n) > len(m.seqs[from]) {
		return fmt.Errorf("copy %d of %d tokens over %d", n, len(m.seqs[from]), len(m.seqs[to]))
	}
	m.seqs[to] = slices.Clone(m.seqs[from][:n])
	m.copied++
	return nil
}

// State is the tokens as bytes.
func (m *fakeModel) State(seq, from, to int32, alloc func(int) []byte) ([]byte, error) {
	if m.stiff || from < 0 || from >= to || int(to) > len(m.seqs[seq]) {
		return nil, fmt.Errorf("state of %d to %d of %d tokens", from, to, len(m.seqs[seq]))
	}
	data := alloc(4 * int(to-from))
	if data == nil {
		return nil, fmt.Errorf("no memory")
	}
	for i, c := range m.seqs[seq][from:to] {
		binary.LittleEndian.PutUint32(data[4*i:], uint32(c.token))
	}
	return data, nil
}

func (m *fakeModel) Restore(seq int32, data []byte, start, end, from, to int32) error {
	if m.stiff || len(data) != 4*int(end-start) || start > from || from >= to || to > end || len(m.seqs[seq]) != int(from) ||
		m.used()+int(end-start) > m.cells {
		return fmt.Errorf("restore %d to %d out of %d to %d", from, to, start, end)
	}
	if m.spoilt > 0 {
		m.spoilt--
		m.seqs[seq] = nil
		return fmt.Errorf("the state is not good")
	}
	for i := from; i < to; i++ {
		m.next++
		m.seqs[seq] = append(m.seqs[seq], fakeCell{int32(binary.LittleEndian.Uint32(data[4*(i-start):])), m.next})
	}
	m.restored++
	return nil
}

func (m *fakeModel) Reset() error {
	m.seqs = map[int32][]fakeCell{}
	return nil
}

// scores depend on every token before. About one token in forty ends. What
// came before likes to come again.
func scores(tokens []int32) []float32 {
	h := fnv.New64a()
	for _, t := range tokens {
		h.Write([]byte{byte(t), byte(t >> 8)})
	}
	x := h.Sum64()
	out := make([]float32, vocab)
	for i := range 12 { // some are likely, the rest is not
		x = x*6364136223846793005 + 1442695040888963407
		out[97+x>>33%8] = 6 - float32(i)/4
	}
	// It likes to quote.
	if q := quoted(nil, tokens, 1, func(t int32) bool { return t == endMark }); len(q) == 1 && x>>40%20 > 1 {
		out[q[0]] = 8
	}
	if x>>20%40 == 0 && tokens[0] != '#' {
		out[endMark] = 9
	}
	return out
}

// reference is the answer that must come out, computed on its own.
func reference(cfg Config, s *wire.Submit) (ids []int32, out, finish string) {
	tokens := bytesOf(s.Messages)
	params := sample.Params{Temperature: s.Sampling.Temperature, TopK: s.Sampling.TopK, TopP: s.Sampling.TopP,
		MinP: s.Sampling.MinP, Seed: s.Sampling.Seed}
	a := text.New(s.Sampling.Stop)
	var sampler sample.Sampler
	for {
		if (s.Sampling.MaxTokens > 0 && len(ids) >= s.Sampling.MaxTokens) || len(tokens) >= cfg.Context {
			return ids, out + a.Flush(), "length"
		}
		t, _ := sampler.Token(scores(tokens), params, len(ids))
		if t == endMark {
			return ids, out + a.Flush(), "stop"
		}
		ids, tokens = append(ids, t), append(tokens, t)
		piece, stopped := a.Add((*fakeModel)(nil).Piece(t))
		out += piece
		if stopped {
			return ids, out, "stop"
		}
	}
}

func bytesOf(messages []wire.Message) (tokens []int32) {
	for _, m := range messages {
		for _, s := range m.Segments {
			for _, b := range []byte(s.Text) {
				tokens = append(tokens, int32(b))
			}
		}
	}
	return tokens
}

func fakeBuild(messages []wire.Message, _ time.Time, context int, _ prompt.Known) (*prompt.Prompt, error) {
	p := &prompt.Prompt{Tokens: bytesOf(messages)}
	if len(p.Tokens) >= context {
		return p, fail.New(fail.ContextFull, "%d, %d", len(p.Tokens), context)
	}
	if len(p.Tokens) == 0 {
		return nil, fail.New(fail.Template, "nothing to say")
	}
	at := 0
	for _, m := range messages {
		for _, s := range m.Segments {
			p.Spans = append(p.Spans, prompt.Span{Tokens: p.Tokens[at : at+len(s.Text)], Share: s.Share, System: m.Role == "system"})
			at += len(s.Text)
		}
	}
	return p, nil
}

// bench drives a loop by hand, without goroutines.
type bench struct {
	t     fataler
	l     *Loop
	m     *fakeModel
	heard map[uint64]*heard
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

type heard struct {
	ids    []int32
	text   string
	stages []wire.Stage
	end    *wire.End
}

func newBench(t fataler, cfg Config) *bench {
	return newBenchOf(t, cfg, false)
}

// newBenchOf makes a bench; stiff models can neither share nor cut.
func newBenchOf(t fataler, cfg Config, stiff bool) *bench {
	if cfg.Seqs == 0 {
		cfg.Seqs = cfg.Slots + 4
	}
	if cfg.Target == 0 {
		cfg.Target = time.Second
	}
	cfg.Threads, cfg.Partial = 1, !stiff
	b := &bench{t: t, m: newFake(cfg), heard: map[uint64]*heard{}}
	b.m.stiff, b.m.tile = stiff, cfg.Tile
	b.l = New(b.m, cfg, fakeBuild, b.hear)
	b.l.now = func() time.Time { return b.m.clock }
	if err := b.l.Calibrate(nil, nil); err != nil {
		t.Fatalf("%v", err)
	}
	b.m.steps, b.m.computed, b.m.longest = 0, 0, 0
	return b
}

func (b *bench) of(id uint64) *heard {
	if b.heard[id] == nil {
		b.heard[id] = &heard{}
	}
	return b.heard[id]
}

func (b *bench) hear(got *Step) {
	b.t.Helper()
	s := got.Wire()
	for _, x := range s.Stages {
		b.of(x.ID).stages = append(b.of(x.ID).stages, x)
	}
	for _, x := range s.Tokens {
		h := b.of(x.ID)
		h.ids, h.text = append(h.ids, x.IDs...), h.text+x.Text
		if x.IDs == nil {
			b.t.Fatalf("ids of %d would be null in JSON", x.ID)
		}
	}
	for _, x := range s.Ends {
		if b.of(x.ID).end != nil {
			b.t.Fatalf("request %d ended twice", x.ID)
		}
		b.of(x.ID).end = &x
	}
}

func (b *bench) submit(s *wire.Submit) {
	b.l.take(arrival{s.ID})
	r, err := b.l.prepare(s)
	b.l.take(prepared{r, err})
}

// step is one round of Run, with checks of what must always hold.
func (b *bench) step() {
	b.t.Helper()
	b.l.measure(true)
	b.l.admit()
	b.l.build()
	b.l.decode()
	b.l.sample()
	b.l.report()
	if b.l.err != nil {
		b.t.Fatalf("loop: %v", b.l.err)
	}
	if got, want := b.l.tree.Cells(), b.m.used(); got != want || got > b.l.cfg.Cells {
		b.t.Fatalf("the ledger has %d cells, the cache %d of %d", got, want, b.l.cfg.Cells)
	}
	ghosts := map[int32]bool{}
	for seq := range b.m.seqs {
		ghosts[seq] = true
		if got, want := b.l.tree.Len(seq), len(b.m.seqs[seq]); got != want {
			b.t.Fatalf("sequence %d has %d tokens, the cache %d", seq, got, want)
		}
	}
	for _, r := range b.l.active {
		have := b.m.tokens(r.seq)
		if len(have) != r.have || !slices.Equal(have, r.all.Tokens[:r.have]) {
			b.t.Fatalf("request %d has %d tokens, its sequence %v", r.id, r.have, have)
		}
		delete(ghosts, r.seq)
	}
	used := 0
	for seq := range ghosts {
		if len(b.m.seqs[seq]) > 0 {
			used++
		}
	}
	if parked := b.l.tree.Parked(); parked != used {
		b.t.Fatalf("%d sequences are parked, %d are in the cache", parked, used)
	}
}

func (b *bench) finish() {
	b.t.Helper()
	for range 100000 {
		if len(b.l.requests) == 0 {
			b.l.report()
			return
		}
		b.step()
	}
	b.t.Fatalf("requests do not end: %d", len(b.l.requests))
}

func newSubmit(id uint64, prompt string) *wire.Submit {
	return &wire.Submit{ID: id, Class: "interactive", User: "u", Sampling: wire.Sampling{MaxTokens: 30},
		Messages: []wire.Message{{Role: "user", Segments: []wire.Segment{{Text: prompt}}}}}
}

func (h *heard) stageNames() string {
	var names []string
	for _, s := range h.stages {
		names = append(names, s.Name)
	}
	return strings.Join(names, " ")
}
