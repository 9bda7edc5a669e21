package prompt

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// normalise rewrites a template so that white space needs no more handling: it
// applies Jinja's rules (trim_blocks, lstrip_blocks, the - and + marks, no
// trailing newline) itself and turns all text into expressions. The jinja
// library looks for the text to trim beyond neighbouring tags, so that
// "{% for %}{{ x }}{% endfor %}\n\nend" lost both newlines.
func normalise(source string) (string, error) {
	source = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(source)
	n := &normaliser{rest: strings.TrimSuffix(source, "\n"), lineStart: true}
	for n.rest != "" {
		if err := n.next(); err != nil {
			return "", err
		}
	}
	return n.out.String(), nil
}

type normaliser struct {
	rest      string
	out       strings.Builder
	lineStart bool // rest begins a line
}

var (
	opening = regexp.MustCompile(`\{[{%#]`)
	rawTag  = regexp.MustCompile(`^\{%[-+]?\s*raw\s*[-+]?%\}`)
	rawEnd  = regexp.MustCompile(`\{%[-+]?\s*endraw\s*[-+]?%\}`)
)

// next takes the text up to the next tag, and the tag.
func (n *normaliser) next() error {
	at := opening.FindStringIndex(n.rest)
	if at == nil {
		n.text(n.rest)
		n.rest = ""
		return nil
	}
	tag := n.rest[at[0]:]
	n.text(before(n.rest[:at[0]], tag, n.lineStart))
	if end := rawTag.FindStringIndex(tag); end != nil {
		n.rest, n.lineStart = tag[end[1]:], false // raw takes no newline after it
		if tag[end[1]-3] == '-' {
			n.after(tag, end[1])
		}
		closing := rawEnd.FindStringIndex(n.rest)
		if closing == nil {
			return errors.New("chat template: raw block without an end")
		}
		tag = n.rest[closing[0]:]
		n.text(before(n.rest[:closing[0]], tag, n.lineStart))
		n.after(tag, closing[1]-closing[0])
		return nil
	}
	code, end, err := scanTag(tag)
	if err != nil {
		return err
	}
	n.out.WriteString(code)
	n.after(tag, end)
	return nil
}

// text writes text as an expression.
func (n *normaliser) text(s string) {
	if s != "" {
		n.out.WriteString("{{ " + quote(s) + " }}")
	}
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// before is what a tag leaves of the text in front of it.
func before(text, tag string, lineStart bool) string {
	switch {
	case len(tag) > 2 && tag[2] == '-':
		return strings.TrimRight(text, pythonSpace)
	case tag[1] == '{' || (len(tag) > 2 && tag[2] == '+'):
		return text
	}
	line := strings.LastIndexByte(text, '\n') + 1
	if (line > 0 || lineStart) && strings.Trim(text[line:], pythonSpace) == "" {
		return text[:line]
	}
	return text
}

// after skips the tag and what it takes of the text behind it.
func (n *normaliser) after(tag string, end int) {
	taken := tag[:end]
	n.rest = tag[end:]
	switch mark := tag[end-3]; {
	case mark == '-':
		n.rest = strings.TrimLeft(n.rest, pythonSpace)
		taken = tag[:len(tag)-len(n.rest)]
	case tag[1] != '{' && mark != '+' && strings.HasPrefix(n.rest, "\n"):
		n.rest, taken = n.rest[1:], "\n"
	}
	n.lineStart = strings.HasSuffix(taken, "\n")
}

// scanTag finds the end of a tag and gives its code without white space marks;
// a comment has none.
func scanTag(tag string) (code string, end int, err error) {
	kind := tag[1]
	if kind == '#' {
		at := strings.Index(tag[2:], "#}")
		if at < 0 {
			return "", 0, errors.New("chat template: comment without an end")
		}
		return "", at + 4, nil
	}
	closer := map[byte]string{'{': "}}", '%': "%}"}[kind]
	var b strings.Builder
	b.WriteString(tag[:2] + " ")
	i, depth := 2, 0
	if tag[i:] != "" && (tag[i] == '-' || tag[i] == '+') {
		i++
	}
	for i < len(tag) {
		rest := tag[i:]
		switch c := tag[i]; {
		case c == '\'' || c == '"':
			text, n, err := literal(rest)
			if err != nil {
				return "", 0, err
			}
			b.WriteString(quote(text))
			i += n
			continue
		case depth == 0 && strings.HasPrefix(rest, closer):
			b.WriteString(" " + closer)
			return b.String(), i + 2, nil
		case depth == 0 && (c == '-' || (c == '+' && kind == '%')) && strings.HasPrefix(rest[1:], closer):
			b.WriteString(" " + closer)
			return b.String(), i + 3, nil
		case c == '{':
			depth++
		case c == '}':
			depth--
			b.WriteByte(' ') // two of them would end the tag for the library
		}
		b.WriteByte(tag[i])
		i++
	}
	return "", 0, errors.New("chat template: tag without an end")
}

// literal reads a string as Python does.
func literal(s string) (text string, n int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return b.String(), i + 1, nil
		case s[i] != '\\' || i+1 == len(s):
			b.WriteByte(s[i])
			continue
		}
		i++
		if plain, ok := escapes[s[i]]; ok {
			b.WriteString(plain)
		} else if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[i]]; digits > 0 && i+digits < len(s) {
			r, err := strconv.ParseUint(s[i+1:i+1+digits], 16, 31)
			if err != nil {
				return "", 0, errors.New("chat template: bad escape in a string")
			}
			b.WriteRune(rune(r))
			i += digits
		} else {
			b.WriteString(s[i-1 : i+1]) // Python keeps an unknown escape
		}
	}
	return "", 0, errors.New("chat template: string without an end")
}

var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", '\n': ""}
