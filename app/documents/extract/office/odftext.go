package office

import (
	"encoding/xml"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/clean"
	"alcove/app/documents/extract/draft"
)

// odf reads the text of an OpenDocument text, or its headers and footers.
type odf struct {
	d     *draft.Draft
	looks *odfStyles
	edges bool // headers and footers

	stack  []string
	skip   int
	paras  []*odfPara
	spans  []odfSpan // formats of open spans, frames and cells
	tables []*odfTable
	lists  int
	notes  []*[]extract.Block // open notes collect their blocks here
	body   bool
	page   int
	broken bool // a page was ended by the author
	bytes  int
	hiding int // depth in stack from which a section is not shown
}

type odfPara struct {
	style  odfStyle
	level  int
	item   bool
	page   int
	seen   strings.Builder
	unseen strings.Builder
	notes  []extract.Block
}

type odfSpan struct {
	name   string
	format format
}

type odfTable struct {
	rows       []draft.TableRow
	heads      int // depth of table-header-rows
	repeatRow  int
	cell       *odfCell
	below      grid
	beside     []extract.Block
	cellGround ground
	columns    int
}

type odfCell struct {
	blocks             []extract.Block
	repeat, span, down int
}

// notText are elements whose text is not that of the document.
var notText = map[string]bool{
	"tracked-changes": true, "table-of-content": true, "note-citation": true, "dc:creator": true, "dc:date": true, "meta:date-string": true, "sender-initials": true,
	"forms": true, "scripts": true, "automatic-styles": true, "font-face-decls": true, "object": true, "object-ole": true, "plugin": true, "svg:title": true, "svg:desc": true,
	"ruby-text": true, "illustration-index": true, "alphabetical-index": true, "table-index": true, "sequence-decls": true,
}

func (o *odf) Start(e xml.StartElement) error {
	name := e.Name.Local
	if o.skip > 0 {
		o.skip++
		return nil
	}
	if e.Name.Space != "style" && (notText[name] || notText[e.Name.Space+":"+name]) {
		if name == "object" || name == "object-ole" || name == "plugin" {
			o.d.Flag(extract.FlagActive, 0, "an embedded object: left out")
		}
		o.skip = 1
		return nil
	}
	if name == "text" && e.Name.Space == "office" || o.edges && (name == "header" || name == "footer") {
		o.body = true
	}
	o.stack = append(o.stack, name)
	if o.body && !o.startText(e) {
		o.startTable(e)
	}
	if o.d.Full() {
		return archive.ErrStop
	}
	return nil
}

func (o *odf) startText(e xml.StartElement) bool {
	style := archive.Attr(e, "style-name")
	switch e.Name.Local {
	case "h", "p":
		o.startPara(e, style)
	case "span", "frame", "custom-shape", "text-box":
		o.spans = append(o.spans, odfSpan{e.Name.Local, o.looks.look(style).format})
	case "section":
		if o.hiding == 0 && (archive.Attr(e, "display") == "none" || archive.Attr(e, "is-hidden") == "true") {
			o.hiding = len(o.stack)
		}
	case "hidden-paragraph", "hidden-text":
		if archive.Attr(e, "is-hidden") != "false" && o.hiding == 0 {
			o.hiding = len(o.stack)
		}
	case "list":
		o.lists++
	case "note-body", "annotation":
		o.notes = append(o.notes, &[]extract.Block{})
	case "s":
		o.write(" ")
	case "tab":
		o.write(" ")
	case "line-break":
		o.write("\n")
	case "soft-page-break":
		o.softBreak()
	case "image":
		if at := archive.Attr(e, "href"); strings.HasPrefix(at, "http") || strings.HasPrefix(at, "//") {
			o.d.Flag(extract.FlagActive, 0, "refers to something outside (image): not fetched")
		}
	default:
		return false
	}
	return true
}

func (o *odf) startPara(e xml.StartElement, style string) {
	p := &odfPara{style: o.looks.look(style)}
	if p.style.before && len(o.tables) == 0 && len(o.notes) == 0 {
		o.page++
		o.broken = true
	}
	p.page = o.page
	if e.Name.Local == "h" {
		p.level = max(1, min(number(archive.Attr(e, "outline-level")), 9))
	} else if m := headingName.FindStringSubmatch(strings.ReplaceAll(strings.ReplaceAll(style, "_20_", " "), "_", " ")); m != nil {
		p.level = number(m[1])
	} else if style == "Title" || o.looks.found[style].parent == "Title" {
		p.level = 1
	}
	p.item = o.lists > 0
	o.paras = append(o.paras, p)
}

// softBreak is where the program that saved the file broke a page; after a
// break of the author it says the same once more.
func (o *odf) softBreak() {
	if o.broken {
		o.broken = false
		return
	}
	o.page++
	if len(o.paras) > 0 && strings.TrimSpace(o.paras[0].seen.String()) == "" {
		o.paras[0].page = o.page
	}
}

func (o *odf) write(text string) {
	if len(o.paras) == 0 {
		return
	}
	p := o.paras[len(o.paras)-1]
	f := p.style.format
	paper := ground{true, clean.White}
	for _, s := range o.spans {
		if s.name == "frame" || s.name == "custom-shape" || s.name == "text-box" {
			if s.format.ground.set {
				paper = s.format.ground
			}
			continue
		}
		f = s.format.over(f)
	}
	if len(o.tables) > 0 && o.tables[len(o.tables)-1].cellGround.set {
		paper = o.tables[len(o.tables)-1].cellGround
	}
	if f.struck > 0 {
		return
	}
	if o.hiding > 0 || f.hidden(paper) {
		p.unseen.WriteString(text)
		return
	}
	if strings.TrimSpace(text) != "" {
		o.broken = false
	}
	p.seen.WriteString(text)
}

func (o *odf) Text(b []byte) error {
	if o.skip > 0 || !o.body || len(o.paras) == 0 {
		return nil
	}
	if o.bytes += len(b); o.bytes > o.d.Room() {
		o.d.Truncated("the file holds more text than is read")
		return archive.ErrStop
	}
	o.write(strings.Map(func(r rune) rune { // the source is wrapped as it likes
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		return r
	}, string(b)))
	return nil
}

func (o *odf) End(name xml.Name) error {
	if o.skip > 0 {
		o.skip--
		return nil
	}
	if o.hiding == len(o.stack) {
		o.hiding = 0
	}
	o.stack = o.stack[:max(0, len(o.stack)-1)]
	if !o.body {
		return nil
	}
	switch name.Local {
	case "h", "p":
		o.endPara()
	case "span", "frame", "custom-shape", "text-box":
		o.spans = o.spans[:max(0, len(o.spans)-1)]
	case "list":
		o.lists = max(0, o.lists-1)
	case "note-body", "annotation":
		o.endNote()
	case "header", "footer":
		o.body = !o.edges
	default:
		o.endTable(name.Local)
	}
	return nil
}

func (o *odf) endPara() {
	if len(o.paras) == 0 {
		return
	}
	p := o.paras[len(o.paras)-1]
	o.paras = o.paras[:len(o.paras)-1]
	b := extract.Block{Kind: extract.Paragraph, Text: trimmed(&p.seen), Page: p.page}
	switch {
	case p.level > 0:
		b.Kind, b.Level = extract.Heading, p.level
	case p.item:
		b.Kind = extract.Item
	}
	o.emit(b)
	o.emit(extract.Block{Kind: extract.Paragraph, Text: trimmed(&p.unseen), Page: p.page, Hidden: true})
	for _, n := range p.notes {
		o.emit(n)
	}
	if p.style.after && len(o.tables) == 0 && len(o.notes) == 0 {
		o.page++
		o.broken = true
	}
}

func (o *odf) endNote() {
	if len(o.notes) == 0 {
		return
	}
	blocks := *o.notes[len(o.notes)-1]
	o.notes = o.notes[:len(o.notes)-1]
	for _, b := range blocks {
		if !b.Hidden {
			b.Kind, b.Level = extract.Note, 0
		}
		if len(o.paras) > 0 {
			p := o.paras[len(o.paras)-1]
			b.Page = p.page
			p.notes = append(p.notes, b)
		} else {
			o.emit(b)
		}
	}
}

// emit hands a block to the note, the cell or the document it belongs to.
func (o *odf) emit(b extract.Block) {
	if b.Text == "" {
		return
	}
	switch {
	case o.edges:
		if !b.Hidden {
			o.d.Edges = append(o.d.Edges, b.Text)
		}
	case len(o.notes) > 0:
		n := o.notes[len(o.notes)-1]
		*n = append(*n, b)
	case len(o.tables) > 0 && o.tables[len(o.tables)-1].cell != nil:
		c := o.tables[len(o.tables)-1].cell
		c.blocks = append(c.blocks, b)
	default:
		o.d.Add(b)
	}
}

// finish closes what is open, and settles pages.
func (o *odf) finish() {
	for len(o.paras) > 0 {
		o.endPara()
	}
	for len(o.tables) > 0 {
		o.closeTable()
	}
	doc := &o.d.Doc
	doc.Pages = o.page
	if o.page == 1 { // nothing says where pages end
		doc.Pages = 0
		for i := range doc.Blocks {
			doc.Blocks[i].Page = 0
		}
		for i := range doc.Flags {
			doc.Flags[i].Page = 0
		}
	}
	if doc.Title == "" {
		for _, b := range doc.Blocks {
			if b.Kind == extract.Heading && b.Level == 1 && !b.Hidden {
				doc.Title = b.Text
				break
			}
		}
	}
}
