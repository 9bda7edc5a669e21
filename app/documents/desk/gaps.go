package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"alcove/app/documents/index"
	"alcove/storage"
)

// Gap is a topic of which the documents do not say enough.
type Gap struct {
	Topic     string    `json:"topic" doc:"The words that its questions share."`
	Questions int       `json:"questions" doc:"Different ones."`
	Times     int       `json:"times" doc:"How often they were asked."`
	Examples  []string  `json:"examples" nullable:"false"`
	IDs       []string  `json:"ids" nullable:"false" doc:"Answers to its questions, as the inbox names them."`
	LastAsked time.Time `json:"last_asked"`
}

const (
	alike     = 0.34 // share of words that questions of one topic have in common
	mostShown = 3    // of the questions of a topic
)

// Gaps groups a collection's open questions by topic, those that were asked
// most first.
func (k *Desk) Gaps(ctx context.Context, person, collection string) ([]Gap, error) {
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return nil, err
	}
	rows, err := k.d.Store.Inbox(ctx, collection, storage.InboxOpen, maxInbox)
	if err != nil {
		return nil, err
	}
	return gaps(group(rows)), nil
}

// topic is a Gap while it is made.
type topic struct {
	items []InboxItem
	words map[string]int // stem -> questions that have it
	shown map[string]string
}

// gaps puts each question to the topic that it shares most words with, if that
// is enough. Items are in the order in which they were asked, newest first.
func gaps(items []InboxItem) []Gap {
	var topics []*topic
	for _, item := range items {
		words := map[string]string{}
		for _, w := range index.Terms(item.Question, "") {
			words[stem(w)] = w
		}
		best, most := (*topic)(nil), 0.0
		for _, t := range topics {
			if s := t.shared(words); s > most {
				best, most = t, s
			}
		}
		if best == nil || most < alike {
			best = &topic{words: map[string]int{}, shown: map[string]string{}}
			topics = append(topics, best)
		}
		best.items = append(best.items, item)
		for s, w := range words {
			best.words[s]++
			best.shown[s] = w
		}
	}
	out := make([]Gap, 0, len(topics))
	for _, t := range topics {
		out = append(out, t.gap())
	}
	slices.SortStableFunc(out, func(a, b Gap) int { return cmp.Compare(b.Times, a.Times) })
	return out
}

// endings are those of plurals and cases in the languages of documents.
var endings = []string{"en", "er", "es", "s", "n", "e"}

// stem is a word without its end: enough to see that "leave" and "leaves" are
// one topic, in each language.
func stem(word string) string {
	word = strings.ToLower(word)
	for _, e := range endings {
		if cut, ok := strings.CutSuffix(word, e); ok && len([]rune(cut)) >= 3 {
			word = cut
			break
		}
	}
	r := []rune(word)
	return string(r[:min(len(r), 6)])
}

// shared is the share of the smaller set of words that is in both. Words that
// all questions of the topic have count fully, others by how many have them.
func (t *topic) shared(words map[string]string) float64 {
	sum := 0.0
	for s := range words {
		sum += float64(t.words[s]) / float64(len(t.items))
	}
	if len(words) == 0 {
		return 0
	}
	return sum / float64(min(len(words), max(1, len(t.words))))
}

func (t *topic) gap() Gap {
	g := Gap{Questions: len(t.items), Examples: []string{}, IDs: []string{}}
	for _, item := range t.items {
		g.IDs = append(g.IDs, item.IDs...)
		g.Times += item.Times
		if item.AskedAt.After(g.LastAsked) {
			g.LastAsked = item.AskedAt
		}
		if len(g.Examples) < mostShown {
			g.Examples = append(g.Examples, item.Question)
		}
	}
	stems := make([]string, 0, len(t.words))
	for s := range t.words {
		stems = append(stems, s)
	}
	slices.SortFunc(stems, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.words[b], t.words[a]), cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	var words []string
	for _, s := range stems[:min(3, len(stems))] {
		words = append(words, t.shown[s])
	}
	g.Topic = strings.Join(words, ", ")
	return g
}
