package chat

import (
	"math"
	"math/rand/v2"
	"strconv"

	"alcove/app"
	"alcove/engine"
)

// Sampling is what a person asks for in one question; nil fields take the
// setting, else the default.
type Sampling struct {
	Temperature *float64 `json:"temperature,omitempty"`
	TopK        *int     `json:"top_k,omitempty"`
	TopP        *float64 `json:"top_p,omitempty"`
	MinP        *float64 `json:"min_p,omitempty"`
	Seed        *uint64  `json:"seed,omitempty"`
	MaxTokens   *int     `json:"max_tokens,omitempty"`
	Stop        []string `json:"stop,omitempty"`
}

// Bounds of the sampling fields.
const (
	MaxTemperature = 2.0
	MaxTopK        = 1000
	MaxStops       = 16
	MaxStopBytes   = 256
)

// defaultSampling suits small models: cool enough that a 135M model keeps to
// the point, warm enough that "again" gives another answer.
var defaultSampling = engine.Sampling{Temperature: 0.2, TopK: 40, TopP: 0.9, MinP: 0.05, MaxTokens: unbounded}

const (
	// unbounded is MaxTokens that nobody chose.
	unbounded = -1
	// defaultTokens bounds a model that has begun to repeat itself.
	defaultTokens = 2048
)

// Check returns an *app.Error that names the field that is out of range.
func (s Sampling) Check() error {
	for _, f := range []struct {
		name     string
		value    *float64
		low, top float64
	}{
		{"temperature", s.Temperature, 0, MaxTemperature},
		{"top_p", s.TopP, 0, 1},
		{"min_p", s.MinP, 0, 1},
	} {
		if f.value != nil && (math.IsNaN(*f.value) || *f.value < f.low || *f.value > f.top) {
			return outOfRange(f.name, strconv.FormatFloat(f.low, 'g', -1, 64)+" and "+strconv.FormatFloat(f.top, 'g', -1, 64))
		}
	}
	if s.TopK != nil && (*s.TopK < 0 || *s.TopK > MaxTopK) {
		return outOfRange("top_k", "0 and "+strconv.Itoa(MaxTopK))
	}
	if s.MaxTokens != nil && *s.MaxTokens < 0 {
		return outOfRange("max_tokens", "0 and what the model can take")
	}
	if len(s.Stop) > MaxStops {
		return invalid("stop", "At most "+strconv.Itoa(MaxStops)+" stop strings are taken. Nothing was saved.")
	}
	for _, stop := range s.Stop {
		if stop == "" || len(stop) > MaxStopBytes {
			return invalid("stop", "A stop string must have between 1 and "+strconv.Itoa(MaxStopBytes)+" bytes. Nothing was saved.")
		}
	}
	return nil
}

// Over fills the fields that a person gave into the ones below.
func (s Sampling) Over(below engine.Sampling) engine.Sampling {
	set(&below.Temperature, s.Temperature)
	set(&below.TopK, s.TopK)
	set(&below.TopP, s.TopP)
	set(&below.MinP, s.MinP)
	set(&below.Seed, s.Seed)
	set(&below.MaxTokens, s.MaxTokens)
	if s.Stop != nil {
		below.Stop = s.Stop
	}
	return below
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// newSeed makes each turn another one unless a person fixed the seed.
func newSeed() uint64 { return uint64(rand.Uint32()) }

func outOfRange(field, between string) error {
	return invalid(field, "The field "+field+" must be between "+between+". Nothing was saved.")
}

func invalid(field, sentence string) error {
	return &app.Error{Code: app.CodeInvalid, Param: field, Message: sentence}
}
