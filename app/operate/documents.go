package operate

import (
	"fmt"
	"time"

	"alcove/app/operate/alerts"
	"alcove/app/operate/sentinel"
)

// Documents is how the way in of documents stands.
type Documents struct {
	Known  bool // false: nothing is known yet
	Failed int  // documents that could not be read
	// WordsOnly: there are passages and no embedding model, so meaning finds nothing.
	WordsOnly bool
	Oldest    time.Time // since when the first one waits, in a queue that does not rest; zero: none does
	// Broken are golden questions that are not answered any more as they were,
	// nil before the first run.
	Broken *int
}

// IDs of what needs attention.
const (
	documentsFailed = "documents_failed"
	documentsWords  = "documents_words_only"
)

// documentFigures are those for the alerts: how far the index is behind, and what it
// does not answer any more.
func documentFigures(d Documents, now time.Time, out map[string]float64) {
	if d.Broken != nil {
		out[alerts.GoldenBroken] = float64(*d.Broken)
	}
	switch {
	case !d.Known:
	case d.Oldest.IsZero():
		out[alerts.IndexAge] = 0
	default:
		out[alerts.IndexAge] = max(0, now.Sub(d.Oldest).Hours())
	}
}

// documentItems says what is wrong with documents; failed and words are since
// when that was first seen.
func documentItems(d Documents, failed, words time.Time) []Item {
	items := failedItem(d, failed)
	if d.WordsOnly {
		items = append(items, Item{ID: documentsWords, Severity: sentinel.Info, Since: words, Title: "Documents are searched by words alone",
			Cause:  "No folder of models has an embedding model, so a question in other words than the document's is not answered.",
			Advice: "Put an embedding model (a .gguf file) into the folder of models. Vectors are then made in the background."})
	}
	return items
}

func failedItem(d Documents, since time.Time) []Item {
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
