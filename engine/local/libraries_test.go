package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/wire"
)

const testPlatform = "test/test"

// optionalFiles are the libraries of a test's lock: name to content.
var optionalFiles = map[string]map[string]string{
	"cuda":   {"libggml-cuda.so": "the backend", "libcudart.so.13": "what it stands on"},
	"vulkan": {"libggml-vulkan.so": "another backend"},
}

// lockedFolder is a runtime folder whose lock names optional libraries, none of
// which is there.
func lockedFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	sum := func(text string) string { s := sha256.Sum256([]byte(text)); return hex.EncodeToString(s[:]) }
	optional := map[string]lockGroup{}
	for group, files := range optionalFiles {
		g := lockGroup{Files: map[string]string{}, Bytes: map[string]int64{}}
		for name, text := range files {
			g.Files[name], g.Bytes[name] = sum(text), int64(len(text))
		}
		optional[group] = g
	}
	data, err := json.Marshal(lock{LlamaCpp: LibraryVersion, Yzma: BindingVersion, Platforms: map[string]lockPlatform{
		testPlatform: {Files: map[string]string{"libllama.so.0": sum("llama")}, Optional: optional}}})
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "lock.json", string(data))
	put(t, dir, "libllama.so.0", "llama")
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCheckRuntime_Optional(t *testing.T) {
	dir := lockedFolder(t)
	check := func(code engine.Code, names string) {
		t.Helper()
		err := checkRuntime(dir, testPlatform)
		var e *engine.Error
		if !errors.As(err, &e) {
			e = &engine.Error{}
		}
		if e.Code != code || !strings.Contains(e.Message, names) {
			t.Errorf("%v, want %q naming %q", err, code, names)
		}
	}
	check("", "") // absent is fine
	put(t, dir, "libggml-vulkan.so", "another backend")
	check("", "")
	check("", "") // as remembered
	put(t, dir, "libggml-vulkan.so", "another content")
	check(engine.CodeRuntimeChanged, "libggml-vulkan.so")
	put(t, dir, "libggml-vulkan.so", "")
	check(engine.CodeRuntimeChanged, "optional")
	if err := os.Remove(filepath.Join(dir, "libggml-vulkan.so")); err != nil {
		t.Fatal(err)
	}
	check("", "")
}

func TestInstallLibraries(t *testing.T) {
	cuda, vulkan := optionalFiles["cuda"], optionalFiles["vulkan"]
	cases := map[string]struct {
		from map[string]string // files in the folder
		want []string          // installed, in this order
		err  string            // in the sentence
	}{
		"nothing there": {nil, nil, "no library that is missing"},
		"one group":     {vulkan, []string{"libggml-vulkan.so"}, ""},
		"below, with others": {map[string]string{"a/nvidia/lib/libcudart.so.13": cuda["libcudart.so.13"], "b/libggml-cuda.so": cuda["libggml-cuda.so"], "README": "x"},
			[]string{"libcudart.so.13", "libggml-cuda.so"}, ""}, // the backend last
		"half of a group":             {map[string]string{"libggml-cuda.so": cuda["libggml-cuda.so"]}, nil, "cuda also needs libcudart.so.13"},
		"another content":             {map[string]string{"libggml-vulkan.so": "not it"}, nil, "hash differs"},
		"one of them damaged":         {map[string]string{"libggml-vulkan.so": vulkan["libggml-vulkan.so"], "libcudart.so.13": "cut", "libggml-cuda.so": cuda["libggml-cuda.so"]}, nil, "hash differs"},
		"what is there is not wanted": {map[string]string{"libllama.so.0": "llama"}, nil, "no library that is missing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir, from := lockedFolder(t), t.TempDir()
			for file, text := range c.from {
				put(t, from, file, text)
			}
			before := names(t, dir)
			done, err := installLibraries(t.Context(), dir, from, testPlatform)
			if !slices.Equal(done, c.want) || (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("%v, %v; want %v, %q", done, err, c.want, c.err)
			}
			if err := checkRuntime(dir, testPlatform); err != nil {
				t.Errorf("the folder afterwards: %v", err)
			}
			if after := names(t, dir); len(after) != len(before)+len(c.want) {
				t.Errorf("the folder has %v", after)
			}
			for _, f := range c.want { // the service may be another person
				if info, err := os.Stat(filepath.Join(dir, f)); err != nil || info.Mode().Perm() != 0o644 {
					t.Errorf("%s: %v, %v", f, info.Mode(), err)
				}
			}
			if again, err := installLibraries(t.Context(), dir, from, testPlatform); len(c.want) > 0 && (again != nil || !errors.Is(err, ErrNothingToInstall)) {
				t.Errorf("a second time: %v, %v", again, err)
			}
		})
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// A damaged library is put right, through links too.
func TestInstallLibraries_Repairs(t *testing.T) {
	dir, from := lockedFolder(t), t.TempDir()
	put(t, dir, "libllama.so.0", "damaged")
	put(t, from, "store/x", "llama")
	if err := os.Symlink("store/x", filepath.Join(from, "libllama.so.0")); err != nil {
		t.Fatal(err)
	}
	done, err := installLibraries(t.Context(), dir, from, testPlatform)
	if err != nil || !slices.Equal(done, []string{"libllama.so.0"}) || checkRuntime(dir, testPlatform) != nil {
		t.Errorf("%v, %v", done, err)
	}
	if _, err := installLibraries(t.Context(), dir, filepath.Join(from, "none"), testPlatform); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestGPUReason(t *testing.T) {
	dir := lockedFolder(t)
	bare, err := libraries(dir, testPlatform)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "libggml-vulkan.so", "another backend")
	withVulkan, err := libraries(dir, testPlatform)
	if err != nil {
		t.Fatal(err)
	}
	h100 := hardware.GPU{Name: "NVIDIA H100", Driver: "580.65.06", Vendor: hardware.NVIDIA}
	radeon := hardware.GPU{Name: "AMD GPU 744c", Driver: "amdgpu", Vendor: hardware.AMD}
	undriven, shut := h100, radeon
	undriven.Driver, shut.Closed = "", "/dev/dri/renderD128"
	cases := map[string]struct {
		seen    []hardware.GPU
		groups  []LibraryGroup
		devices []engine.Device
		want    []string // in the sentence; none: no sentence
	}{
		"no GPU":               {nil, bare, nil, nil},
		"NVIDIA, no libraries": {[]hardware.GPU{h100}, bare, nil, []string{"NVIDIA H100 is there, but libggml-cuda.so is not installed", "alcove runtime install --from DIR", "GPU=cuda"}},
		"AMD, no libraries":    {[]hardware.GPU{radeon}, bare, nil, []string{"libggml-vulkan.so is not installed", "GPU=vulkan"}},
		"no driver":            {[]hardware.GPU{undriven}, bare, nil, []string{"no driver is loaded"}},
		"not for us":           {[]hardware.GPU{shut}, bare, nil, []string{"may not use /dev/dri/renderD128", "render"}},
		"finds no device":      {[]hardware.GPU{radeon}, withVulkan, nil, []string{"find no device", "libvulkan.so.1"}},
		"an older lock":        {[]hardware.GPU{h100}, bare[:1], nil, []string{"no GPU libraries are known"}},
		"found, not used":      {[]hardware.GPU{radeon}, withVulkan, []engine.Device{{Name: "Vulkan0"}}, []string{"not chosen"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := GPUReason(c.seen, c.groups, c.devices)
			if (got != "") != (c.want != nil) {
				t.Errorf("%q", got)
			}
			for _, part := range c.want {
				if !strings.Contains(got, part) {
					t.Errorf("%q does not say %q", got, part)
				}
			}
		})
	}
	around := surroundings{seen: []hardware.GPU{h100}, groups: bare}
	if r := (Config{}).gpuReason(around, "", nil, wire.Ready{GPU: true}); r != "" {
		t.Errorf("a GPU is used: %q", r)
	}
	if r := (Config{DeviceOnly: "cpu"}).gpuReason(around, "", nil, wire.Ready{}); r != "" {
		t.Errorf("the CPU is wished: %q", r)
	}
	if r := (Config{}).gpuReason(surroundings{broken: map[string]string{"cuda": "signal: aborted"}}, "", nil, wire.Ready{}); !strings.Contains(r, "signal: aborted") {
		t.Errorf("a driver that crashed: %q", r)
	}
	if r := (Config{}).gpuReason(around, "", nil, wire.Ready{GPUFailed: "CUDA0 NVIDIA H100"}); !strings.Contains(r, "not be loaded onto CUDA0 NVIDIA H100") {
		t.Errorf("a GPU that is full: %q", r)
	}
	if r := (Config{}).gpuReason(around, "", nil, wire.Ready{}); r == "" {
		t.Error("nothing is said of a GPU that is not used")
	}
}
