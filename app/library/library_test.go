package library

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

type shelf []engine.Model

func (s shelf) Models() []engine.Model { return s }

func TestChoose(t *testing.T) {
	ctx := context.Background()
	db, err := storage.Open(ctx, storage.Options{Path: filepath.Join(t.TempDir(), "alcove.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	l := New(db, shelf{{ID: "a", Default: true}, {ID: "b"}})

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

	_, err = l.Choose(ctx, strings.Repeat("x", 1000))
	var e *app.Error
	if !errors.As(err, &e) || e.Code != engine.CodeModelNotFound || e.Param != "model" || len(e.Message) > 300 {
		t.Errorf("an unknown model: %v", err)
	}
}
