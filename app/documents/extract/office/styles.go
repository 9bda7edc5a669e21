package office

import (
	"context"
	"encoding/xml"
	"regexp"
	"strings"

	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/clean"
)

// format is how text looks, as far as it tells whether a reader sees it.
// Switches are 0 where nothing is said, 1 on, -1 off.
type format struct {
	vanish, bold int
	struck       int // through: its author took it back, and it is no text of the document
	color        clean.Color
	size         int // half points
	ground       ground
}

// ground is what text stands on: a colour that may be unknown.
type ground struct {
	set   bool
	color clean.Color
}

// over is the format f where it says something, and base elsewhere.
func (f format) over(base format) format {
	if f.vanish == 0 {
		f.vanish = base.vanish
	}
	if f.bold == 0 {
		f.bold = base.bold
	}
	if f.struck == 0 {
		f.struck = base.struck
	}
	if !f.color.Known {
		f.color = base.color
	}
	if f.size == 0 {
		f.size = base.size
	}
	if !f.ground.set {
		f.ground = base.ground
	}
	return f
}

// tiny is a size in half points that nobody reads.
const tiny = 6

// hidden says whether a reader does not see text of this format on paper.
func (f format) hidden(paper ground) bool {
	if f.ground.set {
		paper = f.ground
	}
	return f.vanish > 0 || f.size > 0 && f.size <= tiny || clean.Unreadable(f.color, paper.color)
}

// read takes a property of a run. It ignores what it does not know.
func (f *format) read(e xml.StartElement) {
	switch e.Name.Local {
	case "vanish", "specVanish":
		f.vanish = sign(on(e))
	case "b":
		f.bold = sign(on(e))
	case "strike", "dstrike":
		if on(e) || f.struck == 0 {
			f.struck = sign(on(e))
		}
	case "color":
		f.color = clean.ParseColor(archive.Attr(e, "val"))
	case "sz":
		f.size = number(archive.Attr(e, "val"))
	case "shd":
		f.ground = shade(e)
	case "highlight":
		if name := archive.Attr(e, "val"); name != "none" {
			f.ground = ground{true, clean.ParseColor(name)}
		}
	}
}

// shade is the ground that w:shd gives; "auto" and "clear" give none.
func shade(e xml.StartElement) ground {
	fill := archive.Attr(e, "fill")
	if fill == "auto" || fill == "" && archive.Attr(e, "themeFill") == "" {
		return ground{}
	}
	return ground{true, clean.ParseColor(fill)}
}

func sign(on bool) int {
	if on {
		return 1
	}
	return -1
}

// style is a named format of DOCX.
type style struct {
	name, base string
	level      int // of a heading, from 1; 0: nothing is said; -1: text
	list       bool
	numbers    string // the list that numbers it
	depth      int    // in that list, from 0
	format     format
	contents   bool // of a table of contents
}

// headingName finds the level in a style's name, in the languages of programs
// that write it localised.
var headingName = regexp.MustCompile(`(?i)^(?:heading|überschrift|ueberschrift|titre|título|titulo|titolo|kop|rubrik|nagłówek|cabeçalho|encabezado|intestazione)[ _]?([1-9])$`)

var titleNames = map[string]bool{"title": true, "titel": true, "titre": true, "título": true, "titolo": true}

// sheet are the styles of a document.
type sheet struct {
	styles   map[string]style
	defaults format
	normal   string // the paragraph style where none is named
	language string
	resolved map[string]style

	id    string
	now   style
	stack []string
}

func readStyles(ctx context.Context, a *archive.Archive, part string) (*sheet, error) {
	s := &sheet{styles: map[string]style{}, resolved: map[string]style{}}
	if err := a.Walk(ctx, part, s); err != nil && isFatal(err) {
		return nil, err
	}
	return s, nil
}

func (s *sheet) Start(e xml.StartElement) error {
	name, val := e.Name.Local, archive.Attr(e, "val")
	defer func() { s.stack = append(s.stack, name) }()
	switch name {
	case "style":
		s.id, s.now = archive.Attr(e, "styleId"), style{}
		if archive.Attr(e, "type") == "paragraph" && archive.Attr(e, "default") == "1" {
			s.normal = s.id
		}
	case "name":
		s.now.name = val
		switch lower := strings.ToLower(val); {
		case titleNames[lower]:
			s.now.level = 1
		case strings.HasPrefix(lower, "toc ") || strings.HasPrefix(lower, "contents ") || strings.HasPrefix(lower, "table of ") || strings.HasPrefix(lower, "verzeichnis "):
			s.now.contents = true
		case strings.HasPrefix(lower, "list bullet") || strings.HasPrefix(lower, "list number"):
			s.now.list = true
		default:
			if m := headingName.FindStringSubmatch(val); m != nil {
				s.now.level = number(m[1])
			}
		}
	case "basedOn":
		s.now.base = val
	case "outlineLvl":
		if s.now.level = number(val) + 1; s.now.level > 9 || val == "" {
			s.now.level = -1
		}
	case "numId":
		s.now.list, s.now.numbers = val != "0", val
	case "ilvl":
		s.now.depth = number(val)
	case "lang":
		if s.language == "" {
			s.language = val
		}
	case "shd":
		if s.inside("pPr") {
			s.now.format.ground = shade(e)
			return nil
		}
		fallthrough
	default:
		if s.inside("rPr") {
			into := &s.now.format
			if s.id == "" {
				into = &s.defaults
			}
			into.read(e)
		}
	}
	return nil
}

func (s *sheet) inside(name string) bool { return len(s.stack) > 0 && s.stack[len(s.stack)-1] == name }

func (s *sheet) End(name xml.Name) error {
	s.stack = s.stack[:max(0, len(s.stack)-1)]
	if name.Local == "style" && s.id != "" && len(s.styles) < 20_000 {
		s.styles[s.id] = s.now
		s.id = ""
	}
	return nil
}

func (s *sheet) Text([]byte) error { return nil }

// resolve is a style with what it is based on. Loops end.
func (s *sheet) resolve(id string) style {
	if found, ok := s.resolved[id]; ok {
		return found
	}
	out := s.styles[id]
	for base, n := out.base, 0; base != "" && n < 30; n++ {
		b := s.styles[base]
		out.format = out.format.over(b.format)
		if out.level == 0 {
			out.level = b.level
		}
		out.list = out.list || b.list
		if out.numbers == "" {
			out.numbers = b.numbers
			out.depth = max(out.depth, b.depth)
		}
		out.contents = out.contents || b.contents
		base = b.base
	}
	s.resolved[id] = out
	return out
}
