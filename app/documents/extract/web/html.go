// Package web reads HTML and Markdown. Scripts do not run, nothing is
// fetched, and what a browser would not show is kept apart.
package web

import (
	"bytes"
	"context"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/draft"
)

// maxBytes of a page: what is behind is not read.
const maxBytes = 32 << 20

// HTML reads a page.
func HTML(ctx context.Context, in extract.Input) (extract.Document, error) {
	text, cut, err := decoded(in)
	if err != nil {
		return extract.Document{}, err
	}
	d := draft.New(in)
	p := newPage(ctx, d, in.Limits.Depth)
	if err := p.read(text); err != nil {
		return extract.Document{}, err
	}
	if cut {
		d.Truncated("the page is longer than is read")
	}
	if d.Doc.Title == "" {
		d.Doc.Title = firstHeading(d.Doc.Blocks)
	}
	return d.Done(), nil
}

// decoded is the file as UTF-8. What is UTF-8 is so whatever the page says of
// itself; else its first bytes tell, or what it says.
func decoded(in extract.Input) (text []byte, cut bool, err error) {
	raw, err := io.ReadAll(io.LimitReader(in.All(), maxBytes+1))
	if err != nil {
		return nil, false, extract.Fail(extract.Gone, "read: %v", err)
	}
	if len(raw) > maxBytes {
		raw, cut = raw[:maxBytes], true
	}
	if len(raw) == 0 {
		return nil, false, nil
	}
	if utf8.Valid(raw) && bytes.ContainsFunc(raw, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return raw, cut, nil
	}
	r, err := charset.NewReader(bytes.NewReader(raw), "")
	if err != nil {
		return nil, false, extract.Fail(extract.Damaged, "charset: %v", err)
	}
	text, err = io.ReadAll(io.LimitReader(r, 2*maxBytes))
	if err != nil {
		return nil, false, extract.Fail(extract.Damaged, "charset: %v", err)
	}
	return text, cut, nil
}

func firstHeading(blocks []extract.Block) string {
	for _, b := range blocks {
		if b.Kind == extract.Heading && b.Level == 1 && !b.Hidden {
			return b.Text
		}
	}
	return ""
}

// element is an open element.
type element struct {
	name string
	look look
}

// page is a page that is being read, without a tree: work and memory are
// proportional to its length, however its elements are nested.
type page struct {
	ctx    context.Context
	d      *draft.Draft
	depth  int
	styles sheet
	stack  []element
	deeper int // open elements beyond depth
	drop   int // depth in stack from which nothing is text; 0: none

	seen, unseen strings.Builder
	kind         extract.BlockKind
	level        int
	tables       []*table
	title        bool
}

func newPage(ctx context.Context, d *draft.Draft, depth int) *page {
	if depth <= 0 {
		depth = 200
	}
	return &page{ctx: ctx, d: d, depth: depth, kind: extract.Paragraph}
}

// void elements have no end.
var void = set("area base br col embed hr img input link meta param source track wbr")

// blocks end the text before them and after them.
var blocks = set(`address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form
	h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table caption tbody thead tfoot tr td th ul option select textarea`)

// dropped elements hold no text of the page, or text that its author struck through.
var dropped = set("del s strike script style head template object embed iframe applet noframes noscript svg math canvas audio video datalist nav")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

func (p *page) read(text []byte) error {
	z := html.NewTokenizer(bytes.NewReader(text))
	for n := 0; !p.d.Full(); n++ {
		if n%1024 == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		switch z.Next() {
		case html.ErrorToken:
			p.flush()
			for len(p.tables) > 0 {
				p.closeTable()
			}
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			p.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			p.end(string(name))
		case html.TextToken:
			p.text(string(z.Text()))
		case html.CommentToken:
			p.d.Metadata("comment", string(z.Text()))
		}
	}
	return nil
}

// mostAttributes of an element are read.
const mostAttributes = 64

func attributes(z *html.Tokenizer, more bool) map[string]string {
	found := map[string]string{}
	for n := 0; more && n < mostAttributes; n++ {
		var key, val []byte
		key, val, more = z.TagAttr()
		if _, twice := found[string(key)]; !twice {
			found[string(key)] = string(val)
		}
	}
	return found
}

func (p *page) start(z *html.Tokenizer) {
	raw, more := z.TagName()
	name := string(raw)
	attr := attributes(z, more)
	p.note(name, attr)
	if blocks[name] {
		p.flush()
		p.closeImplied(name)
		if p.drop > 0 && p.stack[p.drop-1].name == "head" {
			p.end("head") // nobody has to write its end
		}
	}
	p.open(name, attr)
	if void[name] {
		switch name {
		case "br":
			p.text("\u2028")
		case "img":
			p.d.Metadata("text of a picture", attr["alt"]+" "+attr["title"])
		}
		return
	}
	if len(p.stack) >= p.depth {
		p.deeper++ // how it looks is not known any more: what is inside counts as not seen
		return
	}
	p.stack = append(p.stack, element{name, p.styles.look(name, attr, p.look())})
	if dropped[name] && p.drop == 0 {
		p.drop = len(p.stack)
	}
}

// open begins what an element stands for.
func (p *page) open(name string, attr map[string]string) {
	switch name {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		p.kind, p.level = extract.Heading, int(name[1]-'0')
	case "li":
		p.kind = extract.Item
	case "table", "tr", "td", "th", "thead":
		if p.drop == 0 {
			p.openTable(name, attr)
		}
	}
}

// note takes what an element says beside the text.
func (p *page) note(name string, attr map[string]string) {
	doc := &p.d.Doc
	switch name {
	case "html":
		if doc.Language == "" {
			doc.Language = attr["lang"]
		}
	case "meta":
		p.meta(strings.ToLower(attr["name"]+attr["property"]), attr["content"])
	case "script":
		p.d.Flag(extract.FlagActive, 0, "scripts: left out")
	case "iframe", "object", "embed", "applet":
		p.d.Flag(extract.FlagActive, 0, "an embedded "+name+": left out")
	case "img", "link", "source", "video", "audio":
		at := strings.ToLower(attr["src"] + attr["href"])
		if strings.HasPrefix(at, "http:") || strings.HasPrefix(at, "https:") || strings.HasPrefix(at, "//") {
			p.d.Flag(extract.FlagActive, 0, "refers to something outside ("+name+"): not fetched")
		}
	}
	for key := range attr {
		if strings.HasPrefix(key, "on") && len(key) > 3 {
			p.d.Flag(extract.FlagActive, 0, "scripts: left out")
			break
		}
	}
}

func (p *page) meta(name, content string) {
	doc := &p.d.Doc
	switch name {
	case "author", "dc.creator", "dcterms.creator":
		doc.Author = content
	case "dcterms.modified", "last-modified", "article:modified_time", "date", "dc.date":
		doc.Modified = day(content)
	case "effective", "effective-date", "dcterms.valid", "effective_date":
		doc.Effective = day(content)
	}
	p.d.Metadata("meta "+name, content)
}

// implied says what a new element ends without saying so, and at what the
// search for it stops.
type implied struct{ ends, within map[string]bool }

var (
	impliedCell = implied{set("td th"), set("table")}
	impliedRow  = implied{set("tr"), set("table")}
	impliedTerm = implied{set("dt dd"), set("dl")}
	impliedText = implied{set("p"), set("td th li table div section article blockquote body")}
	impliedBy   = map[string]implied{
		"li": {set("li"), set("ul ol menu dir")}, "option": {set("option"), set("select")},
		"td": impliedCell, "th": impliedCell, "tr": impliedRow, "tbody": impliedRow, "thead": impliedRow, "tfoot": impliedRow,
		"dt": impliedTerm, "dd": impliedTerm,
	}
)

// closeImplied ends elements that a new one ends.
func (p *page) closeImplied(name string) {
	rule, ok := impliedBy[name]
	if !ok {
		rule = impliedText
	}
	for i := len(p.stack) - 1; i >= 0; i-- {
		switch open := p.stack[i].name; {
		case rule.ends[open]:
			p.end(open)
			return
		case rule.within[open]:
			return
		}
	}
}

// end closes an element and all that is open inside of it. One that is not
// open, or is outside of the present cell, closes nothing.
func (p *page) end(name string) {
	if blocks[name] {
		p.flush()
	}
	if p.deeper > 0 && !void[name] {
		p.deeper--
		return
	}
	for i := len(p.stack) - 1; i >= 0; i-- {
		open := p.stack[i].name
		if open == name {
			for j := len(p.stack) - 1; j >= i; j-- {
				p.close(p.stack[j].name)
			}
			p.stack = p.stack[:i]
			if p.drop > i {
				p.drop = 0
			}
			return
		}
		if (open == "td" || open == "th") && name != "tr" && name != "table" && name != "tbody" && name != "thead" && name != "tfoot" {
			return
		}
	}
}

func (p *page) close(name string) {
	if blocks[name] {
		p.flush()
	}
	if p.drop == 0 {
		p.endTable(name)
	}
}

func (p *page) look() look {
	if len(p.stack) == 0 {
		return look{}
	}
	return p.stack[len(p.stack)-1].look
}

func (p *page) text(text string) {
	if p.drop > 0 {
		p.dropText(text)
		return
	}
	if p.seen.Len()+p.unseen.Len() > p.d.Room() {
		p.d.Truncated("the page holds more text than is read")
		return
	}
	l := p.look()
	into := &p.seen
	if l.hidden() || p.deeper > 0 {
		into = &p.unseen
	}
	if !l.pre { // line breaks of the source are spaces, those of <br> are not
		text = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == '\f' {
				return ' '
			}
			return r
		}, text)
	}
	into.WriteString(text)
}

// dropText is text that is none of the page: its title, its styles.
func (p *page) dropText(text string) {
	switch name := p.stack[len(p.stack)-1].name; {
	case name == "title" && !p.title && strings.TrimSpace(text) != "":
		p.d.Doc.Title, p.title = strings.Join(strings.Fields(text), " "), true
		p.d.Metadata("title", text)
	case name == "style":
		p.styles.read(text)
	}
}

// flush ends a block.
func (p *page) flush() {
	if p.seen.Len() == 0 && p.unseen.Len() == 0 {
		return
	}
	block := extract.Block{Kind: p.kind, Text: p.seen.String()}
	if block.Kind == extract.Heading {
		block.Level = p.level
	}
	unseen := p.unseen.String()
	p.seen.Reset()
	p.unseen.Reset()
	if strings.TrimSpace(block.Text) != "" {
		p.emit(block)
		p.kind = extract.Paragraph
	}
	p.emit(extract.Block{Kind: extract.Paragraph, Text: unseen, Hidden: true})
}

func (p *page) emit(b extract.Block) {
	if strings.TrimSpace(b.Text) == "" {
		return
	}
	if len(p.tables) > 0 && p.tables[len(p.tables)-1].cell != nil {
		c := p.tables[len(p.tables)-1].cell
		c.blocks = append(c.blocks, b)
		return
	}
	p.d.Add(b)
}

// tagOf reads one tag.
func tagOf(source string) (name string, attr map[string]string, end bool) {
	z := html.NewTokenizer(strings.NewReader(source))
	kind := z.Next()
	raw, more := z.TagName()
	return string(raw), attributes(z, more), kind == html.EndTagToken
}

// Read adds the blocks of a page to a document. The only error is the end of ctx.
func Read(ctx context.Context, d *draft.Draft, depth int, source string) error {
	return newPage(ctx, d, depth).read([]byte(source))
}
