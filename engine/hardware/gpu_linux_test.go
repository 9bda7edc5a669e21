package hardware

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plant makes files below a folder; a value that begins with "->" is a link.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		var err error
		if len(text) > 2 && text[:2] == "->" {
			err = os.Symlink(text[2:], path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSeenGPUs(t *testing.T) {
	const pci = "sys/bus/pci/devices/"
	nvidia := map[string]string{
		"proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\nGCC version: 12\n",
		"proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 43\n" +
			"GPU UUID: \t GPU-11111111-2222-3333-4444-555555555555\nDevice Minor: \t 2\n",
		pci + "0000:01:00.0/class": "0x030200\n", pci + "0000:01:00.0/vendor": "0x10de\n",
		"dev/nvidiactl": "", "dev/nvidia2": "",
	}
	amd := map[string]string{
		pci + "03/class": "0x030000\n", pci + "03/vendor": "0x1002\n", pci + "03/device": "0x744c\n",
		pci + "03/mem_info_vram_total": "25753026560\n", pci + "03/driver": "->../../../bus/pci/drivers/amdgpu", pci + "03/drm/renderD128/dev": "226:128\n",
		pci + "00/class": "0x030000\n", pci + "00/vendor": "0x1234\n", // a virtual machine's display
		pci + "01/class": "0x020000\n", pci + "01/vendor": "0x8086\n", // a network card
	}
	cases := map[string]struct {
		files map[string]string
		want  []GPU
	}{
		"nothing": {nil, nil},
		"NVIDIA":  {nvidia, []GPU{{Name: "NVIDIA H100 80GB HBM3", UUID: "GPU-11111111-2222-3333-4444-555555555555", Driver: "580.65.06", Vendor: NVIDIA}}},
		"NVIDIA without a driver": {map[string]string{pci + "01/class": "0x030000\n", pci + "01/vendor": "0x10de\n", pci + "01/device": "0x2330\n"},
			[]GPU{{Name: "NVIDIA GPU 2330", Vendor: NVIDIA}}},
		"AMD, not for us": {amd, []GPU{{Name: "AMD GPU 744c", Memory: 25753026560, Driver: "amdgpu", Vendor: AMD, Closed: "/dev/dri/renderD128"}}},
		"nonsense":        {map[string]string{"proc/driver/nvidia/gpus/x/information": "\x00:::\nDevice Minor: many\n"}, []GPU{{Name: "NVIDIA GPU", Vendor: NVIDIA, Closed: "/dev/nvidiactl"}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, seenGPUs(plant(t, c.files))); d != "" {
				t.Error(d)
			}
		})
	}
}
