package loop

import (
	"fmt"
	"math"

	"alcove/engine/worker/prefix"
	"alcove/engine/worker/prompt"
)

// labels says for each token of a prompt who may share it. The template's text
// goes with the content before it, the first with the first content: alone it
// would show that somebody had asked anything. The answer goes with the last
// content, the question.
//
// open is where the first text begins that nobody may ever share: a private
// segment of nobody in particular.
func labels(p *prompt.Prompt, user string, id uint64) (spans []prefix.Span, open int) {
	private := private(user, id)
	label := private
	for _, s := range p.Spans {
		if !s.Template {
			label = name(s.Share, private)
			break
		}
	}
	open = -1
	end := 0
	for _, s := range p.Spans {
		if !s.Template {
			label = name(s.Share, private)
		}
		if label == private && user == "" && open < 0 {
			open = end
		}
		end += len(s.Tokens)
		if n := len(spans); n > 0 && spans[n-1].Label == label {
			spans[n-1].End = end
		} else {
			spans = append(spans, prefix.Span{End: end, Label: label})
		}
	}
	if open < 0 {
		open = math.MaxInt
	}
	return spans, open
}

// private labels text that has no label of its own: it is its user's, or of no
// use to anybody.
func private(user string, id uint64) string {
	if user == "" {
		return fmt.Sprint(requestPrefix, id)
	}
	return userPrefix + user
}

// How labels begin: somebody can have the first two again.
const (
	sharePrefix   = "share:"
	userPrefix    = "user:"
	requestPrefix = "request:"
)

func name(share, private string) string {
	if share == "" {
		return private
	}
	return sharePrefix + share
}

// anchor is how many tokens others will begin with too: system messages, and
// what comes before the first token that has the answer's own label.
func anchor(p *prompt.Prompt, spans []prefix.Span) (n int) {
	end := 0
	for _, s := range p.Spans {
		if end += len(s.Tokens); s.System {
			n = end
		} else if !s.Template {
			break
		}
	}
	if len(spans) == 0 {
		return n
	}
	from := 0
	for _, s := range spans {
		if s.Label == spans[len(spans)-1].Label {
			return max(n, from)
		}
		from = s.End
	}
	return n
}
