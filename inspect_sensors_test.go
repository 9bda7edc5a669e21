package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"alcove/app/cli"
	"alcove/monitor"
)

func TestDescribeSensors(t *testing.T) {
	for name, c := range map[string]struct {
		sample monitor.Sample
		want   cli.Finding
	}{
		"nothing": {monitor.Sample{}, cli.Finding{Name: "Sensors", State: cli.StateNote,
			Text: "none answers. Figures of the machine are missing from the page; answers do not need them"}},
		"a machine": {monitor.Sample{
			CPU: &monitor.CPU{Load: &monitor.Load{}}, Memory: &monitor.Memory{}, Temperatures: make([]monitor.Temperature, 2),
			GPUs: []monitor.GPU{{Name: "A", Utilization: new(0.0), Throttle: []string{}}, {Name: "B"}},
		}, cli.Finding{Name: "Sensors", State: cli.StateOK, Text: "processors, load, memory, 2 temperatures",
			Details: []string{"A: utilization, throttling", "B: nothing now; it may be asleep"}}},
		"trouble": {monitor.Sample{
			Memory: &monitor.Memory{}, GPUs: []monitor.GPU{{Name: "A", Error: "GPU is lost"}},
			Unavailable: []monitor.Unavailable{{Source: monitor.SourceCards, Reason: monitor.ReasonNoAnswer}, {Source: monitor.SourceGPU, Reason: monitor.ReasonError, Detail: "x"}},
		}, cli.Finding{Name: "Sensors", State: cli.StateNote, Text: "memory",
			Details: []string{"A: GPU is lost", "cards does not answer: no_answer", "gpu does not answer: error, x"}}},
	} {
		if d := cmp.Diff(c.want, describeSensors(c.sample)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
