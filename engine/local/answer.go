package local

import (
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

// answer is one request on its way. It belongs to the supervisor; only box is
// shared with the Generate that waits for it.
type answer struct {
	id    uint64
	req   engine.Request
	model models.Info
	box   *mailbox

	stage     engine.StageName
	wait      time.Duration // until it begins, by the worker's estimate
	abandoned bool          // its Generate has returned; the worker's End is awaited
	tokens    []int32       // received so far, over all workers
	textBytes int           // of the text received so far
	deaths    int           // workers that died under it

	started time.Time
	sent    time.Time     // to its first worker
	waited  time.Duration // in that until it was admitted; 0: not known
	first   time.Time     // first token
	last    time.Time     // newest token of this worker
	decode  time.Duration // spent between tokens
	between int           // tokens that decode brought
	prompt  int
	cached  int
}

// submit is the frame for the worker, with all that earlier ones brought.
func (a *answer) submit() *wire.Submit {
	s := &wire.Submit{
		ID: a.id, Class: string(a.req.Class), User: a.req.User,
		Sampling: wire.Sampling(a.req.Sampling),
		Resume:   a.tokens, SentBytes: a.textBytes, PrefillOnly: a.req.PrefillOnly,
	}
	for _, m := range a.req.Messages {
		w := wire.Message{Role: string(m.Role)}
		for _, seg := range m.Segments {
			w.Segments = append(w.Segments, wire.Segment(seg))
		}
		s.Messages = append(s.Messages, w)
	}
	return s
}

// enter passes a stage on. A resumed answer waits as resuming, whatever the
// new worker calls it, until it reads or writes.
func (a *answer) enter(s engine.Stage) {
	if a.stage == engine.StageResuming && (s.Name == engine.StageQueued || s.Name == engine.StageLoading) {
		return
	}
	if s.Name == engine.StagePrefill && a.deaths == 0 && s.Total > 0 {
		a.prompt = s.Total
	}
	a.stage, a.wait = s.Name, s.Wait
	a.box.putStage(s)
}

// receive takes new tokens.
func (a *answer) receive(t wire.Tokens, now time.Time) {
	if len(t.IDs) > 0 {
		if a.first.IsZero() {
			a.first = now
		} else if !a.last.IsZero() {
			a.decode += now.Sub(a.last)
			a.between += len(t.IDs)
		}
		a.last = now
	}
	a.tokens = append(a.tokens, t.IDs...)
	a.textBytes += len(t.Text)
	a.box.putText(t.Text, len(t.IDs))
}

// bereave marks that the worker died.
func (a *answer) bereave() {
	a.deaths++
	a.last = time.Time{} // the gap until the next token is not decoding
}

// limit is the most tokens the answer may have; 0 is no limit.
func (a *answer) limit(context int) int {
	if n := a.req.Sampling.MaxTokens; n > 0 && (n < context || context == 0) {
		return n
	}
	return context
}

// usage is what the answer cost until now.
func (a *answer) usage(finish engine.FinishReason, device string, now time.Time) engine.Usage {
	u := engine.Usage{
		Model: a.model.ID, Device: device,
		PromptTokens: a.prompt, CachedTokens: a.cached, OutputTokens: len(a.tokens),
		Total: now.Sub(a.started), Finish: finish, Restarts: a.deaths,
	}
	if !a.first.IsZero() {
		u.FirstToken = a.first.Sub(a.started)
		if a.waited > 0 && a.deaths == 0 {
			u.Prefill = max(0, a.first.Sub(a.sent)-a.waited)
		}
	}
	if a.decode > 0 {
		u.TokensPerSec = float64(a.between) / a.decode.Seconds()
	}
	return u
}
