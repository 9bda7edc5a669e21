package library

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alcove/app"
	"alcove/engine"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

// shelf is an engine that only has models.
type shelf struct {
	mu     sync.Mutex
	models []engine.Model
	status engine.Status
	tuned  []map[string]engine.Tuning
}

func (s *shelf) Models() []engine.Model {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]engine.Model(nil), s.models...)
}

func (s *shelf) Status() engine.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

func (s *shelf) Tune(t map[string]engine.Tuning) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tuned = append(s.tuned, t)
}

func openStore(t *testing.T) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{Path: emptydb.Path(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openLibrary(t *testing.T, db *storage.DB, s Shelf) *Library {
	t.Helper()
	l, err := Open(t.Context(), Deps{Store: db, Shelf: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestChoose(t *testing.T) {
	ctx := context.Background()
	db := openStore(t)
	l := openLibrary(t, db, &shelf{models: []engine.Model{{ID: "a", Default: true}, {ID: "b"}}})

	choose := func(wanted, want string) {
		t.Helper()
		got, err := l.Choose(ctx, wanted)
		if err != nil || got != want {
			t.Errorf("Choose(%q) = %q, %v; want %q", wanted, got, err, want)
		}
	}
	set := func(value string) {
		t.Helper()
		if err := db.SetSettings(ctx, map[string]json.RawMessage{"default_model": json.RawMessage(value)}); err != nil {
			t.Fatal(err)
		}
	}
	choose("", "")
	choose("b", "b")
	set(`"b"`)
	choose("", "b")
	choose("a", "a")
	if models, err := l.Models(ctx); err != nil || models[0].Default || !models[1].Default {
		t.Errorf("Models() = %+v, %v; want b as the default", models, err)
	}
	set(`"gone"`)
	choose("", "")
	if models, err := l.Models(ctx); err != nil || !models[0].Default {
		t.Errorf("Models() = %+v, %v; want the engine's default back", models, err)
	}

	_, err := l.Choose(ctx, strings.Repeat("x", 1000))
	var e *app.Error
	if !errors.As(err, &e) || e.Code != engine.CodeModelNotFound || e.Param != "model" || len(e.Message) > 300 {
		t.Errorf("an unknown model: %v", err)
	}
}

func changes(t *testing.T, text string) map[string]json.RawMessage {
	t.Helper()
	var c map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSettings_ChangedKeptAndTold(t *testing.T) {
	db := openStore(t)
	s := &shelf{models: []engine.Model{
		{ID: "a", Default: true, Facts: engine.Facts{Adapters: []string{"tone"}}}, {ID: "b"},
	}}
	l := openLibrary(t, db, s)
	for _, step := range []struct{ change, want string }{
		{`{"context":4096,"kv":"q8_0","keep":true,"lora":["tone"],"temperature":0,"system_prompt":"Be brief."}`,
			`{"context":4096,"kv":"q8_0","lora":["tone"],"keep":true,"system_prompt":"Be brief.","temperature":0}`},
		{`{"max_tokens":0,"kv":null,"system_prompt":null}`, `{"context":4096,"lora":["tone"],"keep":true,"temperature":0,"max_tokens":0}`},
		{`{"keep":false,"lora":[]}`, `{"context":4096,"temperature":0,"max_tokens":0}`},
	} {
		before, after, err := l.ChangeSettings(t.Context(), "a", changes(t, step.change))
		if err != nil || string(after.encode()) != step.want {
			t.Fatalf("%s: %s, %v; want %s", step.change, after.encode(), err, step.want)
		}
		if string(before.encode()) == step.want {
			t.Errorf("before is after: %s", step.want)
		}
	}
	if got := l.SettingsOf(""); got.Context != 4096 {
		t.Errorf("settings of the engine's choice: %+v", got)
	}
	models, err := l.Models(t.Context())
	if err != nil || !models[0].OwnSettings || models[1].OwnSettings {
		t.Errorf("models: %+v, %v", models, err)
	}
	want := []map[string]engine.Tuning{{},
		{"a": {Context: 4096, KV: "q8_0", LoRA: []string{"tone"}, Keep: true}},
		{"a": {Context: 4096, LoRA: []string{"tone"}, Keep: true}},
		{"a": {Context: 4096}}}
	if d := cmp.Diff(want, s.tuned); d != "" {
		t.Error(d)
	}

	// After a restart the engine is told again.
	l.Close()
	again := openLibrary(t, db, s)
	if d := cmp.Diff(want[3], s.tuned[4]); d != "" {
		t.Error(d)
	}
	if _, _, err := again.ChangeSettings(t.Context(), "a", changes(t, `{"context":null,"temperature":null,"max_tokens":null}`)); err != nil {
		t.Fatal(err)
	}
	if stored, err := db.ModelSettings(t.Context()); err != nil || len(stored) != 0 {
		t.Errorf("nothing is set, and %v is stored, %v", stored, err)
	}
}

func TestSettings_Refused(t *testing.T) {
	db := openStore(t)
	l := openLibrary(t, db, &shelf{models: []engine.Model{{ID: "a"}}})
	for _, bad := range []struct{ change, field string }{
		{`{"context":100}`, "context"}, {`{"context":-1}`, "context"}, {`{"context":2000000}`, "context"}, {`{"context":"x"}`, "context"},
		{`{"kv":"q4_0"}`, "kv"}, {`{"lora":["other"]}`, "lora"}, {`{"lora":["a","a"]}`, "lora"}, {`{"keep":1}`, "keep"},
		{`{"temperature":2.5}`, "temperature"}, {`{"top_p":-0.1}`, "top_p"}, {`{"min_p":2}`, "min_p"}, {`{"top_k":1001}`, "top_k"},
		{`{"max_tokens":-1}`, "max_tokens"}, {`{"system_prompt":"` + strings.Repeat("x", maxPromptBytes+1) + `"}`, "system_prompt"},
		{`{"` + strings.Repeat("y", 500) + `":1}`, strings.Repeat("y", 80) + "…"},
	} {
		_, _, err := l.ChangeSettings(t.Context(), "a", changes(t, bad.change))
		var e *app.Error
		if !errors.As(err, &e) || e.Code != app.CodeInvalid || e.Param != bad.field || len(e.Message) > 600 {
			t.Errorf("%.60s: %v", bad.change, err)
		}
	}
	var e *app.Error
	if _, _, err := l.ChangeSettings(t.Context(), "none", changes(t, `{"keep":true}`)); !errors.As(err, &e) || e.Code != engine.CodeModelNotFound {
		t.Errorf("a model that is not there: %v", err)
	}
	if stored, err := db.ModelSettings(t.Context()); err != nil || len(stored) != 0 {
		t.Errorf("stored %v, %v", stored, err)
	}
}

// A later version, or a hand, may have written what this one does not know.
func TestSettings_OfALaterVersion(t *testing.T) {
	db := openStore(t)
	row := `{"context":4096,"kv":"q2_k","temperature":"hot","new_thing":{"a":1},"keep":true}`
	if err := db.SetModelSettings(t.Context(), "a", json.RawMessage(row)); err != nil {
		t.Fatal(err)
	}
	s := &shelf{models: []engine.Model{{ID: "a"}}}
	l := openLibrary(t, db, s)
	if got := string(l.SettingsOf("a").encode()); got != `{"context":4096,"keep":true}` {
		t.Error(got)
	}
}

func TestSpeed(t *testing.T) {
	db := openStore(t)
	l := openLibrary(t, db, &shelf{models: []engine.Model{{ID: "a"}, {ID: "b"}}})
	c, _, err := db.CreateConversation(t.Context(), storage.Conversation{})
	if err != nil {
		t.Fatal(err)
	}
	answer := func(device string, rate float64, first int64) {
		t.Helper()
		turn, _, err := db.StartTurn(t.Context(), storage.Turn{ConversationID: c.ID, Question: &storage.Message{Text: "How fast?"}})
		if err == nil {
			_, err = db.FinishMessage(t.Context(), turn.Answer.ID, storage.End{Status: storage.StatusDone, Figures: &storage.Figures{
				Model: "a", Device: device, OutputTokens: 20, TokensPerSec: rate, FirstTokenMS: first}})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(want *Speed) {
		t.Helper()
		models, err := l.Models(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, models[0].Speed); d != "" || models[1].Speed != nil {
			t.Error(d, models[1].Speed)
		}
	}
	want(nil)
	answer("CPU", 10, 900)
	answer("CPU", 30, 100)
	answer("CPU", 20, 500)
	want(&Speed{Answers: 3, TokensPerSec: 20, FirstTokenMS: 500, Device: "CPU"})
	answer("CUDA0", 200, 40)
	want(&Speed{Answers: 1, TokensPerSec: 200, FirstTokenMS: 40, Device: "CUDA0"})
}
