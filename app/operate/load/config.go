package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limits of a run.
const (
	MaxPeople = 512
	maxRounds = 50
	maxTokens = 32768
)

// Config is what a run is asked for.
type Config struct {
	Base    string        `json:"server"` // as Base gives it
	Key     string        `json:"-"`
	Model   string        `json:"model"` // "": the first that the server lists
	People  []int         `json:"people"`
	Rounds  int           `json:"rounds"`
	Asks    int           `json:"questions_each"` // questions a person asks one after another in a step
	Shared  int           `json:"shared_tokens"`  // of the text that everybody's prompt begins with
	Own     int           `json:"prompt_tokens"`  // of what only one prompt has
	Output  int           `json:"output_tokens"`  // of an answer, at most
	Cold    bool          `json:"cold"`           // each step has a shared text that nobody asked about before
	Ignore  bool          `json:"ignore_eos"`     // write on to Output tokens; some servers know how
	Seed    uint64        `json:"seed"`
	Each    time.Duration `json:"-"` // one request may take so long
	MaxTime time.Duration `json:"-"` // and the whole run
	Version string        `json:"alcove_version"`
	// limit is context.WithTimeout, but in tests.
	limit func(context.Context, time.Duration) (context.Context, context.CancelFunc)
}

// within bounds a request or the run.
func (c Config) within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if c.limit != nil {
		return c.limit(ctx, d)
	}
	return context.WithTimeout(ctx, d)
}

// MarshalJSON writes the limits in seconds beside the other settings.
func (c Config) MarshalJSON() ([]byte, error) {
	type plain Config
	return json.Marshal(struct {
		plain
		Each    float64 `json:"timeout_seconds"`
		MaxTime float64 `json:"max_time_seconds"`
	}{plain(c), c.Each.Seconds(), c.MaxTime.Seconds()})
}

// Default is a run's settings where nobody says others: the shape of a question
// about a handbook. The seed is the time, so that no server remembers the texts.
func Default() Config {
	return Config{People: []int{1, 2, 4, 8}, Rounds: 3, Asks: 2, Shared: 900, Own: 60, Output: 120, Seed: uint64(time.Now().Unix()), Each: 2 * time.Minute, MaxTime: 15 * time.Minute}
}

// Check says in a sentence what is wrong with the settings, nil when nothing is.
func (c Config) Check() error {
	in := func(name string, n, least, most int) error {
		if n < least || n > most {
			return fmt.Errorf("%s must be from %d to %d", name, least, most)
		}
		return nil
	}
	if len(c.People) == 0 || len(c.People) > 20 {
		return errors.New("--people names 1 to 20 numbers, such as 1,2,4,8")
	}
	errs := []error{
		in("each number of --people", slices.Min(c.People), 1, MaxPeople), in("each number of --people", slices.Max(c.People), 1, MaxPeople),
		in("--rounds", c.Rounds, 1, maxRounds), in("--questions", c.Asks, 1, 100),
		in("--shared-tokens", c.Shared, 0, maxTokens), in("--prompt-tokens", c.Own, 1, maxTokens), in("--output-tokens", c.Output, 1, maxTokens),
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if c.Each <= 0 || c.MaxTime <= 0 || c.MaxTime > 24*time.Hour {
		return errors.New("--timeout and --max-time must be more than 0, and --max-time at most 24h")
	}
	return nil
}
