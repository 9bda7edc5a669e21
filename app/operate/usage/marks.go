package usage

import (
	"time"

	"alcove/engine"
)

// Kinds of marks.
const (
	MarkStarted       = "started"
	MarkLoaded        = "model_loaded"
	MarkUnloaded      = "model_unloaded"
	MarkWorkerDied    = "worker_died"
	MarkDevice        = "device_changed"
	MarkAlertFired    = "alert_fired"
	MarkAlertResolved = "alert_resolved"
)

// Mark is something that happened, to be seen beside the figures.
type Mark struct {
	At    time.Time `json:"at"`
	Kind  string    `json:"kind" enum:"started,model_loaded,model_unloaded,worker_died,device_changed,alert_fired,alert_resolved"`
	Text  string    `json:"text"`
	Model string    `json:"model,omitempty"`
}

// changes are the marks between two looks at the engine.
func changes(before, after engine.Status, at time.Time) (marks []Mark) {
	mark := func(kind, model, text string) {
		marks = append(marks, Mark{At: at, Kind: kind, Text: text, Model: model})
	}
	old, now := ready(before), ready(after)
	if after.Restarts > before.Restarts {
		mark(MarkWorkerDied, "", "A worker process died and was started again.")
	}
	for _, l := range before.Loaded {
		if _, still := now[l.Model]; l.Ready && !still {
			mark(MarkUnloaded, l.Model, l.Model+" was unloaded.")
		}
	}
	for _, l := range after.Loaded {
		if !l.Ready {
			continue
		}
		device, was := old[l.Model]
		switch {
		case !was:
			mark(MarkLoaded, l.Model, l.Model+" was loaded"+on(l.Device)+".")
		case device != l.Device && l.Device != "":
			mark(MarkDevice, l.Model, l.Model+" now runs"+on(l.Device)+".")
		}
	}
	return marks
}

// ready are the devices of the models that can answer.
func ready(s engine.Status) map[string]string {
	devices := map[string]string{}
	for _, l := range s.Loaded {
		if l.Ready {
			devices[l.Model] = l.Device
		}
	}
	return devices
}

func on(device string) string {
	if device == "" {
		return ""
	}
	return " on " + device
}
