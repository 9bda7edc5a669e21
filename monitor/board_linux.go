package monitor

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// boardMeter reads temperatures and batteries. Any of them may be slow or hang:
// they are behind small drivers, and behind what firmware does for those.
type boardMeter struct {
	files
	looked  time.Time
	sensors []*thermometer
	asked   time.Time // for the batteries
	power   *Battery
}

// thermometer is one file with a temperature in thousandths of a degree.
type thermometer struct {
	path string
	disk bool
	read time.Time
	last *float64
	Temperature
}

// Disks that are asked often do not go to sleep, and batteries are behind a slow
// controller.
const (
	disksEvery   = 30 * time.Second
	batteryEvery = 5 * time.Second
)

// Chips whose temperatures are of a processor; those of GPUs, which are told of
// with the GPU; and those whose pins need not be connected to anything.
var (
	cpuChips   = []string{"coretemp", "k10temp", "zenpower", "cpu_thermal", "soc_thermal", "via_cputemp", "cpu-thermal", "soc-thermal", "x86_pkg_temp"}
	diskChips  = []string{"nvme", "drivetemp"}
	gpuChips   = []string{"amdgpu", "radeon", "nouveau", "i915", "xe"}
	looseChips = []string{"nct", "it8", "w83", "f71"}
)

func newBoardMeter(a sensorArgs) *boardMeter { return &boardMeter{files: newFiles(a.root)} }

func (m *boardMeter) read(now time.Time) *board {
	if m.looked.IsZero() || now.Sub(m.looked) >= lookAgain {
		m.looked, m.sensors = now, m.look()
	}
	if m.asked.IsZero() || now.Sub(m.asked) >= batteryEvery {
		m.asked, m.power = now, m.battery()
	}
	out := &board{Battery: m.power}
	for _, s := range m.sensors {
		if s.read.IsZero() || !s.disk || now.Sub(s.read) >= disksEvery {
			s.read, s.last = now, m.number(1e-3, s.path)
		}
		if s.last != nil {
			t := s.Temperature
			t.Celsius = *s.last
			out.Temperatures = append(out.Temperatures, t)
		}
	}
	return out
}

// look lists the thermometers, processors first, for the list is cut.
func (m *boardMeter) look() []*thermometer {
	var all []*thermometer
	for _, dir := range m.list("sys/class/hwmon/hwmon*") {
		all = append(all, m.chip(dir)...)
	}
	if len(all) == 0 {
		all = m.zones() // the kernel may be built without the other list
	}
	slices.SortStableFunc(all, func(a, b *thermometer) int {
		switch {
		case a.CPU == b.CPU:
			return 0
		case a.CPU:
			return -1
		}
		return 1
	})
	seen := map[string]int{}
	for i := range all {
		label := all[i].Label
		if seen[label]++; seen[label] > 1 { // two disks of one kind
			all[i].Label += " (" + strconv.Itoa(seen[label]) + ")"
		}
	}
	return all[:min(len(all), maxTemperatures)]
}

// chip lists the thermometers of one chip. Of a processor that tells its whole
// temperature the cores are left out: there may be a hundred.
func (m *boardMeter) chip(dir string) []*thermometer {
	name := m.text(dir, "name")
	loose := slices.ContainsFunc(looseChips, func(p string) bool { return strings.HasPrefix(name, p) })
	if name == "" || loose || slices.Contains(gpuChips, name) {
		return nil
	}
	var out, whole []*thermometer
	inputs, _ := filepath.Glob(filepath.Join(dir, "temp[0-9]*_input")) // the pattern is good
	sortByNumber(inputs)
	for _, input := range inputs {
		base := strings.TrimSuffix(input, "_input")
		label := m.text(base + "_label")
		t := &thermometer{path: input, disk: slices.Contains(diskChips, name), Temperature: Temperature{
			Label: strings.TrimSpace(name + " " + label), CPU: slices.Contains(cpuChips, name), Limit: m.number(1e-3, base+"_crit"),
		}}
		out = append(out, t)
		if t.CPU && (strings.HasPrefix(label, "Package id") || label == "Tctl" || label == "Tdie") {
			whole = append(whole, t)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return out
}

// zones lists the thermometers by which the kernel itself cools.
func (m *boardMeter) zones() []*thermometer {
	var out []*thermometer
	for _, dir := range m.list("sys/class/thermal/thermal_zone*") {
		name := m.text(dir, "type")
		t := &thermometer{path: filepath.Join(dir, "temp"), Temperature: Temperature{Label: name, CPU: slices.Contains(cpuChips, name)}}
		for i := range 8 {
			trip := filepath.Join(dir, "trip_point_"+strconv.Itoa(i))
			if m.text(trip+"_type") == "critical" {
				t.Limit = m.number(1e-3, trip+"_temp")
			}
		}
		if name != "" {
			out = append(out, t)
		}
	}
	return out
}

// battery is all batteries of the machine itself together; a mouse has one too.
func (m *boardMeter) battery() *Battery {
	var mains *bool
	var held, full float64
	states := map[string]bool{}
	for _, dir := range m.list("sys/class/power_supply/*") {
		switch m.text(dir, "type") {
		case "Mains", "USB":
			if online := m.count(dir, "online"); online != nil {
				mains = new(*online == 1 || mains != nil && *mains)
			}
		case "Battery":
			if m.text(dir, "scope") == "Device" {
				continue
			}
			capacity := bounded(m.number(1, dir, "capacity"), 100)
			if capacity == nil {
				continue
			}
			weight := 1.0 // batteries of a kind weigh as much as they can hold
			for _, kind := range []string{"energy_full", "charge_full"} {
				if v := positive(m.number(1, dir, kind), 1e12); v != nil {
					weight = *v
					break
				}
			}
			held, full = held+*capacity*weight, full+weight
			states[batteryState(m.text(dir, "status"))] = true
		}
	}
	if full == 0 {
		return nil
	}
	b := &Battery{Percent: float64(int(10*held/full+0.5)) / 10, Mains: mains, State: BatteryUnknown}
	for _, state := range []string{BatteryDischarging, BatteryCharging, BatteryIdle, BatteryFull} {
		if states[state] {
			b.State = state
			break
		}
	}
	return b
}

// batteryState is the kernel's word in ours.
func batteryState(status string) string {
	switch status {
	case "Charging":
		return BatteryCharging
	case "Discharging":
		return BatteryDischarging
	case "Full":
		return BatteryFull
	case "Not charging":
		return BatteryIdle
	}
	return BatteryUnknown
}
