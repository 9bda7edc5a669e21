package main

import (
	"encoding/json"
	"testing"

	"alcove/app/operate/usage"
)

// The power is the mean of the whole time, of all cards together; what nobody
// told is left out, and nothing told is 0.
func TestMeanGPUWatts(t *testing.T) {
	for text, want := range map[string]float64{
		`{"times": [0, 60, 120, 180], "series": [
			{"name": "gpu_power_watts", "device": "a", "mean": [100, null, 50, 50]},
			{"name": "gpu_power_watts", "device": "b", "mean": [50, null, null, 50]},
			{"name": "cpu_percent", "mean": [90, 90, 90, 90]}]}`: 100,
		`{"times": [0, 60], "series": [{"name": "gpu_power_watts", "mean": [null, null]}]}`: 0,
		`{"times": []}`: 0,
	} {
		var v usage.MachineView
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if got := meanGPUWatts(v); got != want {
			t.Errorf("%g, want %g", got, want)
		}
	}
}
