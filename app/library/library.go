// Package library decides which model answers.
//
// Vocabulary: the wanted model is the one that a question names. The default
// model is the setting default_model while that model is in the folder, else
// the engine's own default.
package library

import (
	"context"
	"encoding/json"
	"fmt"

	"alcove/app"
	"alcove/engine"
)

// Settings is what a Library needs of the database.
type Settings interface {
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
}

// Shelf is what a Library needs of the engine.
type Shelf interface {
	Models() []engine.Model
}

// Library chooses among the engine's models. It has no state of its own.
type Library struct {
	settings Settings
	shelf    Shelf
}

// New makes a Library.
func New(settings Settings, shelf Shelf) *Library { return &Library{settings, shelf} }

// Models lists the models with Default set on the one that a question without
// a model gets.
func (l *Library) Models(ctx context.Context) ([]engine.Model, error) {
	models := append([]engine.Model(nil), l.shelf.Models()...)
	id, err := l.defaultModel(ctx, models)
	if err != nil || id == "" {
		return models, err
	}
	for i := range models {
		models[i].Default = models[i].ID == id
	}
	return models, nil
}

// Choose gives the model to ask for. wanted must be in the folder, else the
// error is CodeModelNotFound. Without wanted it is the default model; "" leaves
// the choice to the engine.
func (l *Library) Choose(ctx context.Context, wanted string) (string, error) {
	models := l.shelf.Models()
	if wanted == "" {
		return l.defaultModel(ctx, models)
	}
	if !has(models, wanted) {
		return "", &app.Error{Code: engine.CodeModelNotFound, Param: "model",
			Message: fmt.Sprintf("There is no model %q in the models folder. Nothing was saved. Choose one of the list.", short(wanted))}
	}
	return wanted, nil
}

func (l *Library) defaultModel(ctx context.Context, models []engine.Model) (string, error) {
	stored, err := l.settings.Settings(ctx)
	if err != nil {
		return "", fmt.Errorf("read the default model: %w", err)
	}
	var id string
	if raw, ok := stored["default_model"]; ok && json.Unmarshal(raw, &id) == nil && has(models, id) {
		return id, nil
	}
	return "", nil
}

func has(models []engine.Model, id string) bool {
	for _, m := range models {
		if m.ID == id {
			return true
		}
	}
	return false
}

// short bounds a name that somebody sent before it is shown.
func short(name string) string {
	const most = 80
	if r := []rune(name); len(r) > most {
		return string(r[:most]) + "…"
	}
	return name
}
