package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"alcove/app/library"
	"alcove/engine"
)

func TestRoomReader(t *testing.T) {
	const gib = int64(1) << 30
	gpu := []engine.Device{{Name: "CUDA0", Backend: "cuda", Kind: "gpu", Total: 24 * gib}}
	var now engine.Status
	room := roomReader(func() engine.Status { return now })
	for _, row := range []struct {
		name   string
		status engine.Status
		gpu    int64
	}{
		{"no worker yet", engine.Status{}, 0},
		{"a worker on a GPU", engine.Status{WorkerPID: 1, Device: "CUDA0 NVIDIA L4", Devices: gpu}, 24 * gib},
		{"no model is loaded for a while", engine.Status{}, 24 * gib},
		{"on a worse backend of the same card", engine.Status{WorkerPID: 1, Device: "Vulkan0 NVIDIA L4", Devices: gpu, GPUReason: "CUDA failed."}, 24 * gib},
		{"the GPU failed", engine.Status{WorkerPID: 1, Device: "CPU (haswell)", Devices: gpu, GPUReason: "The GPU was lost."}, 0},
	} {
		now = row.status
		if got := room(); got.GPU != row.gpu || got.Memory <= 0 {
			t.Errorf("%s: %+v", row.name, got)
		}
	}
}

func TestSuggestIsOneLine(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	test := []engine.Model{{ID: "test", Test: true, State: engine.ModelLoaded}}
	suggest(library.Room{Memory: 16 << 30}, test, log)
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "would fit this machine") {
		t.Errorf("%q", got)
	}
	out.Reset()
	suggest(library.Room{Memory: 16 << 30}, append(test, engine.Model{ID: "real", State: engine.ModelReady}), log)
	if out.Len() > 0 {
		t.Errorf("with a model: %q", out.String())
	}
}
