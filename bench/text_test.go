package main

import (
	"strings"
	"testing"
)

func TestDocuments(t *testing.T) {
	for seed := range uint64(7) {
		book := handbook(seed, handbookWords)
		if n := len(strings.Fields(book)); n != handbookWords {
			t.Errorf("handbook %d has %d words", seed, n)
		}
		if book != handbook(seed, handbookWords) {
			t.Errorf("handbook %d is not the same twice", seed)
		}
		if other, _, _ := strings.Cut(handbook(seed+1, handbookWords), " "); strings.HasPrefix(book, other) {
			t.Errorf("handbooks %d and %d begin alike with %q", seed, seed+1, other)
		}
		if strings.ContainsAny(book, "{}") {
			t.Errorf("handbook %d has marks left: %.300s", seed, book)
		}
	}
	if n := len(strings.Fields(contract(3, pasteWords))); n != pasteWords {
		t.Errorf("the contract has %d words", n)
	}
}

func TestNoQuestionTwice(t *testing.T) {
	seen := map[string]int{}
	for n := range 10_000 {
		q := question(n)
		if before, ok := seen[q]; ok {
			t.Fatalf("questions %d and %d are both %q", before, n, q)
		}
		seen[q] = n
	}
}

// A burst takes its questions from a range of its own in each round.
func TestRoundsDoNotShareQuestions(t *testing.T) {
	a, b := newQuestions(0), newQuestions(1)
	perRound := people*turns*2 + people*2
	if last, first := a.take(perRound)[perRound-1], b.take(1)[0]; a.next > newQuestions(1).next {
		t.Errorf("round 0 ends with %q at %d, round 1 begins with %q", last, a.next, first)
	}
}
