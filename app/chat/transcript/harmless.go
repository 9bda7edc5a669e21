package transcript

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// An answer is Markdown of a model, and a document may have steered the model.
// Opened in any viewer, the file must load nothing and run nothing: no HTML, no
// picture, no link but to a web or mail address, and none in an answer from
// documents.

var parser = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough)).Parser()

// Bounds of what is parsed. Nesting, and signs that may belong together in one
// paragraph, cost their square. What is beyond is shown as plain text.
const (
	maxParsed  = 64 << 10 // bytes
	maxNesting = 60
	maxSigns   = 2000
)

// parseable says whether a text is one that costs little to parse.
func parseable(source string) bool {
	if len(source) > maxParsed {
		return false
	}
	signs := 0
	for line := range strings.SplitSeq(source, "\n") {
		if strings.TrimSpace(line) == "" {
			signs = 0
		}
		for _, r := range line {
			if strings.ContainsRune("*_~[]`<", r) {
				signs++
			}
		}
		marks := line[:len(line)-len(strings.TrimLeft(line, "> \t*+-0123456789.)"))]
		if signs > maxSigns || strings.Count(marks, ">") > maxNesting || len(strings.Fields(marks)) > maxNesting || len(marks) > 8*maxNesting {
			return false
		}
	}
	return true
}

// literal is a text on one line that Markdown shows as it is.
func literal(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '<' || r == '>' || r == '&':
			b.WriteString(map[rune]string{'<': "&lt;", '>': "&gt;", '&': "&amp;"}[r])
		case strings.ContainsRune("\\`*_[]|~$^", r), i == 0 && strings.ContainsRune("#+-=:", r), r == '!' && strings.HasPrefix(s[i:], "!["):
			b.WriteString("\\" + string(r))
		case (r == '.' || r == ')') && i > 0 && i < 10 && strings.Trim(s[:i], "0123456789") == "":
			b.WriteString("\\" + string(r)) // it would begin a list
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// dangerous is what could do something outside code; each is replaced by its
// first character's entity, as a backslash could meet one that is there already.
var dangerous = regexp.MustCompile(`<|!\[|\]\(|\]:|\]\[|\[\[`)

var address = regexp.MustCompile("^\\]\\((?:https?://|mailto:)[^\\s<>()\\\\`\"']*\\)")

// harmless is an answer's Markdown without what could do something. What is too
// slow to read is shown as it is, which is decided once: tamed makes it longer.
func harmless(source string, plain bool) string {
	if !parseable(source) {
		return literalLines(source)
	}
	return closed(tamed(source, plain))
}

// tamed takes from Markdown what could do something, and leaves its structure.
// plain: no link at all.
func tamed(source string, plain bool) string {
	// What is code is looked up in a text that has nothing dangerous: HTML and
	// definitions of links would hide the beginning of code, and be gone after.
	code := codeIn(dangerous.ReplaceAllStringFunc(source, func(s string) string { return "xx"[:len(s)] }))
	var b strings.Builder
	for i := 0; i < len(source); i++ {
		at := dangerous.FindStringIndex(source[i:min(len(source), i+2)])
		switch {
		case code[i] || at == nil || at[0] > 0 || !plain && address.MatchString(source[i:]):
			b.WriteByte(source[i])
		case source[i] == '!':
			b.WriteString("!&#91;")
			i++
		default:
			b.WriteString(map[byte]string{'<': "&lt;", '[': "&#91;", ']': "&#93;"}[source[i]])
		}
	}
	return b.String()
}

// codeIn says of each byte whether it is code, where nothing means anything.
func codeIn(source string) []bool {
	code := make([]bool, len(source))
	mark := func(s text.Segment) {
		for i := s.Start; i < s.Stop; i++ {
			code[i] = true
		}
	}
	document := parser.Parse(text.NewReader([]byte(source)))
	ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) { //nolint:errcheck // the walker never fails
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.CodeSpan:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					mark(t.Segment)
				}
			}
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			for i := range n.Lines().Len() {
				mark(n.Lines().At(i))
			}
		}
		return ast.WalkContinue, nil
	})
	return code
}

// literalLines shows a text as it is, line by line.
func literalLines(source string) string {
	lines := strings.Split(source, "\n")
	for i, line := range lines {
		lines[i] = literal(strings.TrimLeft(line, " \t"))
	}
	return strings.Join(lines, "  \n")
}

// closed ends a code block that an answer leaves open: it would swallow the
// sources.
func closed(source string) string {
	source = strings.TrimRight(source, " \t\n")
	const after = "what follows"
	for _, end := range []string{"", "\n```", "\n~~~", "\n``````````", "\n~~~~~~~~~~"} {
		whole := source + end + "\n\n" + after
		last := parser.Parse(text.NewReader([]byte(whole))).LastChild()
		if p, ok := last.(*ast.Paragraph); ok && p.Lines().Len() == 1 {
			if line := p.Lines().At(0); strings.TrimSpace(whole[line.Start:line.Stop]) == after {
				return source + end
			}
		}
	}
	return literalLines(source)
}
