package monitor

import (
	"math"
	"strings"
	"unicode"
)

// reading is one line of the sensors: what one source said.
type reading struct {
	Machine *machine `json:"machine,omitempty"`
	Driver  *driver  `json:"driver,omitempty"`
	Cards   *driver  `json:"cards,omitempty"`
	Board   *board   `json:"board,omitempty"`
	Space   *space   `json:"space,omitempty"`
}

// machine is what the kernel says by itself: no driver is asked for it.
type machine struct {
	CPU     *CPU     `json:"cpu,omitempty"`
	Memory  *Memory  `json:"memory,omitempty"`
	Swap    *Swap    `json:"swap,omitempty"`
	Network *Network `json:"network,omitempty"`
}

// space is what the data folder's file system says; empty: it does not say.
type space struct {
	Disk *Disk `json:"disk,omitempty"`
}

// driver is what a GPU driver said. All empty: there is none, or no GPU.
type driver struct {
	GPUs  []GPU  `json:"gpus,omitempty"`
	Error string `json:"error,omitempty"`
}

// board is what small drivers say; any of them may be slow.
type board struct {
	Temperatures []Temperature `json:"temperatures,omitempty"`
	Battery      *Battery      `json:"battery,omitempty"`
}

// Bounds of what a figure can be. A driver that is in trouble says anything.
const (
	maxGPUs         = 16
	maxCores        = 1024
	maxTemperatures = 16
	maxProcesses    = 32
	maxText         = 96 // characters of a name or an error
	maxCelsius      = 200
	maxWatts        = 5000
	maxHertz        = 20e9 // of a processor; memory counts each edge
	maxLoad         = 1e6
	maxRate         = 1e12 // bytes a second
	maxPCIe         = 64   // generation and lanes
	maxPID          = 1 << 22
)

// plausible drops figures that cannot be: they are then unknown.
func (r reading) plausible() reading {
	if r.Machine != nil {
		m := r.Machine.plausible()
		r.Machine = &m
	}
	for _, d := range []**driver{&r.Driver, &r.Cards} {
		if *d != nil {
			p := (*d).plausible()
			*d = &p
		}
	}
	if r.Board != nil {
		b := r.Board.plausible()
		r.Board = &b
	}
	if r.Space != nil {
		d := r.Space.plausible()
		r.Space = &d
	}
	return r
}

func (m machine) plausible() machine {
	if m.CPU != nil {
		m.CPU = m.CPU.plausible()
	}
	if v := m.Memory; v != nil && !portion(v.Used, v.Total) {
		m.Memory = nil
	}
	if v := m.Swap; v != nil {
		if portion(v.Used, v.Total) {
			m.Swap = &Swap{Total: v.Total, Used: v.Used, In: bounded(v.In, maxRate), Out: bounded(v.Out, maxRate)}
		} else {
			m.Swap = nil
		}
	}
	if v := m.Network; v != nil && !(within(v.Receive, maxRate) && within(v.Transmit, maxRate)) {
		m.Network = nil
	}
	return m
}

// plausible gives nil for a processor whose figures cannot be.
func (c CPU) plausible() *CPU {
	if !within(c.Percent, 100) || !within(c.Steal, 100) {
		return nil
	}
	for _, core := range c.Cores {
		if len(c.Cores) > maxCores || !within(core, 100) {
			c.Cores = nil
			break
		}
	}
	c.Frequency, c.FrequencyMax = positive(c.Frequency, maxHertz), positive(c.FrequencyMax, maxHertz)
	if l := c.Load; l != nil && !(within(l.One, maxLoad) && within(l.Five, maxLoad) && within(l.Fifteen, maxLoad)) {
		c.Load = nil
	}
	if p := c.Pressure; p != nil {
		c.Pressure = &Pressure{CPU: bounded(p.CPU, 100), Memory: bounded(p.Memory, 100), IO: bounded(p.IO, 100)}
		if *c.Pressure == (Pressure{}) {
			c.Pressure = nil
		}
	}
	return &c
}

func (s space) plausible() space {
	v := s.Disk
	if v == nil || !portion(v.Free, v.Total) {
		return space{}
	}
	return space{&Disk{Total: v.Total, Free: v.Free, Read: bounded(v.Read, maxRate), Write: bounded(v.Write, maxRate), All: v.All}}
}

func (b board) plausible() board {
	out := board{}
	for _, t := range b.Temperatures {
		if t.Label = plain(t.Label); len(out.Temperatures) < maxTemperatures && within(t.Celsius, maxCelsius) {
			t.Limit = positive(t.Limit, maxCelsius)
			out.Temperatures = append(out.Temperatures, t)
		}
	}
	if v := b.Battery; v != nil && within(v.Percent, 100) {
		p := *v
		switch p.State {
		case BatteryCharging, BatteryDischarging, BatteryFull, BatteryIdle:
		default:
			p.State = BatteryUnknown
		}
		out.Battery = &p
	}
	return out
}

func (d driver) plausible() driver {
	out := driver{Error: plain(d.Error)}
	for _, g := range d.GPUs[:min(maxGPUs, len(d.GPUs))] {
		out.GPUs = append(out.GPUs, g.plausible())
	}
	return out
}

func (g GPU) plausible() GPU {
	for _, text := range []*string{&g.UUID, &g.Name, &g.Error, &g.PCI, &g.State} {
		*text = plain(*text)
	}
	switch g.Vendor {
	case vendorNVIDIA, vendorAMD, vendorIntel:
	default:
		g.Vendor = ""
	}
	g.Utilization, g.MemoryUtilization, g.Fan = bounded(g.Utilization, 100), bounded(g.MemoryUtilization, 100), bounded(g.Fan, 100)
	g.Temperature, g.TemperatureLimit = bounded(g.Temperature, maxCelsius), positive(g.TemperatureLimit, maxCelsius)
	g.Power, g.PowerLimit = bounded(g.Power, maxWatts), positive(g.PowerLimit, maxWatts)
	g.Clock, g.ClockMax, g.MemoryClock = positive(g.Clock, maxHertz), positive(g.ClockMax, maxHertz), positive(g.MemoryClock, maxHertz)
	g.PCIeReceive, g.PCIeTransmit = bounded(g.PCIeReceive, maxRate), bounded(g.PCIeTransmit, maxRate)
	g.MemoryTotal, g.MemoryUsed = both(g.MemoryTotal, g.MemoryUsed)
	g.SharedTotal, g.SharedUsed = both(g.SharedTotal, g.SharedUsed)
	g.ECCCorrected, g.ECCUncorrected = counter(g.ECCCorrected, math.MaxInt64), counter(g.ECCUncorrected, math.MaxInt64)
	g.PCIeGeneration, g.PCIeWidth = counter(g.PCIeGeneration, maxPCIe), counter(g.PCIeWidth, maxPCIe)
	if g.Xid = counter(g.Xid, math.MaxInt32); g.Xid == nil || g.XidCount <= 0 {
		g.Xid, g.XidCount, g.XidAt = nil, 0, nil
	}
	if g.Throttle != nil {
		known := []string{}
		for _, t := range g.Throttle {
			if throttles[t] && len(known) < len(throttles) {
				known = append(known, t)
			}
		}
		g.Throttle = known
	}
	g.Worker = nil // nobody's to say but the parent's
	g.Processes = g.plausibleProcesses()
	return g
}

func (g GPU) plausibleProcesses() (out []GPUProcess) {
	for _, p := range g.Processes {
		if len(out) == maxProcesses || p.PID <= 0 || p.PID > maxPID {
			continue
		}
		p.Memory, p.Worker = counter(p.Memory, math.MaxInt64), false
		if p.Memory != nil && g.MemoryTotal != nil && *p.Memory > *g.MemoryTotal+total(g.SharedTotal) {
			p.Memory = nil
		}
		out = append(out, p)
	}
	return out
}

func within(v, most float64) bool { return !math.IsNaN(v) && v >= 0 && v <= most }

// portion says whether a part of a whole can be.
func portion(part, whole int64) bool { return whole > 0 && part >= 0 && part <= whole }

// bounded drops a figure that is not between 0 and most.
func bounded(v *float64, most float64) *float64 {
	if v == nil || !within(*v, most) {
		return nil
	}
	return v
}

// positive drops a figure that is not above 0, too: limits and clocks of 0 are
// how drivers say that they do not know.
func positive(v *float64, most float64) *float64 {
	if v = bounded(v, most); v == nil || *v == 0 {
		return nil
	}
	return v
}

// counter drops a count that is not between 0 and most.
func counter(v *int64, most int64) *int64 {
	if v == nil || *v < 0 || *v > most {
		return nil
	}
	return v
}

// both drops what cannot be of a total and what is used of it.
func both(total, used *int64) (whole, part *int64) {
	if total == nil || *total <= 0 {
		return nil, nil
	}
	if used == nil || !portion(*used, *total) {
		return total, nil
	}
	return total, used
}

// total is 0 where nobody knows.
func total(v *int64) int64 {
	if v == nil {
		return 0
	}
	return *v
}

// plain makes a driver's text fit to show.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > maxText {
		s = string(r[:maxText])
	}
	return strings.TrimSpace(s)
}
