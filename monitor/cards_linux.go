package monitor

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cardMeter reads what the kernel's files say of GPUs whose driver has no
// library that we ask: AMD's, Intel's, and NVIDIA's without its own driver. A
// read may hang in the kernel's driver, as long as the GPU does.
type cardMeter struct {
	files
	looked time.Time
	cards  []*card
}

// card is one GPU and where its files are.
type card struct {
	fixed       GPU // what does not change
	dir, device string
	hwmon       string
	idle        string   // a file: milliseconds that it has slept
	asleep      counters // of them
	used        counters // of millionths of a joule
}

// cardName leaves out the connectors of displays: card0-HDMI-A-1.
var cardName = regexp.MustCompile(`/card\d+$`)

// cardVendors are vendors by their number on the bus. Others are displays of
// virtual machines and of management boards.
var cardVendors = map[string]struct{ vendor, name string }{
	"0x1002": {vendorAMD, "AMD"}, "0x8086": {vendorIntel, "Intel"}, "0x10de": {vendorNVIDIA, "NVIDIA"},
}

func newCardMeter(a sensorArgs) *cardMeter { return &cardMeter{files: newFiles(a.root)} }

// read reads each card that is there, or was.
func (m *cardMeter) read(now time.Time) *driver {
	if m.looked.IsZero() || now.Sub(m.looked) >= lookAgain {
		m.looked = now
		m.look()
	}
	out := &driver{}
	for _, c := range m.cards {
		out.GPUs = append(out.GPUs, m.card(c, now))
	}
	return out
}

// look finds new cards, and the files of all. A card that was seen stays: a GPU
// that falls off its bus is lost, not absent.
func (m *cardMeter) look() {
	known := map[string]*card{}
	for _, c := range m.cards {
		known[c.device] = c
	}
	for _, dir := range m.list("sys/class/drm/card*") {
		if !cardName.MatchString(dir) {
			continue
		}
		device := filepath.Join(dir, "device")
		if real, err := filepath.EvalSymlinks(device); err == nil {
			device = real
		}
		driver, err := os.Readlink(filepath.Join(device, "driver"))
		vendor, ours := cardVendors[m.text(device, "vendor")]
		if !ours || err == nil && filepath.Base(driver) == "nvidia" {
			continue // NVIDIA's library tells of that
		}
		c := known[device]
		if c == nil && len(m.cards) < maxGPUs {
			c = &card{device: device, fixed: GPU{Vendor: vendor.vendor, Name: m.text(device, "product_name")}}
			if c.fixed.Name == "" {
				c.fixed.Name = vendor.name + " GPU " + strings.TrimPrefix(m.text(device, "device"), "0x")
			}
			if id := m.text(device, "unique_id"); id != "" {
				c.fixed.UUID = "GPU-" + id
			}
			if base := filepath.Base(device); strings.Contains(base, ":") {
				c.fixed.PCI = base
			}
			m.cards = append(m.cards, c)
		}
		if c != nil {
			m.find(c, dir)
		}
	}
}

// find finds a card's files, whose places change when its driver is loaded anew.
func (m *cardMeter) find(c *card, dir string) {
	c.dir, c.hwmon, c.idle = dir, "", ""
	for _, hwmon := range below(c.device, "hwmon/hwmon*") {
		if c.hwmon == "" || m.has(hwmon, "temp1_input") {
			c.hwmon = hwmon
		}
	}
	for _, idle := range []string{
		filepath.Join(c.device, "tile0/gt0/gtidle/idle_residency_ms"),                               // xe
		filepath.Join(dir, "gt/gt0/rc6_residency_ms"), filepath.Join(dir, "power/rc6_residency_ms"), // i915
	} {
		if c.idle == "" && m.has(idle) {
			c.idle = idle
		}
	}
}

// below finds files of a device, in the order of their numbers.
func below(dir, pattern string) []string {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil
	}
	sortByNumber(found)
	return found
}

// card reads one card. One that sleeps is not woken to be asked how it is.
func (m *cardMeter) card(c *card, now time.Time) GPU {
	g := c.fixed
	if _, err := m.files.read(filepath.Join(c.device, "vendor")); err != nil {
		g.Error = "GPU is lost"
		if !errors.Is(err, unix.ENOENT) {
			g.Error += ": " + err.Error()
		}
		return g
	}
	if m.text(c.device, "power/runtime_status") == "suspended" {
		c.asleep, c.used = counters{}, counters{}
		return g
	}
	m.hardware(c, &g, now)
	m.lanes(c, &g)
	switch c.fixed.Vendor {
	case vendorAMD:
		m.amd(c, &g)
	case vendorIntel:
		m.intel(c, &g, now)
	}
	return g
}

// hardware reads what all drivers name alike.
func (m *cardMeter) hardware(c *card, g *GPU, now time.Time) {
	if c.hwmon == "" {
		return
	}
	for _, temp := range []string{"temp1", "temp2", "temp3"} { // the first is the die's, where it is there
		if g.Temperature = m.number(1e-3, c.hwmon, temp+"_input"); g.Temperature != nil {
			g.TemperatureLimit = m.number(1e-3, c.hwmon, temp+"_crit")
			break
		}
	}
	if pwm := m.number(100.0/255, c.hwmon, "pwm1"); pwm != nil {
		g.Fan = pwm
	} else if now, most := m.number(100, c.hwmon, "fan1_input"), m.number(1, c.hwmon, "fan1_max"); now != nil && most != nil && *most > 0 {
		g.Fan = new(min(100, *now / *most))
	}
	g.Power = m.firstNumber(1e-6, c.hwmon, "power1_average", "power1_input")
	for _, energy := range []string{"energy1_input", "energy2_input"} { // the whole card, or its chip
		if n := m.count(c.hwmon, energy); g.Power == nil && n != nil && *n >= 0 {
			g.Power, _ = c.used.add(now, map[string][2]uint64{energy: {uint64(*n)}})
			if g.Power != nil {
				*g.Power /= 1e6
			}
			break
		}
	}
	g.PowerLimit = m.firstNumber(1e-6, c.hwmon, "power1_cap", "power1_max")
}

// firstNumber reads the first of the files that has a number.
func (m *cardMeter) firstNumber(factor float64, dir string, names ...string) *float64 {
	for _, name := range names {
		if v := m.number(factor, dir, name); v != nil {
			return v
		}
	}
	return nil
}

// generations of PCI Express by their speed.
var generations = map[string]int64{"2.5": 1, "5.0": 2, "5": 2, "8.0": 3, "8": 3, "16.0": 4, "16": 4, "32.0": 5, "32": 5, "64.0": 6, "64": 6}

// lanes reads the link to the machine. Cards have bridges of their own, whose
// inner links say nothing: the outermost one of the same vendor counts.
func (m *cardMeter) lanes(c *card, g *GPU) {
	dir := c.device
	for maker := m.text(dir, "vendor"); maker != "" && m.text(filepath.Dir(dir), "vendor") == maker; {
		dir = filepath.Dir(dir)
	}
	speed, _, _ := strings.Cut(m.text(dir, "current_link_speed"), " ")
	if gen, known := generations[speed]; known {
		g.PCIeGeneration = &gen
	}
	if g.PCIeWidth = m.count(dir, "current_link_width"); g.PCIeWidth != nil && *g.PCIeWidth == 0 {
		g.PCIeWidth = nil // inside a processor there is none
	}
}

// amd reads what amdgpu tells beside.
func (m *cardMeter) amd(c *card, g *GPU) {
	g.Utilization, g.MemoryUtilization = m.number(1, c.device, "gpu_busy_percent"), m.number(1, c.device, "mem_busy_percent")
	g.MemoryTotal, g.MemoryUsed = m.count(c.device, "mem_info_vram_total"), m.count(c.device, "mem_info_vram_used")
	g.SharedTotal, g.SharedUsed = m.count(c.device, "mem_info_gtt_total"), m.count(c.device, "mem_info_gtt_used")
	now, most := parseLevels(m.text(c.device, "pp_dpm_sclk"))
	g.Clock, g.ClockMax = now, most
	g.MemoryClock, _ = parseLevels(m.text(c.device, "pp_dpm_mclk"))
	if c.hwmon != "" {
		if v := m.number(1, c.hwmon, "freq1_input"); v != nil {
			g.Clock = v
		}
		if v := m.number(1, c.hwmon, "freq2_input"); v != nil {
			g.MemoryClock = v
		}
	}
	for line := range strings.Lines(m.text(c.device, "ras/umc_err_count")) {
		kind, value, _ := strings.Cut(line, ":")
		if n := parseNumber(strings.TrimSpace(value), 1); n != nil && within(*n, 1e15) {
			switch kind {
			case "ue":
				g.ECCUncorrected = new(int64(*n))
			case "ce":
				g.ECCCorrected = new(int64(*n))
			}
		}
	}
}

// parseLevels reads lines like "1: 2100Mhz *": the level that holds, and the
// highest.
func parseLevels(text string) (now, most *float64) {
	for line := range strings.Lines(text) {
		_, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value, here := strings.CutSuffix(strings.TrimSpace(value), "*")
		value = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(value)), "mhz")
		v := parseNumber(value, 1e6)
		if v == nil {
			continue
		}
		if here {
			now = v
		}
		if most == nil || *v > *most {
			most = v
		}
	}
	return now, most
}

// intelThrottles are the kernel's reasons in our words.
var intelThrottles = map[string]string{
	"pl1": ThrottlePower, "pl2": ThrottlePower, "pl4": ThrottlePower, "vr_tdc": ThrottlePower, "thermal": ThrottleThermalHard,
	"prochot": ThrottleThermalHard, "vr_thermalert": ThrottleThermalHard, "ratl": ThrottleThermalSoft,
}

// intel reads what i915 or xe tell beside. How busy the GPU is they do not say
// to everybody: the time in which it was awake is close.
func (m *cardMeter) intel(c *card, g *GPU, now time.Time) {
	if c.idle != "" {
		if n := m.count(c.idle); n != nil && *n >= 0 {
			if slept, _ := c.asleep.add(now, map[string][2]uint64{"": {uint64(*n)}}); slept != nil {
				g.Utilization = new(float64(int(max(0, 1000-*slept)+0.5)) / 10)
			}
		}
	}
	xe := filepath.Join(c.device, "tile0/gt0/freq0")
	g.Clock = m.firstNumber(1e6, "", filepath.Join(xe, "act_freq"), filepath.Join(c.dir, "gt/gt0/rps_act_freq_mhz"), filepath.Join(c.dir, "gt_act_freq_mhz"))
	g.ClockMax = m.firstNumber(1e6, "", filepath.Join(xe, "rp0_freq"), filepath.Join(c.dir, "gt/gt0/rps_RP0_freq_mhz"), filepath.Join(c.dir, "gt_RP0_freq_mhz"))
	if g.MemoryTotal = m.count(c.dir, "lmem_total_bytes"); g.MemoryTotal != nil {
		if free := m.count(c.dir, "lmem_avail_bytes"); free != nil {
			g.MemoryUsed = new(*g.MemoryTotal - *free)
		}
	}
	for _, files := range []struct{ status, reason string }{
		{filepath.Join(xe, "throttle/status"), filepath.Join(xe, "throttle/reason_")},
		{filepath.Join(c.dir, "gt/gt0/throttle_reason_status"), filepath.Join(c.dir, "gt/gt0/throttle_reason_")},
	} {
		if status := m.count(files.status); status != nil {
			g.Throttle = m.throttle(*status != 0, files.reason)
			return
		}
	}
}

func (m *cardMeter) throttle(any bool, prefix string) []string {
	out := []string{}
	if !any {
		return out
	}
	for reason, ours := range intelThrottles {
		if n := m.count(prefix + reason); n != nil && *n != 0 {
			out = append(out, ours)
		}
	}
	if len(out) == 0 {
		return []string{ThrottleOther}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
