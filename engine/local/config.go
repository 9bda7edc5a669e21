package local

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"alcove/engine/plan"
)

// Config says where things are and how patient the supervisor is. Zero values
// mean the defaults named beside them.
type Config struct {
	WorkerPath string // alcove-worker
	RuntimeDir string // llama.cpp libraries with their lock.json
	ModelsDir  string // folder of GGUF files
	// MoreModels are further folders of GGUF files. Each hides its own files only
	// when it is missing.
	MoreModels []string

	StateDir string // of the worker alone: what it knows again after a restart; "": nothing

	Embedder     string // for texts of requests that name none; "": the one that comes with Alcove, else the first by name
	DefaultModel string // for requests that name none; "": the loaded one, else the first by name
	Context      int    // tokens one conversation may have; 0: the model's own, bounded by the worker
	Slots        int    // answers at once; 16
	Cells        int    // KV cells for all answers; 0: the worker's choice
	Threads      int    // 0: physical cores this process may use
	Batch        int    // rows in a step at most; 512
	KV           string // type of the cache: f16 or q8_0; "": f16, q8_0 where only that fits
	Seqs         int    // sequence ids: answers, and conversations that stay in the cache; 0: the worker's choice
	StepMS       int    // how long a step may take while somebody reads along; 0: the worker's choice
	StateDisk    int64  // bytes in StateDir at most; 0: the worker's choice
	StateMemory  int64  // bytes of states outside the cache; 0: the worker's choice, -1: none
	GPULayers    int    // 0: all that fit; DeviceOnly "cpu" for none
	DeviceOnly   string // "cpu" keeps GPUs out

	MaxLoaded   int           // models loaded at once; 0: as many as fit
	UnloadAfter time.Duration // a model that was not used for so long is unloaded; 0: never

	MaxAnswers int // answers waiting and running at once; more are refused as busy; 256

	StartTimeout time.Duration // from start to Hello; 30 s
	LoadTimeout  time.Duration // loading without progress; 5 min
	BeatTimeout  time.Duration // a worker without a sign of life hangs; 10 s
	StepTimeout  time.Duration // work without a step hangs; 60 s
	BackoffMin   time.Duration // before the first restart, doubled for each further one; 200 ms
	BackoffMax   time.Duration // 10 s
	DeathWindow  time.Duration // this many deaths in so much time set a model aside; 60 s
	DeathLimit   int           // 3
	Reprobe      time.Duration // between looks for a better device; 1 min

	// Changed is told that the folder or a model's state may have changed. It is
	// called by the engine's own goroutine: it must not block nor ask the engine. May be nil.
	Changed func()

	machine func(tenants) (plan.Machine, bool) // for tests; nil: machineNow

	Log *slog.Logger // nil: discarded. Gets no text of prompts or answers.
}

// withDefaults checks the configuration and fills in what is not set.
func (c Config) withDefaults() (Config, error) {
	if c.WorkerPath == "" || c.RuntimeDir == "" || c.ModelsDir == "" {
		return c, errors.New("engine: WorkerPath, RuntimeDir and ModelsDir must be set")
	}
	for _, p := range []*string{&c.WorkerPath, &c.RuntimeDir, &c.ModelsDir, &c.StateDir} {
		if *p == "" {
			continue
		}
		abs, err := filepath.Abs(*p)
		if err != nil {
			return c, fmt.Errorf("engine: %w", err)
		}
		*p = abs
	}
	for name, n := range map[string]int{"Context": c.Context, "Slots": c.Slots, "Cells": c.Cells,
		"Threads": c.Threads, "Batch": c.Batch, "Seqs": c.Seqs, "StepMS": c.StepMS, "MaxAnswers": c.MaxAnswers, "MaxLoaded": c.MaxLoaded, "UnloadAfter": int(c.UnloadAfter),
		"DeathLimit": c.DeathLimit} {
		if n < 0 {
			return c, fmt.Errorf("engine: %s is negative", name)
		}
	}
	if !slices.Contains([]string{"", string(plan.F16), string(plan.Q8_0)}, c.KV) {
		return c, fmt.Errorf("engine: KV %q is not known", c.KV)
	}
	setDefault(&c.Slots, 16)
	setDefault(&c.Batch, 512)
	setDefault(&c.MaxAnswers, 256)
	setDefault(&c.GPULayers, -1)
	setDefault(&c.DeathLimit, 3)
	setDefault(&c.StartTimeout, 30*time.Second)
	setDefault(&c.LoadTimeout, 5*time.Minute)
	setDefault(&c.BeatTimeout, 10*time.Second)
	setDefault(&c.StepTimeout, 60*time.Second)
	setDefault(&c.BackoffMin, 200*time.Millisecond)
	setDefault(&c.BackoffMax, 10*time.Second)
	setDefault(&c.DeathWindow, 60*time.Second)
	setDefault(&c.Reprobe, time.Minute)
	if c.Changed == nil {
		c.Changed = func() {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
