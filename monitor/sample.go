package monitor

import (
	"iter"
	"time"
)

// Sample is the machine and the engine at one moment.
type Sample struct {
	At           time.Time     `json:"at"`
	CPU          *CPU          `json:"cpu,omitempty"`
	Memory       *Memory       `json:"memory,omitempty"`
	Swap         *Swap         `json:"swap,omitempty" doc:"Absent where the machine has none."`
	Disk         *Disk         `json:"disk,omitempty"`
	Network      *Network      `json:"network,omitempty"`
	Temperatures []Temperature `json:"temperatures,omitempty" nullable:"false" doc:"Of all but the GPUs."`
	Battery      *Battery      `json:"battery,omitempty" doc:"All batteries together; absent where there is none."`
	GPUs         []GPU         `json:"gpus,omitempty" nullable:"false" doc:"Absent where there is no GPU, or while it is unavailable."`
	Engine       *Engine       `json:"engine,omitempty"`
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

// Network is the traffic of all interfaces but loopback; where the machine tells
// which are hardware, of those, or a bridge would count what they bring again.
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
	State   string  `json:"state" enum:"charging,discharging,full,idle,unknown" doc:"Idle: neither charged nor used."`
	Mains   *bool   `json:"on_mains,omitempty" doc:"Whether a charger feeds the machine."`
}

// States of a battery.
const (
	BatteryCharging    = "charging"
	BatteryDischarging = "discharging"
	BatteryFull        = "full"
	BatteryIdle        = "idle"
	BatteryUnknown     = "unknown"
)

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
	All   bool     `json:"all_disks,omitempty" doc:"Its device is not known: read and written by all disks."`
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
	PCI               string       `json:"pci,omitempty" doc:"Its address: domain:bus:device.function."`
	SharedTotal       *int64       `json:"shared_total_bytes,omitempty" doc:"Main memory that it may use: most of what a GPU inside a processor has."`
	SharedUsed        *int64       `json:"shared_used_bytes,omitempty"`
	MemoryUtilization *float64     `json:"memory_utilization_percent,omitempty" doc:"How busy the memory's controller is."`
	TemperatureLimit  *float64     `json:"temperature_limit_celsius,omitempty" doc:"Where it slows down."`
	PowerLimit        *float64     `json:"power_limit_watts,omitempty"`
	Clock             *float64     `json:"clock_hertz,omitempty"`
	ClockMax          *float64     `json:"clock_max_hertz,omitempty"`
	MemoryClock       *float64     `json:"memory_clock_hertz,omitempty"`
	Fan               *float64     `json:"fan_percent,omitempty"`
	State             string       `json:"performance_state,omitempty" doc:"NVIDIA's: P0 is the fastest."`
	Throttle          []string     `json:"throttle,omitzero" nullable:"false" doc:"Why it is slower than it could be: thermal_hardware, thermal_software, power_brake, power_cap, hardware, sync, clocks_setting, display, other. Empty: it is not. Absent: nobody knows."`
	ECCCorrected      *int64       `json:"ecc_corrected,omitempty" doc:"Memory errors since the driver's start that were mended."`
	ECCUncorrected    *int64       `json:"ecc_uncorrected,omitempty" doc:"And that were not."`
	Xid               *int64       `json:"xid,omitempty" doc:"NVIDIA's code of its last fault, since the program's start."`
	XidCount          int64        `json:"xid_count,omitempty"`
	XidAt             *time.Time   `json:"xid_at,omitempty" doc:"When the last one was seen."`
	PCIeGeneration    *int64       `json:"pcie_generation,omitempty"`
	PCIeWidth         *int64       `json:"pcie_width,omitempty"`
	PCIeReceive       *float64     `json:"pcie_receive_bytes_per_second,omitempty"`
	PCIeTransmit      *float64     `json:"pcie_transmit_bytes_per_second,omitempty"`
	Processes         []GPUProcess `json:"processes,omitempty" nullable:"false" doc:"What computes on it."`
	Worker            *int64       `json:"worker_memory_bytes,omitempty" doc:"Of our workers."`
	Error             string       `json:"error,omitempty" doc:"In the driver's words: the device is lost, for example."`
}

// NumberedGPUs gives each GPU with its number among those of its vendor, from 0:
// while one vendor's driver gives no answer, the others keep theirs.
func (s Sample) NumberedGPUs() iter.Seq2[int, GPU] {
	return func(yield func(int, GPU) bool) {
		seen := map[string]int{}
		for _, g := range s.GPUs {
			if !yield(seen[g.Vendor], g) {
				return
			}
			seen[g.Vendor]++
		}
	}
}

// Reasons why a GPU is slower than it could be. To be idle is none.
const (
	ThrottlePower       = "power_cap"        // its power limit
	ThrottleThermalHard = "thermal_hardware" // it protects itself from heat
	ThrottleThermalSoft = "thermal_software" // the driver keeps it below a temperature
	ThrottleBrake       = "power_brake"      // the power supply asks for it
	ThrottleHardware    = "hardware"         // heat or power: it does not say which
	ThrottleSync        = "sync"             // as slow as another one in its group
	ThrottleSetting     = "clocks_setting"   // somebody has set its clocks
	ThrottleDisplay     = "display"          // a display's clocks
	ThrottleOther       = "other"            // in a word that we do not know
)

var throttles = map[string]bool{
	ThrottlePower: true, ThrottleThermalHard: true, ThrottleThermalSoft: true, ThrottleBrake: true, ThrottleHardware: true,
	ThrottleSync: true, ThrottleSetting: true, ThrottleDisplay: true, ThrottleOther: true,
}

// Vendors of GPUs.
const (
	vendorNVIDIA = "nvidia"
	vendorAMD    = "amd"
	vendorIntel  = "intel"
)

// GPUProcess is a process that computes on a GPU.
type GPUProcess struct {
	PID    int    `json:"pid"`
	Memory *int64 `json:"memory_bytes,omitempty"`
	Worker bool   `json:"worker,omitempty" doc:"One of ours."`
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
	PID      int      `json:"pid,omitempty"`
	CPU      *float64 `json:"cpu_percent,omitempty" doc:"Of all processors together."`
	Resident int64    `json:"resident_bytes" doc:"Memory, with the part of the model file that is read."`
	GPU      *int64   `json:"gpu_memory_bytes,omitempty" doc:"On all GPUs, as their drivers tell."`
}

// Source is where figures come from.
type Source string

// Sources.
const (
	SourceMachine Source = "machine" // processors, memory, network
	SourceGPU     Source = "gpu"     // NVIDIA's library
	SourceCards   Source = "cards"   // AMD's and Intel's, by the kernel's files
	SourceBoard   Source = "board"   // temperatures and the battery, by the kernel's files
	SourceDisk    Source = "disk"    // the data folder's
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
	Source Source `json:"source" enum:"machine,gpu,cards,board,disk"`
	Reason Reason `json:"reason" enum:"no_answer,ended,error,start"`
	Detail string `json:"detail,omitempty" doc:"In the driver's words."`
}
