package alerts

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Reading is what is known now: the name of a metric and its value. A figure
// that is not known is absent.
type Reading map[string]float64

// Names of the metrics that rules can be about.
const (
	FirstTokenP95   = "first_token_p95_seconds"
	InterTokenP95   = "inter_token_p95_seconds"
	QueueP95        = "queue_p95_seconds"
	AnswersQueued   = "answers_queued"
	ErrorPercent    = "error_percent" // of the answers of the last minutes
	CPUPercent      = "cpu_percent"
	MemoryUsed      = "memory_used_percent"
	SwapUsed        = "swap_used_percent"
	DiskFreePercent = "disk_free_percent" // of the data folder's disk
	DiskFreeBytes   = "disk_free_bytes"
	CPUTemperature  = "cpu_temperature_celsius"
	GPUTemperature  = "gpu_temperature_celsius" // the hottest GPU's
	GPUMemoryUsed   = "gpu_memory_used_percent" // the fullest GPU's
	GPUUtilization  = "gpu_utilization_percent"
	GPULost         = "gpu_lost"   // 1: a GPU that was there does not answer
	GPUUnused       = "gpu_unused" // 1: there is a GPU and the CPU answers
	NoModel         = "no_model"   // 1: no model can answer
	SpeedPercent    = "speed_percent"
	IndexAge        = "index_age_hours"
	GoldenBroken    = "golden_broken"   // golden questions that were answered before
	StoreReadOnly   = "store_read_only" // 1: the disk refuses writes
)

// Units of metrics.
const (
	unitSeconds = "seconds"
	unitAnswers = "answers"
	unitPercent = "percent"
	unitBytes   = "bytes"
	unitCelsius = "celsius"
	unitHours   = "hours"
	unitFlag    = "flag" // 0 or 1
)

// metric is what is fixed about a metric.
type metric struct {
	name, unit, title string
	says              string // of a flag: what 1 means, a sentence
	advice            string // what to do, a sentence
}

// metrics is the table of them, in the order in which pages offer them.
var metrics = []metric{
	{FirstTokenP95, unitSeconds, "Wait for the first word (95 of 100 answers)", "", "Fewer people at once, a smaller model or a GPU makes it shorter."},
	{InterTokenP95, unitSeconds, "Gap between words (95 of 100 answers)", "", "Fewer people at once, a smaller model or a GPU makes it shorter."},
	{QueueP95, unitSeconds, "Wait in the queue (95 of 100 answers)", "", "More slots, fewer people at once or a faster model makes it shorter."},
	{AnswersQueued, unitAnswers, "Questions that wait", "", "Look at who asks so much under Requests, or use a faster model."},
	{ErrorPercent, unitPercent, "Answers that failed", "", "The request log names the errors."},
	{CPUPercent, unitPercent, "Processor in use", "", "Look for another program that works on this machine."},
	{MemoryUsed, unitPercent, "Memory in use", "", "Unload a model that nobody needs, or end other programs."},
	{SwapUsed, unitPercent, "Swap in use", "", "Memory is short: unload a model, or end other programs."},
	{DiskFreePercent, unitPercent, "Free disk space", "", "Make room: delete model files and backups that nobody needs."},
	{DiskFreeBytes, unitBytes, "Free disk space (bytes)", "", "Make room: delete model files and backups that nobody needs."},
	{CPUTemperature, unitCelsius, "Processor temperature", "", "Check the fans and the air around the machine."},
	{GPUTemperature, unitCelsius, "GPU temperature", "", "Check the fans and the air around the machine."},
	{GPUMemoryUsed, unitPercent, "GPU memory in use", "", "A shorter context, fewer slots or a smaller model needs less."},
	{GPUUtilization, unitPercent, "GPU in use", "", "Look for another program that uses the GPU."},
	{GPULost, unitFlag, "GPU lost", "A GPU that was there does not answer any more.", "Look at the driver's messages in the system's log; a restart of the machine often brings it back."},
	{GPUUnused, unitFlag, "GPU not used", "There is a GPU, and the processor answers.", "The Device page and `alcove doctor` say why."},
	{NoModel, unitFlag, "No model", "No model can answer.", "Load one under Models."},
	{SpeedPercent, unitPercent, "Speed beside this machine's usual one", "", "\"Needs attention\" on the Monitor page says what slows it down."},
	{IndexAge, unitHours, "Age of the document index", "", "Look under Documents what the queue waits for: a document that cannot be read, or a folder that is missing."},
	{GoldenBroken, unitAnswers, "Golden answers that broke", "", "Under Documents, Golden questions says which ones. Most often a document was changed or removed; mend it, or change the question."},
	{StoreReadOnly, unitFlag, "Disk refuses writes", "The disk refuses writes: nothing new is saved.", "Make room, or check the disk."},
}

var metricByName = func() map[string]metric {
	table := map[string]metric{}
	for _, m := range metrics {
		table[m.name] = m
	}
	return table
}()

// known gives a metric's value; NaN and infinities are no figures.
func (r Reading) known(name string) (float64, bool) {
	v, ok := r[name]
	return v, ok && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// quantity is a value with its unit, as sentences have it.
func (m metric) quantity(v float64) string {
	switch m.unit {
	case unitSeconds:
		return number(v) + " s"
	case unitPercent:
		return number(v) + " %"
	case unitCelsius:
		return number(v) + " °C"
	case unitHours:
		return number(v) + " h"
	case unitBytes:
		return bytesText(v)
	}
	return number(v)
}

// number has three digits at most.
func number(v float64) string {
	digits := 0
	switch size := math.Abs(v); {
	case size < 1:
		digits = 3
	case size < 10:
		digits = 2
	case size < 100:
		digits = 1
	}
	pow := math.Pow10(digits)
	return strconv.FormatFloat(math.Round(v*pow)/pow, 'f', -1, 64)
}

func bytesText(v float64) string {
	for _, unit := range []string{"bytes", "kB", "MB", "GB"} { // decimal, as the page counts
		if math.Abs(v) < 1000 {
			return number(v) + " " + unit
		}
		v /= 1000
	}
	return number(v) + " TB"
}

// durationText is a time span in words, to the nearest unit that fits.
func durationText(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
