package monitor

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// tree is what lies below a root, by path. A text that begins with "->" is a
// link, one of the words below something that no sensor should be.
type tree map[string]string

const (
	aFolder   = "(folder)"
	aPipe     = "(pipe)"
	forbidden = "(forbidden)"
)

// plant makes a root of trees; later ones replace files of the earlier.
func plant(t testing.TB, trees ...tree) string {
	t.Helper()
	all := tree{}
	for _, one := range trees {
		maps.Copy(all, one)
	}
	root := t.TempDir()
	for name, text := range all {
		put(t, root, name, text)
	}
	return root
}

// put makes one file of a tree.
func put(t testing.TB, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	switch {
	case err != nil:
	case text == aFolder:
		err = os.MkdirAll(path, 0o700)
	case text == aPipe:
		err = unix.Mkfifo(path, 0o600)
	case text == forbidden:
		err = os.WriteFile(path, []byte("1\n"), 0)
	case len(text) > 2 && text[:2] == "->":
		err = os.Symlink(text[2:], path)
	default:
		err = os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// seconds is a clock of the test's own.
func seconds(n float64) time.Time {
	return time.Unix(1000, 0).Add(time.Duration(n * float64(time.Second)))
}

// proc is a machine of two processors, at a moment.
func proc(device string, second int) tree {
	n := second * 100
	return tree{
		"proc/stat": fmt.Sprintf("cpu  %d 0 0 %d 0 0 0 0 0 0\ncpu0 %d 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 %d 0 0 0 0 0 0\nintr 5\n", n, n, n, n),
		"proc/meminfo": "MemTotal: 16000000 kB\nMemFree: 1000000 kB\nMemAvailable: 12000000 kB\nBuffers: 0 kB\nCached: 0 kB\n" +
			"SwapTotal: 2000000 kB\nSwapFree: 500000 kB\n",
		"proc/vmstat":          fmt.Sprintf("nr_free_pages 5\npswpin %d\npswpout %d\n", 10*second, 20*second),
		"proc/loadavg":         "1.50 0.75 0.25 2/300 4567\n",
		"proc/pressure/cpu":    "some avg10=12.50 avg60=0.00 avg300=0.00 total=1\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=0\n",
		"proc/pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n",
		"proc/diskstats": fmt.Sprintf("%s sda1 1 0 %d 1 1 0 %d 1 0 0 0\n", device, 2*second, 4*second) +
			fmt.Sprintf("  7       0 loop0 1 0 %d 1 1 0 %d 1 0 0 0\n 8 16 sdb 1 0 %d 1 1 0 %d 1 0 0 0\n", 1000*second, 1000*second, 10*second, 20*second),
		"proc/net/dev": "Inter-|   Receive\n face |bytes    packets\n" +
			fmt.Sprintf("    lo: %d 0 0 0 0 0 0 0 %d 0 0 0 0 0 0 0\n", 9999*second, 9999*second) +
			fmt.Sprintf("  eth0:%d 0 0 0 0 0 0 0 %d 0 0 0 0 0 0 0\n", 1000*second, 500*second) +
			fmt.Sprintf("  br0: %d 0 0 0 0 0 0 0 %d 0 0 0 0 0 0 0\n", 1000*second, 500*second),
		"sys/block/sdb/size":   "1",
		"sys/block/loop0/size": "1",
	}
}

// deviceOf is the device number of a folder as /proc/diskstats writes it.
func deviceOf(t *testing.T, folder string) string {
	t.Helper()
	var s unix.Stat_t
	if err := unix.Stat(folder, &s); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%4d %7d", unix.Major(s.Dev), unix.Minor(s.Dev))
}

func TestMachineMeter(t *testing.T) {
	folder := t.TempDir()
	frequency := tree{
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "2000000\n", "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": "3500000\n",
		"sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq": "3000000\n", "sys/devices/system/cpu/cpufreq/policy0": aFolder,
	}
	root := plant(t, proc(deviceOf(t, folder), 1), frequency)
	m, disk := newMachineMeter(sensorArgs{root: root}), newDiskMeter(sensorArgs{root: root, disk: folder})
	first := m.read(seconds(1))
	if first.CPU != nil || first.Network != nil || first.Memory == nil || first.Swap == nil {
		t.Errorf("the first reading: %+v", first)
	}
	if d := disk.read(seconds(1)).Disk; d.Read != nil || d.Total == 0 {
		t.Errorf("the first reading: %+v", d)
	}
	for name, text := range proc(deviceOf(t, folder), 3) {
		put(t, root, name, text)
	}
	got := m.read(seconds(3))
	page := float64(os.Getpagesize())
	want := &machine{
		CPU: &CPU{
			Percent: 50, Cores: []float64{100, 0}, Frequency: new(2.5e9), FrequencyMax: new(3.5e9),
			Load: &Load{1.5, 0.75, 0.25}, Pressure: &Pressure{CPU: new(12.5), Memory: new(0.0)},
		},
		Memory:  &Memory{Total: 16000000 << 10, Used: 4000000 << 10},
		Swap:    &Swap{Total: 2000000 << 10, Used: 1500000 << 10, In: new(10 * page), Out: new(20 * page)},
		Network: &Network{Receive: 2000, Transmit: 1000},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	d := disk.read(seconds(3)).Disk
	if d := cmp.Diff(&Disk{Total: d.Total, Free: d.Free, Read: new(1024.0), Write: new(2048.0)}, d); d != "" {
		t.Error(d)
	}
	all := reading{Machine: got, Space: &space{d}}
	if d := cmp.Diff(all, all.plausible()); d != "" {
		t.Error(d)
	}

	// A bridge over the one hardware interface is not counted again; a data
	// folder on a device that the kernel does not count gets all disks.
	put(t, root, "sys/class/net/eth0/device", aFolder)
	elsewhere := plant(t, proc("99 99", 1))
	other := newDiskMeter(sensorArgs{root: elsewhere, disk: folder})
	other.read(seconds(1))
	for name, text := range proc("99 99", 2) {
		put(t, root, name, text)
		put(t, elsewhere, name, text)
	}
	if m.read(seconds(4)); m.nets.before["br0"] != [2]uint64{} || len(m.nets.before) != 1 {
		t.Errorf("%v is counted", m.nets.before)
	}
	if d := other.read(seconds(2)).Disk; d.Read == nil || *d.Read != 10*512 || *d.Write != 20*512 || !d.All {
		t.Errorf("%+v", d)
	}
}

func TestMachineMeter_NothingAndNonsense(t *testing.T) {
	nonsense := tree{}
	for name := range proc("8 1", 1) {
		nonsense[name] = "\x00\xff:: 1 -5 99999999999999999999999 x avg10=some some avg10=99999e99 "
	}
	folders := tree{}
	closed := tree{}
	for name := range proc("8 1", 1) {
		folders[name], closed[name] = aFolder, forbidden
	}
	for name, root := range map[string]string{
		"nothing": t.TempDir(), "nonsense": plant(t, nonsense), "folders": plant(t, folders), "forbidden": plant(t, closed),
	} {
		m, disk := newMachineMeter(sensorArgs{root: root}), newDiskMeter(sensorArgs{root: root, disk: t.TempDir()})
		for i := range 3 {
			got := *reading{Machine: m.read(seconds(float64(i)))}.plausible().Machine
			if d := disk.read(seconds(float64(i))).Disk; d == nil || d.Read != nil {
				t.Errorf("%s: disk %+v", name, d)
			}
			if got != (machine{}) {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

func TestMountSource(t *testing.T) {
	const info = "22 27 0:21 / /proc rw - proc proc rw\n27 1 0:42 /@home /home rw,relatime shared:1 - btrfs /dev/nvme0n1p2 rw,subvol=/@home\nnonsense\n - \n"
	for id, want := range map[string]string{"0:42": "/dev/nvme0n1p2", "0:21": "proc", "9:9": ""} {
		if got := mountSource(info, id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func TestBoardMeter(t *testing.T) {
	const hw = "sys/class/hwmon/hwmon"
	laptop := tree{
		hw + "0/name": "acpitz\n", hw + "0/temp1_input": "27800\n",
		hw + "1/name": "nvme\n", hw + "1/temp1_input": "35850\n", hw + "1/temp1_label": "Composite\n", hw + "1/temp1_crit": "84850\n",
		hw + "2/name": "coretemp\n", hw + "2/temp1_input": "55000\n", hw + "2/temp1_label": "Package id 0\n", hw + "2/temp1_crit": "100000\n",
		hw + "2/temp2_input": "54000\n", hw + "2/temp2_label": "Core 0\n",
		hw + "3/name": "nct6775\n", hw + "3/temp1_input": "127000\n", // its pin is connected to nothing
		hw + "4/name": "amdgpu\n", hw + "4/temp1_input": "60000\n", // told of with the GPU
		hw + "10/name": "nvme\n", hw + "10/temp1_input": "40000\n", hw + "10/temp1_label": "Composite\n",
		"sys/class/power_supply/AC/type": "Mains\n", "sys/class/power_supply/AC/online": "0\n",
		"sys/class/power_supply/BAT0/type": "Battery\n", "sys/class/power_supply/BAT0/capacity": "80\n", "sys/class/power_supply/BAT0/status": "Discharging\n", "sys/class/power_supply/BAT0/energy_full": "30000000\n",
		"sys/class/power_supply/BAT1/type": "Battery\n", "sys/class/power_supply/BAT1/capacity": "20\n", "sys/class/power_supply/BAT1/status": "Full\n", "sys/class/power_supply/BAT1/energy_full": "10000000\n",
		"sys/class/power_supply/mouse/type": "Battery\n", "sys/class/power_supply/mouse/scope": "Device\n", "sys/class/power_supply/mouse/capacity": "5\n",
	}
	zones := tree{
		"sys/class/thermal/thermal_zone0/type": "cpu-thermal\n", "sys/class/thermal/thermal_zone0/temp": "48312\n",
		"sys/class/thermal/thermal_zone0/trip_point_1_type": "critical\n", "sys/class/thermal/thermal_zone0/trip_point_1_temp": "110000\n",
	}
	broken := tree{
		hw + "0/name": "k10temp\n", hw + "0/temp1_input": "warm\n", hw + "0/temp2_input": aFolder, hw + "0/temp3_input": forbidden,
		hw + "0/temp4_input": "99999999999999999999\n", hw + "0/temp5_input": "-40000\n", hw + "1/name": aFolder, hw + "2": "a file",
		"sys/class/power_supply/BAT0/type": "Battery\n", "sys/class/power_supply/BAT0/capacity": "-3\n", "sys/class/power_supply/BAT1": aFolder,
	}
	for name, c := range map[string]struct {
		files tree
		want  board
	}{
		"nothing": {nil, board{}},
		"laptop": {laptop, board{
			Temperatures: []Temperature{
				{Label: "coretemp Package id 0", CPU: true, Celsius: 55, Limit: new(100.0)}, {Label: "acpitz", Celsius: 27.8},
				{Label: "nvme Composite", Celsius: 35.85, Limit: new(84.85)}, {Label: "nvme Composite (2)", Celsius: 40},
			},
			Battery: &Battery{Percent: 65, State: BatteryDischarging, Mains: new(false)},
		}},
		"small board": {zones, board{Temperatures: []Temperature{{Label: "cpu-thermal", CPU: true, Celsius: 48.312, Limit: new(110.0)}}}},
		"charging": {tree{
			"sys/class/power_supply/usb/type": "USB\n", "sys/class/power_supply/usb/online": "1\n",
			"sys/class/power_supply/BAT0/type": "Battery\n", "sys/class/power_supply/BAT0/capacity": "80\n", "sys/class/power_supply/BAT0/status": "Not charging\n",
		}, board{Battery: &Battery{Percent: 80, State: BatteryIdle, Mains: new(true)}}},
		"broken": {broken, board{}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newBoardMeter(sensorArgs{root: plant(t, c.files)})
			got := *reading{Board: m.read(seconds(1))}.plausible().Board
			if name == "broken" && os.Getuid() == 0 && len(got.Temperatures) == 1 {
				got.Temperatures = nil // nothing is forbidden to root
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Disks are let sleep: they are asked seldom, the others each time.
func TestBoardMeter_DisksAreAskedSeldom(t *testing.T) {
	const hw = "sys/class/hwmon/hwmon"
	root := plant(t, tree{hw + "0/name": "nvme\n", hw + "0/temp1_input": "30000\n", hw + "1/name": "k10temp\n", hw + "1/temp1_input": "40000\n"})
	m := newBoardMeter(sensorArgs{root: root})
	m.read(seconds(0))
	put(t, root, hw+"0/temp1_input", "31000\n")
	put(t, root, hw+"1/temp1_input", "41000\n")
	for at, want := range map[float64]float64{1: 30, 29: 30} {
		if got := m.read(seconds(at)).Temperatures; len(got) != 2 || got[0].Celsius != 41 || got[1].Celsius != want {
			t.Errorf("after %v s: %+v", at, got)
		}
	}
	if got := m.read(seconds(31)).Temperatures; got[1].Celsius != 31 {
		t.Errorf("%+v", got)
	}
}

// The real child, with files that JSON has no words for and lines that are too
// long: it goes on.
func TestMonitor_NonsenseInTheKernelsFiles(t *testing.T) {
	root := plant(t, apu, proc("8 1", 1), tree{
		"sys/class/hwmon/hwmon0/name": "k10temp\n", "sys/class/hwmon/hwmon0/temp1_input": "NaN\n", "sys/class/hwmon/hwmon0/temp2_input": "Inf\n",
		"sys/class/hwmon/hwmon0/temp3_input": "50000\n", "sys/class/hwmon/hwmon0/temp3_label": strings.Repeat("x", 300_000),
		drm + "card0/device/product_name": strings.Repeat("y", 300_000), drm + "card0/device/gpu_busy_percent": "NaN\n",
		"proc/loadavg": "NaN Inf -Inf 1/2 3\n",
	})
	m := start(t, Config{Sensors: sensors(t, t.TempDir()), Disk: t.TempDir(), root: root})
	s := until(t, m, "what makes sense", func(s Sample) bool {
		return len(s.GPUs) == 1 && s.Memory != nil && len(s.Temperatures) == 1 && s.Unavailable == nil
	})
	if s.GPUs[0].Utilization != nil || len(s.GPUs[0].Name) != maxText || len(s.Temperatures[0].Label) != maxText {
		t.Errorf("%+v", s)
	}
}

// Sensors that may read nothing say nothing, and go on.
func TestSensors_PermissionDenied(t *testing.T) {
	root := plant(t, apu, proc("8 1", 1), tree{"sys/class/hwmon/hwmon0/name": "k10temp\n", "sys/class/hwmon/hwmon0/temp1_input": "50000\n"})
	cmd := exec.Command("/proc/self/exe", append([]string{"sensors"}, sensorArgs{every: 10 * time.Millisecond, gpuAfter: -1, root: root}.list()...)...)
	cmd.Env = []string{"LD_LIBRARY_PATH=" + t.TempDir()}
	if os.Getuid() == 0 { // to whom nothing is forbidden; the root's folder is closed to others
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	} else if err := os.Chmod(root, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(root, 0o700) }) //nolint:errcheck // or it cannot be removed
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("another user's program cannot be started here: %v", err)
	}
	said := map[string]int{}
	for lines := bufio.NewScanner(out); lines.Scan() && (said["machine"] < 3 || said["cards"] < 3 || said["board"] < 3); {
		var r reading
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Errorf("%v: %s", err, lines.Text())
		}
		switch {
		case r.Machine != nil:
			said["machine"]++
			if *r.Machine != (machine{}) {
				t.Errorf("%s", lines.Text())
			}
		case r.Cards != nil:
			said["cards"]++
			if len(r.Cards.GPUs) > 0 {
				t.Errorf("%s", lines.Text())
			}
		case r.Board != nil:
			said["board"]++
			if len(r.Board.Temperatures) > 0 {
				t.Errorf("%s", lines.Text())
			}
		}
	}
	in.Close()
	if err := cmd.Wait(); err != nil || said["board"] < 3 {
		t.Errorf("%v, %v", err, said)
	}
}
