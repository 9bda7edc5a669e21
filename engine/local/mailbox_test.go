package local

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alcove/engine"
)

func TestMailbox_Coalesces(t *testing.T) {
	b := newMailbox()
	b.putStage(engine.Stage{Name: engine.StagePrefill, Done: 1, Total: 9})
	b.putStage(engine.Stage{Name: engine.StagePrefill, Done: 9, Total: 9})
	b.putStage(engine.Stage{Name: engine.StageDecode})
	b.putText("", 1) // half a character
	b.putText("é", 1)
	b.putText("t", 1)
	b.putStage(engine.Stage{Name: engine.StageResuming})
	b.putText("e", 1)
	got, end := b.take()
	want := []engine.Event{
		engine.Stage{Name: engine.StagePrefill, Done: 9, Total: 9}, engine.Stage{Name: engine.StageDecode},
		engine.Token{Text: "ét", N: 3}, engine.Stage{Name: engine.StageResuming}, engine.Token{Text: "e", N: 1},
	}
	if d := cmp.Diff(want, got); d != "" || end != nil {
		t.Errorf("end %v, %s", end, d)
	}
	if again, _ := b.take(); len(again) != 0 {
		t.Errorf("taken twice: %v", again)
	}
}

// A worker that floods it can make it drop stages, never text or the end.
func TestMailbox_Bounded(t *testing.T) {
	b := newMailbox()
	for range 10_000 {
		b.putStage(engine.Stage{Name: engine.StagePrefill})
		b.putStage(engine.Stage{Name: engine.StageDecode})
	}
	for range 10_000 {
		b.putText("x", 1)
	}
	b.finish(ending{usage: engine.Usage{OutputTokens: 10_000}})
	b.finish(ending{err: errors.New("a second end")})
	events, end := b.take()
	if len(events) != maxStages+1 {
		t.Errorf("%d events, want %d", len(events), maxStages+1)
	}
	if tok, ok := events[len(events)-1].(engine.Token); !ok || tok.Text != strings.Repeat("x", 10_000) || tok.N != 10_000 {
		t.Error("text was lost")
	}
	if end == nil || end.err != nil || end.usage.OutputTokens != 10_000 {
		t.Errorf("end %v, want the first", end)
	}
	select {
	case <-b.ready:
	default:
		t.Error("nobody was woken")
	}
}
