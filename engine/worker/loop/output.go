package loop

import "alcove/engine/wire"

// Step is what one or several steps brought, in memory that is used again.
type Step struct {
	N      uint64 // steps since start
	Stages []wire.Stage
	Ends   []wire.End

	tokens []tokens
	used   int // of tokens; the rest is memory kept
	size   int // token ids
}

// tokens are new tokens of one request and the text that they complete.
type tokens struct {
	id   uint64
	ids  []int32
	text []byte
}

// Empty says that there is nothing to tell.
func (s *Step) Empty() bool { return s.used == 0 && len(s.Stages) == 0 && len(s.Ends) == 0 }

// Size counts stages, ends and token ids.
func (s *Step) Size() int { return len(s.Stages) + len(s.Ends) + s.size }

// Reset empties the step and keeps its memory.
func (s *Step) Reset() {
	s.N, s.Stages, s.Ends, s.used, s.size = 0, s.Stages[:0], s.Ends[:0], 0, 0
}

// of gives the tokens of a request.
func (s *Step) of(id uint64) *tokens {
	for i := s.used - 1; i >= 0; i-- {
		if s.tokens[i].id == id {
			return &s.tokens[i]
		}
	}
	if s.used == len(s.tokens) {
		s.tokens = append(s.tokens, tokens{})
	}
	t := &s.tokens[s.used]
	t.id, t.ids, t.text = id, t.ids[:0], t.text[:0]
	s.used++
	return t
}

// Join adds what a later step brought.
func (s *Step) Join(later *Step) {
	s.N = later.N
	s.Stages = append(s.Stages, later.Stages...)
	s.Ends = append(s.Ends, later.Ends...)
	for _, t := range later.tokens[:later.used] {
		to := s.of(t.id)
		to.ids, to.text = append(to.ids, t.ids...), append(to.text, t.text...)
	}
	s.size += later.size
}

// Wire is the step as it is sent: a copy.
func (s *Step) Wire() *wire.Step {
	w := &wire.Step{N: s.N, Stages: append([]wire.Stage(nil), s.Stages...), Ends: append([]wire.End(nil), s.Ends...)}
	for _, t := range s.tokens[:s.used] {
		w.Tokens = append(w.Tokens, wire.Tokens{ID: t.id, IDs: append([]int32{}, t.ids...), Text: string(t.text)})
	}
	return w
}
