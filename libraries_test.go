package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alcove/app/cli"
	"alcove/engine/local/fake"
)

func TestRuntimeCommand(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{})
	p.worker = programs.worker // it is what finds the devices
	list := func(code int) (groups []cli.LibraryGroup, problem string) {
		t.Helper()
		r := p.command(t, "runtime", "--json")
		var got struct {
			Groups  []cli.LibraryGroup
			Problem string
		}
		if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || r.code != code {
			t.Fatalf("runtime: %v, %+v", err, r)
		}
		return got.Groups, got.Problem
	}
	groups, _ := list(0)
	if len(groups) != 3 || groups[0].Name != "engine" || groups[0].Optional || len(groups[0].Missing) != 0 ||
		groups[2].Name != "vulkan" || !groups[2].Optional || !slices.Equal(groups[2].Missing, []string{fake.Backend}) {
		t.Errorf("groups %+v", groups)
	}
	if r := p.command(t, "runtime"); r.code != 0 || !strings.Contains(r.stdout, "not installed") || !strings.Contains(r.stdout, "vulkan needs "+fake.Backend) {
		t.Errorf("runtime in words: %+v", r)
	}

	from := t.TempDir()
	mustFail(t, p.command(t, "runtime", "install", "--from", from), "no library that is missing")
	mustFail(t, p.command(t, "runtime", "install", "--from", filepath.Join(from, "none")), "no such file")
	if err := os.WriteFile(filepath.Join(from, fake.Backend), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustFail(t, p.command(t, "runtime", "install", "--from", from), "hash differs")
	if groups, _ := list(0); len(groups[2].Missing) != 1 {
		t.Error("a library of another content was installed")
	}
	fake.PutBackend(t, from)
	if r := p.command(t, "runtime", "install", "--from", from); r.code != 0 || r.stdout != "installed "+fake.Backend+"\n" || r.stderr != "" {
		t.Errorf("install: %+v", r)
	}
	if groups, _ := list(0); len(groups[2].Missing) != 0 {
		t.Errorf("groups after it: %+v", groups)
	}
	// It is no library, so no worker can load it: a note, as the CPU answers all the same.
	if r := p.command(t, "doctor", "--listen", "127.0.0.1:0"); r.code != 0 || !strings.Contains(r.stdout, "vulkan could not be used") {
		t.Errorf("doctor: %+v", r)
	}
	if err := os.WriteFile(filepath.Join(p.runtime, fake.Backend), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, problem := list(1); !strings.Contains(problem, fake.Backend) {
		t.Errorf("a damaged library: %q", problem)
	}
	if r := p.command(t, "runtime", "install"); r.code != 2 {
		t.Errorf("without --from: %+v", r)
	}
}

// TestDoctorOfALostGPU: while a server answers on the CPU because its GPU was
// lost, doctor and the API say so.
func TestDoctorOfALostGPU(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "still here"})
	fake.PutBackend(t, p.runtime) // without devices: its driver crashes
	a := p.serve(t)
	a.ready()
	if r := p.command(t, "doctor"); !strings.Contains(r.stdout, "fake answers on CPU (fake)") || !strings.Contains(r.stdout, "The GPU failed, so answers are computed on the CPU") {
		t.Errorf("doctor: %+v", r)
	}
	var hardware struct {
		Status struct {
			GPUReason string `json:"gpu_reason"`
		}
	}
	if a.get("/api/v1/hardware", &hardware); !strings.Contains(hardware.Status.GPUReason, "Vulkan: the worker ended") {
		t.Errorf("hardware: %+v", hardware)
	}
}
