package office

import (
	"context"
	"encoding/xml"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/clean"
	"alcove/app/documents/extract/draft"
)

// maxSlides of a presentation are read.
const maxSlides = 2000

// Pptx reads a presentation: a slide is a page, its title a heading. Charts
// and SmartArt are pictures here: their text is not read.
func Pptx(ctx context.Context, in extract.Input) (extract.Document, error) {
	a, err := archive.Open(in)
	if err != nil {
		return extract.Document{}, err
	}
	d := draft.New(in)
	if _, err := Properties(ctx, a, d); err != nil {
		return extract.Document{}, err
	}
	if err := Active(ctx, a, d); err != nil {
		return extract.Document{}, err
	}
	show := &presentation{}
	if err := a.Walk(ctx, "ppt/presentation.xml", show); err != nil {
		return extract.Document{}, err
	}
	parts, err := a.Relations(ctx, "ppt/presentation.xml")
	if err != nil {
		return extract.Document{}, err
	}
	paper := &backdrop{map1: "lt1"}
	for _, part := range parts {
		if part.Kind == "slideMaster" && !paper.seen {
			if err := a.Walk(ctx, part.Target, paper); err != nil && isFatal(err) {
				return extract.Document{}, err
			}
		}
	}
	for i, id := range show.slides {
		if i >= maxSlides {
			d.Truncated("more slides than are read")
		}
		if d.Full() {
			break
		}
		if err := readSlide(ctx, a, d, show, paper.ground(), parts[id].Target, i+1); err != nil {
			return extract.Document{}, err
		}
		d.Doc.Pages = i + 1
		if in.Progress != nil {
			in.Progress(i+1, len(show.slides))
		}
	}
	return d.Done(), nil
}

// readSlide adds a slide with its notes and comments.
func readSlide(ctx context.Context, a *archive.Archive, d *draft.Draft, show *presentation, paper ground, part string, page int) error {
	s := &slide{d: d, show: show, paper: paper, page: page}
	if err := a.Walk(ctx, part, s); err != nil {
		if isFatal(err) {
			return err
		}
		d.Flag(extract.FlagTruncated, page, "the slide is damaged behind this text")
	}
	if s.hidden {
		d.Flag(extract.FlagHidden, page, "a hidden slide")
	}
	s.finish()
	related, err := a.Relations(ctx, part)
	if err != nil {
		return err
	}
	for _, r := range sorted(related) {
		if r.Kind != "notesSlide" && r.Kind != "comments" && r.Kind != "comment" {
			continue
		}
		n := &slide{d: d, show: show, paper: ground{set: true}, page: page, hidden: s.hidden, notes: true, comments: r.Kind != "notesSlide"}
		if err := a.Walk(ctx, r.Target, n); err != nil && isFatal(err) {
			return err
		}
		n.finish()
	}
	return nil
}

// presentation is the order and size of slides.
type presentation struct {
	slides        []string // relations
	width, height int
}

func (p *presentation) Start(e xml.StartElement) error {
	switch e.Name.Local {
	case "sldId":
		for _, a := range e.Attr {
			if a.Name.Local == "id" && a.Name.Space != "" && len(p.slides) <= maxSlides {
				p.slides = append(p.slides, a.Value)
			}
		}
	case "sldSz":
		p.width, p.height = number(archive.Attr(e, "cx")), number(archive.Attr(e, "cy"))
	}
	return nil
}

func (p *presentation) End(xml.Name) error { return nil }
func (p *presentation) Text([]byte) error  { return nil }

// backdrop finds what the master's slides stand on.
type backdrop struct {
	seen   bool
	inside bool
	scheme string
	color  clean.Color
	map1   string // what bg1 is mapped to
}

func (b *backdrop) Start(e xml.StartElement) error {
	b.seen = true
	switch e.Name.Local {
	case "bg":
		b.inside = true
	case "schemeClr":
		if b.inside && b.scheme == "" {
			b.scheme = archive.Attr(e, "val")
		}
	case "srgbClr":
		if b.inside && b.scheme == "" {
			b.scheme, b.color = "rgb", clean.ParseColor(archive.Attr(e, "val"))
		}
	case "clrMap":
		b.map1 = archive.Attr(e, "bg1")
	}
	return nil
}

func (b *backdrop) End(name xml.Name) error {
	if name.Local == "bg" {
		b.inside = false
	}
	return nil
}

func (b *backdrop) Text([]byte) error { return nil }

// ground is white where the master says so in the usual way; unknown otherwise.
func (b *backdrop) ground() ground {
	switch {
	case b.color.Known:
		return ground{true, b.color}
	case b.map1 == "lt1" && (b.scheme == "bg1" || b.scheme == "lt1"):
		return ground{true, clean.White}
	}
	return ground{set: true}
}

// sorted are relations in the order of their targets.
func sorted(m map[string]archive.Relation) []archive.Relation {
	var out []archive.Relation
	for _, r := range m {
		out = append(out, r)
	}
	for i := range out {
		for j := i; j > 0 && out[j].Target < out[j-1].Target; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

// titleKinds are placeholders that hold a slide's title; ignored ones hold
// what is on every slide.
var (
	titleKinds   = map[string]bool{"title": true, "ctrTitle": true}
	ignoredKinds = map[string]bool{"sldNum": true, "dt": true, "ftr": true, "hdr": true, "sldImg": true}
)

// outOfSight says whether a shape lies beside the slide.
func (p *presentation) outOfSight(s *shape) bool {
	if !s.placed || p.width <= 0 || p.height <= 0 {
		return false
	}
	return s.x+s.width <= 0 || s.y+s.height <= 0 || s.x >= p.width || s.y >= p.height
}

func isIn(stack []string, name string) bool {
	for _, s := range stack {
		if s == name {
			return true
		}
	}
	return false
}

func trimmed(b *strings.Builder) string { return strings.TrimSpace(b.String()) }
