package extract

import (
	"encoding/json"
	"io"
)

// The child writes one JSON object a line to its standard output, a frame.
// Each has one of the fields. The parent believes none of it: frames are
// bounded, counted and made plausible before they are used.

// Bounds of what the child may say.
const (
	maxFrame     = 1 << 20   // bytes of a line
	maxBlockText = 64 << 10  // bytes of a block, and of its cells together
	maxFlags     = 1000      // more say nothing more
	maxPicture   = 16 << 20  // bytes of a page's PNG
	picturePart  = 256 << 10 // bytes of one frame of it
)

type frame struct {
	Progress *[2]int   `json:"progress,omitempty"` // done, total
	Document *Document `json:"document,omitempty"` // without its blocks
	Block    *Block    `json:"block,omitempty"`
	Picture  *picture  `json:"picture,omitempty"`
	Error    *Error    `json:"error,omitempty"`
	End      *int      `json:"end,omitempty"` // how many blocks there were
}

// picture is a part of a page's PNG.
type picture struct {
	Page int    `json:"page"`
	Part []byte `json:"part"`
	Last bool   `json:"last,omitempty"`
}

// Sender is the child's end: it writes what the parent of Run reads. It is not
// safe for concurrent use.
type Sender struct{ to *json.Encoder }

// NewSender makes a Sender that writes to w.
func NewSender(w io.Writer) *Sender {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &Sender{e}
}

// Progress says how many pages of how many are read.
func (s *Sender) Progress(done, total int) error {
	return s.to.Encode(frame{Progress: &[2]int{done, total}})
}

// Picture hands over a page for OCR, as PNG. It waits until the parent takes it.
func (s *Sender) Picture(page int, png []byte) error {
	if len(png) > maxPicture {
		return Fail(TooLarge, "picture of %d bytes", len(png))
	}
	for len(png) > 0 {
		n := min(len(png), picturePart)
		if err := s.to.Encode(frame{Picture: &picture{page, png[:n], n == len(png)}}); err != nil {
			return err
		}
		png = png[n:]
	}
	return nil
}

// Document hands over what was read. Long blocks become several.
func (s *Sender) Document(doc Document) error {
	blocks := doc.Blocks
	doc.Blocks = nil
	doc.Flags = doc.Flags[:min(len(doc.Flags), maxFlags)]
	if err := s.to.Encode(frame{Document: &doc}); err != nil {
		return err
	}
	sent := 0
	for _, whole := range blocks {
		for _, b := range split(whole) {
			if err := s.to.Encode(frame{Block: &b}); err != nil {
				return err
			}
			sent++
		}
	}
	return s.to.Encode(frame{End: &sent})
}

// Fail says why there is no document.
func (s *Sender) Fail(e *Error) error {
	detail := *e
	detail.Detail = cut(detail.Detail, 500)
	return s.to.Encode(frame{Error: &detail})
}

// split makes blocks of at most maxBlockText bytes, at a space where there is one.
func split(b Block) []Block {
	cells := 0
	for i, c := range b.Cells {
		b.Cells[i] = cut(c, max(maxBlockText-cells, 0))
		cells += len(b.Cells[i])
	}
	b.Cells = b.Cells[:min(len(b.Cells), 1000)]
	var all []Block
	for len(b.Text) > maxBlockText {
		part := b
		part.Text = cut(b.Text, maxBlockText)
		for i := len(part.Text) - 1; i > maxBlockText/2; i-- {
			if part.Text[i] == ' ' || part.Text[i] == '\n' {
				part.Text = part.Text[:i]
				break
			}
		}
		b.Text = b.Text[len(part.Text):]
		all = append(all, part)
	}
	return append(all, b)
}
