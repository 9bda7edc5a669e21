package local

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"alcove/engine"
	"alcove/engine/wire"
)

// probeTime is how long a probe may take. It reads the headers and the words of
// a model, no weights; a slow disk has time enough.
const probeTime = time.Minute

// ProbeModel tries to load a model and its adapters in a process of its own: on
// the CPU, without weights, sealed, and bounded in time and memory. What crashes
// or hangs llama.cpp costs that process only. nil means that a worker may be
// given the model; the error is an *engine.Error, or ctx's own.
func ProbeModel(ctx context.Context, worker, runtimeDir, path string, adapters ...string) error {
	return probeModel(ctx, probeTime, worker, runtimeDir, path, adapters)
}

func probeModel(ctx context.Context, limit time.Duration, worker, runtimeDir, path string, adapters []string) error {
	args := []string{"--model", path, "--probe"}
	for _, a := range adapters {
		args = append(args, "--lora", a)
	}
	inTime, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	line, err := askWorker(inTime, worker, runtimeDir, args...)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var ended *exec.ExitError
	switch {
	case errors.Is(err, errSilent):
		return probeError(engine.CodeModelLoad, path, "it did not come to an end in time", err)
	case errors.As(err, &ended):
		return probeError(engine.CodeModelRefused, path, "llama.cpp crashed on it", err)
	case err != nil:
		return &engine.Error{Code: engine.CodeRuntimeMissing, Err: err,
			Message: "The engine's worker program could not be started. Install the package again."}
	}
	var report wire.Probed
	if err := json.Unmarshal(line, &report); err != nil {
		return probeError(engine.CodeModelRefused, path, "it ended without an answer", err)
	}
	if !report.OK {
		return workerError(report.Code, report.Message, "", engine.CodeModelLoad)
	}
	return nil
}

// probeError is the sentence for a trial that gave none.
func probeError(code engine.Code, path, why string, err error) error {
	e := engine.Errorf(code, "The model %.100q was tried in a process of its own and %s. It was not loaded, and nothing else was changed. Get the file again, or choose another model.",
		strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), why)
	e.Err = err
	return e
}
