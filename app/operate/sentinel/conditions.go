package sentinel

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"alcove/monitor"
)

// Codes of conditions.
const (
	GPULost     = "gpu_lost"
	GPUUnused   = "gpu_unused"
	GPUSensor   = "gpu_sensor"
	NoSensors   = "no_sensors"
	Throttled   = "throttled"
	Hot         = "hot"
	Swapping    = "swapping"
	MemoryFull  = "memory_full"
	Neighbour   = "neighbour"
	Steal       = "steal"
	Slow        = "slow"
	WorkerDied  = "worker_died"
	NoModel     = "no_model"
	DiskFull    = "disk_full"
	CannotWrite = "read_only"
)

// order is which of equal severity comes first: what stops people before what
// slows them, and causes before effects.
var order = []string{CannotWrite, NoModel, GPULost, DiskFull, WorkerDied, Slow, GPUUnused, Throttled, Hot, Swapping, MemoryFull, Steal, Neighbour, GPUSensor, NoSensors}

// table is how long each condition must hold, and must have gone.
var table = map[string]limits{
	CannotWrite: {0, 5 * time.Second},
	NoModel:     {20 * time.Second, 0}, // loading takes its time
	GPULost:     {5 * time.Second, 10 * time.Second},
	DiskFull:    {10 * time.Second, time.Minute},
	WorkerDied:  {0, 0}, // counted over ten minutes already
	Slow:        {judged * time.Second, time.Minute},
	GPUUnused:   {5 * time.Second, 5 * time.Second},
	Throttled:   {10 * time.Second, time.Minute},
	Hot:         {10 * time.Second, time.Minute},
	Swapping:    {10 * time.Second, time.Minute},
	MemoryFull:  {30 * time.Second, time.Minute},
	Steal:       {20 * time.Second, time.Minute},
	Neighbour:   {20 * time.Second, time.Minute},
	GPUSensor:   {time.Minute, time.Minute},
	NoSensors:   {time.Minute, time.Minute},
}

// Where a condition begins to hold.
const (
	deathsFor     = 10 * time.Minute
	diskWarning   = 0.05
	diskCritical  = 0.01
	memoryMost    = 0.97
	stealPercent  = 10
	othersPercent = 25      // of all processors together
	swapRate      = 1 << 20 // bytes/s in and out together
	maxGPUs       = 64
	strangerBytes = 1 << 30
	hotMargin     = 3 // degrees below the limit
)

// conditions gives what holds in a moment.
func (s *Sentinel) conditions(m Moment) map[string]sight {
	out := map[string]sight{}
	s.engineConditions(m, out)
	machineConditions(m, out)
	s.gpuConditions(m, out)
	if sp := s.speed; sp != nil && sp.Now < slowBelow*sp.Usual {
		out[Slow] = sight{Warning, "Answers are written slower than usual",
			fmt.Sprintf("%.3g tokens a second instead of the usual %.3g on this box, with %s.", sp.Now, sp.Usual, answers(sp.Writing)),
			"No cause was found on this machine. If it lasts, load the model again, and look at its window in the monitor for what changed."}
	}
	return out
}

func answers(n int) string {
	if n == 1 {
		return "one answer at a time"
	}
	return fmt.Sprintf("%d answers at once", n)
}

func (s *Sentinel) engineConditions(m Moment, out map[string]sight) {
	if m.ReadOnly {
		out[CannotWrite] = sight{Critical, "Nothing can be saved",
			"The database cannot be written: the disk is full or read-only. What was saved before is kept.",
			"Free space on the disk of the data folder. Saving begins again by itself."}
	}
	if !m.Status.Ready && !m.CanLoad {
		reason := m.Status.Reason
		if reason == "" {
			reason = "No model is loaded."
		}
		severity := Critical
		for _, one := range m.Status.Loaded { // one is on its way
			if !one.Ready && one.Role == "" {
				severity = Info
			}
		}
		out[NoModel] = sight{severity, "No model is ready", reason, "Open Models and load one, or drop a model file into the folder."}
	}
	if n := len(s.deaths); n > 0 {
		severity, times := Info, "once"
		if n > 1 {
			severity, times = Warning, fmt.Sprintf("%d times", n)
		}
		out[WorkerDied] = sight{severity, "The model's process died and was started again",
			fmt.Sprintf("It died %s in the last ten minutes. Answers went on in a new one.", times),
			"If it goes on, try another model or a smaller context; `alcove doctor` shows what the engine sees."}
	}
	if reason := m.Status.GPUReason; reason != "" {
		out[GPUUnused] = sight{Warning, "The GPU is not used", reason, "See “Why this device” for what to install or change; the GPU is tried again by itself."}
	}
}

func machineConditions(m Moment, out map[string]sight) {
	sample := m.Sample
	if d := sample.Disk; d != nil && d.Total > 0 {
		free := float64(d.Free) / float64(d.Total)
		if free < diskWarning {
			severity := Warning
			if free < diskCritical {
				severity = Critical
			}
			out[DiskFull] = sight{severity, "The disk is nearly full",
				fmt.Sprintf("%s of %s are free on the disk of the data folder.", size(d.Free), size(d.Total)),
				"Free some space: models that nobody uses are the largest files. Answers go on; at zero nothing can be saved."}
		}
	}
	if mem := sample.Memory; mem != nil && mem.Total > 0 && float64(mem.Used) > memoryMost*float64(mem.Total) {
		out[MemoryFull] = sight{Warning, "Memory is nearly full",
			fmt.Sprintf("%s of %s are in use.", size(mem.Used), size(mem.Total)),
			"Unload a model, or end other programs: the system may end one by itself otherwise."}
	}
	if w := sample.Swap; w != nil && w.In != nil && w.Out != nil && *w.In+*w.Out > swapRate {
		out[Swapping] = sight{Warning, "Memory is moved to the disk and back",
			fmt.Sprintf("%s a second go to and from the disk: all programs together want more memory than there is.", size(int64(*w.In+*w.Out))),
			"Unload a model, take a smaller context or the cache type q8_0, or end other programs."}
	}
	working := m.Status.Active > 0
	if c := sample.CPU; c != nil && working {
		if c.Steal > stealPercent {
			out[Steal] = sight{Info, "The host gives this machine less than it asks for",
				fmt.Sprintf("%.0f %% of the processors' time goes to other virtual machines.", c.Steal),
				"Ask who runs the host for reserved processors."}
		}
		if others, ok := othersCPU(m); ok && others > othersPercent {
			out[Neighbour] = sight{Info, "Other programs keep this machine busy",
				fmt.Sprintf("Other programs use %.0f %% of the processors while answers are written.", others),
				"End them, or run them at another time: the model has to share the processors with them."}
		}
	}
	for _, u := range sample.Unavailable {
		code, what := NoSensors, "The sensors of this machine do not answer"
		switch u.Source {
		case monitor.SourceGPU, monitor.SourceCards:
			code, what = GPUSensor, "The GPU's sensors do not answer"
		case monitor.SourceBoard:
			what = "The temperature sensors do not answer"
		case monitor.SourceDisk:
			what = "The disk of the data folder does not answer"
		}
		out[code] = sight{Info, what, reasonOf(u), "They are asked again by themselves. Answers do not need them."}
	}
}

// othersCPU is what neither the workers nor this program use, in percent of all
// processors.
func othersCPU(m Moment) (float64, bool) {
	e := m.Sample.Engine
	if e == nil || e.Worker == nil || e.Worker.CPU == nil || m.OwnCPU == nil {
		return 0, false
	}
	return m.Sample.CPU.Percent - m.Sample.CPU.Steal - *e.Worker.CPU - *m.OwnCPU, true
}

func reasonOf(u monitor.Unavailable) string {
	text := map[monitor.Reason]string{
		monitor.ReasonNoAnswer: "The driver gave no answer in time.",
		monitor.ReasonEnded:    "The sensors ended by themselves; a driver that crashes does this.",
		monitor.ReasonError:    "The driver reports an error.",
		monitor.ReasonStart:    "They cannot be started.",
	}[u.Reason]
	if u.Detail != "" {
		text += " It says: " + u.Detail
	}
	return text
}

func (s *Sentinel) gpuConditions(m Moment, out map[string]sight) {
	var lost, slowed, hot []string
	for i, g := range m.Sample.NumberedGPUs() {
		name := gpuName(i, g)
		if g.Error != "" {
			lost = append(lost, fmt.Sprintf("%s: %s", name, g.Error))
		}
		if others := strangers(g); others > strangerBytes && m.Status.Active > 0 {
			out[Neighbour] = sight{Info, "Another program computes on the GPU",
				fmt.Sprintf("Other programs hold %s of the memory of %s, on which answers are computed.", size(others), name),
				"End them, or run them at another time or on another GPU: the model has to share it with them."}
		}
		if why := throttledBy(g.Throttle); why != "" {
			slowed = append(slowed, name+" "+why)
		}
		if near(g.Temperature, g.TemperatureLimit) {
			hot = append(hot, fmt.Sprintf("%s has %.0f °C; it slows down at %.0f °C", name, *g.Temperature, *g.TemperatureLimit))
		}
	}
	for _, name := range s.vanished(m) {
		lost = append(lost, name+": the driver does not list it any more")
	}
	if len(lost) > 0 {
		out[GPULost] = sight{Critical, "A GPU was lost", strings.Join(lost, "; ") + ".",
			"Running answers go on without it. Look at its power and cooling, then restart the machine if it does not come back."}
	}
	if len(slowed) > 0 {
		out[Throttled] = sight{Warning, "A GPU is slowed down", strings.Join(slowed, "; ") + ".",
			"Look at its fans, its dust and the air around it, and at its power supply."}
	}
	for _, t := range m.Sample.Temperatures {
		if t.CPU && near(&t.Celsius, t.Limit) {
			hot = append(hot, fmt.Sprintf("the processor has %.0f °C; it slows down at %.0f °C", t.Celsius, *t.Limit))
			break
		}
	}
	if len(hot) > 0 {
		text := strings.Join(hot, "; ") + "."
		out[Hot] = sight{Warning, "The machine is hot", strings.ToUpper(text[:1]) + text[1:], "Look at its fans, its dust and the air around it."}
	}
}

// vanished names GPUs that were there and are not listed any more. While the
// driver gives no answer nobody knows.
func (s *Sentinel) vanished(m Moment) []string {
	here := map[string]bool{}
	for i, g := range m.Sample.NumberedGPUs() {
		if g.UUID != "" && len(s.gpus) < maxGPUs {
			here[g.UUID], s.gpus[g.UUID] = true, gpuName(i, g)
		}
	}
	for _, u := range m.Sample.Unavailable {
		if u.Source != monitor.SourceMachine {
			return nil
		}
	}
	var gone []string
	for id, name := range s.gpus {
		if !here[id] {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	return gone
}

// near says that a temperature is at its limit, or will be soon.
func near(celsius, limit *float64) bool {
	return celsius != nil && limit != nil && *limit > 0 && *celsius >= *limit-hotMargin
}

// throttledBy says why a GPU is slower than it could be. A power limit that
// somebody set, and clocks that rest, are how it is meant to run.
func throttledBy(reasons []string) string {
	for _, r := range []struct{ reason, words string }{
		{"thermal_hardware", "is too hot"}, {"thermal_software", "is too hot"},
		{"power_brake", "gets too little power"}, {"hardware", "is slowed down by its hardware: heat or power"},
	} {
		if slices.Contains(reasons, r.reason) {
			return r.words
		}
	}
	return ""
}

// strangers is the memory that others hold on a GPU of ours, in bytes.
func strangers(g monitor.GPU) int64 {
	var others int64
	ours := false
	for _, p := range g.Processes {
		if p.Worker {
			ours = true
		} else if p.Memory != nil {
			others += *p.Memory
		}
	}
	if !ours {
		return 0
	}
	return others
}

func gpuName(i int, g monitor.GPU) string {
	if g.Name == "" {
		return fmt.Sprintf("GPU %d", i)
	}
	return fmt.Sprintf("GPU %d (%s)", i, g.Name)
}

// causes are the conditions that make writing slow, the likeliest first.
var causes = []string{GPULost, GPUUnused, Throttled, Hot, Swapping, Neighbour, Steal, MemoryFull}

// explain joins a slow box with its cause: one thing is said once.
func explain(found []Finding) []Finding {
	slow := -1
	for i, f := range found {
		if f.Code == Slow {
			slow = i
		}
	}
	if slow < 0 {
		return found
	}
	for _, code := range causes {
		for i, f := range found {
			if f.Code != code {
				continue
			}
			found[slow].Cause += " The likely cause: " + f.Cause
			found[slow].Advice = f.Advice
			if f.Severity == Info { // told as the cause
				return append(found[:i:i], found[i+1:]...)
			}
			return found
		}
	}
	return found
}

// size writes bytes as people say them.
func size(n int64) string {
	value, unit := float64(n)/1e6, "MB"
	if value >= 1000 {
		value, unit = value/1000, "GB"
	}
	if value >= 1000 {
		value, unit = value/1000, "TB"
	}
	return fmt.Sprintf("%.3g %s", value, unit)
}
