package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"alcove/engine"
)

// defaultOrphan is how long a turn goes on when nobody reads it.
const defaultOrphan = 60 * time.Second

// settings is what a person chose for all conversations.
type settings struct {
	system   string
	sampling engine.Sampling
	orphan   time.Duration // 0: turns go on without readers
	typing   bool          // drafts are read while they are typed
}

// Preset is what a person chose for one model. It stands above the settings for
// all conversations and below what a question says itself.
type Preset struct {
	System   string // instead of the system prompt for all; "": that one
	Sampling Sampling
}

// under puts a model's preset over what holds for all.
func (s settings) under(p Preset) settings {
	if strings.TrimSpace(p.System) != "" {
		s.system = p.System
	}
	s.sampling = p.Sampling.Over(s.sampling)
	return s
}

func (s *Service) settings(ctx context.Context) (settings, error) {
	stored, err := s.store.Settings(ctx)
	if err != nil {
		return settings{}, fmt.Errorf("read settings: %w", err)
	}
	return readSettings(stored), nil
}

// readSettings leaves what cannot be read at its default: a bad row must not
// keep anybody from asking.
func readSettings(stored map[string]json.RawMessage) settings {
	out := settings{sampling: defaultSampling, orphan: defaultOrphan, typing: true}
	read(stored, "system_prompt", &out.system)
	read(stored, "prefill_while_typing", &out.typing)
	var own Sampling
	read(stored, "temperature", &own.Temperature)
	read(stored, "top_k", &own.TopK)
	read(stored, "top_p", &own.TopP)
	read(stored, "min_p", &own.MinP)
	read(stored, "max_tokens", &own.MaxTokens)
	if own.Check() == nil {
		out.sampling = own.Over(out.sampling)
	}
	seconds := int(defaultOrphan / time.Second)
	read(stored, "turn_orphan_seconds", &seconds)
	if seconds >= 0 {
		out.orphan = time.Duration(seconds) * time.Second
	}
	return out
}

func read[T any](stored map[string]json.RawMessage, key string, to *T) {
	raw, ok := stored[key]
	if !ok {
		return
	}
	var value T
	if json.Unmarshal(raw, &value) == nil {
		*to = value
	}
}
