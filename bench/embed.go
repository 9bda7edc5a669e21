package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"alcove/app/operate/load"
)

// This file is how fast texts become vectors, and what an answer loses by it.

// embedder is the model that gives vectors; it lies beside the one that answers.
const embedder = "all-MiniLM-L6-v2.Q8_0"

// Sizes of the workload. Tests make them small.
var (
	pileTexts = 256 // in one request
	singles   = 48  // requests of one text
)

// embedderFile is where the model is.
func (p paths) embedderFile() string { return filepath.Join(filepath.Dir(p.model), embedder+".gguf") }

// passages are texts that nobody has asked before: 8 to about 120 words.
func passages(round, from, n int) []string {
	words := strings.Fields(load.Story(round) + " " + load.Story(round+1) + " " + strings.Repeat("leave holiday travel expense room key laptop manager office week month contract notice salary child school doctor training ", 3))
	list := make([]string, n)
	for i := range list {
		id, length := from+i, 8+(i*37)%112
		var b strings.Builder
		fmt.Fprintf(&b, "Section %d.%d:", round, id)
		for k := range length {
			b.WriteString(" " + words[(id*31+k*7+id*k)%len(words)])
		}
		list[i] = b.String()
	}
	return list
}

// embed asks for the vectors of texts.
func (b *box) embed(ctx context.Context, texts []string) error {
	body, err := json.Marshal(map[string]any{"model": embedder, "input": texts})
	if err != nil {
		return err
	}
	var got struct {
		Data []struct{ Embedding []float32 }
	}
	if err := b.call(ctx, "POST", "/v1/embeddings", b.key, string(body), &got); err != nil {
		return err
	}
	if len(got.Data) != len(texts) || len(got.Data[0].Embedding) == 0 {
		return fmt.Errorf("%d vectors of %d texts", len(got.Data), len(texts))
	}
	return nil
}

// vectors: a pile in one request, then texts one by one; and where there is a
// model that answers, what it writes beside a pile.
func vectors(ctx context.Context, b *box, round int, s *segment) error {
	if err := b.embed(ctx, passages(round, 1_000_000, 1)); err != nil { // it is loaded, and warm
		return err
	}
	began := time.Now()
	if err := b.embed(ctx, passages(round, 0, pileTexts)); err != nil {
		return err
	}
	s.samples["embed_packed"] = float64(pileTexts) / time.Since(began).Seconds()
	began = time.Now()
	for _, text := range passages(round, 100_000, singles) {
		if err := b.embed(ctx, []string{text}); err != nil {
			return err
		}
	}
	s.samples["embed_single"] = float64(singles) / time.Since(began).Seconds()
	if !b.ours {
		return nil
	}
	return besidePile(ctx, b, round, s)
}

// besidePile is the pace of an answer alone, and beside piles of texts.
func besidePile(ctx context.Context, b *box, round int, s *segment) error {
	pace := func(n int) (float64, error) {
		a, err := b.ask(ctx, request{Messages: say(load.Story(round*10 + n)), Tokens: long})
		s.note(long, a)
		return a.Pace(), err
	}
	alone, err := pace(0)
	if err != nil {
		return err
	}
	var stop atomic.Bool
	done := make(chan error, 1)
	go func() {
		var err error
		for n := 0; err == nil && !stop.Load(); n++ {
			err = b.embed(ctx, passages(round, 200_000+n*pileTexts, pileTexts))
		}
		done <- err
	}()
	time.Sleep(settle)
	beside, err := pace(1)
	stop.Store(true)
	if failed := <-done; err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	s.samples["embed_alone_pace"], s.samples["embed_beside_pace"] = alone, beside
	return nil
}

// embedMethod says how it was measured.
func embedMethod() []string {
	return []string{
		"A new process for each segment, with all-MiniLM-L6-v2 (Q8_0) that `make setup` converts. Alcove has the model that answers loaded beside it; llama-server runs with --embedding and nothing else.",
		fmt.Sprintf("Packed: one POST /v1/embeddings with %d texts of 8 to 120 words. One by one: %d requests of one text each, one connection each. No text comes twice.", pileTexts, singles),
		"Beside: one person asks for a long answer while piles are sent one after another; the pace is that of the answer.",
	}
}
