package alerts

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"alcove/app"
)

// Rule says when a figure is worth telling somebody. It fires when the value
// was beyond the threshold for ForSeconds, and ends when it was on the good
// side of Clear for ClearSeconds; between the two nothing changes.
type Rule struct {
	ID     string   `json:"id" doc:"a to z, 0 to 9 and hyphens, at most 40"`
	Title  string   `json:"title" doc:"At most 120 characters, on one line"`
	Metric string   `json:"metric"`
	Above  *float64 `json:"above,omitempty" doc:"Fires above this; either this or below"`
	Below  *float64 `json:"below,omitempty"`
	Clear  *float64 `json:"clear,omitempty" doc:"Ends on the good side of this; absent: the threshold itself"`
	// ForSeconds is 0 to 604800; 0 fires at the first value.
	ForSeconds   int      `json:"for_seconds" doc:"0 to 604800"`
	ClearSeconds int      `json:"clear_seconds" doc:"10 to 604800"`
	Severity     Severity `json:"severity" enum:"warning,critical"`
	Enabled      bool     `json:"enabled"`
}

// Severity is how bad an alert is.
type Severity string

// Severities of rules.
const (
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// Bounds of rules.
const (
	maxRules   = 100
	maxTitle   = 120 // characters
	maxSeconds = 7 * 24 * 3600
	minClear   = 10 // seconds: bounds how often a rule can fire
)

// threshold gives the value beyond which the rule fires.
func (r Rule) threshold() float64 {
	if r.Above != nil {
		return *r.Above
	}
	return *r.Below
}

// clear gives the value at which the rule may end.
func (r Rule) clear() float64 {
	if r.Clear != nil {
		return *r.Clear
	}
	return r.threshold()
}

func (r Rule) beyond(v float64) bool {
	if r.Above != nil {
		return v > *r.Above
	}
	return v < *r.Below
}

// well says that a value is on the good side of Clear. No value is both
// beyond and well: Clear is never beyond the threshold.
func (r Rule) well(v float64) bool {
	if r.Above != nil {
		return v <= r.clear()
	}
	return v >= r.clear()
}

// sameCondition says that both rules judge values alike.
func sameCondition(a, b Rule) bool {
	return a.Metric == b.Metric && (a.Above != nil) == (b.Above != nil) && a.threshold() == b.threshold() && a.clear() == b.clear()
}

// sentence says what is wrong.
func (r Rule) sentence(value float64) string {
	m := metricByName[r.Metric]
	if m.unit == unitFlag && r.Above != nil {
		return m.says
	}
	side := "above"
	if r.Above == nil {
		side = "below"
	}
	text := fmt.Sprintf("%s: %s, %s the limit of %s", m.title, m.quantity(value), side, m.quantity(r.threshold()))
	if r.ForSeconds > 0 {
		text += " for " + durationText(time.Duration(r.ForSeconds)*time.Second)
	}
	return text + "."
}

// Shipped gives the rules that come with Alcove.
func Shipped() []Rule {
	above := func(id, title, metric string, limit, clear float64, forSeconds, clearSeconds int, s Severity) Rule {
		return Rule{ID: id, Title: title, Metric: metric, Above: &limit, Clear: &clear, ForSeconds: forSeconds, ClearSeconds: clearSeconds, Severity: s, Enabled: true}
	}
	below := func(id, title, metric string, limit, clear float64, forSeconds, clearSeconds int, s Severity) Rule {
		r := above(id, title, metric, limit, clear, forSeconds, clearSeconds, s)
		r.Above, r.Below = nil, &limit
		return r
	}
	index := above("index-old", "The document index is old", IndexAge, 48, 48, 600, 60, Warning)
	return []Rule{
		above("gpu-lost", "A GPU is lost", GPULost, 0.5, 0.5, 0, 60, Critical),
		above("no-model", "No model can answer", NoModel, 0.5, 0.5, 120, 10, Critical),
		above("disk-refuses", "The disk refuses writes", StoreReadOnly, 0.5, 0.5, 10, 30, Critical),
		below("disk-full", "The disk is almost full", DiskFreePercent, 1, 2, 60, 60, Critical),
		below("disk-low", "Disk space is low", DiskFreePercent, 5, 6, 60, 60, Warning),
		above("golden-broken", "Golden answers broke", GoldenBroken, 0.5, 0.5, 0, 10, Warning),
		above("slow-first-word", "Answers begin late", FirstTokenP95, 5, 4, 300, 120, Warning),
		above("answers-fail", "Answers fail", ErrorPercent, 5, 2, 300, 300, Warning),
		above("queue-long", "Many questions wait", AnswersQueued, 20, 10, 120, 60, Warning),
		above("gpu-unused", "The GPU is not used", GPUUnused, 0.5, 0.5, 60, 60, Warning),
		above("gpu-hot", "A GPU is hot", GPUTemperature, 85, 80, 60, 120, Warning),
		above("gpu-memory-full", "GPU memory is almost full", GPUMemoryUsed, 97, 95, 300, 120, Warning),
		above("cpu-hot", "The processor is hot", CPUTemperature, 95, 88, 120, 120, Warning),
		above("memory-full", "Memory is almost full", MemoryUsed, 95, 90, 120, 120, Warning),
		below("slow", "The box is slower than usual", SpeedPercent, 50, 70, 300, 300, Warning),
		index,
	}
}

var ruleID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// checkRules names what is wrong with a set of rules; nil when nothing is.
func checkRules(rules []Rule) error {
	if len(rules) > maxRules {
		return invalid("rules", "There may be %d rules at most, and these are %d.", maxRules, len(rules))
	}
	seen := map[string]bool{}
	for i, r := range rules {
		at := fmt.Sprintf("rules[%d].", i)
		switch {
		case !ruleID.MatchString(r.ID):
			return invalid(at+"id", "Rule %d needs a name of small letters, digits and hyphens, at most 40.", i+1)
		case seen[r.ID]:
			return invalid(at+"id", "Two rules are named %s.", r.ID)
		case !isLine(r.Title, maxTitle):
			return invalid(at+"title", "The rule %s needs a title of 1 to %d characters on one line.", r.ID, maxTitle)
		}
		if field, text := r.fault(); field != "" {
			return invalid(at+field, "%s: %s", r.Title, text)
		}
		seen[r.ID] = true
	}
	return nil
}

// fault gives the field that is wrong and a sentence; "" when none is.
func (r Rule) fault() (field, text string) {
	m, ok := metricByName[r.Metric]
	switch {
	case !ok:
		return "metric", "There is no figure of this name."
	case r.Above == nil && r.Below == nil:
		return "above", "The threshold is missing."
	case r.Above != nil && r.Below != nil:
		return "below", "A rule has one threshold, above or below."
	case r.Severity != Warning && r.Severity != Critical:
		return "severity", "The severity is warning or critical."
	case r.ForSeconds < 0 || r.ForSeconds > maxSeconds:
		return "for_seconds", "The time until it fires is 0 seconds to 7 days."
	case r.ClearSeconds < minClear || r.ClearSeconds > maxSeconds:
		return "clear_seconds", "The time until it ends is 10 seconds to 7 days."
	}
	side := "above"
	if r.Above == nil {
		side = "below"
	}
	if !m.sensible(r.threshold()) {
		return side, "This threshold is not a value that the figure can have."
	}
	if !m.sensible(r.clear()) {
		return "clear", "The value at which it ends is not one that the figure can have."
	}
	if r.beyond(r.clear()) {
		return "clear", fmt.Sprintf("It would end while it is still %s the threshold.", side)
	}
	return "", ""
}

// sensible says whether a limit makes sense for the metric.
func (m metric) sensible(v float64) bool {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return false
	}
	switch m.unit {
	case unitPercent:
		return v >= 0 && v <= 1000 // speed may be above the usual one
	case unitFlag:
		return v >= 0 && v <= 1
	case unitCelsius:
		return v >= -100 && v <= 1000
	}
	return v >= 0 && v <= 1e18
}

// isLine says that a text is 1 to most characters on one line, with no
// characters that a mail header or a log line could trip over.
func isLine(s string, most int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && n >= 1 && n <= most && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Cf)
	})
}

func invalid(param, format string, args ...any) error {
	return &app.Error{Code: app.CodeInvalid, Param: param, Message: fmt.Sprintf(format, args...) + " Nothing was changed."}
}

// copyRules gives rules that share nothing with those of the caller.
func copyRules(rules []Rule) []Rule {
	out := slices.Clone(rules)
	for i := range out {
		for _, p := range []**float64{&out[i].Above, &out[i].Below, &out[i].Clear} {
			if *p != nil {
				v := **p
				*p = &v
			}
		}
	}
	return out
}
