package loop

import (
	"time"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/prefix"
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
	since time.Time
	rank  int // of its class, 0 first
	user  string
	state state

	all       prefix.Text // prompt, then what was generated, with the resumed tokens
	prompt    int         // tokens of the prompt
	anchor    int         // tokens that others will begin with too
	open      int         // tokens before the first that nobody may share
	maxTokens int         // 0: to the context's end
	readOnly  bool        // nothing is written
	params    sample.Params
	text      *text.Assembler
	skip      int           // bytes of text that the reader has already
	replay    string        // text of the resumed tokens
	cached    int           // prompt tokens that were not computed
	counted   bool          // cached is known
	waited    time.Duration // for its first admission, at least 1 then

	leader *request // reads tokens that this one begins with too
	common int      // how many
	place  int      // in the queue, as it was told last; 0: it was not

	seq     int32       // from prefill on
	have    int         // tokens in the cache
	granted int         // the rank with which it was admitted
	rows    int         // rows in this step
	row     int         // of the step's output, -1: none
	guess   []int32     // what may come next: the text came before
	draft   []int32     // of it, what is computed in this step
	right   float64     // how likely the next guess is right
	scores  [][]float32 // of this step's outputs, while tokens are chosen
	picked  []int32     // tokens that were chosen: those that were drafted, and one
	chosen  bool        // all could be
}

// out is what was generated.
func (r *request) out() []int32 { return r.all.Tokens[min(r.prompt, len(r.all.Tokens)):] }

// total counts the tokens of prompt and answer.
func (r *request) total() int { return len(r.all.Tokens) }

// left counts the tokens that are not in the cache yet.
func (r *request) left() int { return r.total() - r.have }

// openEnd is how many tokens an answer without a limit is expected to have. If
// it gets longer and there is no room, a request is preempted.
func openEnd(context int) int { return max(256, context/4) }

// more is how many tokens the answer may still get.
func (r *request) more(context int) int {
	more := openEnd(context)
	if r.maxTokens > 0 {
		more = r.maxTokens - len(r.out())
	}
	return max(1, min(more, context-r.total()))
}

// limit says whether the answer has all the tokens that it may have.
func (r *request) limit(context int) bool {
	return (r.maxTokens > 0 && len(r.out()) >= r.maxTokens) || r.total() >= context
}

// admit gives the request a sequence of which the first n tokens are its own.
func (r *request) admit(seq int32, n int) {
	r.seq, r.have, r.state, r.leader, r.place = seq, n, prefill, nil, 0
}

// countCached notes how much of the prompt was there when it was first admitted.
// What it finds after it gave its place up it has computed itself.
func (r *request) countCached(n int) (counted int) {
	if r.counted {
		return 0
	}
	r.counted, r.cached = true, min(n, r.prompt)
	return r.cached
}

// follows says whether the request still waits for its leader.
func (r *request) follows() bool {
	if a := r.leader; a != nil && a.state == prefill && a.have < r.common {
		return true
	}
	r.leader = nil
	return false
}

func (r *request) end(finish string, why *fail.Error) wire.End {
	r.state = ended
	e := wire.End{ID: r.id, Finish: finish, PromptTokens: r.prompt, CachedTokens: r.cached, OutputTokens: len(r.out()), WaitUS: (r.waited + time.Microsecond - 1).Microseconds()}
	if why != nil {
		e.Code, e.Message = why.Code, why.Message
	}
	return e
}
