package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	docs "alcove/app/documents/answer"
	"alcove/app/documents/desk"
	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/local"
)

// writer is the model that answers people, for golden questions.
type writer struct{ b *box }

// Model is the default model, where it is loaded or nothing else is: a golden
// question ends no other model, and asks nothing on battery.
func (w writer) Model(ctx context.Context) string {
	m, ok := w.b.answering(ctx)
	if !ok || hardware.OnBattery() {
		return ""
	}
	for _, l := range w.b.engine.Status().Loaded {
		if l.Model == m.ID {
			return m.ID
		}
		if l.Role == "" {
			ok = false
		}
	}
	if !ok {
		return ""
	}
	return m.ID
}

// Busy looks at all models that answer: they share the machine.
func (w writer) Busy(own int) bool {
	s := w.b.engine.Status()
	return s.Active+s.Queued > own
}

// Write asks as the chat does, but for the sampling, which is the same each time.
func (w writer) Write(ctx context.Context, a desk.Writing, emit func(string) error) error {
	question := append([]engine.Segment{{Text: a.Question}}, a.Prepared.Remind...)
	request := engine.Request{
		ID: uuid.Must(uuid.NewV7()).String(), Model: a.Model, Class: engine.ClassBatch, User: "golden", Route: engine.RouteGolden,
		Messages: []engine.Message{{Role: engine.RoleSystem, Segments: a.Prepared.System}, {Role: engine.RoleUser, Segments: question}},
		Sampling: engine.Sampling{MaxTokens: a.MaxTokens}, LocalOnly: a.Prepared.LocalOnly,
	}
	_, err := w.b.engine.Generate(ctx, request, func(e engine.Event) error {
		if t, ok := e.(engine.Token); ok {
			return emit(t.Text)
		}
		return nil
	})
	return err
}

// answering is the model that a question without one gets.
func (b *box) answering(ctx context.Context) (engine.Model, bool) {
	models, err := b.library.Models(ctx)
	if err != nil {
		return engine.Model{}, false
	}
	for _, m := range models {
		if m.Default && m.Writes() && m.State.Usable() {
			return m.Model, true
		}
	}
	return engine.Model{}, false
}

// goldenModels names all that could change answers from documents, by content:
// embedder, reranker, and the model that writes with how it is loaded and what
// it is asked. "" while the file of that is not hashed yet, and while passages
// wait for vectors of another embedder: what is found then breaks for a while only.
func (b *box) goldenModels() string {
	if b.index.Filling() {
		return ""
	}
	e := b.embedder.Embedding()
	parts := []string{e.Fingerprint, e.Reranker}
	models, err := b.library.Models(context.Background())
	if err != nil {
		return ""
	}
	for _, m := range models {
		if !m.Default || !m.Writes() || !m.State.Usable() {
			continue
		}
		if len(m.SHA256) == 0 {
			return ""
		}
		set := b.library.SettingsOf(m.ID)
		parts = append(parts, m.ID, strings.Join(m.SHA256, "+"), local.LibraryVersion, docs.Prompt, fmt.Sprint(set.KV, set.LoRA))
	}
	return strings.Trim(strings.Join(parts, " "), " ")
}

// brokenIn says in which collections golden answers broke, without their text.
func (b *box) brokenIn() string {
	k := b.desk.Load()
	if k == nil {
		return ""
	}
	by, _ := k.Broken()
	var out []string
	for _, c := range slices.Sorted(maps.Keys(by)) {
		if n := by[c]; n.Broken > 0 {
			out = append(out, fmt.Sprintf("%s: %d of %d", c, n.Broken, n.Of))
		}
	}
	return strings.Join(out, ", ")
}
