package answer

import (
	"math"
	"strings"
	"unicode"

	"alcove/app/documents/index"
)

// features are what the decision looks at, each about 0..1.
type features [7]float64

// Places in features.
const (
	fNear      = iota // the nearest of the first three passages
	fCoverage         // of the question's rare words, in the best passage
	fTogether         // in the first three together
	fBM25             // share of the best possible sum
	fAgreement        // of the two lists
	fMargin           // of the first passage before the second
	fAsked            // what is asked for (an amount, a day, a name) is there
)

// weights is a logistic regression, fitted by app/documents/quality on questions
// 1-60 of examples/handbook and 30 about other things; base is its constant. What
// has no weight added nothing to what the others say.
// docs/decisions/0040-measured-embedders.md has the figures.
type weights struct {
	base float64
	by   features
}

// threshold is the score from which documents answer, unless the collection
// says another one. On questions 1-60 it is where the share of unanswerable
// questions that are refused, less three times that of answerable ones, is
// highest; the weights' bases are moved so that this is 0.5.
const threshold = 0.5

var (
	// vectorWeights are those of multilingual-e5-small. Another embedder's
	// measured nearness is taken for the same.
	vectorWeights = weights{-3.2, features{fNear: 4.69, fBM25: 2.18, fAsked: 0.87}}
	// miniWeights: to MiniLM the known texts are easier than those of a handbook,
	// so that the same nearness says more.
	miniWeights = weights{-3.55, features{fNear: 10.86}}
	textWeights = weights{-1.4, features{fBM25: 3.3, fAsked: 1.36}}
)

// weightsOf are those of the words alone as far as the embedder does not know
// the question's language.
func weightsOf(found index.Found) weights {
	with := vectorWeights
	if strings.Contains(found.Embedder, "MiniLM") {
		with = miniWeights
	}
	skill := clamp(found.Skill)
	if found.Mode == index.ModeText {
		skill = 0
	}
	w := weights{base: skill*with.base + (1-skill)*textWeights.base}
	for i := range w.by {
		w.by[i] = skill*with.by[i] + (1-skill)*textWeights.by[i]
	}
	return w
}

// looked is how many passages the decision looks at: an answer that is not
// among the first three is not among what the model reads first either.
const looked = 3

// scoreOf is how sure it is that passages answer a question, 0..1.
func scoreOf(question string, found index.Found) float64 {
	if len(found.Passages) == 0 {
		return 0
	}
	return weightsOf(found).score(featuresOf(question, found))
}

func (w weights) score(f features) float64 {
	sum := w.base
	for i, v := range f {
		sum += w.by[i] * v
	}
	return 1 / (1 + math.Exp(-sum))
}

func featuresOf(question string, found index.Found) features {
	f := features{fTogether: clamp(found.Coverage), fAgreement: clamp(found.Agreement), fMargin: clamp(found.Margin)}
	first := found.Passages[:min(looked, len(found.Passages))]
	text := ""
	for _, p := range first {
		f[fNear] = max(f[fNear], clamp(p.Signals.Near))
		f[fCoverage] = max(f[fCoverage], clamp(p.Signals.Coverage))
		f[fBM25] = max(f[fBM25], clamp(p.Signals.BM25))
		text += "\n" + p.Heading + "\n" + p.Text
	}
	f[fAsked] = askedIn(question, text)
	return f
}

// clamp keeps a signal in 0..1; what is no number is 0.
func clamp(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1)
}

// amounts are words that ask for a number or a day.
var amounts = setOf("many much long often when early late combien quand duree cuanto cuantos cuanta cuantas cuando quanto quanti quanta quante quando quantos quantas wieviel viele viel lange wann oft hoch hoeveel lang wanneer")

// askedIn says whether what a question asks for is in a text: figures that it
// names, names of people and places, and a figure at all where it asks for an
// amount. 1 where it asks for nothing of the kind.
func askedIn(question, text string) float64 {
	want, have := 0, 0
	figures := figuresOf(text)
	for _, f := range figuresOf(question) {
		want++
		if f.within(figures) {
			have++
		}
	}
	folded := " " + strings.Join(wordsOf(text), " ") + " "
	for _, n := range namesIn(question) {
		want++
		if strings.Contains(folded, " "+fold(n)) {
			have++
		}
	}
	for _, w := range wordsOf(question) {
		if amounts[w] {
			want++
			if len(figures) > 0 {
				have++
			}
			break
		}
	}
	if want == 0 {
		return 1
	}
	return float64(have) / float64(want)
}

// namesIn are words with a capital inside a sentence. In German those are nouns
// too, which an answer should have as well.
func namesIn(question string) []string {
	var out []string
	for i, w := range strings.FieldsFunc(question, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' }) {
		first := []rune(w)[0]
		if i > 0 && unicode.IsUpper(first) && len(w) > 2 && !stop[fold(w)] {
			out = append(out, w)
		}
	}
	return out
}

// FeatureNames are the names of Features, in their order.
var FeatureNames = [...]string{"near", "coverage", "together", "bm25", "agreement", "margin", "asked"}

// Features are what the decision looks at, for fitting its weights: question is
// the resolved one. Each is 0..1, and more of it never speaks against an answer.
func Features(question string, found index.Found) []float64 {
	f := featuresOf(question, found)
	return f[:]
}
