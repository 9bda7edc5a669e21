package office

import (
	"context"
	"encoding/xml"
	"strconv"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/clean"
	"alcove/app/documents/extract/draft"
)

// ODT reads an OpenDocument text.
func ODT(ctx context.Context, in extract.Input) (extract.Document, error) {
	a, err := archive.Open(in)
	if err != nil {
		return extract.Document{}, err
	}
	locked := &manifest{}
	if err := a.Walk(ctx, "META-INF/manifest.xml", locked); err != nil && isFatal(err) {
		return extract.Document{}, err
	}
	if locked.encrypted {
		return extract.Document{}, extract.Fail(extract.Encrypted, "an encrypted part")
	}
	d := draft.New(in)
	if err := Active(ctx, a, d); err != nil {
		return extract.Document{}, err
	}
	meta, err := readFacts(ctx, a, "meta.xml")
	if err != nil {
		return extract.Document{}, err
	}
	for name, text := range meta {
		d.Metadata("property "+name, name+" "+text)
	}
	d.Doc.Title, d.Doc.Language, d.Doc.Modified = meta["title"], meta["language"], dayOf(meta["date"])
	if d.Doc.Author = meta["creator"]; meta["initial-creator"] != "" {
		d.Doc.Author = meta["initial-creator"]
	}
	looks := &odfStyles{found: map[string]odfStyle{}}
	edges := &odf{d: d, looks: looks, edges: true}
	for _, h := range []archive.Handler{looks, edges} {
		if err := a.Walk(ctx, "styles.xml", h); err != nil && isFatal(err) {
			return extract.Document{}, err
		}
	}
	if err := a.Walk(ctx, "content.xml", looks); err != nil && isFatal(err) {
		return extract.Document{}, err
	}
	o := &odf{d: d, looks: looks, page: 1}
	if err := a.Walk(ctx, "content.xml", o); err != nil && (isFatal(err) || len(d.Doc.Blocks) == 0) {
		return extract.Document{}, err
	} else if err != nil {
		d.Flag(extract.FlagTruncated, 0, "the file is damaged behind this text")
	}
	o.finish()
	if d.Doc.Language == "" {
		d.Doc.Language = looks.language
	}
	return d.Done(), nil
}

// manifest looks for parts that are encrypted.
type manifest struct{ encrypted bool }

func (m *manifest) Start(e xml.StartElement) error {
	m.encrypted = m.encrypted || e.Name.Local == "encryption-data"
	return nil
}

func (m *manifest) End(xml.Name) error { return nil }
func (m *manifest) Text([]byte) error  { return nil }

// odfStyle is a style of OpenDocument.
type odfStyle struct {
	parent        string
	format        format
	before, after bool // a page ends there
	level         int
}

// odfStyles are the styles of both parts that have some, by their names.
type odfStyles struct {
	found    map[string]odfStyle
	language string
	name     string
	now      odfStyle
}

func (s *odfStyles) Start(e xml.StartElement) error {
	switch e.Name.Local {
	case "style":
		s.name, s.now = archive.Attr(e, "name"), odfStyle{parent: archive.Attr(e, "parent-style-name"), level: number(archive.Attr(e, "default-outline-level"))}
	case "default-style":
		s.name, s.now = "", odfStyle{}
	case "text-properties":
		f := &s.now.format
		if archive.Attr(e, "display") == "none" {
			f.vanish = 1
		}
		if line := archive.Attr(e, "text-line-through-style"); line != "" {
			f.struck = sign(line != "none")
		}
		if weight := archive.Attr(e, "font-weight"); weight != "" {
			f.bold = sign(weight == "bold")
		}
		f.color = clean.ParseColor(archive.Attr(e, "color"))
		if size, ok := strings.CutSuffix(archive.Attr(e, "font-size"), "pt"); ok {
			if points, err := strconv.ParseFloat(size, 64); err == nil {
				f.size = max(1, int(points*2))
			}
		}
		s.fill(e)
		if s.language == "" && archive.Attr(e, "language") != "none" {
			s.language = archive.Attr(e, "language")
		}
	case "paragraph-properties":
		s.now.before = archive.Attr(e, "break-before") == "page"
		s.now.after = archive.Attr(e, "break-after") == "page"
		s.fill(e)
	case "table-cell-properties", "graphic-properties":
		s.fill(e)
	}
	return nil
}

func (s *odfStyles) fill(e xml.StartElement) {
	for _, name := range []string{"background-color", "fill-color"} {
		if c := archive.Attr(e, name); c != "" && c != "transparent" {
			s.now.format.ground = ground{true, clean.ParseColor(c)}
		}
	}
}

func (s *odfStyles) End(name xml.Name) error {
	if name.Local == "style" && s.name != "" && len(s.found) < 20_000 {
		s.found[s.name] = s.now
	}
	return nil
}

func (s *odfStyles) Text([]byte) error { return nil }

// look is a style with what it is based on; loops end.
func (s *odfStyles) look(name string) odfStyle {
	out := s.found[name]
	for parent, n := out.parent, 0; parent != "" && n < 30; n++ {
		p := s.found[parent]
		out.format = out.format.over(p.format)
		if out.level == 0 {
			out.level = p.level
		}
		parent = p.parent
	}
	return out
}
