package local

import (
	"sync"

	"alcove/engine"
)

// mailbox carries one answer's events from the supervisor to its Generate.
// Putting never blocks, so a slow reader stalls nobody: neighbouring deltas
// become one, prefill counts overwrite each other, and beyond maxStages
// stages are dropped. Text and the end are never dropped; the text is bounded
// by the answer itself.
type mailbox struct {
	ready chan struct{} // has one element while there may be something to take

	mu    sync.Mutex
	items []item
	held  int // tokens whose text has not come yet
	end   *ending
}

// maxStages bounds the items of a mailbox. One answer with its one restart
// needs about ten.
const maxStages = 64

// item is a stage, or text when stage is nil.
type item struct {
	stage *engine.Stage
	text  []byte
	n     int
}

// ending is what Generate returns.
type ending struct {
	usage engine.Usage
	err   error
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

func (b *mailbox) putStage(s engine.Stage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := len(b.items) - 1
	switch {
	case last >= 0 && b.items[last].stage != nil && b.items[last].stage.Name == s.Name:
		b.items[last].stage = &s
	case len(b.items) < maxStages:
		b.items = append(b.items, item{stage: &s})
	}
	b.wake()
}

// putText adds text that n tokens completed. Tokens without text are counted
// with the next text.
func (b *mailbox) putText(text string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held += n
	if text == "" {
		return
	}
	last := len(b.items) - 1
	if last < 0 || b.items[last].stage != nil {
		b.items = append(b.items, item{})
		last++
	}
	b.items[last].text = append(b.items[last].text, text...)
	b.items[last].n += b.held
	b.held = 0
	b.wake()
}

// finish sets the end. The first one counts.
func (b *mailbox) finish(e ending) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end == nil {
		b.end = &e
	}
	b.wake()
}

// take removes all events. end is set when nothing follows them.
func (b *mailbox) take() (events []engine.Event, end *ending) {
	b.mu.Lock()
	items, end := b.items, b.end
	b.items = nil
	b.mu.Unlock()
	for _, it := range items {
		if it.stage != nil {
			events = append(events, *it.stage)
		} else {
			events = append(events, engine.Token{Text: string(it.text), N: it.n})
		}
	}
	return events, end
}

func (b *mailbox) wake() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}
