// Package clean takes out of text what no reader sees, and tells colours that
// nobody can read and metadata that speaks to a model. It is pure.
package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text gives the text as a reader sees it: valid UTF-8 without characters that
// have no shape (zero width, direction, tags, smuggled selectors), on lines
// without doubled spaces. Invisible counts what was taken out and has no
// honest use in this place; soft hyphens and marks of direction are not counted.
func Text(s string) (seen string, invisible int) {
	if plain(s) {
		return s, 0
	}
	var b strings.Builder
	b.Grow(len(s))
	previous, selector := rune(0), false
	space, newline := false, false
	for i, r := range s {
		next := nextRune(s[i:])
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f' || r == '\u0085':
			newline = true
			continue
		case unicode.IsSpace(r) || r == '\r':
			space = true
			continue
		case r == utf8.RuneError || r < ' ' || r >= 0x7f && r < 0xa0:
			continue
		case r == '\u00ad' || r == '\u200e' || r == '\u200f' || r == '\ufeff' || r == '\u061c' || r == '\u2060':
			continue // honest, and of no use to a search
		case joins(r):
			if !joinable(previous) || !joinable(next) {
				invisible++
				continue
			}
		case isSelector(r):
			if selector || !unicode.IsGraphic(previous) || r > 0xffff {
				invisible++ // one after another they carry hidden bytes
				continue
			}
			selector = true
			b.WriteRune(r)
			continue
		case shapeless(r):
			invisible++
			continue
		}
		if b.Len() > 0 {
			switch {
			case newline:
				b.WriteByte('\n')
			case space:
				b.WriteByte(' ')
			}
		}
		space, newline, selector = false, false, false
		b.WriteRune(r)
		previous = r
	}
	return b.String(), invisible
}

// plain says that there is nothing to clean: the usual case.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x7f || c < ' ' || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

func nextRune(s string) rune {
	_, size := utf8.DecodeRuneInString(s)
	r, _ := utf8.DecodeRuneInString(s[size:])
	return r
}

// joins are the two joiners, which some scripts and emoji need.
func joins(r rune) bool { return r == '\u200c' || r == '\u200d' }

func joinable(r rune) bool {
	return r > 0x2bf && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) && r != utf8.RuneError &&
		!unicode.IsSpace(r) && !joins(r) && !isSelector(r) && !shapeless(r) && r != '\u200e' && r != '\u200f' && r != '\ufeff' && r != '\u2060' && r != '\u061c'
}

func isSelector(r rune) bool { return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef }

// shapeless are characters without a shape that can carry or turn text.
func shapeless(r rune) bool {
	switch {
	case r == '\u200b', r >= '\u202a' && r <= '\u202e', r >= '\u2061' && r <= '\u206f', r >= 0xe0000 && r <= 0xe007f,
		r == '\u180e', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u034f', r >= 0xfff9 && r <= 0xfffb:
		return true
	}
	return false
}

// Tags reads what Unicode's tag characters spell, which people do not see.
func Tags(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > 0xe0020 && r < 0xe007f {
			b.WriteRune(r - 0xe0000)
		} else if r == 0xe0020 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// Short cuts a text to at most n bytes, at a character.
func Short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
