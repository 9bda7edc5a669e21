package main

import (
	"context"
	"fmt"
	"strings"

	"alcove/app/operate/load"
)

// This file is eight people who ask different questions about one collection at
// once. The prompts are laid out as app/documents/answer does: an instruction,
// passages in canonical order, then the question; every server gets the same
// texts, so it is the reading that is compared, not the finding.

// Sizes of ask8.
const (
	passageWords = 110
	shelfSize    = 12 // passages of the collection
	foundSize    = 4  // of them, what a question finds
)

// askDocuments: a small collection, which everybody's prompt has whole; then a
// larger one, of which each question finds other passages. Alcove is asked once
// more by people who may not share: the prefix tree is of no use to them.
func askDocuments(ctx context.Context, b *box, round int, s *segment) error {
	q := newQuestions(round)
	for i, kind := range []string{"whole", "found"} {
		seed := uint64(100*round + 10*i)
		answers, err := together(people, b.documents(ctx, b.sameKey(), kind, seed, q.take(people)))
		if err != nil {
			return err
		}
		s.note(short, answers...)
		s.samples["ask8_"+kind] = p95(answers)
		if !b.ours { // llama-server has no readers who may not share
			s.samples["ask8_"+kind+"_apart"] = s.samples["ask8_"+kind]
			continue
		}
		keys, err := b.ownKeys(ctx)
		if err != nil {
			return err
		}
		if answers, err = together(people, b.documents(ctx, keys, kind, seed+1, q.take(people))); err != nil {
			return err
		}
		s.note(short, answers...)
		s.samples["ask8_"+kind+"_apart"] = p95(answers)
	}
	return nil
}

// documents is what each of eight people asks.
func (b *box) documents(ctx context.Context, keys []string, kind string, seed uint64, asked []string) func(i int) (answer, error) {
	return func(i int) (answer, error) {
		r := request{Messages: about(shelf(kind, seed, i), asked[i]), Tokens: short, IgnoreEOS: b.ignoreEOS}
		return ask(ctx, b.base, keys[i], b.model, r)
	}
}

// shelf is the beginning of person i's prompt.
func shelf(kind string, seed uint64, i int) string {
	text := "You answer questions of employees from numbered passages of their company's documents. Answer only with what they say, briefly, with the number of the passage.\n"
	n := 0
	for p := range uint64(shelfSize) {
		if kind == "found" && int(p)%people != i && int(p) >= foundSize-1 || kind == "whole" && int(p) >= 2*foundSize {
			continue
		}
		if n++; kind == "found" && n > foundSize {
			break
		}
		passage := strings.Fields(load.Handbook(1000*seed+p, passageWords))
		text += fmt.Sprintf("\n\n=== [%d] handbook, page %d ===\n%s\n=== end of [%d] ===", n, p+1, strings.Join(passage, " "), n)
	}
	return text
}

func (b *box) sameKey() []string {
	keys := make([]string, people)
	for i := range keys {
		keys[i] = b.key
	}
	return keys
}

// ownKeys are keys of people who share nothing.
func (b *box) ownKeys(ctx context.Context) ([]string, error) {
	keys := make([]string, people)
	for i := range keys {
		var made struct{ Key string }
		if err := b.call(ctx, "POST", "/api/v1/keys", b.token, fmt.Sprintf(`{"name":"bench %d"}`, i), &made); err != nil {
			return nil, err
		}
		keys[i] = made.Key
	}
	return keys, nil
}
