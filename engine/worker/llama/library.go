package llama

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hybridgroup/yzma/pkg/llama"
	"github.com/hybridgroup/yzma/pkg/loader"
	"github.com/hybridgroup/yzma/pkg/utils"
	"github.com/jupiterrider/ffi"
)

// Version is the llama.cpp version whose structures yzma mirrors. Another one
// would read and write the wrong bytes, so it is refused. It moves together
// with yzma in go.mod and the lock in build/runtime.
const Version = "0.5.0"

// ErrLibrary says that the libraries are not there or not the right ones.
var ErrLibrary = errors.New("llama.cpp libraries")

// Library is llama.cpp, loaded into this process once.
type Library struct {
	dir      string
	tokenize ffi.Fun // bound here: yzma's own tokenises twice and ends at a NUL
}

// Open loads the libraries in dir and the backends beside them: ggml takes the
// best CPU variant for this machine, and each GPU backend whose system
// libraries are there.
func Open(dir string) (*Library, error) {
	for _, name := range []string{"libggml.so", "libggml-base.so", "libllama.so"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
		}
	}
	version, tokenize, err := probe(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	// The pinned build calls itself 0.5.0-dev.
	if strings.TrimSuffix(version, "-dev") != Version {
		return nil, fmt.Errorf("%w: version is %q, must be %q", ErrLibrary, version, Version)
	}
	if err := llama.Load(dir); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	llama.LogSet(logCallback())
	llama.Init()
	if llama.GGMLBackendDeviceByType(llama.GGMLBackendDeviceTypeCPU) == 0 {
		return nil, fmt.Errorf("%w: no CPU backend in %s runs on this machine", ErrLibrary, dir)
	}
	return &Library{dir: dir, tokenize: tokenize}, nil
}

// probe binds what must be known before any structure is exchanged.
func probe(dir string) (version string, tokenize ffi.Fun, err error) {
	lib, err := loader.LoadLibrary(dir, "llama")
	if err != nil {
		return "", ffi.Fun{}, err
	}
	fn, err := lib.Prep("llama_version", &ffi.TypePointer)
	if err != nil {
		return "", ffi.Fun{}, err
	}
	var s *byte
	fn.Call(&s)
	tokenize, err = lib.Prep("llama_tokenize", &ffi.TypeSint32, &ffi.TypePointer, &ffi.TypePointer, &ffi.TypeSint32,
		&ffi.TypePointer, &ffi.TypeSint32, &ffi.TypeUint8, &ffi.TypeUint8)
	return utils.BytePtrToString(s), tokenize, err
}

var cpuVariant = regexp.MustCompile(`libggml-cpu-([A-Za-z0-9_.]+)\.so`)

// device names what computes: the first GPU that is used, else the CPU with
// the variant of ggml that was chosen for it.
func (l *Library) device(gpu bool) string {
	if gpu {
		for i := range llama.GGMLBackendDeviceCount() {
			dev := llama.GGMLBackendDeviceGet(i)
			if isGPU(llama.GGMLBackendDevType(dev)) {
				return llama.GGMLBackendDeviceName(dev) + " " + llama.GGMLBackendDeviceDescription(dev)
			}
		}
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if m := cpuVariant.FindSubmatch(maps); err == nil && m != nil {
		return "CPU (" + string(m[1]) + ")"
	}
	return "CPU"
}

func isGPU(t llama.GGMLBackendDeviceType) bool {
	return t == llama.GGMLBackendDeviceTypeGPU || t == llama.GGMLBackendDeviceTypeIGPU
}

// hasGPU says whether a GPU backend found a device.
func (l *Library) hasGPU() bool {
	for i := range llama.GGMLBackendDeviceCount() {
		if isGPU(llama.GGMLBackendDevType(llama.GGMLBackendDeviceGet(i))) {
			return true
		}
	}
	return false
}
