package pdf

import (
	"math"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// Bounds of a page. What is beyond is not looked at.
const (
	maxChars   = 300_000
	maxObjects = 4000
)

// box is a place on a page: y grows downwards.
type box struct{ left, top, right, bottom float64 }

func (b box) width() float64  { return b.right - b.left }
func (b box) height() float64 { return b.bottom - b.top }
func (b box) midX() float64   { return (b.left + b.right) / 2 }
func (b box) midY() float64   { return (b.top + b.bottom) / 2 }

// holds says whether a point lies in the box.
func (b box) holds(x, y float64) bool {
	return x >= b.left && x <= b.right && y >= b.top && y <= b.bottom
}

// join gives the box around both.
func (b box) join(o box) box {
	return box{min(b.left, o.left), min(b.top, o.top), max(b.right, o.right), max(b.bottom, o.bottom)}
}

// colour is red, green, blue and opacity, 0 to 255.
type colour struct{ r, g, b, a uint }

var white = colour{255, 255, 255, 255}

// word is what stands between two spaces.
type word struct {
	box
	text      string
	size      float64 // height of the font on the page, in points
	bold      bool
	colour    colour
	invisible bool // drawn with neither fill nor stroke
	jump      bool // no space stands before it in the file: it was put where it is
}

// shape is a drawing: a fill or a rule.
type shape struct {
	box
	colour colour
	filled bool
}

// sheet is what one page holds.
type sheet struct {
	number        int
	width, height float64
	words         []word
	shapes        []shape
	pictures      []box
	spaced        bool // the file writes its spaces, so that a gap without one is meant
}

// reader reads one page.
type reader struct {
	s         *session
	page      requests.Page
	text      references.FPDF_TEXTPAGE
	bounds    box // of the page, in PDF's own coordinates: y grows upwards
	rotation  int // quarter turns, clockwise
	invisible bool
}

// read reads page number n, from 1.
func (s *session) read(n int) (sheet, error) {
	loaded, err := s.lib.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: s.doc, Index: n - 1})
	if err != nil {
		return sheet{}, err
	}
	defer s.lib.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page}) //nolint:errcheck // nothing depends on it
	r := reader{s: s, page: requests.Page{ByReference: &loaded.Page}}
	if err := r.measure(); err != nil {
		return sheet{}, err
	}
	sh := sheet{number: n, width: r.bounds.width(), height: r.bounds.height()}
	if r.rotation%2 == 1 {
		sh.width, sh.height = sh.height, sh.width
	}
	r.drawings(&sh)
	text, err := s.lib.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: r.page})
	if err != nil {
		return sheet{}, err
	}
	defer s.lib.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage}) //nolint:errcheck // as above
	r.text = text.TextPage
	err = r.words(&sh)
	return sh, err
}

func (r *reader) measure() error {
	b, err := r.s.lib.FPDF_GetPageBoundingBox(&requests.FPDF_GetPageBoundingBox{Page: r.page})
	if err != nil {
		return err
	}
	r.bounds = box{float64(b.Rect.Left), float64(b.Rect.Bottom), float64(b.Rect.Right), float64(b.Rect.Top)}
	if rotation, err := r.s.lib.FPDFPage_GetRotation(&requests.FPDFPage_GetRotation{Page: r.page}); err == nil {
		r.rotation = int(rotation.PageRotation) & 3
	}
	return nil
}

// seen turns PDF's coordinates into those of the page as it is seen.
func (r *reader) seen(left, bottom, right, top float64) box {
	b := r.bounds
	left, right = min(left, right), max(left, right)
	bottom, top = min(bottom, top), max(bottom, top)
	switch r.rotation {
	case 1:
		return box{bottom - b.top, left - b.left, top - b.top, right - b.left}
	case 2:
		return box{b.right - right, bottom - b.top, b.right - left, top - b.top}
	case 3:
		return box{b.bottom - top, b.right - right, b.bottom - bottom, b.right - left}
	}
	return box{left - b.left, b.bottom - top, right - b.left, b.bottom - bottom}
}

// drawings collects fills, rules and pictures, and notes whether a text may be
// drawn invisibly.
func (r *reader) drawings(sh *sheet) {
	lib := r.s.lib
	count, err := lib.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: r.page})
	if err != nil {
		return
	}
	r.invisible = count.Count > maxObjects
	for i := range min(count.Count, maxObjects) {
		got, err := lib.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: r.page, Index: i})
		if err != nil {
			return
		}
		r.s.handles++
		object := got.PageObject
		kind, err := lib.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: object})
		if err != nil {
			return
		}
		switch kind.Type {
		case enums.FPDF_PAGEOBJ_TEXT:
			mode, err := lib.FPDFTextObj_GetTextRenderMode(&requests.FPDFTextObj_GetTextRenderMode{PageObject: object})
			r.invisible = r.invisible || err == nil && unseenMode(mode.TextRenderMode)
		case enums.FPDF_PAGEOBJ_FORM:
			r.invisible = true // what is in it is looked at by word
		case enums.FPDF_PAGEOBJ_IMAGE:
			if b, ok := r.objectBox(object); ok {
				sh.pictures = append(sh.pictures, b)
			}
		case enums.FPDF_PAGEOBJ_PATH:
			if b, ok := r.objectBox(object); ok {
				sh.shapes = append(sh.shapes, r.shape(object, b))
			}
		}
	}
}

func unseenMode(m enums.FPDF_TEXT_RENDERMODE) bool {
	return m == enums.FPDF_TEXTRENDERMODE_INVISIBLE || m == enums.FPDF_TEXTRENDERMODE_CLIP
}

func (r *reader) objectBox(o references.FPDF_PAGEOBJECT) (box, bool) {
	b, err := r.s.lib.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: o})
	if err != nil {
		return box{}, false
	}
	return r.seen(float64(b.Left), float64(b.Bottom), float64(b.Right), float64(b.Top)), true
}

func (r *reader) shape(o references.FPDF_PAGEOBJECT, b box) shape {
	sh := shape{box: b}
	mode, err := r.s.lib.FPDFPath_GetDrawMode(&requests.FPDFPath_GetDrawMode{PageObject: o})
	if err != nil || mode.FillMode == enums.FPDF_FILLMODE_NONE {
		return sh
	}
	fill, err := r.s.lib.FPDFPageObj_GetFillColor(&requests.FPDFPageObj_GetFillColor{PageObject: o})
	if err == nil {
		c := fill.FillColor
		sh.filled, sh.colour = true, colour{c.R, c.G, c.B, c.A}
	}
	return sh
}

// words cuts the page's characters into words.
func (r *reader) words(sh *sheet) error {
	count, err := r.s.lib.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: r.text})
	if err != nil {
		return err
	}
	var text strings.Builder
	first, last := -1, -1
	jump, spaces, made := true, 0, 0
	end := func() {
		if first >= 0 {
			if w, ok := r.word(text.String(), first, last); ok {
				w.jump = jump
				sh.words = append(sh.words, w)
			}
			jump = true
		}
		text.Reset()
		first, last = -1, -1
	}
	for i := range min(count.Count, maxChars) {
		got, err := r.s.lib.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: r.text, Index: i})
		if err != nil {
			return err
		}
		c := rune(got.Unicode)
		switch {
		case c == 0x2 || c == 0xfffe: // the hyphen of a word that goes on in the next line, as PDFium says
			text.WriteByte('-')
			end()
		case c <= ' ' || unicode.IsSpace(c):
			end()
			if c != ' ' && c != 0xa0 {
				continue
			}
			spaces++
			if made++; !r.generated(i) {
				jump = false
				made--
			}
		case c >= 0xd800 && c < 0xe000 || c > unicode.MaxRune:
		default:
			text.WriteRune(c)
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	end()
	sh.spaced = 5*made < spaces
	return nil
}

// generated says whether PDFium put a space where the file has none.
func (r *reader) generated(index int) bool {
	got, err := r.s.lib.FPDFText_IsGenerated(&requests.FPDFText_IsGenerated{TextPage: r.text, Index: index})
	return err == nil && got.IsGenerated
}

// word finds out where characters first to last stand and how they look. It is
// taken for one in the look of its first character.
func (r *reader) word(text string, first, last int) (word, bool) {
	lib := r.s.lib
	w := word{text: text, colour: colour{0, 0, 0, 255}}
	a, err := lib.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: r.text, Index: first})
	if err != nil {
		return w, false
	}
	w.box = r.seen(float64(a.Rect.Left), float64(a.Rect.Bottom), float64(a.Rect.Right), float64(a.Rect.Top))
	w.size = w.height()
	if last != first {
		if z, err := lib.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: r.text, Index: last}); err == nil {
			end := r.seen(float64(z.Rect.Left), float64(z.Rect.Bottom), float64(z.Rect.Right), float64(z.Rect.Top))
			w.size = max(w.size, end.height()) // the parts of a ligature have boxes of their own
			w.box = w.join(end)
		}
	}
	if bad(w.left) || bad(w.right) || bad(w.top) || bad(w.bottom) {
		return w, false
	}
	if weight, err := lib.FPDFText_GetFontWeight(&requests.FPDFText_GetFontWeight{TextPage: r.text, Index: first}); err == nil {
		w.bold = weight.FontWeight >= 600
	}
	if font, err := lib.FPDFText_GetFontInfo(&requests.FPDFText_GetFontInfo{TextPage: r.text, Index: first}); err == nil {
		name := strings.ToLower(font.FontName)
		w.bold = w.bold || strings.Contains(name, "bold") || strings.Contains(name, "black") || strings.Contains(name, "heavy")
	}
	if c, err := lib.FPDFText_GetFillColor(&requests.FPDFText_GetFillColor{TextPage: r.text, Index: first}); err == nil {
		w.colour = colour{c.R, c.G, c.B, c.A}
	}
	if r.invisible {
		w.invisible = r.unseen(first)
	}
	return w, true
}

func (r *reader) unseen(index int) bool {
	object, err := r.s.lib.FPDFText_GetTextObject(&requests.FPDFText_GetTextObject{TextPage: r.text, Index: index})
	if err != nil {
		return false
	}
	r.s.handles++
	mode, err := r.s.lib.FPDFTextObj_GetTextRenderMode(&requests.FPDFTextObj_GetTextRenderMode{PageObject: object.TextObject})
	return err == nil && unseenMode(mode.TextRenderMode)
}

func bad(f float64) bool { return math.IsNaN(f) || math.Abs(f) > 1e6 }
