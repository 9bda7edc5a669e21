package main

import (
	"log/slog"
	"strings"
	"sync"

	"alcove/app/cli"
	"alcove/app/library"
	"alcove/engine"
	"alcove/engine/hardware"
)

// roomReader gives a function that tells the memory for which the catalogue is
// judged: what this process may use, and the GPUs that answers are computed on.
// Only a worker knows them, so while there is none the last ones count.
func roomReader(status func() engine.Status) func() library.Room {
	var mu sync.Mutex
	var last []engine.Device
	return func() library.Room {
		now := status()
		mu.Lock()
		defer mu.Unlock()
		if now.WorkerPID != 0 {
			last = now.Devices
			if now.GPUReason != "" && strings.HasPrefix(now.Device, "CPU") {
				last = nil // there is one, and the CPU answers
			}
		}
		return library.RoomOf(hardware.Read().Memory.Available(), last)
	}
}

// suggest says in the log which model would fit, while there is only the test
// model.
func suggest(room library.Room, models []engine.Model, log *slog.Logger) {
	if text := library.Suggestion(room, models); text != "" {
		log.Info("there is no model yet but the one for trying", "suggestion", text)
	}
}

// inspectSuggestion names the model to get, for `alcove doctor`.
func inspectSuggestion(models []engine.Model, devices []engine.Device) []cli.Finding {
	text := library.Suggestion(library.RoomOf(hardware.Read().Memory.Available(), devices), models)
	if text == "" {
		return nil
	}
	return []cli.Finding{{Name: "Suggested", State: cli.StateNote, Text: text, Details: []string{"docs/models.md and the Models page have more"}}}
}
