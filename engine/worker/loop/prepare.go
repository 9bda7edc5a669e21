package loop

import (
	"time"
	"unicode/utf8"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/prompt"
	"alcove/engine/worker/sample"
	"alcove/engine/worker/text"
)

// Limits on stop strings.
const (
	maxStops    = 64
	maxStopSize = 1024 // bytes
)

// batch is the rank of the class that nobody waits for.
const batch = 2

var ranks = map[string]int{"interactive": 0, "api": 1, "batch": batch}

// Builder turns messages into tokens, fewer than context. Known gives the
// tokens of a text that this model wrote, or nil. Its errors for the user are
// *fail.Error.
type Builder func(messages []wire.Message, now time.Time, context int, known prompt.Known) (*prompt.Prompt, error)

// prepare does the slow work of a new request, outside the loop.
func (l *Loop) prepare(s *wire.Submit) (*request, error) {
	r := &request{id: s.ID, user: s.User, seq: -1, row: -1, right: 0.5, maxTokens: s.Sampling.MaxTokens, skip: s.SentBytes, readOnly: s.PrefillOnly,
		params: sample.Params{Temperature: s.Sampling.Temperature, TopK: s.Sampling.TopK, TopP: s.Sampling.TopP,
			MinP: s.Sampling.MinP, Seed: s.Sampling.Seed}}
	if err := l.validate(s, r); err != nil {
		return r, err
	}
	known := func(share, text string) []int32 { return l.answers.get(name(share, private(s.User, s.ID)), text) }
	built, err := l.tokenise(s.Messages, l.now(), l.cfg.Context, known)
	if built != nil {
		r.prompt = len(built.Tokens)
	}
	if err != nil {
		return r, err
	}
	r.all.Tokens = append(make([]int32, 0, r.prompt+len(s.Resume)+256), built.Tokens...)
	r.all.Tokens = append(r.all.Tokens, s.Resume...)
	r.all.Spans, r.open = labels(built, s.User, s.ID)
	r.anchor = anchor(built, r.all.Spans)
	if l.store != nil && l.cfg.Partial {
		l.store.Prefetch(r.all, r.total()-1)
	}
	r.text = text.New(s.Sampling.Stop)
	if l.cfg.SpaceFirst {
		r.text.DropSpace()
	}
	for _, token := range s.Resume {
		piece, _ := r.text.Add(l.model.Piece(token))
		r.replay += piece
	}
	return r, nil
}

func (l *Loop) validate(s *wire.Submit, r *request) error {
	rank, ok := ranks[s.Class]
	if !ok {
		return fail.New(fail.InvalidRequest, "The class %q is not known. Use interactive, api or batch.", s.Class)
	}
	r.rank = rank
	if err := r.params.Validate(); err != nil {
		return fail.New(fail.InvalidRequest, "The request was not started: %v.", err)
	}
	if s.Sampling.MaxTokens < 0 {
		return fail.New(fail.InvalidRequest, "The request was not started: max_tokens must not be negative.")
	}
	if len(s.Sampling.Stop) > maxStops {
		return fail.New(fail.InvalidRequest, "The request was not started: at most %d stop strings are allowed.", maxStops)
	}
	for _, stop := range s.Sampling.Stop {
		if stop == "" || len(stop) > maxStopSize || !utf8.ValidString(stop) {
			return fail.New(fail.InvalidRequest, "The request was not started: a stop string must have 1 to %d bytes.", maxStopSize)
		}
	}
	if s.SentBytes < 0 {
		return fail.New(fail.InvalidRequest, "The request was not started: sent_bytes must not be negative.")
	}
	for _, token := range s.Resume {
		if token < 0 || int(token) >= l.model.VocabSize() || l.model.EndsAnswer(token) {
			return fail.New(fail.InvalidRequest, "The answer cannot be resumed: token %d is not part of an answer of this model.", token)
		}
	}
	return nil
}
