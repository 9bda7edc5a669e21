package library

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"alcove/app"
	"alcove/engine"
)

// ModelSettings is what a person chose for one model. A field that is absent
// has its default: it is left to the engine, to the settings for all, or to the
// request. What a request says itself stands above all of it.
type ModelSettings struct {
	Context int      `json:"context,omitzero" nullable:"true" doc:"Tokens one conversation may have, 512 to 1048576; absent: chosen for this machine."`
	KV      string   `json:"kv,omitzero" nullable:"true" doc:"Type of the cache: f16 or q8_0; absent: chosen for this machine."`
	LoRA    []string `json:"lora,omitempty" nullable:"true" doc:"Adapters that are loaded with the model, at most 8."`
	Keep    bool     `json:"keep,omitzero" nullable:"true" doc:"It stays loaded: neither another model nor idle time ends it."`

	SystemPrompt string `json:"system_prompt,omitzero" nullable:"true" doc:"Stands before the one of the settings for all. At most 32768 bytes."`

	Temperature *float64 `json:"temperature,omitempty" nullable:"true" doc:"0 to 2."`
	TopP        *float64 `json:"top_p,omitempty" nullable:"true" doc:"0 to 1."`
	TopK        *int     `json:"top_k,omitempty" nullable:"true" doc:"0 to 1000."`
	MinP        *float64 `json:"min_p,omitempty" nullable:"true" doc:"0 to 1."`
	MaxTokens   *int     `json:"max_tokens,omitempty" nullable:"true" doc:"0 to 1000000; 0: up to the context's end."`
}

// Bounds of a model's settings.
const (
	minContext     = 512
	maxContext     = 1 << 20
	maxAdapters    = 8
	maxName        = 255
	maxPromptBytes = 32 << 10
	maxTokens      = 1_000_000
)

// check returns an *app.Error that names the field that is out of range.
func (s ModelSettings) check() error {
	number := func(p *int) *float64 {
		if p == nil {
			return nil
		}
		f := float64(*p)
		return &f
	}
	for _, f := range []struct {
		name  string
		value *float64
		top   float64
	}{
		{"temperature", s.Temperature, 2}, {"top_p", s.TopP, 1}, {"min_p", s.MinP, 1},
		{"top_k", number(s.TopK), 1000}, {"max_tokens", number(s.MaxTokens), maxTokens},
	} {
		if f.value != nil && (math.IsNaN(*f.value) || *f.value < 0 || *f.value > f.top) {
			return notTaken(f.name, "It must be between 0 and %.0f.", f.top)
		}
	}
	switch {
	case s.Context != 0 && (s.Context < minContext || s.Context > maxContext):
		return notTaken("context", "It must be between %d and %d tokens.", minContext, maxContext)
	case !slices.Contains([]string{"", "f16", "q8_0"}, s.KV):
		return notTaken("kv", "It must be f16 or q8_0.")
	case len(s.SystemPrompt) > maxPromptBytes:
		return notTaken("system_prompt", "It must have at most %d bytes.", maxPromptBytes)
	case len(s.LoRA) > maxAdapters:
		return notTaken("lora", "At most %d adapters are loaded with a model.", maxAdapters)
	}
	for i, id := range s.LoRA {
		if id == "" || len(id) > maxName || slices.Contains(s.LoRA[:i], id) {
			return notTaken("lora", "Each adapter must be named once, by its file name without .gguf.")
		}
	}
	return nil
}

// fits says that the adapters are some of those that lie beside the model.
func (s ModelSettings) fits(m engine.Model) error {
	for _, id := range s.LoRA {
		if !slices.Contains(m.Adapters, id) {
			return notTaken("lora", "There is no adapter %q in the models folder that fits this model.", short(id))
		}
	}
	return nil
}

func notTaken(field, format string, args ...any) error {
	return &app.Error{Code: app.CodeInvalid, Param: field,
		Message: "The field " + field + " was not taken. " + fmt.Sprintf(format, args...) + " The settings were kept as they were."}
}

func (s ModelSettings) empty() bool { return string(s.encode()) == "{}" }

// tuning is the part that the engine loads a model with.
func (s ModelSettings) tuning() engine.Tuning {
	return engine.Tuning{Context: s.Context, KV: s.KV, LoRA: s.LoRA, Keep: s.Keep}
}

// tunings are those of all models that have one.
func tunings(byModel map[string]ModelSettings) map[string]engine.Tuning {
	out := map[string]engine.Tuning{}
	for id, s := range byModel {
		if t := s.tuning(); t.Context != 0 || t.KV != "" || len(t.LoRA) > 0 || t.Keep {
			out[id] = t
		}
	}
	return out
}

func (s ModelSettings) encode() json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Errorf("marshal settings: %w", err)) // NaN and infinity were refused
	}
	return b
}

// readSettings leaves what cannot be read at its default: a bad row, or one of
// a later version, must not keep anybody from asking.
func readSettings(raw json.RawMessage) ModelSettings {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return ModelSettings{}
	}
	var out ModelSettings
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if one, err := with(out, key, fields[key]); err == nil && one.check() == nil {
			out = one
		}
	}
	return out
}

// with is s with one field changed; JSON null gives it its default back.
func with(s ModelSettings, key string, value json.RawMessage) (ModelSettings, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(s.encode(), &fields); err != nil {
		return s, err
	}
	fields[key] = value
	if string(value) == "null" {
		delete(fields, key)
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return s, err
	}
	var out ModelSettings
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	err = d.Decode(&out)
	if len(out.LoRA) == 0 {
		out.LoRA = nil // an empty list is none
	}
	return out, err
}

// merge puts changes over what was set.
func merge(s ModelSettings, changes map[string]json.RawMessage) (ModelSettings, error) {
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		var err error
		if s, err = with(s, key, changes[key]); err != nil {
			var mismatch *json.UnmarshalTypeError
			if errors.As(err, &mismatch) {
				return s, notTaken(short(key), "It has the wrong type.")
			}
			return s, notTaken(short(key), "There is no such field.")
		}
	}
	return s, s.check()
}

// choices are the settings of all models. The map is replaced, never changed,
// so that who has got it may read it without the lock.
type choices struct {
	writing sync.Mutex // makes read, store and tell one step
	mu      sync.Mutex
	byModel map[string]ModelSettings
}

func (c *choices) all() map[string]ModelSettings {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byModel
}

func (c *choices) put(id string, s ModelSettings) map[string]ModelSettings {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := maps.Clone(c.byModel)
	if s.empty() {
		delete(next, id)
	} else {
		next[id] = s
	}
	c.byModel = next
	return next
}

// SettingsOf gives a model's own settings. "" is the model that the engine
// would choose.
func (l *Library) SettingsOf(id string) ModelSettings {
	set := l.set.all()
	if id == "" && len(set) > 0 {
		id = l.enginesChoice()
	}
	return set[id]
}

// enginesChoice is the model that answers when nobody chose one.
func (l *Library) enginesChoice() string {
	models := l.shelf.Models()
	if id := l.shelf.Status().Model; id != "" {
		if _, ok := find(models, id); ok {
			return id
		}
	}
	for _, m := range models {
		if m.Default {
			return m.ID
		}
	}
	return ""
}

// ChangeSettings changes some of a model's own settings: JSON null gives a field
// its default back. The engine is told; a model that is loaded ends its answers
// and is loaded again where that is needed. Errors are *app.Error, and then nothing changed.
func (l *Library) ChangeSettings(ctx context.Context, id string, changes map[string]json.RawMessage) (before, after ModelSettings, err error) {
	l.set.writing.Lock()
	defer l.set.writing.Unlock()
	m, ok := find(l.shelf.Models(), id)
	if !ok {
		return before, after, notFound(id)
	}
	before = l.set.all()[id]
	if after, err = merge(before, changes); err == nil && changes["lora"] != nil {
		err = after.fits(m)
	}
	if err != nil {
		return before, before, err
	}
	raw := after.encode()
	if after.empty() {
		raw = nil
	}
	if err := l.store.SetModelSettings(ctx, id, raw); err != nil {
		return before, before, err
	}
	l.shelf.Tune(tunings(l.set.put(id, after)))
	return before, after, nil
}
