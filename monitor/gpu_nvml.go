//go:build linux && cgo

package monitor

import (
	"fmt"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/dl"
	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// nvmlName is NVIDIA's management library, as every driver installs it.
const nvmlName = "libnvidia-ml.so.1"

// maxEvents bounds how many fault events are taken at once.
const maxEvents = 64

// gpuMeter asks NVIDIA's management library. Any call may hang or end the
// process: only the sensors have one. A function that a driver's library does
// not have ends the process when it is called, so each is looked up before.
type gpuMeter struct {
	lib     nvml.Interface
	opened  bool
	symbols map[string]bool // what was looked up
	cards   []*nvidiaCard   // by the driver's number
	events  nvml.EventSet   // nil where there are none
	faults  map[string]xid  // by UUID, since the sensors' start
	turn    int             // of the reading
}

// xid is what is known of a device's faults.
type xid struct {
	count int64
	last  int64
	at    time.Time
}

// read opens the library where it is not open. No library and no driver are no
// GPU, not an error. broken says that opening it anew may help.
func (m *gpuMeter) read() (d driver, broken bool) {
	if !m.opened {
		if missing := lacking(); missing != "" {
			return driver{Error: "The driver's library has no " + missing}, true
		}
		m.lib = nvml.New()
		switch ret := m.lib.Init(); ret {
		case nvml.SUCCESS:
			m.opened, m.symbols = true, map[string]bool{}
		case nvml.ERROR_LIBRARY_NOT_FOUND, nvml.ERROR_DRIVER_NOT_LOADED:
			return driver{}, true
		default:
			return driver{Error: ret.Error()}, true
		}
	}
	n, ret := m.lib.DeviceGetCount()
	if ret != nvml.SUCCESS {
		return driver{Error: ret.Error()}, true
	}
	if n = min(n, maxGPUs); n != len(m.cards) {
		m.cards = make([]*nvidiaCard, n) // others, perhaps
		for i := range m.cards {
			m.cards[i] = &nvidiaCard{}
		}
		m.forgetEvents()
	}
	defer func() { m.turn++ }()
	for i, c := range m.cards {
		g := m.device(i, c)
		broken = broken || g.Error != ""
		d.GPUs = append(d.GPUs, g)
	}
	m.takeEvents()
	for i := range d.GPUs {
		if f, ok := m.faults[d.GPUs[i].UUID]; ok {
			d.GPUs[i].Xid, d.GPUs[i].XidCount, d.GPUs[i].XidAt = &f.last, f.count, &f.at
		}
	}
	return d, broken || len(d.GPUs) == 0
}

// lacking looks at the library before go-nvml calls what every one should have.
// It is "" where there is no library at all.
func lacking() string {
	lib := dl.New(nvmlName, dl.RTLD_LAZY|dl.RTLD_GLOBAL)
	if lib.Open() != nil {
		return ""
	}
	defer lib.Close() //nolint:errcheck // it is opened again, or was no library
	for _, name := range []string{"nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex", "nvmlShutdown", "nvmlErrorString"} {
		if lib.Lookup(name) != nil && lib.Lookup(name+"_v2") != nil {
			return name
		}
	}
	return ""
}

// has says whether the library has one of these functions.
func (m *gpuMeter) has(names ...string) bool {
	for _, name := range names {
		there, looked := m.symbols[name]
		if !looked {
			there = m.lib.Extensions().LookupSymbol(name) == nil
			m.symbols[name] = there
		}
		if there {
			return true
		}
	}
	return false
}

// open says whether the next read needs no new beginning.
func (m *gpuMeter) open() bool { return m.opened }

// close makes the next read begin anew.
func (m *gpuMeter) close() {
	if !m.opened {
		return
	}
	m.forgetEvents()
	for _, c := range m.cards {
		c.known, c.slowIn = false, 0
	}
	m.lib.Shutdown() // its result changes nothing
	m.opened = false
}

// watch asks for the fault events of a device, where it has any.
func (m *gpuMeter) watch(d nvml.Device, c *nvidiaCard) {
	if c.watched {
		return
	}
	c.watched = true // or was tried
	if !m.has("nvmlEventSetCreate") || !m.has("nvmlEventSetWait_v2", "nvmlEventSetWait") || !m.has("nvmlDeviceRegisterEvents") || !m.has("nvmlDeviceGetSupportedEventTypes") {
		return
	}
	types, ret := d.GetSupportedEventTypes()
	if ret != nvml.SUCCESS || types&nvml.EventTypeXidCriticalError == 0 {
		return
	}
	if m.events == nil {
		set, ret := m.lib.EventSetCreate()
		if ret != nvml.SUCCESS {
			return
		}
		m.events = set
	}
	if d.RegisterEvents(nvml.EventTypeXidCriticalError, m.events) == nvml.SUCCESS {
		c.handle = d
	}
}

// takeEvents counts the faults that came since the reading before.
func (m *gpuMeter) takeEvents() {
	if m.events == nil {
		return
	}
	for range maxEvents {
		e, ret := m.events.Wait(0)
		if ret != nvml.SUCCESS {
			return // mostly: none came
		}
		if e.EventType&nvml.EventTypeXidCriticalError == 0 {
			continue
		}
		for _, c := range m.cards {
			if c.handle != nil && c.handle == e.Device && c.fixed.UUID != "" {
				if m.faults == nil {
					m.faults = map[string]xid{}
				}
				m.faults[c.fixed.UUID] = xid{count: m.faults[c.fixed.UUID].count + 1, last: int64(e.EventData), at: time.Now().UTC().Truncate(time.Millisecond)}
			}
		}
	}
}

// forgetEvents ends the event set.
func (m *gpuMeter) forgetEvents() {
	if m.events != nil && m.has("nvmlEventSetFree") {
		m.events.Free() // its result changes nothing
	}
	m.events = nil
	for _, c := range m.cards {
		c.watched, c.handle = false, nil
	}
}

// bus is a device's address as the kernel writes it.
func bus(p nvml.PciInfo) string { return fmt.Sprintf("%04x:%02x:%02x.0", p.Domain, p.Bus, p.Device) }
