package answer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"alcove/app/documents/sentence"
)

// Stream puts the numbers of sources right while an answer is written: numbers
// that no source has are dropped, those of the prompt become those of sources,
// and each sentence that is over gets the numbers that its sources bear out,
// before its last mark. What it has let through is never changed again. Where
// the model says the same again and again, it lets nothing more through, and is
// Over.
//
// It is of one goroutine.
type Stream struct {
	evidence *evidence
	numbers  map[int]int // of the prompt -> of the source

	buf      string          // not decided yet: perhaps the beginning of "[12]"
	gap      string          // spaces, until it is known what follows
	sentence strings.Builder // as far as it is written, without numbers
	ending   string          // the mark that may end it, and what belongs to that
	named    []int
	dropped  bool // a number was taken out after gap
	repeats  repeats
}

var (
	// A number as models write it, "[1]", "[1, 2]", "[Source 3]", and its
	// beginning.
	group   = regexp.MustCompile(`^\[(?:\p{L}{1,12}\.?\s?)?\d{1,3}(?:\s?[,;–-]\s?(?:\p{L}{1,12}\.?\s?)?\d{1,3})*\]`)
	opening = regexp.MustCompile(`^\[(?:\p{L}{0,12}\.?\s?)?(?:\d{1,3}(?:\s?[,;–-]?\s?(?:\p{L}{0,12}\.?\s?)?\d{0,3})*)?$`)
)

// longest bounds what is held back for a number.
const longest = 48

// Write takes text and gives what may be shown now.
func (s *Stream) Write(text string) string {
	s.buf += text
	var out strings.Builder
	for s.buf != "" && !s.Over() && s.step(&out, false) {
	}
	return out.String()
}

// Over says that the model repeats itself: it need not write on.
func (s *Stream) Over() bool { return s.repeats.over }

// Close gives what was held back.
func (s *Stream) Close() string {
	var out strings.Builder
	for s.buf != "" && !s.Over() {
		s.step(&out, true)
	}
	if s.ending == "" && !s.dropped {
		s.ending = s.gap
	}
	out.WriteString(s.repeats.close()) // a sentence that was cut off ends nowhere
	s.finish(&out)
	out.WriteString(s.repeats.close())
	return out.String()
}

// step decides about the beginning of buf; false: more must come first.
func (s *Stream) step(out *strings.Builder, last bool) bool {
	if !utf8.FullRuneInString(s.buf) && !last {
		return false
	}
	r, n := utf8.DecodeRuneInString(s.buf)
	switch {
	case r == '[':
		if g := group.FindString(s.buf); g != "" {
			s.name(g)
			s.buf = s.buf[len(g):]
			return true
		}
		if opening.MatchString(s.buf) && len(s.buf) <= longest {
			if !last {
				return false
			}
			if strings.ContainsAny(s.buf, "0123456789") {
				s.buf, s.dropped = "", true // a number that was cut off
				return true
			}
		}
		if len(s.buf) > 1 && strings.ContainsRune("[0123456789", rune(s.buf[1])) {
			// What is left when numbers behind it go must not become one.
			s.other(out, '(', "(")
			s.buf = s.buf[1:]
			return true
		}
	case r == '\n':
		s.finish(out)
		out.WriteString(s.repeats.line())
		out.WriteString(s.repeats.write("\n", ""))
		s.buf, s.gap, s.dropped = s.buf[n:], "", false
		return true
	case r == ' ' || r == '\t':
		switch {
		case s.dropped && strings.HasSuffix(s.ending, " "): // the space before the number is enough
		case s.ending != "":
			s.ending += s.buf[:n]
		case !s.dropped || s.gap == "":
			s.gap += s.buf[:n]
		}
		s.buf = s.buf[n:]
		return true
	}
	s.other(out, r, s.buf[:n])
	s.buf = s.buf[n:]
	return true
}

// other takes a character that is neither space nor the beginning of a number.
func (s *Stream) other(out *strings.Builder, r rune, c string) {
	closes := strings.ContainsRune(".!?…", r)
	if s.ending != "" {
		spaced := strings.TrimRight(s.ending, " \t") != s.ending
		switch {
		case closes && !spaced, !spaced && strings.ContainsRune(`"”»“')*`, r):
			s.ending += c
			return
		case spaced && ended(s.sentence.String()+s.ending+c):
			s.finish(out)
		default:
			s.put(out, s.ending)
			s.ending = ""
		}
	}
	if closes {
		if !s.dropped {
			s.put(out, s.gap)
		}
		s.gap, s.dropped, s.ending = "", false, c
		return
	}
	if s.dropped && (strings.ContainsRune(",;:)", r) || strings.TrimSpace(s.sentence.String()) == "") {
		s.gap = "" // "30 days [1], or" becomes "30 days, or"
	}
	s.put(out, s.gap+c)
	s.gap, s.dropped = "", false
}

// ended says whether a text has more than one sentence: what was added to it
// begins the second.
func ended(text string) bool { return len(sentence.Split(text)) > 1 }

func (s *Stream) put(out *strings.Builder, text string) {
	out.WriteString(s.repeats.write(text, text))
	s.sentence.WriteString(text)
}

// name notes the numbers of a group.
func (s *Stream) name(g string) {
	s.dropped = true
	for _, d := range number.FindAllString(g, -1) {
		n, err := strconv.Atoi(d)
		if err != nil {
			continue
		}
		if to, ok := s.numbers[n]; ok && !slices.Contains(s.named, to) {
			s.named = append(s.named, to)
		}
	}
}

// finish ends the sentence: its numbers, then its mark.
func (s *Stream) finish(out *strings.Builder) {
	marks := ""
	if text := s.sentence.String(); strings.TrimSpace(text) != "" {
		for i, n := range s.evidence.settle(claimOf(text), s.named) {
			if i == 0 {
				marks = " "
			}
			marks += "[" + strconv.Itoa(n) + "]"
		}
		s.named = nil
	}
	out.WriteString(s.repeats.write(marks+s.ending, s.ending))
	s.repeats.ends()
	s.ending, s.gap, s.dropped = "", "", false
	s.sentence.Reset()
}
