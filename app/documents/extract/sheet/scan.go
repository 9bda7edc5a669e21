package sheet

import (
	"context"
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/clean"
)

// fonts says of each cell style whether its text is bold, and whether it is seen.
type fonts struct {
	section string
	fonts   []font
	fills   []clean.Color
	styles  []font
}

type font struct {
	bold, hidden bool
	color        clean.Color
}

// mostStyles bounds the lists of styles.
const mostStyles = 70_000

func readFonts(ctx context.Context, a *archive.Archive) (*fonts, error) {
	f := &fonts{}
	err := a.Walk(ctx, "xl/styles.xml", f)
	return f, err
}

func (f *fonts) Start(e xml.StartElement) error {
	name := e.Name.Local
	switch name {
	case "fonts", "fills", "cellXfs", "cellStyleXfs", "dxfs", "borders":
		f.section = name
	}
	last := len(f.fonts) - 1
	switch {
	case len(f.fonts) > mostStyles || len(f.styles) > mostStyles || len(f.fills) > mostStyles:
		return archive.ErrStop
	case f.section == "fonts" && name == "font":
		f.fonts = append(f.fonts, font{})
	case f.section == "fonts" && last >= 0 && name == "b":
		f.fonts[last].bold = archive.Attr(e, "val") != "0"
	case f.section == "fonts" && last >= 0 && name == "color":
		f.fonts[last].color = clean.ParseColor(archive.Attr(e, "rgb"))
		if archive.Attr(e, "theme") == "0" && archive.Attr(e, "tint") == "" {
			f.fonts[last].color = clean.White // the first colour of themes is that of paper
		}
	case f.section == "fonts" && last >= 0 && name == "sz":
		size, err := strconv.ParseFloat(archive.Attr(e, "val"), 64)
		f.fonts[last].hidden = err == nil && size <= 2
	case f.section == "fills" && name == "fill":
		f.fills = append(f.fills, clean.White)
	case f.section == "fills" && name == "fgColor" && len(f.fills) > 0:
		f.fills[len(f.fills)-1] = clean.ParseColor(archive.Attr(e, "rgb"))
	case f.section == "fills" && name == "gradientFill" && len(f.fills) > 0:
		f.fills[len(f.fills)-1] = clean.Color{}
	case f.section == "cellXfs" && name == "xf":
		f.styles = append(f.styles, f.style(archive.Attr(e, "fontId"), archive.Attr(e, "fillId")))
	}
	return nil
}

func (f *fonts) style(fontID, fillID string) font {
	var out font
	if i, err := strconv.Atoi(fontID); err == nil && i >= 0 && i < len(f.fonts) {
		out = f.fonts[i]
	}
	ground := clean.White
	if i, err := strconv.Atoi(fillID); err == nil && i >= 0 && i < len(f.fills) {
		ground = f.fills[i]
	}
	out.hidden = out.hidden || clean.Unreadable(out.color, ground)
	return out
}

func (f *fonts) End(xml.Name) error { return nil }
func (f *fonts) Text([]byte) error  { return nil }

// facts are what a sheet says of its rows, columns and cells beside their values.
type facts struct {
	fonts      *fonts
	hiddenCols map[int]bool
	hiddenRows map[int]bool
	merges     []merge
	hidden     map[[2]int]bool // cells that are not seen, row and column from 1
	plain      map[int]bool    // rows with a cell that is not bold
	row, col   int
	bold       bool // the present cell
	cells      int
}

type merge struct{ fromCol, fromRow, toCol, toRow int }

// mostCells of a sheet are read. It is changed by tests alone.
var mostCells = 2_000_000

// Bounds of what a sheet may say.
const (
	mostMerges  = 50_000
	mostColumns = 512 // that are read; a sheet has 16,384
)

func scan(ctx context.Context, a *archive.Archive, part string, f *fonts) (*facts, error) {
	s := &facts{fonts: f, hiddenCols: map[int]bool{}, hiddenRows: map[int]bool{}, hidden: map[[2]int]bool{}, plain: map[int]bool{}}
	return s, a.Walk(ctx, part, s)
}

func (s *facts) Start(e xml.StartElement) error {
	switch e.Name.Local {
	case "col":
		if hidden(e) || archive.Attr(e, "width") == "0" {
			to := min(atoi(archive.Attr(e, "max")), mostColumns)
			for c := max(1, atoi(archive.Attr(e, "min"))); c <= to; c++ {
				s.hiddenCols[c] = true
			}
		}
	case "row":
		if s.row++; archive.Attr(e, "r") != "" {
			s.row = atoi(archive.Attr(e, "r"))
		}
		s.col = 0
		if hidden(e) || archive.Attr(e, "ht") == "0" {
			s.hiddenRows[s.row] = true
		}
	case "c":
		s.cell(e)
		if s.cells++; s.cells > mostCells {
			return archive.ErrStop
		}
	case "v", "is":
		if !s.bold {
			s.plain[s.row] = true
		}
	case "mergeCell":
		from, to, _ := strings.Cut(archive.Attr(e, "ref"), ":")
		m := merge{}
		var err, err2 error
		m.fromCol, m.fromRow, err = excelize.CellNameToCoordinates(from)
		m.toCol, m.toRow, err2 = excelize.CellNameToCoordinates(to)
		if err == nil && err2 == nil && len(s.merges) < mostMerges {
			s.merges = append(s.merges, m)
		}
	}
	return nil
}

func (s *facts) cell(e xml.StartElement) {
	s.col++
	if ref := archive.Attr(e, "r"); ref != "" {
		if col, _, err := excelize.CellNameToCoordinates(ref); err == nil {
			s.col = col
		}
	}
	f := font{}
	if i := atoi(archive.Attr(e, "s")); i >= 0 && i < len(s.fonts.styles) {
		f = s.fonts.styles[i]
	}
	if f.hidden {
		s.hidden[[2]int{s.row, s.col}] = true
	}
	s.bold = f.bold
}

func (s *facts) End(xml.Name) error { return nil }
func (s *facts) Text([]byte) error  { return nil }

func hidden(e xml.StartElement) bool {
	v := archive.Attr(e, "hidden")
	return v == "1" || v == "true"
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// book is what a workbook says of its sheets.
type book struct{ sheets []tab }

type tab struct {
	name, relation string
	hidden         bool
}

func (b *book) Start(e xml.StartElement) error {
	if e.Name.Local == "sheet" && len(b.sheets) < 10_000 {
		t := tab{name: archive.Attr(e, "name"), hidden: strings.Contains(strings.ToLower(archive.Attr(e, "state")), "hidden")}
		for _, a := range e.Attr {
			if a.Name.Local == "id" && a.Name.Space != "" {
				t.relation = a.Value
			}
		}
		b.sheets = append(b.sheets, t)
	}
	return nil
}

func (b *book) End(xml.Name) error { return nil }
func (b *book) Text([]byte) error  { return nil }
