package answer

import (
	"slices"
	"strings"
	"unicode"
)

const (
	// MaxTokens bounds an answer from documents where nobody chose a bound: they
	// are short, and a weak model does not end by itself.
	MaxTokens = 400

	repeatedWords     = 4  // fewer may well be said again: "Yes, of course."
	repeatedSentence  = 3  // the time at which a sentence ends the answer
	repeatedParagraph = 12 // words of a paragraph that ends the answer the second time
)

// repeats ends an answer that says the same again: a sentence for the third
// time, or a paragraph for the second. What may be such a one is held back
// until it is different, so that nothing that was shown is taken back.
type repeats struct {
	said       map[string]int // sentences that are over
	paragraphs []string       // that are over, long enough to count

	sentence, paragraph strings.Builder // as far as they are written
	held                string          // not shown: breaks, and what may be said again
	begin               int             // of the sentence in held
	over                bool
}

// write takes text as it is shown; plain is the part of it that counts, without
// numbers of sources. It gives what may be shown now.
func (r *repeats) write(text, plain string) string {
	if r.over {
		return ""
	}
	r.held += text
	r.sentence.WriteString(plain)
	r.paragraph.WriteString(plain)
	if strings.TrimSpace(r.held) == "" || r.again(r.paragraph.String()) {
		return ""
	}
	if !r.thrice(r.sentence.String()) {
		return r.show(len(r.held))
	}
	return r.show(r.begin)
}

// ends tells that the sentence is over.
func (r *repeats) ends() {
	text := normal(r.sentence.String())
	r.sentence.Reset()
	if words(text) >= repeatedWords && !r.over {
		if r.said == nil {
			r.said = map[string]int{}
		}
		if r.said[text]++; r.said[text] >= repeatedSentence {
			r.stop()
		}
	}
	r.begin = len(r.held)
}

// line tells that the paragraph is over, and gives what was held back of it.
func (r *repeats) line() string {
	text := normal(r.paragraph.String())
	r.paragraph.Reset()
	if words(text) >= repeatedParagraph {
		if slices.Contains(r.paragraphs, text) {
			r.stop()
		}
		r.paragraphs = append(r.paragraphs, text)
	}
	if strings.TrimSpace(r.held) == "" {
		return ""
	}
	return r.show(len(r.held))
}

// close gives what is held back, unless it is the beginning of something that
// was said before.
func (r *repeats) close() string {
	if text := r.paragraph.String(); words(normal(text)) >= repeatedParagraph && r.again(text) {
		r.stop()
	}
	if text := r.sentence.String(); words(normal(text)) >= repeatedWords && r.thrice(text) {
		r.stop()
	}
	return r.show(len(r.held))
}

// stop ends the answer before the sentence, or before all that is held where
// the paragraph is the same.
func (r *repeats) stop() { r.held, r.begin, r.over = "", 0, true }

func (r *repeats) show(n int) string {
	out := r.held[:n]
	r.held, r.begin = r.held[n:], max(0, r.begin-n)
	return out
}

// again says whether text may become a paragraph that was there.
func (r *repeats) again(text string) bool {
	text = normal(text)
	return slices.ContainsFunc(r.paragraphs, func(p string) bool { return strings.HasPrefix(p, text) })
}

// thrice says whether text may become a sentence that was said twice.
func (r *repeats) thrice(text string) bool {
	text = normal(text)
	for s, n := range r.said {
		if n >= repeatedSentence-1 && strings.HasPrefix(s, text) {
			return true
		}
	}
	return false
}

// normal makes texts the same that differ in marks, case, spaces and the number
// before an item.
func normal(text string) string {
	text = strings.ToLower(strings.TrimLeft(text, " \t\n-*•#>"))
	if rest := strings.TrimLeft(text, "0123456789"); rest == "" || rest != text && strings.ContainsRune(".)", rune(rest[0])) {
		text = strings.TrimLeft(rest, ".)")
	}
	fields := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return strings.Join(fields, " ")
}

func words(normal string) int { return strings.Count(normal, " ") + min(1, len(normal)) }
