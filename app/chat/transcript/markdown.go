package transcript

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the path to leaf for people, with the sources of each answer.
// leaf is a message's id; where the path forks behind it, and everywhere with
// "", the newest is taken.
func (f File) Markdown(w io.Writer, leaf string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", literal(f.title()), literal(f.about()))
	for _, s := range f.path(leaf) {
		if s.Role == "user" {
			fmt.Fprintf(&b, "\n---\n\n## Question\n\n*%s*\n\n%s\n", literal(s.about()), quoted(s.Text))
			continue
		}
		title := "Answer"
		if s.refused() {
			title = "Answer: the documents do not say"
		}
		fmt.Fprintf(&b, "\n## %s\n\n*%s*\n", title, literal(s.about()))
		if text := s.markdown(); text != "" {
			fmt.Fprintf(&b, "\n%s\n", text)
		}
		if end := s.ending(); end != "" {
			fmt.Fprintf(&b, "\n*%s*\n", literal(end))
		}
		s.sourceList(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown is an answer's own Markdown, made harmless.
func (m Message) markdown() string {
	text, base := written(m.Text)
	if m.Grounding == nil {
		return harmless(visible(text), false)
	}
	out := strings.ReplaceAll(marked(text, base, m.Grounding.Checks), string(doubtEnd), " *("+notFound+")*")
	return harmless(unmarked(out), true)
}

func (m Message) sourceList(b *strings.Builder) {
	named, others := m.proof()
	if len(named) > 0 {
		b.WriteString("\n### Sources\n\n")
		for _, s := range named {
			s.markdown(b)
		}
	}
	if len(others) > 0 {
		title := "Also looked at"
		if len(named) == 0 {
			title = "Looked at"
		}
		fmt.Fprintf(b, "\n### %s\n\n", title)
		for _, s := range others {
			s.markdown(b)
		}
	}
}

// markdown writes a source as an item of a list.
func (s Source) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "- \\[%d\\] **%s**", s.N, literal(oneLine(s.name())))
	for _, fact := range s.facts() {
		b.WriteString(", " + literal(oneLine(fact)))
	}
	for _, mark := range s.marks() {
		b.WriteString(" — *" + literal(mark) + "*")
	}
	b.WriteString("\n")
	switch {
	case s.Removed:
		b.WriteString("  *" + removedText + "*\n")
	case s.quote() != "":
		b.WriteString("\n  > " + literal(s.quote()) + "\n")
	}
}

// quoted is a text as people typed it, in a quotation: nothing of it is
// Markdown.
func quoted(text string) string {
	lines := strings.Split(strings.Trim(visible(text), "\n"), "\n")
	for i, line := range lines {
		bare := strings.TrimLeft(line, " \t")
		indent := strings.Repeat("&nbsp;", min(40, len(line)-len(bare)))
		end := ""
		if i+1 < len(lines) && bare != "" && lines[i+1] != "" {
			end = "  " // a line break
		}
		lines[i] = strings.TrimRight("> "+indent+literal(bare), " ") + end
	}
	return strings.Join(lines, "\n")
}
