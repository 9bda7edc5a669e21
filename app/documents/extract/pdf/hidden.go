package pdf

import (
	"strings"

	"alcove/app/documents/extract"
)

// What makes text unseen.
const (
	tiny    = 2.0 // points: smaller is not read by people
	near    = 24  // of 255: colours that differ less look the same
	scanned = 0.5 // part of a page that a picture takes when the page is a scan
)

// secret is a run of words that nobody sees.
type secret struct {
	text string
	why  string
}

// reveal takes out of a page what nobody sees. Text without ink over a scan
// stays: it is what OCR once read there.
func reveal(sh *sheet) []secret {
	scan := sh.pictured() >= scanned
	kept := sh.words[:0]
	var found []secret
	joined := false // the word before was hidden for the same reason
	for _, w := range sh.words {
		why := sh.unseen(w, scan)
		switch {
		case why == "":
			kept = append(kept, w)
		case joined && found[len(found)-1].why == why:
			found[len(found)-1].text += " " + w.text
		default:
			found = append(found, secret{w.text, why})
		}
		joined = why != ""
	}
	sh.words = kept
	return found
}

// unseen says why a word is not seen, "" where it is.
func (sh *sheet) unseen(w word, scan bool) string {
	switch {
	case w.right < 0 || w.bottom < 0 || w.left > sh.width || w.top > sh.height:
		return "off the page"
	case w.size < tiny:
		return "tiny"
	case w.invisible && !scan:
		return "without ink"
	case w.invisible:
		return ""
	case w.colour.a < near:
		return "transparent"
	case sh.overPicture(w):
		return ""
	case alike(w.colour, sh.behind(w)):
		return "in the colour of the page"
	}
	return ""
}

// behind is the colour that a word stands on: that of the last fill around it.
func (sh *sheet) behind(w word) colour {
	for i := len(sh.shapes) - 1; i >= 0; i-- {
		if s := sh.shapes[i]; s.filled && s.colour.a > 200 && s.height() > w.size/2 && s.holds(w.midX(), w.midY()) {
			return s.colour
		}
	}
	return white
}

func (sh *sheet) overPicture(w word) bool {
	for _, p := range sh.pictures {
		if p.holds(w.midX(), w.midY()) {
			return true
		}
	}
	return false
}

// pictured is the part of the page that its largest picture covers.
func (sh *sheet) pictured() float64 {
	page, most := sh.width*sh.height, 0.0
	for _, p := range sh.pictures {
		w := min(p.right, sh.width) - max(p.left, 0)
		h := min(p.bottom, sh.height) - max(p.top, 0)
		if w > 0 && h > 0 && page > 0 {
			most = max(most, w*h/page)
		}
	}
	return most
}

func alike(a, b colour) bool {
	differ := func(x, y uint) bool { return max(x, y)-min(x, y) >= near }
	return !differ(a.r, b.r) && !differ(a.g, b.g) && !differ(a.b, b.b)
}

// hiddenBlocks makes blocks and flags of what nobody sees on a page.
func hiddenBlocks(page int, found []secret) ([]extract.Block, []extract.Flag) {
	var blocks []extract.Block
	var flags []extract.Flag
	for _, f := range found {
		if !strings.ContainsFunc(f.text, letterOrDigit) {
			continue // a bullet in white is no message
		}
		blocks = append(blocks, extract.Block{Kind: extract.Paragraph, Text: f.text, Page: page, Hidden: true})
		if len(flags) < 20 {
			flags = append(flags, extract.Flag{Kind: extract.FlagHidden, Page: page, Note: f.why + ": " + f.text})
		}
	}
	return blocks, flags
}
