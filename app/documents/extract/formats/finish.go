package formats

import (
	"slices"
	"strings"
	"unicode/utf8"

	"alcove/app/documents/extract"
)

// finish holds a parser's result to the limits and to what every document
// must be: valid text, no empty blocks, and a reason where nothing is left.
func finish(doc extract.Document, in extract.Input) (extract.Document, error) {
	limits := in.Limits
	speaks(&doc)
	kept, bytes, cut := doc.Blocks[:0], 0, false
	unseen := unseenText{page: -1}
	for _, b := range doc.Blocks {
		b.Text = clean(unseen.take(&doc, b.Page, b.Text))
		for i, cell := range b.Cells {
			cell, _, _ = extract.Sanitize(cell) // told with the block's text
			b.Cells[i] = clean(cell)
			bytes += len(b.Cells[i])
		}
		if b.Text == "" && strings.Join(b.Cells, "") == "" {
			continue
		}
		bytes += len(b.Text)
		if limits.Text > 0 && bytes > limits.Text || limits.Blocks > 0 && len(kept) >= limits.Blocks {
			cut = true
			break
		}
		kept = append(kept, b)
	}
	doc.Blocks = kept
	doc.Blocks = append(doc.Blocks, unseen.blocks...)
	doc.Title, _, _ = extract.Sanitize(doc.Title)
	doc.Title, doc.Author = short(clean(doc.Title), 500), short(clean(doc.Author), 500)
	if cut {
		doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagTruncated, Note: "the file holds more text than is read"})
	}
	for i := range doc.Flags {
		doc.Flags[i].Note = short(clean(doc.Flags[i].Note), 200)
	}
	if !slices.ContainsFunc(doc.Blocks, func(b extract.Block) bool { return !b.Hidden }) {
		for _, f := range doc.Flags {
			switch {
			case f.Kind == extract.FlagScanned && in.Pictures != nil:
				return doc, nil // OCR reads it, outside of the child
			case f.Kind == extract.FlagScanned:
				return extract.Document{}, extract.Fail(extract.Scanned, "%d pages, all of them pictures", doc.Pages)
			}
		}
		return extract.Document{}, extract.Fail(extract.Empty, "no text in it")
	}
	return doc, nil
}

// clean makes text valid and takes out control characters.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s))
}

// short cuts text to at most n bytes, at a character.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// unseenText collects what characters without width spell.
type unseenText struct {
	blocks []extract.Block
	page   int // the last page with a flag
}

// many characters without width are no accident.
const many = 8

func (u *unseenText) take(doc *extract.Document, page int, text string) string {
	text, secret, odd := extract.Sanitize(text)
	if secret != "" && len(u.blocks) < 1000 {
		u.blocks = append(u.blocks, extract.Block{Kind: extract.Paragraph, Text: clean(secret), Page: page, Hidden: true})
	}
	if (secret != "" || odd >= many) && u.page != page {
		u.page = page
		doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagHidden, Page: page, Note: "characters without width: " + secret})
	}
	return text
}

// speaks flags a title or author that speaks to a model, and takes it away.
func speaks(doc *extract.Document) {
	for _, field := range []*string{&doc.Title, &doc.Author} {
		if extract.SpeaksToModel(*field) {
			doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagMetadata, Note: *field})
			*field = ""
		}
	}
}
