package pdf

import (
	"bytes"
	"context"
	"image/png"
	"strings"

	"github.com/klippa-app/go-pdfium/requests"

	"alcove/app/documents/extract"
)

// Bounds of a whole document.
const (
	maxTraps  = 20   // pages at which PDFium may fail before the file counts as damaged
	fewWords  = 3    // a page with fewer, and a picture, is a scan
	picturePx = 2600 // longest side of a page's picture for OCR: about 220 dpi of A4
)

// Parse reads a PDF.
func Parse(ctx context.Context, in extract.Input) (extract.Document, error) {
	s, err := open(ctx, in)
	if err != nil {
		return extract.Document{}, err
	}
	defer s.close()
	count, err := s.lib.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: s.doc})
	switch {
	case err != nil:
		return extract.Document{}, extract.Fail(extract.Damaged, "count pages: %s", firstLine(err))
	case count.PageCount > in.Limits.Pages:
		return extract.Document{}, extract.Fail(extract.TooManyPages, "%d pages", count.PageCount)
	case count.PageCount < 1:
		return extract.Document{}, extract.Fail(extract.Damaged, "no pages")
	}
	doc := extract.Document{Format: "pdf", Pages: count.PageCount}
	s.metadata(&doc)
	outline := s.outline()
	pages, hidden, err := s.pages(ctx, &doc)
	if err != nil {
		return extract.Document{}, err
	}
	running := strip(pages)
	for i, p := range pages {
		pages[i].lines = markers(columns(p.lines, p.levels(), 0))
	}
	doc.Blocks = place(build(pages, outline), hidden)
	doc.Effective = extract.Effective(doc, running...)
	if doc.Title == "" {
		doc.Title = firstHeading(doc.Blocks)
	}
	return doc, nil
}

// pages reads all pages. What nobody sees comes apart.
func (s *session) pages(ctx context.Context, doc *extract.Document) ([]paper, []extract.Block, error) {
	var pages []paper
	var hidden []extract.Block
	traps, text := 0, 0
	for n := 1; n <= doc.Pages; n++ {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if s.handles > maxHandles {
			if err := s.again(); err != nil {
				return nil, nil, err
			}
		}
		sh, err := s.read(n)
		if err != nil {
			if traps++; traps > maxTraps || doc.Pages == traps {
				return nil, nil, extract.Fail(extract.Damaged, "page %d: %s", n, firstLine(err))
			}
			doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagTruncated, Page: n, Note: "the page is damaged and was left out"})
			if err := s.again(); err != nil {
				return nil, nil, err
			}
			continue
		}
		blocks, flags := hiddenBlocks(n, reveal(&sh))
		hidden, doc.Flags = append(hidden, blocks...), append(doc.Flags, flags...)
		if len(sh.words) < fewWords && sh.pictured() > 0.2 {
			doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagScanned, Page: n})
			s.picture(n)
		}
		for _, w := range sh.words {
			text += len(w.text) + 1
		}
		pages = append(pages, paper{sheet: sh, lines: lay(sh)})
		pages[len(pages)-1].words = nil
		s.in.Progress(n, doc.Pages)
		if text > s.in.Limits.Text {
			doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagTruncated, Page: n, Note: "the file holds more text than is read"})
			break
		}
	}
	return pages, hidden, nil
}

// picture hands a page over for OCR, where there is one. That it cannot be
// drawn is no reason to lose the file: it stays flagged as a scan.
func (s *session) picture(n int) {
	if s.in.Pictures == nil {
		return
	}
	drawn, err := s.lib.RenderPageInPixels(&requests.RenderPageInPixels{
		Page:  requests.Page{ByIndex: &requests.PageByIndex{Document: s.doc, Index: n - 1}},
		Width: picturePx, Height: picturePx, ImageFormat: requests.RenderImageFormatGrayscale,
	})
	if err != nil {
		return
	}
	defer drawn.Cleanup()
	var b bytes.Buffer
	if (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, drawn.Result.RenderedImage) == nil {
		s.in.Pictures(n, b.Bytes()) //nolint:errcheck // it stays a scan
	}
}

// markers joins the mark of an item with its text, where a wide gap parts them.
func markers(lines []line) []line {
	for i, l := range lines {
		if len(l.segments) > 1 && mark.MatchString(l.segments[0].text) && len(l.segments[0].text) <= 8 && !strings.Contains(l.segments[0].text, " ") {
			joined := l.segments[1]
			joined.text = l.segments[0].text + " " + joined.text
			joined.box = joined.box.join(l.segments[0].box)
			lines[i].segments = append([]segment{joined}, l.segments[2:]...)
		}
	}
	return lines
}

// place puts hidden blocks behind the others of their page.
func place(blocks, hidden []extract.Block) []extract.Block {
	if len(hidden) == 0 {
		return blocks
	}
	out := make([]extract.Block, 0, len(blocks)+len(hidden))
	for _, b := range blocks {
		for len(hidden) > 0 && hidden[0].Page < b.Page {
			out, hidden = append(out, hidden[0]), hidden[1:]
		}
		out = append(out, b)
	}
	return append(out, hidden...)
}

// firstHeading is the title of a document that does not say it elsewhere.
func firstHeading(blocks []extract.Block) string {
	for _, b := range blocks {
		if b.Kind == extract.Heading && !b.Hidden && b.Page <= 2 {
			return b.Text
		}
	}
	return ""
}
