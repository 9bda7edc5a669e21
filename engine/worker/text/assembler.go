package text

import (
	"strings"
	"unicode/utf8"
)

// Assembler joins pieces. Its output depends only on the joined bytes, not on
// where they are cut. The zero value has no stop strings.
type Assembler struct {
	stops   []string // valid UTF-8, not empty
	partial []byte   // the start of a character, at most 3 bytes
	held    []byte   // valid UTF-8 that may begin a stop string
	space   bool     // a space at the very start is dropped
	stopped bool
}

// DropSpace leaves out a space that begins the text: tokenisers that put a
// space before each text give it back with the first word.
func (a *Assembler) DropSpace() { a.space = true }

// New makes an Assembler that stops at the first of stops to be complete.
// Empty stop strings are left out.
func New(stops []string) *Assembler {
	a := &Assembler{}
	for _, s := range stops {
		if s != "" {
			a.stops = append(a.stops, strings.ToValidUTF8(s, string(utf8.RuneError)))
		}
	}
	return a
}

// Add takes the next piece and returns the text that is now certain. After
// stopped is true, Add and Flush return nothing more.
func (a *Assembler) Add(piece []byte) (out string, stopped bool) {
	b, stopped := a.Append(nil, piece)
	return string(b), stopped
}

// Append is Add into memory of the caller: it appends to dst.
func (a *Assembler) Append(dst, piece []byte) (out []byte, stopped bool) {
	if a.stopped {
		return dst, true
	}
	if len(a.partial) > 0 {
		a.partial = append(a.partial, piece...)
		piece = a.partial
	}
	for len(piece) > 0 && utf8.FullRune(piece) {
		r, n := utf8.DecodeRune(piece) // an invalid byte becomes U+FFFD
		piece = piece[n:]
		first := a.space
		if a.space = false; first && r == ' ' {
			continue
		}
		if dst, stopped = a.add(dst, r); stopped {
			return dst, true
		}
	}
	a.partial = append(a.partial[:0], piece...)
	return dst, false
}

// Flush returns what was held back, at the end of an answer. The start of a
// character that never came becomes U+FFFD, one for each byte.
func (a *Assembler) Flush() string {
	if a.stopped {
		return ""
	}
	var b []byte
	for range a.partial {
		var stopped bool
		if b, stopped = a.add(b, utf8.RuneError); stopped {
			return string(b)
		}
	}
	b = append(b, a.held...)
	a.partial, a.held = nil, nil
	return string(b)
}

// add takes one character. Looking for stop strings after each one, and not
// after each piece, is what makes the result independent of the cuts.
func (a *Assembler) add(dst []byte, r rune) (out []byte, stopped bool) {
	if len(a.stops) == 0 {
		return utf8.AppendRune(dst, r), false
	}
	a.held = utf8.AppendRune(a.held, r)
	longest := 0
	for _, s := range a.stops {
		if len(s) > longest && hasSuffix(a.held, s) {
			longest = len(s)
		}
	}
	if longest > 0 {
		dst = append(dst, a.held[:len(a.held)-longest]...)
		a.held, a.partial, a.stopped = nil, nil, true
		return dst, true
	}
	sure := len(a.held) - a.mayBegin()
	dst = append(dst, a.held[:sure]...)
	a.held = append(a.held[:0], a.held[sure:]...)
	return dst, false
}

// mayBegin is the length of the longest end of held that begins a stop string.
func (a *Assembler) mayBegin() int {
	for n := len(a.held); n > 0; n-- {
		tail := a.held[len(a.held)-n:]
		for _, s := range a.stops {
			if len(s) >= n && s[:n] == string(tail) {
				return n
			}
		}
	}
	return 0
}

func hasSuffix(b []byte, s string) bool {
	return len(b) >= len(s) && string(b[len(b)-len(s):]) == s
}
