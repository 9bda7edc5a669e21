package office

import (
	"encoding/xml"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/clean"
	"alcove/app/documents/extract/draft"
)

// slide reads the text of a slide, its notes, or its comments.
type slide struct {
	d               *draft.Draft
	show            *presentation
	paper           ground
	page            int
	hidden          bool
	notes, comments bool

	path
	skip         int
	shape        *shape
	run          format
	bullet       int // of the paragraph: 0 as its shape has it, 1 yes, -1 no
	seen, unseen strings.Builder
	titles, rest []extract.Block
	table        *slideTable
	bytes        int
}

// shape is a shape that is being read.
type shape struct {
	kind                string // of placeholder
	placeholder, hidden bool
	placed              bool
	x, y, width, height int
	fill                ground
}

type slideTable struct {
	rows   []draft.TableRow
	head   bool
	below  grid
	cell   []string
	span   int
	down   int
	merged bool // a place that another cell covers
}

func (s *slide) Start(e xml.StartElement) error {
	name := e.Name.Local
	if s.skip > 0 {
		s.skip++
		return nil
	}
	if name == "Fallback" {
		s.skip = 1
		return nil
	}
	if len(s.path) == 0 && archive.Attr(e, "show") == "0" {
		s.hidden = true
	}
	if !s.startShape(e) {
		s.startText(e)
	}
	s.path = append(s.path, name)
	return nil
}

func (s *slide) startShape(e xml.StartElement) bool {
	switch name := e.Name.Local; {
	case name == "sp" || name == "graphicFrame" || name == "cxnSp" || name == "pic":
		s.shape = &shape{}
	case name == "bg":
		s.paper = ground{set: true} // until it says which colour
	case name == "cNvPr" && s.shape != nil:
		s.shape.hidden = archive.Attr(e, "hidden") == "1"
		s.d.Metadata("description of a shape", archive.Attr(e, "descr")+" "+archive.Attr(e, "title"))
	case name == "ph" && s.shape != nil:
		s.shape.placeholder, s.shape.kind = true, archive.Attr(e, "type")
	case name == "off" && s.shape != nil && !isIn(s.path, "grpSp"):
		s.shape.placed, s.shape.x, s.shape.y = true, number(archive.Attr(e, "x")), number(archive.Attr(e, "y"))
	case name == "ext" && s.parent(1) == "xfrm" && s.shape != nil:
		s.shape.width, s.shape.height = number(archive.Attr(e, "cx")), number(archive.Attr(e, "cy"))
	case name == "srgbClr" || name == "schemeClr":
		s.color(clean.ParseColor(archive.Attr(e, "val")))
	default:
		return s.startTable(e)
	}
	return true
}

// color takes a colour of a fill for what it fills.
func (s *slide) color(c clean.Color) {
	if s.parent(1) != "solidFill" {
		return
	}
	switch s.parent(2) {
	case "rPr":
		s.run.color = c
	case "spPr", "tcPr":
		if s.shape != nil {
			s.shape.fill = ground{true, c}
		}
	case "bgPr":
		s.paper = ground{true, c}
	}
}

func (s *slide) startTable(e xml.StartElement) bool {
	t := s.table
	switch e.Name.Local {
	case "tbl":
		s.table = &slideTable{below: grid{}}
	case "tblPr":
		if t != nil {
			t.head = archive.Attr(e, "firstRow") == "1"
		}
	case "tr":
		if t != nil {
			t.rows = append(t.rows, draft.TableRow{Page: s.page, Hidden: s.gone(), Head: t.head && len(t.rows) == 0})
		}
	case "tc":
		if t != nil {
			t.cell, t.span, t.down = nil, max(1, min(number(archive.Attr(e, "gridSpan")), mostSpan)), max(1, min(number(archive.Attr(e, "rowSpan")), 1000))
			t.merged = archive.Attr(e, "hMerge") == "1" || archive.Attr(e, "vMerge") == "1"
		}
	default:
		return false
	}
	return true
}

func (s *slide) startText(e xml.StartElement) {
	switch e.Name.Local {
	case "p":
		s.bullet = 0
	case "r", "fld":
		s.run = format{}
	case "rPr":
		if size := archive.Attr(e, "sz"); size != "" {
			s.run.size = max(1, number(size)/50) // hundredths of a point
		}
		if line := archive.Attr(e, "strike"); line != "" {
			s.run.struck = sign(line != "noStrike")
		}
	case "buNone":
		s.bullet = -1
	case "buChar", "buAutoNum", "buBlip":
		s.bullet = 1
	case "br":
		s.write("\n")
	}
}

// gone says whether the shape that we are in is not seen.
func (s *slide) gone() bool {
	return s.hidden || s.shape != nil && (s.shape.hidden || !s.notes && s.show.outOfSight(s.shape))
}

func (s *slide) write(text string) {
	if s.run.struck > 0 {
		return
	}
	paper := s.paper
	if s.shape != nil && s.shape.fill.set {
		paper = s.shape.fill
	}
	if s.table != nil {
		paper = ground{set: true} // its style may colour it
	}
	if s.gone() || s.run.hidden(paper) {
		s.unseen.WriteString(text)
		return
	}
	s.seen.WriteString(text)
}

func (s *slide) Text(b []byte) error {
	if s.skip > 0 || s.parent(1) != "t" && !(s.comments && s.parent(1) == "text") {
		return nil
	}
	if s.bytes += len(b); s.bytes > s.d.Room() {
		s.d.Truncated("the file holds more text than is read")
		return archive.ErrStop
	}
	s.write(string(b))
	return nil
}

func (s *slide) End(name xml.Name) error {
	if s.skip > 0 {
		s.skip--
		return nil
	}
	s.path = s.path[:max(0, len(s.path)-1)]
	switch name.Local {
	case "p":
		s.endPara()
	case "text":
		if s.comments {
			s.endPara()
		}
	case "tc":
		s.endCell()
	case "tr":
		if t := s.table; t != nil && len(t.rows) > 0 {
			t.below.fill(&t.rows[len(t.rows)-1])
		}
	case "tbl":
		s.endTable()
	case "sp", "graphicFrame", "cxnSp", "pic":
		s.shape = nil
	}
	return nil
}

func (s *slide) endPara() {
	seen, unseen := trimmed(&s.seen), trimmed(&s.unseen)
	s.seen.Reset()
	s.unseen.Reset()
	shape := shape{}
	if s.shape != nil {
		shape = *s.shape
	}
	if ignoredKinds[shape.kind] {
		return
	}
	if s.table != nil {
		s.table.cell = append(s.table.cell, strings.TrimSpace(seen+"\n"+unseen))
		return
	}
	b := extract.Block{Kind: extract.Paragraph, Text: seen, Page: s.page}
	body := shape.placeholder && (shape.kind == "" || shape.kind == "body" || shape.kind == "obj")
	switch {
	case s.notes:
		b.Kind = extract.Note
	case titleKinds[shape.kind]:
		b.Kind, b.Level = extract.Heading, 1
	case s.bullet > 0 || body && s.bullet == 0:
		b.Kind = extract.Item
	}
	s.add(b)
	s.add(extract.Block{Kind: extract.Paragraph, Text: unseen, Page: s.page, Hidden: true})
}

func (s *slide) add(b extract.Block) {
	switch {
	case b.Text == "":
	case b.Kind == extract.Heading && len(s.titles) > 0: // a title of two lines
		s.titles[len(s.titles)-1].Text += " " + b.Text
	case b.Kind == extract.Heading:
		s.titles = append(s.titles, b)
	default:
		s.rest = append(s.rest, b)
	}
}

func (s *slide) endCell() {
	t := s.table
	if t == nil || len(t.rows) == 0 || t.merged {
		return
	}
	row := &t.rows[len(t.rows)-1]
	text := strings.Join(t.cell, "\n")
	t.below.put(row, text, t.span, t.down)
}

// endTable puts the table behind the text before it.
func (s *slide) endTable() {
	if s.table == nil {
		return
	}
	s.flush()
	s.d.Table(s.table.rows)
	s.table = nil
}

// flush hands over what was read: the title first, wherever it stands.
func (s *slide) flush() {
	for _, b := range append(s.titles, s.rest...) {
		s.d.Add(b)
	}
	s.titles, s.rest = nil, nil
}

func (s *slide) finish() {
	if s.table != nil {
		s.endTable()
	}
	s.flush()
}
