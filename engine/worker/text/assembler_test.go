package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// whole is the definition: characters one after the other, invalid bytes as
// U+FFFD, cut before the stop string that is complete first.
func whole(b []byte, stops []string) string {
	s := string([]rune(string(b)))
	for i := range len(s) + 1 {
		best := -1
		for _, stop := range stops {
			if stop != "" && strings.HasSuffix(s[:i], stop) && len(stop) > best {
				best = len(stop)
			}
		}
		if best >= 0 {
			return s[:i-best]
		}
	}
	return s
}

func assemble(t interface{ Fatalf(string, ...any) }, b []byte, cuts []int, stops []string) string {
	a := New(stops)
	var got strings.Builder
	emit := func(s string) {
		if !utf8.ValidString(s) {
			t.Fatalf("emitted invalid UTF-8 %q", s)
		}
		got.WriteString(s)
	}
	rest := b
	for _, c := range cuts {
		c %= len(rest) + 1
		s, stopped := a.Add(rest[:c])
		emit(s)
		rest = rest[c:]
		if stopped {
			s, _ = a.Add(rest)
			emit(s + a.Flush())
			return got.String()
		}
	}
	s, _ := a.Add(rest)
	emit(s + a.Flush())
	return got.String()
}

func TestCutsDoNotMatter(t *testing.T) {
	letters := []string{"a", "b", "ab", "\n", "ä", "€", "😀", "\xe2\x82", "\xff", "\xf0\x9f", "�"}
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(strings.Join(rapid.SliceOf(rapid.SampledFrom(letters)).Draw(t, "bytes"), ""))
		stops := rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune("ab\nä€")), 1, 4, -1), 0, 4).Draw(t, "stops")
		cuts := rapid.SliceOf(rapid.IntRange(0, 7)).Draw(t, "cuts")
		got, want := assemble(t, b, cuts, stops), whole(b, stops)
		if got != want {
			t.Fatalf("%q cut at %v with stops %q: got %q, want %q", b, cuts, stops, got, want)
		}
		for _, s := range stops {
			if strings.Contains(got, s) {
				t.Fatalf("text %q holds the stop string %q", got, s)
			}
		}
	})
}

func FuzzCuts(f *testing.F) {
	f.Add([]byte("Grüße 😀 END more"), 3, "END")
	f.Add([]byte("\xe2\x82\xac\xff\xf0\x9f"), 1, "")
	f.Fuzz(func(t *testing.T, b []byte, every int, stop string) {
		if !utf8.ValidString(stop) {
			t.Skip()
		}
		var cuts []int
		for range len(b) {
			cuts = append(cuts, 1+every&7)
		}
		if got, want := assemble(t, b, cuts, []string{stop}), whole(b, []string{stop}); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestHoldsBackOnlyWhatItMust(t *testing.T) {
	a := New([]string{"\n\nUser:"})
	for _, step := range []struct{ in, out string }{
		{"Hello", "Hello"}, {"\n", ""}, {"\n", ""}, {"Us", ""}, {"ual", "\n\nUsual"}, {"\xe2\x82", ""}, {"\xac", "€"},
	} {
		if got, _ := a.Add([]byte(step.in)); got != step.out {
			t.Errorf("Add(%q) = %q, want %q", step.in, got, step.out)
		}
	}
	if s, stopped := a.Add([]byte("x\n\nUser: hi")); s != "x" || !stopped {
		t.Errorf("at the stop string: %q, %v", s, stopped)
	}
	if s := a.Flush(); s != "" {
		t.Errorf("text after the stop: %q", s)
	}
}

func TestDropSpace(t *testing.T) {
	for in, want := range map[string]string{" Hello": "Hello", "  Hello": " Hello", "Hello you": "Hello you", "": "", " ": ""} {
		a := New(nil)
		a.DropSpace()
		var got string
		for i := range len(in) {
			s, _ := a.Add([]byte{in[i]})
			got += s
		}
		if got += a.Flush(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
