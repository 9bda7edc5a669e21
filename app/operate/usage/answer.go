package usage

import (
	"math"
	"strings"
	"time"

	"alcove/engine"
	"alcove/monitor/latency"
	"alcove/monitor/rollup"
	"alcove/storage"
)

// Ends of an answer.
const (
	StatusDone    = "done"
	StatusStopped = "stopped"
	StatusFailed  = "failed"
)

// Answer is what one answer was, without its text.
type Answer struct {
	ID                  string
	At                  time.Time // its end
	Class, Route, Model string
	Device, User        string
	Status, Code        string // Code is that of the error, "" without one

	// Queue is until its prompt began to be read or it ended, without Loading; 0:
	// it was refused before it waited.
	Queue   time.Duration
	Loading time.Duration // of that, while the model was loaded
	Prefill time.Duration // from then to the first token; 0: there was none
	// FirstToken is from the request to the first token; 0: there was none.
	FirstToken, Total time.Duration
	// Gaps are the times between its tokens, in seconds.
	Gaps latency.Histogram

	PromptTokens, CachedTokens, OutputTokens int
	TokensPerSec                             float64 // written; 0: not known
	Restarts                                 int
	// Draft was read before it was asked: its tokens count, and it is no answer.
	Draft bool
}

// traffic says whether an answer is somebody's.
func (a *Answer) traffic() bool {
	return a.Route != engine.RouteCapacity && a.Route != engine.RouteReady
}

// maxLabel bounds names that are kept, in bytes.
const maxLabel = 255

// label cuts a name between two characters: half of one is no text.
func label(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxLabel)], "") }

func (a *Answer) key() rollup.Key {
	return rollup.Key{Model: label(a.Model), Route: label(a.Route), Class: label(a.Class)}
}

func count(n int) uint64 { return uint64(max(0, n)) }

// addTo counts the answer.
func (a *Answer) addTo(c *rollup.Cell) {
	c.Counts = c.Plus(rollup.Counts{
		PromptTokens: count(a.PromptTokens), CachedTokens: min(count(a.CachedTokens), count(a.PromptTokens)), OutputTokens: count(a.OutputTokens),
	})
	if a.Draft || a.Route == engine.RouteEmbeddings { // tokens were read, and no answer was written
		return
	}
	c.Requests++
	if a.Status == StatusFailed {
		c.Failed++
	}
	add := func(f rollup.Figure, v float64) {
		if v > 0 && !math.IsInf(v, 0) {
			c.Figures[f].Add(v)
		}
	}
	if a.FirstToken > 0 || a.Queue > 0 { // who left the queue or failed in it waited too
		c.Figures[rollup.QueueSeconds].Add(max(0, a.Queue).Seconds())
	}
	if a.FirstToken > 0 {
		add(rollup.FirstTokenSeconds, a.FirstToken.Seconds())
		if computed := a.PromptTokens - a.CachedTokens; computed > 0 && a.Prefill > 0 {
			add(rollup.TokensInPerSecond, float64(computed)/a.Prefill.Seconds())
		}
	}
	c.Figures[rollup.InterTokenSeconds].Merge(&a.Gaps)
	add(rollup.TokensOutPerSecond, a.TokensPerSec)
	if a.Status == StatusDone { // the others would look fast
		add(rollup.TotalSeconds, a.Total.Seconds())
		add(rollup.PromptTokens, float64(a.PromptTokens))
		add(rollup.OutputTokens, float64(a.OutputTokens))
	}
}

// row is the answer's line of the request log.
func (a *Answer) row(num int64) storage.UsageRequest {
	r := storage.UsageRequest{
		Num: num, At: a.At, User: label(a.User), Model: label(a.Model), Device: label(a.Device), Route: label(a.Route), Class: label(a.Class),
		Status: a.Status, Code: label(a.Code), Queue: max(0, a.Queue), Total: max(0, a.Total),
		PromptTokens: int64(count(a.PromptTokens)), CachedTokens: int64(count(a.CachedTokens)), OutputTokens: int64(count(a.OutputTokens)),
		Restarts: int64(count(a.Restarts)),
	}
	if a.FirstToken > 0 {
		r.FirstToken = &a.FirstToken
	}
	if a.TokensPerSec > 0 && !math.IsInf(a.TokensPerSec, 0) {
		r.TokensPerSec = &a.TokensPerSec
	}
	return r
}
