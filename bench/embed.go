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

// Models that give vectors; they lie beside the one that answers. Peers have the
// first one alone.
const (
	embedder     = "all-MiniLM-L6-v2.Q8_0"
	multilingual = "multilingual-e5-small.Q4_0"
)

// Sizes of the workload. Tests make them small.
var (
	pileTexts = 256 // in one request
	singles   = 48  // requests of one text
)

// embedderFile is where such a model is.
func (p paths) embedderFile(name string) string {
	return filepath.Join(filepath.Dir(p.model), name+".gguf")
}

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
func (b *box) embed(ctx context.Context, model string, texts []string) error {
	body, err := json.Marshal(map[string]any{"model": model, "input": texts})
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
	if err := b.paces(ctx, embedder, "embed", round, s); err != nil || !b.ours {
		return err
	}
	if err := b.paces(ctx, multilingual, "embed_multilingual", round, s); err != nil {
		return err
	}
	return besidePile(ctx, b, round, s)
}

// paces are those of one model: a pile, then texts one by one.
func (b *box) paces(ctx context.Context, model, key string, round int, s *segment) error {
	if err := b.embed(ctx, model, passages(round, 1_000_000, 1)); err != nil { // it is loaded, and warm
		return err
	}
	began := time.Now()
	if err := b.embed(ctx, model, passages(round, 0, pileTexts)); err != nil {
		return err
	}
	s.samples[key+"_packed"] = float64(pileTexts) / time.Since(began).Seconds()
	began = time.Now()
	for _, text := range passages(round, 100_000, singles) {
		if err := b.embed(ctx, model, []string{text}); err != nil {
			return err
		}
	}
	s.samples[key+"_single"] = float64(singles) / time.Since(began).Seconds()
	return nil
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
			err = b.embed(ctx, embedder, passages(round, 200_000+n*pileTexts, pileTexts))
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
		"A new process for each segment, with all-MiniLM-L6-v2 (Q8_0) that `make setup` converts, and Alcove with multilingual-e5-small (Q4_0) after it, which finds passages where nobody chose. Alcove has the model that answers loaded beside it; llama-server runs with --embedding and nothing else.",
		fmt.Sprintf("Packed: one POST /v1/embeddings with %d texts of 8 to 120 words. One by one: %d requests of one text each, one connection each. No text comes twice.", pileTexts, singles),
		"Beside: one person asks for a long answer while piles are sent one after another; the pace is that of the answer.",
	}
}
