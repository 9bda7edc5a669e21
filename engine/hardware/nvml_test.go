//go:build linux && cgo

package hardware

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain is also the short-lived program that asks the driver.
func TestMain(m *testing.M) {
	if limit, err := time.ParseDuration(os.Getenv("ASK_GPUS")); err == nil {
		gpus, err := GPUs(limit)
		if errors.Is(err, ErrNoAnswer) {
			fmt.Println(`"no answer"`)
		} else if err != nil {
			fmt.Println(`"error"`)
		} else if err := json.NewEncoder(os.Stdout).Encode(gpus); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A driver of our own stands in for NVIDIA's: found, lost, broken and hung.
func TestGPUs(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler: install gcc")
	}
	dir := t.TempDir()
	if out, err := exec.Command(cc, "-shared", "-fPIC", "-o", filepath.Join(dir, "libnvidia-ml.so.1"), "testdata/nvml.c").CombinedOutput(); err != nil {
		t.Fatalf("build the driver: %v\n%s", err, out)
	}
	one, err := json.Marshal([]GPU{{Name: "Fake GPU", UUID: "GPU-1", Memory: 80 << 30, Driver: "580.1"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ dir, mode, limit, want string }{
		"one good, one lost": {dir, "", "1m", string(one)},
		"driver not loaded":  {dir, "no driver", "1m", "null"},
		"driver broken":      {dir, "broken", "1m", `"error"`},
		"driver hangs":       {dir, "hang", "50ms", `"no answer"`},
	} {
		t.Run(name, func(t *testing.T) {
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(exe)
			cmd.Env = []string{"LD_LIBRARY_PATH=" + c.dir, "FAKE_NVML=" + c.mode, "ASK_GPUS=" + c.limit}
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want+"\n", string(out)); d != "" {
				t.Error(d)
			}
		})
	}
}
