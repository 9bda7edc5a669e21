package cost

import "fmt"

// Latency says which of the guide's classes this box meets: real-time within a
// second, interactive within five, batch beyond.
type Latency struct {
	Class  string `json:"class" enum:"real-time,interactive,batch,unknown"`
	Source string `json:"source" enum:"recorded,measured,none"`
	// P95 is of the first token, in seconds.
	P95      *float64 `json:"first_token_p95_seconds,omitempty"`
	Under1   *float64 `json:"within_1s_percent,omitempty"`
	Under5   *float64 `json:"within_5s_percent,omitempty"`
	Sentence string   `json:"sentence"`
}

// The bounds of the classes, in seconds.
const (
	realTime    = 1.0
	interactive = 5.0
)

func classOf(p95 float64) string {
	switch {
	case p95 < realTime:
		return "real-time"
	case p95 <= interactive:
		return "interactive"
	}
	return "batch"
}

// latencyOf judges what was recorded; without that, what was measured.
func latencyOf(t Traffic, f Facts) Latency {
	switch {
	case t.FirstTokenP95 > 0:
		p := t.FirstTokenP95
		l := Latency{Class: classOf(p), Source: "recorded", P95: &p}
		l.Sentence = fmt.Sprintf("This box meets the class %s: 95 of 100 recorded answers began within %.2f s.", l.Class, p)
		if t.Under1 >= 0 && t.Under5 >= 0 {
			one, five := 100*t.Under1, 100*t.Under5
			l.Under1, l.Under5 = &one, &five
			l.Sentence += fmt.Sprintf(" %.0f %% were real-time (within 1 s), %.0f %% interactive or better (within 5 s).", one, five)
		}
		return l
	case f.FirstTokenP95 > 0:
		p := f.FirstTokenP95
		l := Latency{Class: classOf(p), Source: "measured", P95: &p}
		l.Sentence = fmt.Sprintf("Nothing was recorded yet. In the last measurement one person alone got the first token within %.2f s (P95): the class %s.", p, l.Class)
		return l
	}
	return Latency{Class: "unknown", Source: "none", Sentence: "Nothing was recorded or measured yet, so the class is not known."}
}
