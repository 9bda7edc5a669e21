package monitor

import (
	"math"
	"strings"
	"time"
	"unicode"
)

// Sample is the machine and the engine at one moment.
type Sample struct {
	At     time.Time `json:"at"`
	CPU    *CPU      `json:"cpu,omitempty"`
	Memory *Memory   `json:"memory,omitempty"`
	Disk   *Disk     `json:"disk,omitempty"`
	GPUs   []GPU     `json:"gpus,omitempty" nullable:"false" doc:"Absent where there is no GPU, or while it is unavailable."`
	Engine *Engine   `json:"engine,omitempty"`
	// Unavailable names the sources that should answer and do not.
	Unavailable []Unavailable `json:"unavailable,omitempty" nullable:"false" doc:"Sources that should answer and do not; they are asked again."`
}

// CPU is the work of all processors together since the sample before.
type CPU struct {
	Percent float64 `json:"percent" doc:"Busy, of all processors together."`
	// Steal is time that a hypervisor gave to others.
	Steal float64 `json:"steal_percent,omitempty" doc:"Taken by the hypervisor, of all processors together."`
}

// Memory is the machine's main memory.
type Memory struct {
	Total int64 `json:"total_bytes"`
	Used  int64 `json:"used_bytes" doc:"What programs could not be given at once."`
}

// Disk is the file system of the data folder.
type Disk struct {
	Total int64 `json:"total_bytes"`
	Free  int64 `json:"free_bytes" doc:"What Alcove may still write."`
}

// GPU is one device. Figures that its driver does not give are absent.
type GPU struct {
	UUID        string   `json:"uuid,omitempty"`
	Name        string   `json:"name,omitempty"`
	Utilization *float64 `json:"utilization_percent,omitempty"`
	MemoryTotal *int64   `json:"memory_total_bytes,omitempty"`
	MemoryUsed  *int64   `json:"memory_used_bytes,omitempty"`
	Temperature *float64 `json:"temperature_celsius,omitempty"`
	Power       *float64 `json:"power_watts,omitempty"`
	Error       string   `json:"error,omitempty" doc:"In the driver's words: the device is lost, for example."`
}

// Engine is what the engine does.
type Engine struct {
	Model  string `json:"model,omitempty"`
	Active int    `json:"active" doc:"Answers being written."`
	Queued int    `json:"queued" doc:"Answers that wait."`
	// TokensPerSec counts all answers together.
	TokensPerSec *float64 `json:"tokens_per_sec,omitempty" doc:"Written in the last seconds, all answers together."`
	Worker       *Worker  `json:"worker,omitempty" doc:"Absent while no worker runs."`
}

// Worker is the engine's process. CPU is absent in its first second.
type Worker struct {
	CPU      *float64 `json:"cpu_percent,omitempty" doc:"Of all processors together."`
	Resident int64    `json:"resident_bytes" doc:"Memory, with the part of the model file that is read."`
}

// Source is where figures come from.
type Source string

// Sources.
const (
	SourceMachine Source = "machine"
	SourceGPU     Source = "gpu"
)

// Reason says why a source is unavailable.
type Reason string

// Reasons.
const (
	ReasonNoAnswer Reason = "no_answer" // silent for too long: the sensors were killed
	ReasonEnded    Reason = "ended"     // the sensors ended by themselves: a driver that crashes
	ReasonError    Reason = "error"     // the driver answers with an error; Detail has its words
	ReasonStart    Reason = "start"     // the sensors cannot be started
)

// Unavailable is a source that should answer and does not.
type Unavailable struct {
	Source Source `json:"source" enum:"machine,gpu"`
	Reason Reason `json:"reason" enum:"no_answer,ended,error,start"`
	Detail string `json:"detail,omitempty" doc:"In the driver's words."`
}

// reading is one line of the sensors. Either Driver is set or the others are.
type reading struct {
	CPU    *CPU    `json:"cpu,omitempty"`
	Memory *Memory `json:"memory,omitempty"`
	Disk   *Disk   `json:"disk,omitempty"`
	Driver *driver `json:"driver,omitempty"`
}

// driver is what the GPU driver said. All empty: there is none, or no GPU.
type driver struct {
	GPUs  []GPU  `json:"gpus,omitempty"`
	Error string `json:"error,omitempty"`
}

// Bounds of what a figure can be. A driver that is in trouble says anything.
const (
	maxGPUs    = 16
	maxText    = 96 // characters of a name or an error
	maxCelsius = 200
	maxWatts   = 5000
)

// plausible drops figures that cannot be: they are then unknown.
func (r reading) plausible() reading {
	if c := r.CPU; c != nil && !(within(c.Percent, 100) && within(c.Steal, 100)) {
		r.CPU = nil
	}
	if m := r.Memory; m != nil && !(m.Total > 0 && m.Used >= 0 && m.Used <= m.Total) {
		r.Memory = nil
	}
	if d := r.Disk; d != nil && !(d.Total > 0 && d.Free >= 0 && d.Free <= d.Total) {
		r.Disk = nil
	}
	if r.Driver != nil {
		d := driver{Error: plain(r.Driver.Error)}
		for _, g := range r.Driver.GPUs[:min(maxGPUs, len(r.Driver.GPUs))] {
			d.GPUs = append(d.GPUs, g.plausible())
		}
		r.Driver = &d
	}
	return r
}

func (g GPU) plausible() GPU {
	g.UUID, g.Name, g.Error = plain(g.UUID), plain(g.Name), plain(g.Error)
	if g.Utilization != nil && !within(*g.Utilization, 100) {
		g.Utilization = nil
	}
	if g.Temperature != nil && !within(*g.Temperature, maxCelsius) {
		g.Temperature = nil
	}
	if g.Power != nil && !within(*g.Power, maxWatts) {
		g.Power = nil
	}
	if g.MemoryTotal == nil || *g.MemoryTotal <= 0 {
		g.MemoryTotal, g.MemoryUsed = nil, nil
	} else if g.MemoryUsed != nil && (*g.MemoryUsed < 0 || *g.MemoryUsed > *g.MemoryTotal) {
		g.MemoryUsed = nil
	}
	return g
}

func within(v, most float64) bool { return !math.IsNaN(v) && v >= 0 && v <= most }

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
