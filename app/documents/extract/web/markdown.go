package web

import (
	"bytes"
	"context"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/clean"
	"alcove/app/documents/extract/draft"
	"alcove/app/documents/extract/plain"
)

// maxMarkdown bounds the source: its syntax tree is many times as large.
const maxMarkdown = 16 << 20

// Markdown reads CommonMark with tables, footnotes and front matter.
func Markdown(ctx context.Context, in extract.Input) (extract.Document, error) {
	source, cut, err := plain.Decode(in, maxMarkdown)
	if err != nil {
		return extract.Document{}, err
	}
	d := draft.New(in)
	m := &markdown{ctx: ctx, d: d, depth: in.Limits.Depth}
	m.source = []byte(tamed(m.frontMatter(source), m.nesting()))
	parser := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Footnote, extension.Strikethrough, extension.TaskList)).Parser()
	m.block(parser.Parse(text.NewReader(m.source)), extract.Paragraph, 0)
	if ctx.Err() != nil {
		return extract.Document{}, ctx.Err()
	}
	if cut {
		d.Truncated("the file is longer than is read")
	}
	if d.Doc.Title == "" {
		d.Doc.Title = firstHeading(d.Doc.Blocks)
	}
	return d.Done(), nil
}

type markdown struct {
	ctx    context.Context
	d      *draft.Draft
	source []byte
	depth  int
}

func (m *markdown) nesting() int {
	if m.depth <= 0 || m.depth > 100 {
		return 100
	}
	return m.depth
}

var (
	frontMatter = regexp.MustCompile(`^(?:\x{feff})?---[ \t]*\r?\n((?:[^\n]*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)`)
	frontField  = regexp.MustCompile(`^([\w-]+):[ \t]*(.*?)[ \t\r]*$`)
)

// frontMatter takes the fields on top of the file and gives what follows.
func (m *markdown) frontMatter(source string) string {
	found := frontMatter.FindStringSubmatch(source)
	if found == nil {
		return source
	}
	doc := &m.d.Doc
	for line := range strings.SplitSeq(found[1], "\n") {
		field := frontField.FindStringSubmatch(line)
		if field == nil {
			continue
		}
		value := strings.Trim(field[2], `"'`)
		m.d.Metadata("field "+field[1], value)
		switch strings.ToLower(field[1]) {
		case "title", "titel":
			doc.Title = value
		case "author", "autor":
			doc.Author = value
		case "lang", "language", "sprache":
			doc.Language = value
		case "effective", "effective_date", "effective-date", "valid_from", "gueltig_ab", "gültig_ab":
			if doc.Effective = day(value); doc.Effective == "" {
				doc.Effective = extract.EffectiveDate([]string{"Effective " + value})
			}
		case "date", "modified", "updated", "lastmod":
			doc.Modified = day(value)
		}
	}
	return source[len(found[0]):]
}

// nestingMarks open quotes, lists and code.
const nestingMarks = "> \t*+-0123456789.)"

// tamed takes marks off lines that nest deeper than depth, and parts of lines
// that are too long to look for pairs of marks in: both cost their square.
func tamed(source string, depth int) string {
	const longLine = 8 << 10
	var b strings.Builder
	b.Grow(len(source))
	for line := range strings.SplitAfterSeq(source, "\n") {
		bare := strings.TrimLeft(line, nestingMarks)
		if marks := line[:len(line)-len(bare)]; len(strings.Fields(marks)) > depth || strings.Count(marks, ">") > depth || len(marks) > 8*depth {
			line = bare
		}
		for len(line) > longLine {
			part := clean.Short(line, longLine)
			if part == "" {
				part = line[:longLine]
			}
			b.WriteString(part)
			b.WriteString("\n\n")
			line = line[len(part):]
		}
		b.WriteString(line)
	}
	return b.String()
}

// block adds a node and what is in it.
func (m *markdown) block(n ast.Node, kind extract.BlockKind, level int) {
	if m.d.Full() || m.ctx.Err() != nil || level > 4*m.nesting() {
		return
	}
	switch node := n.(type) {
	case *ast.Heading:
		m.add(extract.Block{Kind: extract.Heading, Level: node.Level}, node)
	case *ast.Paragraph, *ast.TextBlock:
		m.add(extract.Block{Kind: kind}, node)
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		m.d.Add(extract.Block{Kind: extract.Paragraph, Text: lines(node, m.source)})
	case *ast.HTMLBlock:
		m.html(node)
	case *extast.Table:
		m.table(node)
	case *extast.Footnote:
		m.children(node, extract.Note, level)
	case *ast.ListItem:
		m.children(node, extract.Item, level)
	default:
		m.children(node, kind, level)
	}
}

func (m *markdown) children(n ast.Node, kind extract.BlockKind, level int) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		m.block(c, kind, level+1)
	}
}

func lines(n ast.Node, source []byte) string {
	var b strings.Builder
	segments := n.Lines()
	for i := range segments.Len() {
		s := segments.At(i)
		b.Write(s.Value(source))
	}
	return b.String()
}

// html reads a block of HTML as a page would be read.
func (m *markdown) html(n *ast.HTMLBlock) {
	source := lines(n, m.source)
	if n.HasClosure() {
		source += string(n.ClosureLine.Value(m.source))
	}
	title := m.d.Doc.Title
	p := newPage(m.ctx, m.d, m.depth)
	_ = p.read([]byte(source)) // only the context's end, which block sees itself
	if title != "" {
		m.d.Doc.Title = title
	}
}

func (m *markdown) add(b extract.Block, n ast.Node) {
	in := &inline{m: m}
	in.walk(n, 0)
	hidden := b
	b.Text = in.seen.String()
	m.d.Add(b)
	hidden.Kind, hidden.Level, hidden.Text, hidden.Hidden = extract.Paragraph, 0, in.unseen.String(), true
	m.d.Add(hidden)
}

func (m *markdown) table(n *extast.Table) {
	var rows []draft.TableRow
	for r := n.FirstChild(); r != nil && len(rows) < 100_000; r = r.NextSibling() {
		row := draft.TableRow{Head: r.Kind() == extast.KindTableHeader}
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			in := &inline{m: m}
			in.walk(c, 0)
			row.Cells = append(row.Cells, in.seen.String())
			if hidden := in.unseen.String(); strings.TrimSpace(hidden) != "" {
				m.d.Add(extract.Block{Kind: extract.Paragraph, Text: hidden, Hidden: true})
			}
		}
		if strings.Join(row.Cells, "") == "" {
			row.Head = false
		}
		rows = append(rows, row)
	}
	m.d.Table(rows)
}

// inline collects the text of a block. Raw tags in it may hide what follows.
type inline struct {
	m            *markdown
	seen, unseen strings.Builder
	hiding       []string // open elements inside of one that is not shown
}

func (in *inline) write(s []byte) {
	if len(in.hiding) > 0 {
		in.unseen.Write(s)
		return
	}
	in.seen.Write(s)
}

func (in *inline) walk(n ast.Node, depth int) {
	if depth > 4*in.m.nesting() {
		return
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch node := c.(type) {
		case *ast.Text:
			in.write(node.Value(in.m.source))
			switch {
			case node.HardLineBreak():
				in.write([]byte("\n"))
			case node.SoftLineBreak():
				in.write([]byte(" "))
			}
		case *ast.String:
			in.write(node.Value)
		case *ast.AutoLink:
			in.write(node.Label(in.m.source))
		case *ast.Image:
			if at := string(node.Destination); strings.HasPrefix(at, "http") || strings.HasPrefix(at, "//") {
				in.m.d.Flag(extract.FlagActive, 0, "refers to something outside (img): not fetched")
			}
			in.m.d.Metadata("text of a picture", string(node.Title))
		case *ast.RawHTML:
			in.raw(node)
		case *extast.Strikethrough:
			if !in.struck(node) {
				in.walk(c, depth+1)
			}
		case *extast.FootnoteLink, *extast.FootnoteBacklink, *extast.TaskCheckBox:
		default:
			in.walk(c, depth+1)
		}
	}
}

// struck says whether a text is struck through: two signs do that, and one may
// stand for "about".
func (in *inline) struck(n *extast.Strikethrough) bool {
	first, ok := n.FirstChild().(*ast.Text)
	return !ok || bytes.HasSuffix(in.m.source[:first.Segment.Start], []byte("~~"))
}

// raw takes a tag: one that hides opens a place whose text is not seen.
func (in *inline) raw(n *ast.RawHTML) {
	var b bytes.Buffer
	for i := range n.Segments.Len() {
		s := n.Segments.At(i)
		b.Write(s.Value(in.m.source))
	}
	tag := b.String()
	if strings.HasPrefix(tag, "<!--") {
		in.m.d.Metadata("comment", tag)
		return
	}
	name, attr, end := tagOf(tag)
	in.event(name, attr)
	switch hides := dropped[name] || new(sheet).look(name, attr, look{}).hidden(); {
	case end:
		if at := len(in.hiding) - 1; at >= 0 && in.hiding[at] == name {
			in.hiding = in.hiding[:at]
		}
	case name == "br":
		in.write([]byte("\n"))
	case !void[name] && (hides || len(in.hiding) > 0) && len(in.hiding) < 100:
		in.hiding = append(in.hiding, name)
	}
}

func (in *inline) event(name string, attr map[string]string) {
	newPage(in.m.ctx, in.m.d, 1).note(name, attr)
}
