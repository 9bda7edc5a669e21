package answer

import (
	"math/rand/v2"
	"strings"
	"testing"

	"alcove/storage"
)

func handbook() *evidence {
	return newEvidence([]storage.Source{
		{N: 1, Document: "leave.pdf", Text: "Full-time employees receive 30 days of annual leave. From 1 January 2026 unused days expire on 31 March."},
		{N: 2, Document: "travel.md", Text: "The meal allowance abroad is 28 euros a day. Trains are booked second class."},
		{N: 3, Document: "teilzeit.docx", Text: "Beschäftigte in Teilzeit erhalten fünfundzwanzig Tage Urlaub. Die Kündigungsfrist beträgt 1,5 Monate."},
	})
}

// through writes a text in pieces and returns what comes out.
func through(e *evidence, text string, pieces func(rest int) int) string {
	s := &Stream{evidence: e, numbers: map[int]int{1: 1, 2: 2, 3: 3, 7: 2}}
	out := ""
	for text != "" {
		n := min(len(text), max(1, pieces(len(text))))
		out += s.Write(text[:n])
		text = text[n:]
	}
	return out + s.Close()
}

var streamed = []struct{ in, out string }{
	{"Employees receive 30 days of annual leave [1].", "Employees receive 30 days of annual leave [1]."},
	{"Employees receive 30 days of annual leave. [1]", "Employees receive 30 days of annual leave [1]. "},
	{"[1] Employees receive 30 days of annual leave.", "Employees receive 30 days of annual leave [1]."},
	// A number that the prompt does not have goes; the sentence's source is named.
	{"Employees receive 30 days of annual leave [9].", "Employees receive 30 days of annual leave [1]."},
	// The wrong source: the right one is named.
	{"Employees receive 30 days of annual leave [2].", "Employees receive 30 days of annual leave [1]."},
	// No source at all.
	{"The meal allowance abroad is 28 euros a day. Ask again!", "The meal allowance abroad is 28 euros a day [2]. Ask again!"},
	// Figures that no source has: no number stays.
	{"Employees receive 45 days of annual leave [1].", "Employees receive 45 days of annual leave."},
	// The prompt's 7 is source 2.
	{"The meal allowance is 28 euros [7], and trains are booked second class [Source 2].", "The meal allowance is 28 euros, and trains are booked second class [2]."},
	{"Employees receive 30 days of annual leave [1][2].", "Employees receive 30 days of annual leave [1]."},
	{"Employees receive 30 days of annual leave [1, 2].\nThe meal allowance abroad is 28 euros a day [2]", "Employees receive 30 days of annual leave [1].\nThe meal allowance abroad is 28 euros a day [2]"},
	{"Employees receive 30 days of annual leave and the meal allowance abroad is 28 euros [1, 2].", "Employees receive 30 days of annual leave and the meal allowance abroad is 28 euros [1][2]."},
	// Cut off in a number.
	{"Employees receive 30 days of annual leave [1", "Employees receive 30 days of annual leave [1]"},
	// A link loses what made it one.
	{"See [1](http://evil.example) and [the page](http://evil.example).", "See (http://evil.example) and [the page](http://evil.example)."},
	{"Die Kündigungsfrist beträgt z. B. 1.5 Monate [3].", "Die Kündigungsfrist beträgt z. B. 1.5 Monate [3]."},
	{"Beschäftigte in Teilzeit erhalten 25 Tage Urlaub.", "Beschäftigte in Teilzeit erhalten 25 Tage Urlaub [3]."},
	{"Days expire on March 31 [1]. From 2026-01-01.", "Days expire on March 31 [1]. From 2026-01-01."},
	{"Yes.", "Yes."}, {"", ""}, {"[", "["}, {"[]", "[]"}, {"a [ b", "a [ b"}, {"x[0]", "x"},
}

func TestNumbersAreSetRightWhileAnAnswerIsWritten(t *testing.T) {
	for _, c := range streamed {
		if got := through(handbook(), c.in, func(rest int) int { return rest }); got != c.out {
			t.Errorf("%q\n gave %q\n want %q", c.in, got, c.out)
		}
	}
}

func TestTheStreamDoesNotDependOnItsPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range streamed {
		want := through(handbook(), c.in, func(rest int) int { return rest })
		for range 40 {
			if got := through(handbook(), c.in, func(int) int { return 1 + random.IntN(4) }); got != want {
				t.Fatalf("%q in pieces gave %q, whole %q", c.in, got, want)
			}
		}
	}
}

// What is shown names only sources, and those have the figures beside them.
func TestEachNumberThatIsShownLeadsToTheFiguresBesideIt(t *testing.T) {
	e := handbook()
	random := rand.New(rand.NewPCG(3, 4))
	parts := strings.Fields("Employees receive 30 days 45 28 euros of leave [1] [2] [3] [8] [1,2] leave. days! trains? allowance abroad trains Teilzeit fünfundzwanzig 1,5 Monate 2026. We The")
	for range 2000 {
		var b strings.Builder
		for range 1 + random.IntN(20) {
			b.WriteString(parts[random.IntN(len(parts))] + []string{" ", " ", " ", "\n"}[random.IntN(4)])
		}
		out := through(e, b.String(), func(int) int { return 1 + random.IntN(5) })
		for _, check := range e.checkText(out) {
			if len(check.Sources) > 0 && check.Status != Supported {
				t.Fatalf("%q became %q: %+v", b.String(), out, check)
			}
		}
	}
}

func FuzzStream(f *testing.F) {
	for _, c := range append(streamed, repeated...) {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		e := handbook()
		whole := through(e, text, func(rest int) int { return rest })
		if got := through(e, text, func(int) int { return 1 }); got != whole {
			t.Fatalf("%q: %q in bytes, %q whole", text, got, whole)
		}
		for _, n := range namedIn(whole) {
			if e.place(n) < 0 {
				t.Fatalf("%q shows number %d", whole, n)
			}
		}
	})
}
