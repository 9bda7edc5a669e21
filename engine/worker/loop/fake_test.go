package loop

import (
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
// would abort on.
type fakeModel struct {
	cells, batch int
	seqs         map[int32][]int32
	rows         []fakeRow
	scores       map[int][]float32
	computed     int
	steps        int
	refuse       int  // this many steps say: no room
	stiff        bool // cannot take back the end of a sequence
	broken       bool // no logits
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
	return &fakeModel{cells: cfg.Cells, batch: cfg.Batch, seqs: map[int32][]int32{}}
}

func (m *fakeModel) VocabSize() int           { return vocab }
func (m *fakeModel) EndsAnswer(t int32) bool  { return t == endMark }
func (m *fakeModel) Logits(row int) []float32 { return m.scores[row] }
func (m *fakeModel) Piece(t int32) []byte {
	if t < 0 || t > 255 {
		return nil
	}
	return []byte{byte(t)}
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

func (m *fakeModel) used() (n int) {
	for _, s := range m.seqs {
		n += len(s)
	}
	return n
}

func (m *fakeModel) Decode() (bool, error) {
	rows := m.rows
	m.rows = nil
	if m.refuse > 0 {
		m.refuse--
		return false, nil
	}
	if m.used()+len(rows) > m.cells {
		return false, nil
	}
	m.steps++
	m.computed += len(rows)
	m.scores = map[int][]float32{}
	for i, r := range rows {
		m.seqs[r.seq] = append(m.seqs[r.seq], r.token)
		if r.output {
			m.scores[i] = scores(m.seqs[r.seq])
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
	m.seqs[seq] = m.seqs[seq][:n]
	return true
}

// scores depend on every token before. About one token in forty ends.
func scores(tokens []int32) []float32 {
	h := fnv.New64a()
	for _, t := range tokens {
		h.Write([]byte{byte(t), byte(t >> 8)})
	}
	x := h.Sum64()
	out := make([]float32, vocab)
	for i := range 12 { // some are likely, the rest is not
		x = x*6364136223846793005 + 1442695040888963407
		out[32+x>>33%90] = 6 - float32(i)/4
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

func fakeBuild(messages []wire.Message, _ time.Time, context int) (*prompt.Prompt, error) {
	tokens := bytesOf(messages)
	if len(tokens) >= context {
		return &prompt.Prompt{Tokens: tokens}, fail.New(fail.ContextFull, "%d, %d", len(tokens), context)
	}
	if len(tokens) == 0 {
		return nil, fail.New(fail.Template, "nothing to say")
	}
	return &prompt.Prompt{Tokens: tokens}, nil
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
	b := &bench{t: t, m: newFake(cfg), heard: map[uint64]*heard{}}
	b.l = New(b.m, cfg, fakeBuild, b.hear)
	return b
}

func (b *bench) of(id uint64) *heard {
	if b.heard[id] == nil {
		b.heard[id] = &heard{}
	}
	return b.heard[id]
}

func (b *bench) hear(s wire.Step) {
	b.t.Helper()
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
	b.l.admit()
	b.l.build()
	b.l.decode()
	b.l.sample()
	b.l.report()
	if b.l.err != nil {
		b.t.Fatalf("loop: %v", b.l.err)
	}
	total := 0
	for _, s := range b.l.slots {
		if !slices.Equal(s.tokens, b.m.seqs[s.seq]) {
			b.t.Fatalf("ledger of sequence %d: %v, cache: %v", s.seq, s.tokens, b.m.seqs[s.seq])
		}
		if s.req != nil && (s.req.slot != s || !slices.Contains(b.l.active, s.req)) {
			b.t.Fatalf("slot %d and its request do not know each other", s.seq)
		}
		total += len(s.tokens)
	}
	if total > b.l.cfg.Cells {
		b.t.Fatalf("%d cells of %d", total, b.l.cfg.Cells)
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
