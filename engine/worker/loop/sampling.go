package loop

import (
	"slices"

	"alcove/engine/worker/fail"
)

// sample chooses the next token of each request whose last row was computed.
func (l *Loop) sample() {
	if l.err != nil {
		return
	}
	for _, r := range slices.Clone(l.active) {
		if r.row >= 0 && r.state == decode {
			l.next(r)
			r.row = -1
		}
	}
}

func (l *Loop) next(r *request) {
	token, ok := l.sampler.Token(l.model.Logits(r.row), r.params, len(r.out()))
	if !ok {
		l.finish(r, "failed", fail.New(fail.Internal,
			"The model gave no usable numbers. What was written so far is kept. Try again, or choose another model."))
		return
	}
	if l.model.EndsAnswer(token) {
		l.say(r, nil, r.text.Flush())
		l.finish(r, "stop", nil)
		return
	}
	r.all.Tokens = append(r.all.Tokens, token)
	text, stopped := r.text.Add(l.model.Piece(token))
	l.say(r, []int32{token}, text)
	if stopped {
		l.finish(r, "stop", nil)
	} else if r.limit(l.cfg.Context) {
		l.say(r, nil, r.text.Flush())
		l.finish(r, "length", nil)
	}
}
