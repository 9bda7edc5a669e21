package extract

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"time"
	"unicode/utf8"
)

// collected is a document that grows from frames. One goroutine owns it.
type collected struct {
	limits Limits
	doc    Document
	head   bool // the document's own frame came
	ended  bool
	failed *Error
	text   int // bytes so far
	png    []byte
	page   int     // of png
	scans  []Block // what OCR read
	seen   int     // pictures
}

// kinds are the kinds of blocks.
var kinds = []BlockKind{Heading, Paragraph, Item, Row, Note}

// reasons are what the child may fail with.
var reasons = []Reason{Unsupported, Encrypted, Damaged, Empty, Scanned, TooLarge, TooManyPages, Inflates, Timeout, Memory, Crashed, Gone}

// take adds a frame. The error is that of a child that breaks the rules. A
// picture is given back when it is whole.
func (c *collected) take(f frame) (page int, png []byte, err error) {
	switch {
	case c.ended || c.failed != nil:
		return 0, nil, Fail(Crashed, "it went on after the end")
	case f.Error != nil:
		if !slices.Contains(reasons, f.Error.Reason) {
			return 0, nil, Fail(Crashed, "an unknown reason")
		}
		c.failed = Fail(f.Error.Reason, "%s", cut(f.Error.Detail, 500))
	case f.Document != nil:
		if c.head {
			return 0, nil, Fail(Crashed, "a second document")
		}
		c.head, c.doc = true, plausible(*f.Document)
	case f.Picture != nil:
		return c.picture(*f.Picture)
	case f.Block != nil:
		return 0, nil, c.block(*f.Block)
	case f.End != nil:
		if !c.head || *f.End != len(c.doc.Blocks) {
			return 0, nil, Fail(Crashed, "%d blocks were announced, %d came", *f.End, len(c.doc.Blocks))
		}
		c.ended = true
	}
	return 0, nil, nil
}

func (c *collected) block(b Block) error {
	if !c.head {
		return Fail(Crashed, "a block before the document")
	}
	c.text += len(b.Text)
	for _, cell := range b.Cells {
		c.text += len(cell)
	}
	if c.text > c.limits.Text+maxBlockText || len(c.doc.Blocks) >= 2*c.limits.Blocks+1 {
		return Fail(Crashed, "more text than the limits allow")
	}
	if !slices.Contains(kinds, b.Kind) {
		b.Kind = Paragraph
	}
	b.Level = min(max(b.Level, 0), 9)
	b.Page = min(max(b.Page, 0), max(c.doc.Pages, 0))
	b.Table = max(b.Table, 0)
	c.doc.Blocks = append(c.doc.Blocks, b)
	return nil
}

func (c *collected) picture(p picture) (int, []byte, error) {
	if p.Page != c.page {
		c.png, c.page = nil, p.Page
	}
	if len(c.png)+len(p.Part) > maxPicture {
		return 0, nil, Fail(Crashed, "a picture beyond the limits")
	}
	c.png = append(c.png, p.Part...)
	if !p.Last {
		return 0, nil, nil
	}
	whole := c.png
	c.png, c.page = nil, 0
	return p.Page, whole, nil
}

// plausible bounds what the child says of a document as a whole.
func plausible(d Document) Document {
	day := func(s string) string {
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return ""
		}
		return s
	}
	d.Blocks = nil
	d.Format, d.Language = cut(d.Format, 20), cut(d.Language, 20)
	d.Title, d.Author = cut(d.Title, 500), cut(d.Author, 500)
	d.Effective, d.Modified = day(d.Effective), day(d.Modified)
	d.Pages = min(max(d.Pages, 0), 1_000_000)
	d.Flags = d.Flags[:min(len(d.Flags), maxFlags)]
	for i := range d.Flags {
		d.Flags[i].Kind, d.Flags[i].Note = cut(d.Flags[i].Kind, 40), cut(d.Flags[i].Note, 200)
	}
	return d
}

// readFrames reads lines until the end, or until one is none of ours.
func readFrames(r io.Reader, to func(frame) bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxFrame)
	for lines.Scan() {
		var f frame
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			return Fail(Crashed, "it said what is no frame")
		}
		if !to(f) {
			return nil
		}
	}
	if lines.Err() != nil {
		return Fail(Crashed, "read from the child: %v", lines.Err())
	}
	return nil
}

// cut shortens text to at most n bytes, at a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
