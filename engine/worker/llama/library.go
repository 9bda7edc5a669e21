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
	variant  string  // of the CPU backend, where this package chose it
	tokenize ffi.Fun // bound here: yzma's own tokenises twice and ends at a NUL
}

// Which GPU backends Open loads, instead of the name of one.
const (
	AllGPUs = "all"
	NoGPU   = "none" // no driver comes into this process
)

// Open loads the libraries in dir and the backends beside them: the CPU variant
// that fits this machine best, and of the GPU backends those that gpu names, if
// their system libraries are there.
func Open(dir, gpu string) (*Library, error) {
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
	l := &Library{dir: dir, tokenize: tokenize}
	if gpu == AllGPUs {
		llama.Init()
	} else {
		llama.BackendInit()
		if l.variant, err = loadCPU(dir); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
		}
		if gpu != NoGPU && backendFile.MatchString(gpu) {
			// One that does not load has no devices: the CPU computes then.
			_ = register(dir, filepath.Join(dir, "libggml-"+gpu+".so"))
		}
	}
	if llama.GGMLBackendDeviceByType(llama.GGMLBackendDeviceTypeCPU) == 0 {
		return nil, fmt.Errorf("%w: no CPU backend in %s runs on this machine", ErrLibrary, dir)
	}
	return l, nil
}

// loadCPU loads the variant of the CPU backend that fits this machine best, by
// the scores that they give themselves, and gives its name. ggml would do the
// same and load all GPU backends besides.
func loadCPU(dir string) (string, error) {
	files, _ := filepath.Glob(filepath.Join(dir, "libggml-cpu*.so"))
	best, high := "", int32(0)
	for _, f := range files {
		if s := score(f); s > high {
			best, high = f, s
		}
	}
	if best == "" {
		return "", fmt.Errorf("no CPU backend in %s runs on this machine", dir)
	}
	if err := register(dir, best); err != nil {
		return "", err
	}
	m := cpuVariant.FindStringSubmatch(best)
	if m == nil {
		return "", nil
	}
	return m[1], nil
}

// backendFile is what a backend's name in a file's name may be.
var backendFile = regexp.MustCompile(`^[a-z0-9]{1,20}$`)

// register lets ggml load one backend.
func register(dir, backend string) error {
	ggml, err := loader.LoadLibrary(dir, "ggml")
	if err != nil {
		return err
	}
	load, err := ggml.Prep("ggml_backend_load", &ffi.TypePointer, &ffi.TypePointer)
	if err != nil {
		return err
	}
	path, err := utils.BytePtrFromString(backend)
	if err != nil {
		return err
	}
	var registered uintptr
	load.Call(&registered, &path)
	if registered == 0 {
		return fmt.Errorf("the backend %s does not load", backend)
	}
	return nil
}

// score is how well a backend fits this machine, 0 if it does not.
func score(path string) int32 {
	lib, err := ffi.Load(path)
	if err != nil {
		return 0
	}
	defer lib.Close() //nolint:errcheck // it stays loaded then, which costs little
	fn, err := lib.Prep("ggml_backend_score", &ffi.TypeSint32)
	if err != nil {
		return 0
	}
	var result ffi.Arg
	fn.Call(&result)
	return int32(result)
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

// cpu names the CPU with the variant of ggml that was chosen for it.
func (l *Library) cpu() string {
	if l.variant != "" {
		return "CPU (" + l.variant + ")"
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if m := cpuVariant.FindSubmatch(maps); err == nil && m != nil {
		return "CPU (" + string(m[1]) + ")"
	}
	return "CPU"
}
