package formats

import (
	"strings"
	"unicode/utf8"

	"alcove/app/documents/extract"
)

// finish holds a parser's result to the limits and to what every document
// must be: valid text, no empty blocks, and a reason where nothing is left.
func finish(doc extract.Document, limits extract.Limits) (extract.Document, error) {
	kept, bytes, cut := doc.Blocks[:0], 0, false
	for _, b := range doc.Blocks {
		b.Text = clean(b.Text)
		for i, cell := range b.Cells {
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
	doc.Title, doc.Author = short(clean(doc.Title), 500), short(clean(doc.Author), 500)
	if cut {
		doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagTruncated, Note: "the file holds more text than is read"})
	}
	for i := range doc.Flags {
		doc.Flags[i].Note = short(clean(doc.Flags[i].Note), 200)
	}
	if len(doc.Blocks) == 0 {
		for _, f := range doc.Flags {
			if f.Kind == extract.FlagScanned {
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
