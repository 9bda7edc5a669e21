package local

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"alcove/engine"
	"alcove/engine/local/fake"
)

func TestCheckRuntime(t *testing.T) {
	here := runtime.GOOS + "/" + runtime.GOARCH
	write := func(name, text string) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
	}
	remove := func(name string) func(string) error {
		return func(dir string) error { return os.Remove(filepath.Join(dir, name)) }
	}
	cases := map[string]struct {
		library, binding, platform string
		change                     func(dir string) error
		code                       engine.Code
		names                      string // stands in the sentence
	}{
		"in order":            {LibraryVersion, BindingVersion, here, nil, "", ""},
		"no lock":             {LibraryVersion, BindingVersion, here, remove("lock.json"), engine.CodeRuntimeMissing, "not there"},
		"lock is not JSON":    {LibraryVersion, BindingVersion, here, write("lock.json", "{"), engine.CodeRuntimeChanged, "lock.json"},
		"library gone":        {LibraryVersion, BindingVersion, here, remove("libllama.so.0"), engine.CodeRuntimeMissing, "libllama.so.0"},
		"library changed":     {LibraryVersion, BindingVersion, here, write("libllama.so.0", "another"), engine.CodeRuntimeChanged, "libllama.so.0"},
		"library cut":         {LibraryVersion, BindingVersion, here, write("libllama.so.0", ""), engine.CodeRuntimeChanged, "libllama.so.0"},
		"link gone":           {LibraryVersion, BindingVersion, here, remove("libllama.so"), engine.CodeRuntimeChanged, "libllama.so"},
		"another llama.cpp":   {"v0.4.9", BindingVersion, here, nil, engine.CodeRuntimeChanged, "v0.4.9"},
		"another binding":     {LibraryVersion, "v1.27.0", here, nil, engine.CodeRuntimeChanged, "v1.27.0"},
		"not for this system": {LibraryVersion, BindingVersion, "plan9/mips", nil, engine.CodeRuntimeMissing, "plan9/mips"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := fake.Runtime(t, c.library, c.binding)
			if c.change != nil {
				if err := c.change(dir); err != nil {
					t.Fatal(err)
				}
			}
			err := checkRuntime(dir, c.platform)
			var e *engine.Error
			if !errors.As(err, &e) {
				e = &engine.Error{}
			}
			if e.Code != c.code || !strings.Contains(e.Message, c.names) {
				t.Errorf("%v, want %s naming %q", err, c.code, c.names)
			}
			if strings.Contains(e.Message, dir) {
				t.Errorf("the sentence tells a path of this machine: %s", e.Message)
			}
		})
	}
}

// The versions here, in go.mod and in the lock of the libraries are one pair.
func TestVersions_Match(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "github.com/hybridgroup/yzma "+BindingVersion+"\n") {
		t.Errorf("go.mod does not have yzma %s", BindingVersion)
	}
	lock, err := os.ReadFile("../../build/runtime/lock.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"llama_cpp": "` + LibraryVersion + `"`, `"yzma": "` + BindingVersion + `"`} {
		if !strings.Contains(string(lock), want) {
			t.Errorf("build/runtime/lock.json does not have %s", want)
		}
	}
}

func TestWorkerEnv(t *testing.T) {
	all := map[string]string{"HOME": "/home/x", "ALCOVE_KEY": "secret", "PATH": "/bin", "CUDA_VISIBLE_DEVICES": "0"}
	env := strings.Join(workerEnv("/lib", func(k string) (string, bool) { v, ok := all[k]; return v, ok }), "\n")
	if !strings.Contains(env, "LD_LIBRARY_PATH=/lib") || !strings.Contains(env, "CUDA_VISIBLE_DEVICES=0") {
		t.Errorf("environment lacks what the worker needs:\n%s", env)
	}
	for _, k := range []string{"HOME", "secret", "PATH=/bin"} {
		if strings.Contains(env, k) {
			t.Errorf("environment has %s:\n%s", k, env)
		}
	}
}

func TestLogTail(t *testing.T) {
	var tail logTail
	tail.read(strings.NewReader(strings.Repeat("line\n", 100)+strings.Repeat("x", 100_000)+"\nlast"), slog.New(slog.DiscardHandler), 1)
	got := tail.lines()
	if len(got) != tailLines || got[len(got)-1] != "last" || len(got[len(got)-2]) != tailWidth {
		t.Errorf("%d lines, the last two %d and %d bytes", len(got), len(got[len(got)-2]), len(got[len(got)-1]))
	}
}
