package seal

import (
	"os"
	"path/filepath"
	"strings"
)

// This file opens what GPU drivers need, and only where a GPU backend is
// installed: without one a worker sees no device file of a GPU.

// vulkan is the backend that finds its drivers by files.
const vulkan = "vulkan"

// gpuBackends names the GPU backends in a folder of libraries: "vulkan" for
// libggml-vulkan.so.
func gpuBackends(runtimeDir string) []string {
	var names []string
	found, _ := filepath.Glob(filepath.Join(runtimeDir, "libggml-*.so"))
	for _, path := range found {
		name, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), "libggml-"), ".")
		switch family, _, _ := strings.Cut(name, "-"); family {
		case "base", "cpu", "blas", "rpc":
		default:
			names = append(names, family)
		}
	}
	return names
}

// gpuNodes are the device files of GPUs on this machine, none where no backend
// could use them.
func gpuNodes(backends []string) []string {
	if len(backends) == 0 {
		return nil
	}
	var nodes []string
	for _, pattern := range []string{"/dev/nvidia*", "/dev/dri", "/dev/kfd", "/dev/dxg"} {
		found, _ := filepath.Glob(pattern)
		nodes = append(nodes, found...)
	}
	return nodes
}

// gpuRules opens the device files, what drivers read about them, and the list
// of Vulkan drivers. Vulkan's layers stay closed: they are other people's code
// that every program with Vulkan would load.
func gpuRules(backends, nodes []string) []rule {
	var all []rule
	add := func(access uint64, paths ...string) {
		for _, p := range paths {
			all = append(all, rule{p, access})
		}
	}
	for _, name := range backends {
		if name == vulkan {
			add(read, "/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d")
			for _, variable := range []string{"VK_DRIVER_FILES", "VK_ICD_FILENAMES"} { // the two that a worker is given
				add(read, filepath.SplitList(os.Getenv(variable))...)
			}
		}
	}
	if len(nodes) > 0 {
		add(device, nodes...)
		add(read, "/usr/share/glvnd", "/usr/share/drirc.d", "/etc/drirc", "/sys/class/drm",
			"/sys/bus/pci", "/sys/devices", "/sys/dev/char", "/sys/module", "/proc/driver", "/proc/devices", "/proc/modules")
	}
	return all
}
