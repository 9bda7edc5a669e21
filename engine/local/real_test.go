package local_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"alcove/engine/local"
)

// realModel is the bundled test model.
const realModel = "SmolLM2-135M-Instruct.Q4_1"

// real is the true worker with the true libraries and a true model.
type real struct{ worker, runtime, models string }

// builtIn is where the worker was built; TestMain removes it.
var builtIn string

var buildWorker = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "alcove-worker")
	if err != nil {
		return "", err
	}
	builtIn = dir
	path := filepath.Join(dir, "alcove-worker")
	cmd := exec.Command("go", "build", "-o", path, "alcove/engine/worker")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

// needReal gives the real worker, or skips the test where it cannot run.
func needReal(t *testing.T) real {
	t.Helper()
	r := real{}
	var err error
	for p, rel := range map[*string]string{&r.runtime: "../../build/runtime/lib", &r.models: "../../build/models"} {
		if *p, err = filepath.Abs(rel); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []string{filepath.Join(r.runtime, "libllama.so"), filepath.Join(r.models, realModel+".gguf")} {
		if _, err := os.Stat(p); err != nil {
			t.Skip("the real worker needs its libraries and the test model: run `make setup`")
		}
	}
	if r.worker, err = buildWorker(); err != nil {
		t.Fatalf("build the worker: %v", err)
	}
	return r
}

// newReal is an engine with the real worker, one thread, no GPU.
func newReal(t *testing.T, change func(*local.Config)) bench {
	t.Helper()
	r := needReal(t)
	c := local.Config{WorkerPath: r.worker, RuntimeDir: r.runtime, ModelsDir: r.models, Threads: 1, DeviceOnly: "cpu", Context: 1024, Log: testLog(t)}
	if change != nil {
		change(&c)
	}
	return open(t, c)
}
