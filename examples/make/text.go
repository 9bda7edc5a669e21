package main

import (
	"regexp"
	"strings"
)

// text is one version of one source text.
type text struct {
	name, format, language, title, company, effective string
	version                                           string
	many                                              bool // there are several versions: the name says which
	body                                              string
}

// file is the name of the file that is made.
func (t text) file() string {
	name := t.name
	if t.many || strings.HasSuffix(t.title, t.version) && !strings.HasSuffix(name, t.version) {
		name += "-" + t.version
	}
	return name + "." + t.format
}

// kind says what a block is.
type kind int

// Kinds of blocks.
const (
	paragraph kind = iota
	heading
	item
	table
	columnsOn
	columnsOff
	footnote
)

// block is a piece of a text.
type block struct {
	kind  kind
	level int
	text  string
	label string     // of a footnote
	rows  [][]string // of a table; the first one is the head
}

// choice is a place where versions differ: {{first|second}}.
var choice = regexp.MustCompile(`\{\{([^{}]*?)\|([^{}]*?)\}\}`)

// versions reads a source: lines "key: value", then "---", then the text.
func versions(raw string) []text {
	head, body, _ := strings.Cut(raw, "\n---\n")
	keys := map[string]string{}
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		keys[key] = value
	}
	years := strings.Fields(keys["versions"])
	var all []text
	for i, year := range years {
		pick := func(s string) string {
			if len(years) == 1 {
				return s
			}
			return pickVersion(s, i)
		}
		all = append(all, text{name: keys["file"], format: keys["format"], language: keys["language"],
			title: pick(keys["title"]), company: keys["company"], effective: pick(keys["effective"]),
			version: year, many: len(years) > 1, body: pick(body)})
	}
	return all
}

// pickVersion resolves each choice: i is 0 for the first version. In a row of
// a table the sign that parts versions stands unescaped too, so choices go
// first.
func pickVersion(s string, i int) string {
	return choice.ReplaceAllStringFunc(s, func(m string) string { return choice.FindStringSubmatch(m)[i+1] })
}

// note is a footnote's text.
var note = regexp.MustCompile(`^\[\^(\w+)\]: (.*)$`)

// parse turns the small Markdown of the sources into blocks.
func parse(body string) []block {
	var blocks []block
	for part := range strings.SplitSeq(body, "\n\n") {
		part = strings.TrimSpace(part)
		lines := strings.Split(part, "\n")
		switch {
		case part == "":
		case part == "::: columns":
			blocks = append(blocks, block{kind: columnsOn})
		case part == ":::":
			blocks = append(blocks, block{kind: columnsOff})
		case strings.HasPrefix(part, "#"):
			level := len(part) - len(strings.TrimLeft(part, "#"))
			blocks = append(blocks, block{kind: heading, level: level, text: strings.TrimSpace(part[level:])})
		case strings.HasPrefix(part, "|"):
			blocks = append(blocks, block{kind: table, rows: rows(lines)})
		case strings.HasPrefix(part, "- "):
			for _, line := range lines {
				blocks = append(blocks, block{kind: item, text: strings.TrimPrefix(line, "- ")})
			}
		case note.MatchString(part):
			m := note.FindStringSubmatch(part)
			blocks = append(blocks, block{kind: footnote, label: m[1], text: m[2]})
		default:
			blocks = append(blocks, block{kind: paragraph, text: strings.Join(lines, " ")})
		}
	}
	return blocks
}

// rows reads the lines of a table; the line of dashes is left out.
func rows(lines []string) [][]string {
	var all [][]string
	for _, line := range lines {
		if strings.HasPrefix(line, "|--") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		all = append(all, cells)
	}
	return all
}
