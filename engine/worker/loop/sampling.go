package loop

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"alcove/engine/worker/fail"
	"alcove/engine/worker/sample"
)

// pool chooses tokens of several requests at once. Goroutines wait for work as
// long as the loop runs.
type pool struct {
	samplers []sample.Sampler // one for each goroutine, the loop's own first
	start    chan int         // the number of a goroutine that is to help
	next     atomic.Int64
	done     sync.WaitGroup
	work     []*request
}

// startPool starts helpers until ctx ends.
func startPool(ctx context.Context) *pool {
	p := &pool{samplers: make([]sample.Sampler, max(1, runtime.GOMAXPROCS(0))), start: make(chan int)}
	for range len(p.samplers) - 1 {
		go func() {
			for {
				select {
				case i := <-p.start:
					p.run(i)
					p.done.Done()
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	return p
}

// all chooses the next token of each request.
func (p *pool) all(work []*request) {
	p.work = work
	p.next.Store(0)
	for i := 1; i < min(len(p.samplers), len(work)); i++ {
		p.done.Add(1)
		select {
		case p.start <- i:
		default: // still on its way back from the last step
			p.done.Done()
		}
	}
	p.run(0)
	p.done.Wait()
	p.work = nil
}

func (p *pool) run(sampler int) {
	for {
		i := int(p.next.Add(1)) - 1
		if i >= len(p.work) {
			return
		}
		p.pick(&p.samplers[sampler], p.work[i])
	}
}

// pick chooses a request's tokens: as long as one is what was drafted, the next
// one too.
func (p *pool) pick(s *sample.Sampler, r *request) {
	r.picked, r.chosen = r.picked[:0], true
	for i, scores := range r.scores {
		token, ok := s.Token(scores, r.params, len(r.out())+i)
		if !ok {
			r.chosen = false
			return
		}
		r.picked = append(r.picked, token)
		if i == len(r.draft) || token != r.draft[i] {
			return
		}
	}
}

// sample chooses the next token of each request whose last row was computed.
func (l *Loop) sample() {
	if l.err != nil {
		return
	}
	l.chosen = l.chosen[:0]
	for i := 0; i < len(l.active); i++ {
		r := l.active[i]
		if r.readOnly && r.state == decode {
			l.finish(r, "stop", nil) // takes it off the list
			i--
			continue
		}
		if r.row >= 0 && r.state == decode {
			r.scores = r.scores[:0]
			for i := range len(r.draft) + 1 {
				r.scores = append(r.scores, l.model.Logits(r.row+i))
			}
			r.row = -1
			l.chosen = append(l.chosen, r)
		}
	}
	if len(l.chosen) == 0 {
		return
	}
	l.pool.all(l.chosen)
	for _, r := range l.chosen {
		clear(r.scores) // memory of llama.cpp
		l.verified(r)
		if !r.chosen {
			l.finish(r, "failed", fail.New(fail.Internal,
				"The model gave no usable numbers. What was written so far is kept. Try again, or choose another model."))
			continue
		}
		for _, token := range r.picked {
			if l.next(r, token); r.state == ended {
				break
			}
		}
	}
}

// next takes a token that was chosen.
func (l *Loop) next(r *request, token int32) {
	if l.model.EndsAnswer(token) {
		l.flush(r)
		l.finish(r, "stop", nil)
		return
	}
	r.all.Tokens = append(r.all.Tokens, token)
	var stopped bool
	l.letters, stopped = r.text.Append(l.letters[:0], l.model.Piece(token))
	t := l.step.of(r.id)
	t.ids = append(t.ids, token)
	l.step.size++
	l.say(r, l.letters)
	if stopped {
		l.finish(r, "stop", nil)
	} else if r.limit(l.cfg.Context) {
		l.flush(r)
		l.finish(r, "length", nil)
	}
}

// flush says what was held back.
func (l *Loop) flush(r *request) { l.say(r, []byte(r.text.Flush())) }

// say adds text to what this step brings for r, without what the reader has
// already.
func (l *Loop) say(r *request, text []byte) {
	n := min(r.skip, len(text))
	r.skip -= n
	if text = text[n:]; len(text) > 0 {
		t := l.step.of(r.id)
		t.text = append(t.text, text...)
	}
}
