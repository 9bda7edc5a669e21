package window

// Counts of ticks, one a second. They are counts and not times, so that a
// machine that slept does not find its page dead.
const (
	firstPulse  = 90 // a cold start on a busy machine
	missedPulse = 30 // a page that hangs
	goneTicks   = 2  // WebKit's process is gone and the page is silent
)

// heart decides from pulses and from WebKit's process whether the page lives.
type heart struct {
	beaten  bool // at least once
	process bool // WebKit's process was seen
	missed  int  // ticks since the last pulse
	gone    int  // ticks since WebKit's process was seen
}

func (h *heart) beat() { h.beaten, h.missed = true, 0 }

// tick counts one tick. process says whether WebKit's process is there. It
// gives why the page is lost, "" while it is not.
func (h *heart) tick(process bool) string {
	h.missed++
	if process {
		h.process, h.gone = true, 0
	} else {
		h.gone++
	}
	switch {
	case h.process && h.gone >= goneTicks && h.missed >= goneTicks:
		return "WebKit's process ended"
	case !h.beaten && h.missed >= firstPulse:
		return "the page did not start"
	case h.beaten && h.missed >= missedPulse:
		return "the page does not answer"
	}
	return ""
}
