package operate

import (
	"fmt"
	"time"

	"alcove/app/operate/alerts"
	"alcove/app/operate/sentinel"
)

// Documents is how the way in of documents stands.
type Documents struct {
	Known  bool      // false: nothing is known yet
	Failed int       // documents that could not be read
	Oldest time.Time // since when the first one waits, in a queue that does not rest; zero: none does
}

// documentsFailed is the ID of what needs attention.
const documentsFailed = "documents_failed"

// documentFigures are those for the alerts: how far the index is behind.
func documentFigures(d Documents, now time.Time, out map[string]float64) {
	switch {
	case !d.Known:
	case d.Oldest.IsZero():
		out[alerts.IndexAge] = 0
	default:
		out[alerts.IndexAge] = max(0, now.Sub(d.Oldest).Hours())
	}
}

// documentItem says that documents failed; since is when that was first seen.
func documentItem(d Documents, since time.Time) []Item {
	if d.Failed == 0 {
		return nil
	}
	title, cause := fmt.Sprintf("%d documents could not be read", d.Failed), "Questions do not find them."
	if d.Failed == 1 {
		title, cause = "A document could not be read", "Questions do not find it."
	}
	return []Item{{ID: documentsFailed, Severity: sentinel.Info, Since: since, Title: title, Cause: cause,
		Advice: "Under Documents each one has its reason. Mend it and choose Try again, or remove it."}}
}
