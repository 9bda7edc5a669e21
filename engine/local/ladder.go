package local

import (
	"fmt"
	"slices"
	"time"

	"alcove/engine"
)

// This file decides which GPU backend may be used. It has no clock and no
// goroutine.

// ladder remembers the backends that failed. The engine steps down to the next
// one, at the bottom to the CPU, and tries the failed one again after a while.
// The zero value allows all. It belongs to the supervisor.
type ladder map[string]fall

// fall is what is remembered of a backend.
type fall struct {
	why   string
	times int       // in a row
	until time.Time // before that it is not used
}

// A backend that failed is tried again after a minute; each time that it fails
// soon again the wait doubles, so that a bad driver does not end answers all day.
const (
	tryAgain     = time.Minute
	tryAgainMost = time.Hour
	// steadyAfter without a failure the waits begin anew.
	steadyAfter = 30 * time.Minute
)

// fell notes that a worker on the backend failed.
func (l ladder) fell(backend, why string, now time.Time) {
	f := l[backend]
	if now.Sub(f.until) > steadyAfter {
		f.times = 0
	}
	f.why, f.times = why, f.times+1
	f.until = now.Add(backoff(f.times, tryAgain, tryAgainMost))
	l[backend] = f
}

// avoided are the backends that must not be used now, with their reasons.
func (l ladder) avoided(now time.Time) map[string]string {
	out := map[string]string{}
	for b, f := range l {
		if now.Before(f.until) {
			out[b] = f.why
		}
	}
	return out
}

// forgive lets all backends be tried now: the machine slept, or has another driver.
func (l ladder) forgive(now time.Time) {
	for b, f := range l {
		f.until = now
		l[b] = f
	}
}

// backendOrder are the GPU backends from the best to the worst, as the worker
// has them.
var backendOrder = []string{"cuda", "hip", "metal", "vulkan"}

// rankOf is 0 for the best backend; those that are not known come last.
func rankOf(backend string) int {
	if i := slices.Index(backendOrder, backend); i >= 0 {
		return i
	}
	return len(backendOrder)
}

// bestBackend is the backend that a model would be loaded onto, "" for the CPU.
// A GPU that is drawn by the CPU counts only where somebody asks for it.
func bestBackend(devices []engine.Device, avoid map[string]string, only string) string {
	if only == deviceCPU {
		return ""
	}
	best, rank := "", len(backendOrder)+1
	for _, d := range devices {
		if _, bad := avoid[d.Backend]; bad || only != "" && d.Backend != only || d.Kind == "software" && only != d.Backend {
			continue
		}
		if r := rankOf(d.Backend); r < rank {
			best, rank = d.Backend, r
		}
	}
	return best
}

// allowed are the devices whose backend is not avoided.
func allowed(devices []engine.Device, avoid map[string]string) []engine.Device {
	return slices.DeleteFunc(slices.Clone(devices), func(d engine.Device) bool { _, bad := avoid[d.Backend]; return bad })
}

// stepDownReason says that a backend failed and what answers instead.
func stepDownReason(avoid map[string]string, now string) string {
	for _, b := range append(slices.Clone(backendOrder), sortedKeys(avoid)...) {
		why, bad := avoid[b]
		if !bad {
			continue
		}
		instead := "on the CPU"
		if now != "" {
			instead = "with " + backendTitle(now)
		}
		return fmt.Sprintf("The GPU failed, so answers are computed %s now, and go on where they were. %s: %s. "+
			"It is tried again from time to time; if this stays, look after its driver.", instead, backendTitle(b), why)
	}
	return ""
}

var backendTitles = map[string]string{"cuda": "CUDA", "hip": "ROCm", "metal": "Metal", "vulkan": "Vulkan"}

func backendTitle(b string) string {
	if t := backendTitles[b]; t != "" {
		return t
	}
	return b
}
