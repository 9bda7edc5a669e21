// Package library decides which model answers and how, and knows what the box
// has learned about each of its models.
//
// Vocabulary: the wanted model is the one that a question names. The default
// model is the setting default_model while that model is in the folder, else
// the engine's own default. A model's own settings are what a person chose for
// that model alone: they stand before the settings for all.
//
// A Library has two pieces of state, each with its own lock: the models'
// settings, and the hashes, which one goroutine computes.
package library

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// Store is what a Library needs of the database.
type Store interface {
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
	ModelSettings(ctx context.Context) (map[string]json.RawMessage, error)
	SetModelSettings(ctx context.Context, model string, settings json.RawMessage) error
	FileHashes(ctx context.Context) ([]storage.FileHash, error)
	PutFileHash(ctx context.Context, h storage.FileHash) error
	LastAnswer(ctx context.Context) (int64, error)
	Answered(ctx context.Context, after int64, limit int) (models []string, last int64, err error)
	Speeds(ctx context.Context, model string, tokens, limit int) ([]storage.Speed, error)
}

// Shelf is what a Library needs of the engine.
type Shelf interface {
	Models() []engine.Model
	Status() engine.Status
	Tune(map[string]engine.Tuning)
}

// Deps is what Open needs.
type Deps struct {
	Store Store
	Shelf Shelf
	Log   *slog.Logger // nil: none
}

// Model is a model with what the box knows about it.
type Model struct {
	engine.Model
	// SHA256 is in hex, one for each file: a split model has several, in the
	// order of its parts. Absent until all of them were computed.
	SHA256      []string `json:"sha256,omitempty" nullable:"false"`
	OwnSettings bool     `json:"own_settings,omitzero" doc:"A person chose something for this model."`
	Speed       *Speed   `json:"speed,omitempty" doc:"Measured on this box; absent before the first answer."`
}

// Library knows the engine's models. Its methods are safe for concurrent use.
type Library struct {
	store  Store
	shelf  Shelf
	log    *slog.Logger
	set    choices
	speeds speeds
	hashes *hasher
}

// Open reads what is known of the models, tells the engine how they shall be
// loaded, and begins to compute the hashes that are missing. Close ends that.
func Open(ctx context.Context, d Deps) (*Library, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	l := &Library{store: d.Store, shelf: d.Shelf, log: d.Log, speeds: speeds{store: d.Store, known: map[string]*Speed{}}}
	stored, err := d.Store.ModelSettings(ctx)
	if err != nil {
		return nil, err
	}
	l.set.byModel = make(map[string]ModelSettings, len(stored))
	for id, raw := range stored {
		l.set.byModel[id] = readSettings(raw)
	}
	d.Shelf.Tune(tunings(l.set.byModel))
	known, err := d.Store.FileHashes(ctx)
	if err != nil {
		return nil, err
	}
	l.hashes = startHasher(d, known)
	return l, nil
}

// Close ends the computing of hashes and waits for it. The file that is being
// read is begun again at the next start.
func (l *Library) Close() error {
	l.hashes.close()
	return nil
}

// Models lists the models with Default set on the one that a question without
// a model gets. With an error the list is still what the engine has.
func (l *Library) Models(ctx context.Context) ([]Model, error) {
	shelf := l.shelf.Models()
	id, err := l.defaultModel(ctx, shelf)
	if e := l.speeds.refresh(ctx); err == nil {
		err = e
	}
	set := l.set.all()
	models := make([]Model, len(shelf))
	for i, m := range shelf {
		if id != "" {
			m.Default = m.ID == id
		}
		own, ok := set[m.ID]
		models[i] = Model{Model: m, OwnSettings: ok && !own.empty(), Speed: l.speeds.of(m.ID)}
		if m.State.Usable() {
			models[i].SHA256 = l.hashes.of(m.Path)
		}
	}
	return models, err
}

// Choose gives the model to ask for. wanted must be in the folder, else the
// error is CodeModelNotFound. Without wanted it is the default model; "" leaves
// the choice to the engine.
func (l *Library) Choose(ctx context.Context, wanted string) (string, error) {
	models := l.shelf.Models()
	if wanted == "" {
		return l.defaultModel(ctx, models)
	}
	if _, ok := find(models, wanted); !ok {
		return "", notFound(wanted)
	}
	return wanted, nil
}

func (l *Library) defaultModel(ctx context.Context, models []engine.Model) (string, error) {
	stored, err := l.store.Settings(ctx)
	if err != nil {
		return "", fmt.Errorf("read the default model: %w", err)
	}
	var id string
	if raw, ok := stored["default_model"]; !ok || json.Unmarshal(raw, &id) != nil {
		return "", nil
	}
	if _, ok := find(models, id); !ok {
		return "", nil
	}
	return id, nil
}

func find(models []engine.Model, id string) (engine.Model, bool) {
	for _, m := range models {
		if m.ID == id {
			return m, true
		}
	}
	return engine.Model{}, false
}

func notFound(id string) error {
	return &app.Error{Code: engine.CodeModelNotFound, Param: "model",
		Message: fmt.Sprintf("There is no model %q in the models folder. Nothing was saved. Choose one of the list.", short(id))}
}

// short bounds a name that somebody sent before it is shown.
func short(name string) string {
	const most = 80
	if r := []rune(name); len(r) > most {
		return string(r[:most]) + "…"
	}
	return name
}
