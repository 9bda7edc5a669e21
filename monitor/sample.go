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
	// Cores are the processors one by one, in percent of each.
	Cores []float64 `json:"cores_percent,omitempty" nullable:"false" doc:"Busy, of each processor."`
	// Frequency is the mean of all processors now.
	Frequency    *float64 `json:"frequency_hertz,omitempty" doc:"Now, the mean of all processors."`
	FrequencyMax *float64 `json:"frequency_max_hertz,omitempty"`
	Load         *Load    `json:"load,omitempty"`
	// Pressure is the share of the last ten seconds in which somebody waited.
	Pressure *Pressure `json:"pressure,omitempty" doc:"Shares of the last ten seconds in which some program had to wait (PSI)."`
}

// Load is the mean number of programs that run or want to.
type Load struct {
	One     float64 `json:"load_1m"`
	Five    float64 `json:"load_5m"`
	Fifteen float64 `json:"load_15m"`
}

// Pressure is what the kernel's PSI says: percent of the last ten seconds.
type Pressure struct {
	CPU    *float64 `json:"cpu_percent,omitempty"`
	Memory *float64 `json:"memory_percent,omitempty"`
	IO     *float64 `json:"io_percent,omitempty"`
}

// Swap is memory that lies on a disk. Rates are absent in the first second.
type Swap struct {
	Total int64    `json:"total_bytes"`
	Used  int64    `json:"used_bytes"`
	In    *float64 `json:"in_bytes_per_second,omitempty"`
	Out   *float64 `json:"out_bytes_per_second,omitempty"`
}

// Network is the traffic of all interfaces but loopback.
type Network struct {
	Receive  float64 `json:"receive_bytes_per_second"`
	Transmit float64 `json:"transmit_bytes_per_second"`
}

// Temperature is one sensor of the machine.
type Temperature struct {
	Label   string   `json:"label" doc:"The chip and its sensor, as the kernel names them."`
	CPU     bool     `json:"cpu,omitempty" doc:"Of a processor."`
	Celsius float64  `json:"celsius"`
	Limit   *float64 `json:"limit_celsius,omitempty" doc:"Where the hardware slows down or turns off."`
}

// Battery is the machine's power store.
type Battery struct {
	Percent float64 `json:"percent"`
	State   string  `json:"state" enum:"charging,discharging,full,unknown"`
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
	// Rates are of its device, or of all where it is not known.
	Read  *float64 `json:"read_bytes_per_second,omitempty"`
	Write *float64 `json:"write_bytes_per_second,omitempty"`
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

	Vendor            string       `json:"vendor,omitempty" enum:"nvidia,amd,intel"`
	MemoryUtilization *float64     `json:"memory_utilization_percent,omitempty" doc:"How busy the memory's controller is."`
	TemperatureLimit  *float64     `json:"temperature_limit_celsius,omitempty" doc:"Where it slows down."`
	PowerLimit        *float64     `json:"power_limit_watts,omitempty"`
	Clock             *float64     `json:"clock_hertz,omitempty"`
	ClockMax          *float64     `json:"clock_max_hertz,omitempty"`
	MemoryClock       *float64     `json:"memory_clock_hertz,omitempty"`
	Fan               *float64     `json:"fan_percent,omitempty"`
	State             string       `json:"performance_state,omitempty" doc:"NVIDIA's: P0 is the fastest."`
	Throttle          []string     `json:"throttle,omitempty" nullable:"false" doc:"Why it is slower than it could be: thermal_hardware, thermal_software, power_brake, power_cap, hardware, sync, clocks_setting, display."`
	ECCCorrected      *int64       `json:"ecc_corrected,omitempty" doc:"Memory errors since the driver's start that were mended."`
	ECCUncorrected    *int64       `json:"ecc_uncorrected,omitempty" doc:"And that were not."`
	Xid               *int64       `json:"xid,omitempty" doc:"NVIDIA's code of its last fault, since the sensors began."`
	XidCount          int64        `json:"xid_count,omitempty"`
	PCIeGeneration    *int64       `json:"pcie_generation,omitempty"`
	PCIeWidth         *int64       `json:"pcie_width,omitempty"`
	PCIeReceive       *float64     `json:"pcie_receive_bytes_per_second,omitempty"`
	PCIeTransmit      *float64     `json:"pcie_transmit_bytes_per_second,omitempty"`
	Processes         []GPUProcess `json:"processes,omitempty" nullable:"false"`
	Error             string       `json:"error,omitempty" doc:"In the driver's words: the device is lost, for example."`
}

// GPUProcess is a process that computes on a GPU.
type GPUProcess struct {
	PID    int   `json:"pid"`
	Memory int64 `json:"memory_bytes"`
	Worker bool  `json:"worker,omitempty" doc:"One of ours."`
}

// Engine is what the engine does.
type Engine struct {
	Model  string `json:"model,omitempty"`
	Active int    `json:"active" doc:"Answers being written."`
	Queued int    `json:"queued" doc:"Answers that wait."`
	// TokensPerSec counts all answers together.
	TokensPerSec *float64 `json:"tokens_per_sec,omitempty" doc:"Written in the last seconds, all answers together."`
	Worker       *Worker  `json:"worker,omitempty" doc:"All workers together. Absent while none runs."`
	// Workers are one a model.
	Workers []Worker `json:"workers,omitempty" nullable:"false"`
}

// Worker is an engine's process. CPU is absent in its first second.
type Worker struct {
	Model    string   `json:"model,omitempty"`
	CPU      *float64 `json:"cpu_percent,omitempty" doc:"Of all processors together."`
	Resident int64    `json:"resident_bytes" doc:"Memory, with the part of the model file that is read."`
	GPU      *int64   `json:"gpu_memory_bytes,omitempty" doc:"On all GPUs, as their drivers tell."`
}

// Source is where figures come from.
type Source string

// Sources.
const (
	SourceMachine Source = "machine"
	SourceGPU     Source = "gpu"   // NVIDIA's library
	SourceCards   Source = "cards" // AMD's and Intel's, by the kernel's files
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
	Source Source `json:"source" enum:"machine,gpu,cards"`
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
