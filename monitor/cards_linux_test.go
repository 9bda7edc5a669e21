package monitor

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Places of cards. The first is behind two bridges of its own.
const (
	onBus = "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0/"
	above = "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/"
	drm   = "sys/class/drm/"
)

// amdCard is a discrete one as amdgpu shows it.
var amdCard = tree{
	drm + "card1/device": "->../../../../" + onBus, drm + "card1-HDMI-A-1/status": "connected\n",
	onBus + "vendor": "0x1002\n", onBus + "device": "0x744c\n", onBus + "driver": "->../../../../../../bus/pci/drivers/amdgpu", onBus + "unique_id": "9c1c3b5e1f2d4a60\n",
	onBus + "product_name": "Radeon RX 7900 XTX\n",
	above + "vendor":       "0x1002\n", above + "0000:02:00.0/vendor": "0x1002\n", above + "current_link_speed": "16.0 GT/s PCIe\n", above + "current_link_width": "16\n",
	"sys/devices/pci0000:00/0000:00:01.0/vendor": "0x1022\n",
	onBus + "current_link_speed":                 "2.5 GT/s PCIe\n", onBus + "current_link_width": "1\n",
	onBus + "gpu_busy_percent": "97\n", onBus + "mem_busy_percent": "45\n",
	onBus + "mem_info_vram_total": "25753026560\n", onBus + "mem_info_vram_used": "20000000000\n", onBus + "mem_info_gtt_total": "16000000000\n", onBus + "mem_info_gtt_used": "1000000\n",
	onBus + "pp_dpm_sclk": "0: 500Mhz\n1: 2100Mhz *\n2: 2526Mhz\n", onBus + "pp_dpm_mclk": "0: 96Mhz *\n1: 1249Mhz\n",
	onBus + "ras/umc_err_count":     "ue: 0\nce: 12\n",
	onBus + "hwmon/hwmon7/name":     "amdgpu\n",
	onBus + "hwmon/hwmon7/in0_name": "x", onBus + "hwmon/hwmon7/temp1_input": "71000\n", onBus + "hwmon/hwmon7/temp1_crit": "100000\n", onBus + "hwmon/hwmon7/temp2_input": "88000\n",
	onBus + "hwmon/hwmon7/power1_average": "301000000\n", onBus + "hwmon/hwmon7/power1_cap": "339000000\n", onBus + "hwmon/hwmon7/freq1_input": "2480000000\n", onBus + "hwmon/hwmon7/freq2_input": "1249000000\n",
	onBus + "hwmon/hwmon7/pwm1": "102\n", onBus + "power/runtime_status": "active\n",
}

// apu is a GPU inside a processor: little memory of its own.
var apu = tree{
	drm + "card0/device/vendor": "0x1002\n", drm + "card0/device/device": "0x15bf\n", drm + "card0/device/driver": "->../../../../bus/pci/drivers/amdgpu",
	drm + "card0/device/gpu_busy_percent": "3\n", drm + "card0/device/mem_info_vram_total": "536870912\n", drm + "card0/device/mem_info_vram_used": "300000000\n",
	drm + "card0/device/mem_info_gtt_total": "15000000000\n", drm + "card0/device/mem_info_gtt_used": "9000000000\n", drm + "card0/device/pp_dpm_sclk": "0: 800Mhz *\n1: 2700Mhz \n",
	drm + "card0/device/hwmon/hwmon3/temp1_input": "45000\n", drm + "card0/device/hwmon/hwmon3/power1_input": "9000000\n", drm + "card0/device/current_link_width": "0\n",
}

// xeCard is an Arc as xe shows it.
var xeCard = tree{
	drm + "card0/device/vendor": "0x8086\n", drm + "card0/device/device": "0xe20b\n", drm + "card0/device/driver": "->../../../../bus/pci/drivers/xe",
	drm + "card0/device/tile0/gt0/gtidle/idle_residency_ms": "1000\n", drm + "card0/device/tile0/gt0/freq0/act_freq": "2850\n", drm + "card0/device/tile0/gt0/freq0/rp0_freq": "2850\n",
	drm + "card0/device/tile0/gt0/freq0/throttle/status": "1\n", drm + "card0/device/tile0/gt0/freq0/throttle/reason_pl1": "1\n", drm + "card0/device/tile0/gt0/freq0/throttle/reason_pl2": "1\n",
	drm + "card0/device/tile0/gt0/freq0/throttle/reason_thermal": "1\n", drm + "card0/device/tile0/gt0/freq0/throttle/reason_prochot": "0\n",
	drm + "card0/device/hwmon/hwmon4/name": "xe\n", drm + "card0/device/hwmon/hwmon4/temp2_input": "62000\n", drm + "card0/device/hwmon/hwmon4/temp2_crit": "105000\n",
	drm + "card0/device/hwmon/hwmon4/energy1_input": "1000000\n", drm + "card0/device/hwmon/hwmon4/power1_max": "190000000\n",
	drm + "card0/device/hwmon/hwmon4/fan1_input": "1200\n",
}

// iGPU is one inside a processor as i915 shows it.
var iGPU = tree{
	drm + "card0/device/vendor": "0x8086\n", drm + "card0/device/device": "0x46a6\n", drm + "card0/device/driver": "->../../../bus/pci/drivers/i915",
	drm + "card0/gt_act_freq_mhz": "450\n", drm + "card0/gt_RP0_freq_mhz": "1400\n", drm + "card0/power/rc6_residency_ms": "5000\n",
	drm + "card0/gt/gt0/throttle_reason_status": "0\n", drm + "card0/gt/gt0/throttle_reason_pl1": "0\n",
}

// others are cards that are not read: NVIDIA's with its driver, and the display
// of a virtual machine.
var others = tree{
	drm + "card5/device/vendor": "0x10de\n", drm + "card5/device/driver": "->../../../bus/pci/drivers/nvidia", drm + "card5/device/gpu_busy_percent": "5\n",
	drm + "card6/device/vendor": "0x1234\n", drm + "renderD128/device/vendor": "0x1002\n", drm + "version": "drm 1.1.0\n",
}

func bytes64(n int64) *int64 { return &n }

func TestCardMeter(t *testing.T) {
	nouveau := tree{
		drm + "card0/device/vendor": "0x10de\n", drm + "card0/device/device": "0x1b80\n", drm + "card0/device/driver": "->../drivers/nouveau", drm + "card0/device/hwmon/hwmon1/temp1_input": "40000\n",
	}
	for name, c := range map[string]struct {
		before, after tree // what changes in two seconds
		want          []GPU
	}{
		"nothing":       {nil, nil, nil},
		"other drivers": {others, nil, nil},
		"AMD": {amdCard, nil, []GPU{{
			UUID: "GPU-9c1c3b5e1f2d4a60", Name: "Radeon RX 7900 XTX", Vendor: vendorAMD, PCI: "0000:03:00.0", Utilization: new(97.0), MemoryUtilization: new(45.0),
			MemoryTotal: bytes64(25753026560), MemoryUsed: bytes64(20e9), SharedTotal: bytes64(16e9), SharedUsed: bytes64(1e6), Temperature: new(71.0), TemperatureLimit: new(100.0), Fan: new(40.0),
			Power: new(301.0), PowerLimit: new(339.0), Clock: new(2.48e9), ClockMax: new(2.526e9), MemoryClock: new(1.249e9), ECCCorrected: bytes64(12), ECCUncorrected: bytes64(0),
			PCIeGeneration: bytes64(4), PCIeWidth: bytes64(16),
		}}},
		"AMD in a processor": {apu, nil, []GPU{{
			Name: "AMD GPU 15bf", Vendor: vendorAMD, Utilization: new(3.0), MemoryTotal: bytes64(536870912), MemoryUsed: bytes64(3e8), SharedTotal: bytes64(15e9), SharedUsed: bytes64(9e9),
			Temperature: new(45.0), Power: new(9.0), Clock: new(8e8), ClockMax: new(2.7e9),
		}}},
		"Arc": {xeCard, tree{drm + "card0/device/tile0/gt0/gtidle/idle_residency_ms": "1500\n", drm + "card0/device/hwmon/hwmon4/energy1_input": "301000000\n"}, []GPU{{
			Name: "Intel GPU e20b", Vendor: vendorIntel, Utilization: new(75.0), Temperature: new(62.0), TemperatureLimit: new(105.0), Power: new(150.0), PowerLimit: new(190.0),
			Clock: new(2.85e9), ClockMax: new(2.85e9), Throttle: []string{ThrottlePower, ThrottleThermalHard},
		}}},
		"Intel in a processor": {iGPU, tree{drm + "card0/power/rc6_residency_ms": "7001\n"}, []GPU{{
			Name: "Intel GPU 46a6", Vendor: vendorIntel, Utilization: new(0.0), Clock: new(4.5e8), ClockMax: new(1.4e9), Throttle: []string{},
		}}},
		"nouveau": {nouveau, nil, []GPU{{Name: "NVIDIA GPU 1b80", Vendor: vendorNVIDIA, Temperature: new(40.0)}}},
		"asleep":  {amdCard, tree{onBus + "power/runtime_status": "suspended\n"}, []GPU{{UUID: "GPU-9c1c3b5e1f2d4a60", Name: "Radeon RX 7900 XTX", Vendor: vendorAMD, PCI: "0000:03:00.0"}}},
	} {
		t.Run(name, func(t *testing.T) {
			root := plant(t, c.before)
			m := newCardMeter(sensorArgs{root: root})
			m.read(seconds(1))
			for name, text := range c.after {
				put(t, root, name, text)
			}
			got := reading{Cards: m.read(seconds(3))}.plausible().Cards
			if d := cmp.Diff(&driver{GPUs: c.want}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// A card whose vendor cannot be read just then has no parent of the same one.
func TestCardMeter_LanesOfACardThatGoes(t *testing.T) {
	root := plant(t, tree{"sys/current_link_width": "16\n"})
	var g GPU
	newCardMeter(sensorArgs{root: root}).lanes(&card{device: root + "/sys"}, &g)
	if g.PCIeWidth == nil || *g.PCIeWidth != 16 || g.PCIeGeneration != nil {
		t.Errorf("%+v", g)
	}
}

// Every file of every card is broken in every way; what is left is bounded, and
// the card is still named.
func TestCardMeter_BrokenFiles(t *testing.T) {
	for place, card := range map[string]tree{"AMD": amdCard, "APU": apu, "Arc": xeCard, "iGPU": iGPU} {
		for _, text := range []string{"\x00\xff garbage: 5: *\n", "-1\n", "99999999999999999999999999\n", "1e308\n", "NaN\n", "", aFolder, forbidden} {
			broken := tree{}
			for name, was := range card {
				if base := filepath.Base(name); base == "vendor" || base == "driver" || len(was) > 2 && was[:2] == "->" {
					broken[name] = was
				} else {
					broken[name] = text
				}
			}
			m := newCardMeter(sensorArgs{root: plant(t, broken)})
			m.read(seconds(1))
			got := reading{Cards: m.read(seconds(2))}.plausible()
			if len(got.Cards.GPUs) != 1 || got.Cards.GPUs[0].Vendor == "" {
				t.Errorf("%s of %q: %+v", place, text, got.Cards)
				continue
			}
			checkBounds(t, reflect.ValueOf(got), place)
			g := got.Cards.GPUs[0]
			if text == forbidden && os.Getuid() == 0 {
				continue // nothing is forbidden to root
			}
			if g.Temperature != nil || g.Power != nil || g.MemoryTotal != nil || g.Utilization != nil || g.Clock != nil || g.Fan != nil || g.PCIeWidth != nil {
				t.Errorf("%s of %q: %+v", place, text, g)
			}
		}
	}
}

func TestCardMeter_LostAndBack(t *testing.T) {
	root := plant(t, amdCard)
	m := newCardMeter(sensorArgs{root: root})
	if got := m.read(seconds(1)).GPUs; len(got) != 1 || got[0].Error != "" {
		t.Fatalf("%+v", got)
	}
	away := filepath.Join(root, "away")
	if err := os.Rename(filepath.Join(root, onBus), away); err != nil {
		t.Fatal(err)
	}
	for _, at := range []float64{2, 100, 1000} { // it is looked for, and stays
		got := m.read(seconds(at)).GPUs
		if len(got) != 1 || got[0].Error != "GPU is lost" || got[0].Temperature != nil || got[0].Name != "Radeon RX 7900 XTX" {
			t.Errorf("%+v", got)
		}
	}
	if err := os.Rename(away, filepath.Join(root, onBus)); err != nil {
		t.Fatal(err)
	}
	if got := m.read(seconds(2000)).GPUs; len(got) != 1 || got[0].Error != "" || got[0].Temperature == nil {
		t.Errorf("%+v", got)
	}
}

// The data folder's disk that hangs takes no figure of the machine away, and
// kills nothing. A pipe in place of its counters plays it.
func TestMonitor_ADiskThatHangs(t *testing.T) {
	root := plant(t, proc("8 1", 1))
	m := start(t, Config{Sensors: sensors(t, t.TempDir()), Disk: t.TempDir(), root: root})
	all := func(s Sample) bool { return s.Disk != nil && s.Memory != nil && s.Unavailable == nil }
	until(t, m, "everything", all)
	stats := filepath.Join(root, "proc/diskstats")
	if err := os.Remove(stats); err != nil {
		t.Fatal(err)
	}
	put(t, root, "proc/diskstats", aPipe)
	until(t, m, "a disk that hangs, and all else", func(s Sample) bool {
		return why(s, SourceDisk) == ReasonNoAnswer && len(s.Unavailable) == 1 && s.Disk == nil && s.Memory != nil
	})
	pipe, err := os.OpenFile(stats, os.O_RDWR, 0) // a writer: the read goes on
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(stats); err != nil {
		t.Fatal(err)
	}
	put(t, root, "proc/diskstats", "")
	pipe.Close()
	until(t, m, "the disk is back", all)
}

// A file of the kernel that hangs costs its source, and no other. Nothing is
// killed; when it ends, the source is back.
func TestMonitor_AReadThatHangs(t *testing.T) {
	root := plant(t, apu, proc("8 1", 1), tree{"sys/class/hwmon/hwmon0/name": "k10temp\n", "sys/class/hwmon/hwmon0/temp1_input": "50000\n"})
	m := start(t, Config{Sensors: sensors(t, t.TempDir()), Disk: t.TempDir(), root: root})
	all := func(s Sample) bool {
		return len(s.GPUs) == 1 && s.Memory != nil && len(s.Temperatures) == 1 && s.Unavailable == nil
	}
	until(t, m, "everything", all)

	busy := filepath.Join(root, drm, "card0/device/gpu_busy_percent")
	if err := os.Remove(busy); err != nil {
		t.Fatal(err)
	}
	put(t, root, drm+"card0/device/gpu_busy_percent", aPipe)
	until(t, m, "a card that hangs, and all else", func(s Sample) bool {
		return why(s, SourceCards) == ReasonNoAnswer && len(s.Unavailable) == 1 && s.GPUs == nil && s.Memory != nil && len(s.Temperatures) == 1
	})
	pipe, err := os.OpenFile(busy, os.O_RDWR, 0) // a writer: the read goes on
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(busy); err != nil {
		t.Fatal(err)
	}
	put(t, root, drm+"card0/device/gpu_busy_percent", "55\n")
	pipe.Close()
	s := until(t, m, "the card is back", all)
	if u := s.GPUs[0].Utilization; u != nil && *u != 55 {
		t.Errorf("%v", *u)
	}
}
