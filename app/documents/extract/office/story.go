package office

import (
	"encoding/xml"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/clean"
	"alcove/app/documents/extract/draft"
)

// story reads one run of text of a Word document: the body, notes, a header.
type story struct {
	d      *draft.Draft
	styles *sheet
	sink   func(extract.Block) // where blocks outside of tables go
	path
	skip   int // depth inside of what is not text
	paras  []*para
	tables []*table
	run    format
	char   string // the run's named style
	paper  ground
	// numbers are those of headings and items; nil where none are shown.
	numbers *numbering

	page     int
	rendered bool // the file says where Word broke pages
	broken   bool // a break was written, and Word's note of it may follow
	bytes    int
	bold     map[int]bool // blocks, by place, whose text is all bold

	notes    map[string][]string // kind and id to texts
	noteKind string              // set while notes are read
	noteID   string
	shapes   []ground // fills of the shapes that we are in
}

// para is a paragraph that is being read.
type para struct {
	style  string
	level  int // 0: as its style says; -1: text
	list   bool
	number string // its list, "" as its style says
	depth  int    // in the list; -1: as its style says
	spans  []span
	refs   []string // notes
	ground ground
	breaks int // pages that end behind it
	page   int
}

type span struct {
	text         string
	hidden, bold bool
}

func newStory(d *draft.Draft, styles *sheet) *story {
	s := &story{d: d, styles: styles, page: 1, bold: map[int]bool{}, paper: ground{true, clean.White}}
	s.sink = d.Add
	return s
}

// skipped are elements whose text is not that of the document: deleted, moved
// away, said twice, or how it was formatted before.
var skipped = map[string]bool{
	"del": true, "moveFrom": true, "Fallback": true, "delText": true, "instrText": true, "delInstrText": true,
	"rPrChange": true, "pPrChange": true, "sectPrChange": true, "tblPrChange": true, "tcPrChange": true, "trPrChange": true, "tblGridChange": true, "numberingChange": true,
	"rt": true,
}

func (s *story) Start(e xml.StartElement) error {
	name := e.Name.Local
	if s.skip > 0 {
		s.skip++
		return nil
	}
	if skipped[name] {
		if name == "del" && s.parent(1) == "trPr" {
			s.table().deleted = true
		}
		s.skip = 1
		return nil
	}
	if !s.startText(e) {
		s.startTable(e)
	}
	s.path = append(s.path, name)
	if s.d.Full() {
		return archive.ErrStop
	}
	return nil
}

// startText takes elements of paragraphs and runs.
func (s *story) startText(e xml.StartElement) bool {
	p := s.para()
	switch e.Name.Local {
	case "p":
		if isText(e.Name.Space) {
			s.paras = append(s.paras, &para{page: s.page, depth: -1})
		}
	case "r":
		s.run, s.char = format{}, ""
	case "pStyle":
		p.style = archive.Attr(e, "val")
	case "rStyle":
		if s.parent(2) == "r" {
			s.char = archive.Attr(e, "val")
		}
	case "outlineLvl":
		if p.level = number(archive.Attr(e, "val")) + 1; p.level > 9 {
			p.level = -1
		}
	case "numId":
		p.number = archive.Attr(e, "val")
		p.list = p.number != "0"
	case "ilvl":
		p.depth = number(archive.Attr(e, "val"))
	case "pageBreakBefore":
		if on(e) {
			s.newPage()
			p.page = s.page
		}
	case "tab", "ptab":
		if s.parent(1) == "r" {
			s.text(" ")
		}
	case "br", "cr":
		s.lineBreak(e)
	case "noBreakHyphen":
		s.text("-")
	case "lastRenderedPageBreak":
		s.renderedBreak()
	case "footnoteReference", "endnoteReference", "commentReference":
		p.refs = append(p.refs, strings.TrimSuffix(e.Name.Local, "Reference")+archive.Attr(e, "id"))
	case "footnote", "endnote", "comment":
		s.noteID = s.noteKind + archive.Attr(e, "id")
	case "type":
		if s.parent(1) == "sectPr" && archive.Attr(e, "val") == "continuous" {
			p.breaks-- // the section ends, the page does not
		}
	case "wsp", "sp":
		s.shapes = append(s.shapes, ground{})
	case "srgbClr", "schemeClr":
		if s.parent(1) == "solidFill" && s.parent(2) == "spPr" && len(s.shapes) > 0 {
			s.shapes[len(s.shapes)-1] = ground{true, clean.ParseColor(archive.Attr(e, "val"))}
		}
	case "docPr":
		s.d.Metadata("description of a picture", archive.Attr(e, "descr")+" "+archive.Attr(e, "title"))
	case "background":
		if c := archive.Attr(e, "color"); c != "" && c != "auto" {
			s.paper = ground{true, clean.ParseColor(c)}
		}
	case "altChunk":
		s.d.Flag(extract.FlagActive, 0, "an embedded document: left out")
	case "shd":
		if s.parent(1) == "pPr" {
			p.ground = shade(e)
			return true
		}
		return s.property(e)
	default:
		return s.property(e)
	}
	return true
}

// property takes an element of a run's properties.
func (s *story) property(e xml.StartElement) bool {
	if s.parent(1) != "rPr" {
		return false
	}
	if s.parent(2) == "r" {
		s.run.read(e)
	}
	return true
}

// isText tells w:p from the points of drawings, a:p.
func isText(space string) bool { return space == "w" || space == "" || space == "ns0" }

// para is the paragraph that we are in; outside of all it is one that is lost.
func (s *story) para() *para {
	if len(s.paras) == 0 {
		return &para{}
	}
	return s.paras[len(s.paras)-1]
}

func (s *story) lineBreak(e xml.StartElement) {
	if archive.Attr(e, "type") == "page" {
		s.newPage()
		if p := s.para(); len(p.spans) == 0 {
			p.page = s.page
		}
	}
	if s.parent(1) == "r" {
		s.text("\n")
	}
}

// newPage is a break that the author wrote. Word may note it once more where
// the next text begins.
func (s *story) newPage() {
	s.page++
	s.broken = true
}

func (s *story) renderedBreak() {
	s.rendered = true
	if s.broken {
		s.broken = false
		return
	}
	s.page++
	if p := s.para(); !said(p.spans) {
		p.page = s.page
	}
}

func said(spans []span) bool {
	for _, sp := range spans {
		if strings.TrimSpace(sp.text) != "" {
			return true
		}
	}
	return false
}

func (s *story) Text(b []byte) error {
	if s.skip > 0 || s.parent(1) != "t" {
		return nil
	}
	if s.bytes += len(b); s.bytes > s.d.Room() {
		s.d.Truncated("the file holds more text than is read")
		return archive.ErrStop
	}
	s.text(string(b))
	return nil
}

func (s *story) text(t string) {
	if len(s.paras) == 0 {
		return
	}
	p := s.para()
	f := s.format(p)
	if f.struck > 0 {
		return
	}
	if strings.TrimSpace(t) != "" {
		s.broken = false
	}
	p.spans = append(p.spans, span{t, f.hidden(s.ground(p)), f.bold > 0})
}

// format is that of the present run with its styles.
func (s *story) format(p *para) format {
	id := p.style
	if id == "" {
		id = s.styles.normal
	}
	f := s.run
	if s.char != "" {
		f = f.over(s.styles.resolve(s.char).format)
	}
	named := s.styles.resolve(id).format
	named.ground = ground{} // the paragraph's, not the run's
	return f.over(named).over(s.styles.defaults)
}

// ground is what the present paragraph stands on.
func (s *story) ground(p *para) ground {
	if p.ground.set {
		return p.ground
	}
	if g := s.styles.resolve(p.style).format.ground; g.set {
		return g
	}
	if len(s.shapes) > 0 && s.shapes[len(s.shapes)-1].set {
		return s.shapes[len(s.shapes)-1]
	}
	for i := len(s.tables) - 1; i >= 0; i-- {
		if t := s.tables[i]; t.cell.ground.set {
			return t.cell.ground
		} else if t.styled {
			return ground{set: true} // the style of the table may colour it
		}
	}
	return s.paper
}

func (s *story) End(name xml.Name) error {
	if s.skip > 0 {
		s.skip--
		return nil
	}
	s.path = s.path[:max(0, len(s.path)-1)]
	switch name.Local {
	case "p":
		if isText(name.Space) {
			s.endPara()
		}
	case "sectPr":
		if len(s.paras) > 0 {
			s.para().breaks++
		}
	case "wsp", "sp":
		s.shapes = s.shapes[:max(0, len(s.shapes)-1)]
	case "footnote", "endnote", "comment":
		s.noteID = ""
	default:
		s.endTable(name.Local)
	}
	return nil
}

// end closes what a damaged file left open.
func (s *story) end() {
	for len(s.paras) > 0 {
		s.endPara()
	}
	for len(s.tables) > 0 {
		s.closeTable()
	}
}

func (s *story) endPara() {
	if len(s.paras) == 0 {
		return
	}
	p := s.para()
	s.paras = s.paras[:len(s.paras)-1]
	named := s.styles.resolve(p.style)
	if p.style == "" {
		named = s.styles.resolve(s.styles.normal)
	}
	var seen, unseen strings.Builder
	bold := true
	for _, sp := range p.spans {
		if sp.hidden {
			unseen.WriteString(sp.text)
			continue
		}
		seen.WriteString(sp.text)
		bold = bold && (sp.bold || strings.TrimSpace(sp.text) == "")
	}
	block := extract.Block{Kind: extract.Paragraph, Page: p.page, Text: seen.String()}
	if label := s.label(p, named); label != "" && strings.TrimSpace(block.Text) != "" {
		block.Text = label + " " + block.Text
	}
	level := p.level
	if level == 0 {
		level = named.level
	}
	switch {
	case level > 0:
		block.Kind, block.Level = extract.Heading, level
	case p.list || named.list:
		block.Kind = extract.Item
	}
	if !named.contents || p.level > 0 {
		s.emit(block, bold)
	}
	s.emit(extract.Block{Kind: extract.Paragraph, Page: p.page, Text: unseen.String(), Hidden: true}, false)
	for _, ref := range p.refs {
		for _, note := range s.notes[ref] {
			s.emit(extract.Block{Kind: extract.Note, Page: p.page, Text: note}, false)
		}
		delete(s.notes, ref) // a note is said once
	}
	for range p.breaks {
		s.newPage()
	}
}

// label is the number that Word shows before a paragraph.
func (s *story) label(p *para, named style) string {
	list, depth := p.number, p.depth
	if list == "" {
		list = named.numbers
	}
	if depth < 0 {
		depth = named.depth
	}
	if s.numbers == nil || list == "" || list == "0" {
		return ""
	}
	return s.numbers.next(list, depth)
}

// emit hands a block to where it belongs: a note, a cell, or the document.
func (s *story) emit(b extract.Block, bold bool) {
	if strings.TrimSpace(b.Text) == "" {
		return
	}
	switch {
	case s.noteKind != "":
		if s.noteID != "" && !b.Hidden {
			s.notes[s.noteID] = append(s.notes[s.noteID], b.Text)
		}
	case len(s.tables) > 0 && s.table().inCell:
		t := s.table()
		t.cell.blocks = append(t.cell.blocks, b)
		t.cell.plain = t.cell.plain || !bold && !b.Hidden
	default:
		before := len(s.d.Doc.Blocks)
		s.sink(b)
		if bold && b.Kind == extract.Paragraph && len(s.d.Doc.Blocks) > before {
			s.bold[before] = true
		}
	}
}
