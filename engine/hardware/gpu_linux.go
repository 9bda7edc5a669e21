package hardware

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// This file finds GPUs in what the kernel lists, without asking a driver: a
// driver may hang, and the server must know what there is all the same.

// pciVendors are the vendors by their PCI number. Others are displays of
// virtual machines and management boards.
var pciVendors = map[string]Vendor{"0x10de": NVIDIA, "0x1002": AMD, "0x8086": Intel}

// nvidiaVersion finds the version in /proc/driver/nvidia/version.
var nvidiaVersion = regexp.MustCompile(`Kernel Module(?: for \S+)?\s+(\d[\d.]*)`)

func readGPUs() []GPU { return seenGPUs("/") }

// seenGPUs lists the GPUs below root, which is "/" but in tests.
func seenGPUs(root string) []GPU {
	var gpus []GPU
	version := ""
	if m := nvidiaVersion.FindStringSubmatch(file(filepath.Join(root, "proc/driver/nvidia/version"))); m != nil {
		version = m[1]
	}
	found, _ := filepath.Glob(filepath.Join(root, "proc/driver/nvidia/gpus/*/information"))
	for _, path := range found {
		g := parseNVIDIA(file(path))
		g.Driver = version
		for _, node := range []string{"dev/nvidiactl", "dev/nvidia" + strconv.Itoa(g.minor)} {
			if g.Closed == "" {
				g.Closed = closed(root, node)
			}
		}
		gpus = append(gpus, g.GPU)
	}
	return append(gpus, pciGPUs(root, len(gpus) > 0)...)
}

// pciGPUs lists the display and compute devices on the PCI bus, without those
// that NVIDIA's driver has told of.
func pciGPUs(root string, nvidiaTold bool) []GPU {
	var gpus []GPU
	found, _ := filepath.Glob(filepath.Join(root, "sys/bus/pci/devices/*"))
	for _, dir := range found {
		read := func(name string) string { return strings.TrimSpace(file(filepath.Join(dir, name))) }
		class := read("class")
		vendor, known := pciVendors[read("vendor")]
		if !known || !strings.HasPrefix(class, "0x03") && !strings.HasPrefix(class, "0x12") || vendor == NVIDIA && nvidiaTold {
			continue
		}
		g := GPU{Name: read("product_name"), Vendor: vendor}
		if g.Name == "" {
			g.Name = string(vendor) + " GPU " + strings.TrimPrefix(read("device"), "0x")
		}
		if target, err := os.Readlink(filepath.Join(dir, "driver")); err == nil {
			g.Driver = filepath.Base(target)
		}
		g.Memory, _ = strconv.ParseInt(read("mem_info_vram_total"), 10, 64) // amdgpu's
		if nodes, _ := filepath.Glob(filepath.Join(dir, "drm/renderD*")); len(nodes) > 0 {
			g.Closed = closed(root, "dev/dri/"+filepath.Base(nodes[0]))
		}
		gpus = append(gpus, g)
	}
	return gpus
}

// nvidiaGPU is what its information file says.
type nvidiaGPU struct {
	GPU
	minor int // of its device file
}

func parseNVIDIA(text string) nvidiaGPU {
	g := nvidiaGPU{GPU: GPU{Name: "NVIDIA GPU", Vendor: NVIDIA}}
	for _, line := range strings.Split(text, "\n") {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "Model":
			if value != "" {
				g.Name = value
			}
		case "GPU UUID":
			g.UUID = value
		case "Device Minor":
			g.minor, _ = strconv.Atoi(value)
		}
	}
	return g
}

// closed is the path of a device file that this process may not use.
func closed(root, node string) string {
	if unix.Access(filepath.Join(root, node), unix.R_OK|unix.W_OK) == nil {
		return ""
	}
	return "/" + node
}
