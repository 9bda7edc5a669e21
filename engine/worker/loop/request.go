package loop

import (
	"alcove/engine/wire"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/sample"
	"alcove/engine/worker/text"
)

// state is a request's place in its life. It moves only through the methods
// below: preparing -> queued -> prefill -> decode -> ended, back to queued when
// preempted, and to ended from anywhere.
type state int

const (
	preparing state = iota // its prompt is being rendered and tokenised
	queued
	prefill
	decode
	ended
)

// request is all there is to know about one answer.
type request struct {
	id    uint64
	order uint64 // of arrival
	rank  int    // of its class, 0 first
	user  string
	state state

	prompt    []int32
	out       []int32 // generated, with the resumed ones
	maxTokens int     // 0: to the context's end
	params    sample.Params
	text      *text.Assembler
	skip      int    // bytes of text that the reader has already
	replay    string // text of the resumed tokens that the reader lacks
	cached    int    // prompt tokens that were not computed
	saidQueue bool

	slot *slot // from prefill on
	rows int   // rows in this step
	row  int   // of the step's output, -1: none
}

// token gives the i-th token of prompt and answer together.
func (r *request) token(i int) int32 {
	if i < len(r.prompt) {
		return r.prompt[i]
	}
	return r.out[i-len(r.prompt)]
}

// total counts the tokens of prompt and answer.
func (r *request) total() int { return len(r.prompt) + len(r.out) }

// left counts the tokens that are not in the cache yet.
func (r *request) left() int { return r.total() - len(r.slot.tokens) }

// openEnd is how many cells an answer without a limit is given at first. If it
// gets longer and there is no room, a request is preempted.
func openEnd(context int) int { return max(256, context/4) }

// reserve is how many cells the request may need.
func (r *request) reserve(context int) int {
	more := openEnd(context)
	if r.maxTokens > 0 {
		more = r.maxTokens - len(r.out)
	}
	return min(r.total()+max(more, 1), context)
}

// limit says whether the answer has all the tokens that it may have.
func (r *request) limit(context int) bool {
	return (r.maxTokens > 0 && len(r.out) >= r.maxTokens) || r.total() >= context
}

// admit gives the request a slot of which the first n tokens are its own.
func (r *request) admit(s *slot, n int) {
	s.req, s.user = r, r.user
	s.tokens = s.tokens[:n]
	r.slot, r.state = s, prefill
	r.cached = min(n, len(r.prompt))
}

// release takes the slot away; its tokens stay in it.
func (r *request) release(step uint64) {
	if r.slot != nil {
		r.slot.req, r.slot.used = nil, step
		r.slot = nil
	}
}

// fresh cuts off what the reader has already.
func (r *request) fresh(s string) string {
	n := min(r.skip, len(s))
	r.skip -= n
	return s[n:]
}

func (r *request) end(finish string, why *fail.Error) wire.End {
	r.state = ended
	e := wire.End{ID: r.id, Finish: finish, PromptTokens: len(r.prompt), CachedTokens: r.cached, OutputTokens: len(r.out)}
	if why != nil {
		e.Code, e.Message = why.Code, why.Message
	}
	return e
}

// slot is one sequence of the cache.
type slot struct {
	seq    int32
	tokens []int32 // in the cache
	user   string  // whose tokens they are
	req    *request
	used   uint64 // step of the last release
}

// common counts the tokens at r's start that s holds. Only the same user's
// tokens count: what is cached shows in the time an answer takes.
func (s *slot) common(r *request) int {
	if s.user == "" || s.user != r.user {
		return 0
	}
	n := min(len(s.tokens), r.total()-1) // at least one token is computed
	for i := range n {
		if s.tokens[i] != r.token(i) {
			return i
		}
	}
	return n
}
