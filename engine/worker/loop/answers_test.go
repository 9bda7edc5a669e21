package loop

import (
	"fmt"
	"slices"
	"testing"
)

func TestAnswersAreRemembered(t *testing.T) {
	cfg := Config{Cells: 10}
	a := newAnswers(newFake(cfg), cfg)
	word := func(s string) (ids []int32) {
		for _, b := range []byte(s) {
			ids = append(ids, int32(b))
		}
		return ids
	}
	a.put("me", word("grün"))
	if got := a.get("me", "grün"); !slices.Equal(got, word("grün")) {
		t.Errorf("got %v", got)
	}
	if a.get("you", "grün") != nil || a.get("me", "grü") != nil || a.get("me", "") != nil {
		t.Error("found under another label or text")
	}
	for i := range 30 { // 40 tokens are kept
		a.put("me", word(fmt.Sprintf("text %02d", i)))
	}
	if a.get("me", "grün") != nil || a.get("me", "text 29") == nil || a.held > 40 || len(a.tokens) != len(a.order) {
		t.Errorf("%d tokens are held", a.held)
	}
	a.put("me", word("text 29"))
	if len(a.tokens) != len(a.order) || a.held > 40 {
		t.Errorf("twice the same: %d tokens, %d answers", a.held, len(a.order))
	}
}
