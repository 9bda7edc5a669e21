package transcript

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FileName is a conversation's title as a file's name on any system, without
// an ending.
func FileName(title string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), strings.ContainsRune(`/\:*?"<>|#%`, r):
			return ' '
		case own(r) || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, title)
	name = strings.Join(strings.Fields(name), " ")
	for len(name) > 80 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	name = strings.Trim(name, ". -~") // "-" would be taken for a flag, "." hides
	if base, _, _ := strings.Cut(strings.ToUpper(name), "."); name == "" || reserved[base] {
		return "Conversation " + name
	}
	return name
}

// reserved are names that Windows keeps for devices.
var reserved = func() map[string]bool {
	out := map[string]bool{"CON": true, "PRN": true, "AUX": true, "NUL": true}
	for _, n := range "123456789" {
		out["COM"+string(n)], out["LPT"+string(n)] = true, true
	}
	return out
}()
