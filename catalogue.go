package main

import (
	"log/slog"

	"alcove/app/cli"
	"alcove/app/library"
	"alcove/engine"
	"alcove/engine/hardware"
)

// roomNow is the memory for which the catalogue is judged: what this process
// may use, and the GPUs that the engine has found.
func roomNow(b engine.Backend) library.Room {
	status := b.Status()
	devices := status.Devices
	if status.GPUReason != "" {
		devices = nil // there is one, and the CPU answers
	}
	return library.RoomOf(hardware.Read().Memory.Available(), devices)
}

// suggest says in the log which model would fit, while there is only the test
// model.
func suggest(b engine.Backend, log *slog.Logger) {
	if text := library.Suggestion(roomNow(b), b.Models()); text != "" {
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
