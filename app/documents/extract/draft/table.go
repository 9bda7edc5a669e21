package draft

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/clean"
)

// TableRow is a row of a table: its cells from the first column on. Merged
// cells are repeated in each place they cover.
type TableRow struct {
	Cells  []string
	Head   bool // the file says that it holds the names of the columns
	Bold   bool // all of its text is bold: it looks like a header
	Hidden bool
	Page   int
}

// mostColumns of a row are read.
const mostColumns = 512

// Repeated is the text of a merged cell in a further place that it covers. It
// is cut, so that a long one does not become a thousand.
func Repeated(text string) string {
	const most = 500
	if len(text) <= most {
		return text
	}
	return clean.Short(text, most) + "…"
}

// Table appends a table: each row becomes a block. Rows that hold the names of
// the columns are marked, and their words stand before the cells of the others.
func (d *Draft) Table(rows []TableRow) {
	kept := rows[:0:0]
	for _, row := range rows {
		row.Cells = append([]string(nil), row.Cells[:min(len(row.Cells), mostColumns)]...)
		for i, cell := range row.Cells {
			row.Cells[i] = strings.Join(strings.Fields(d.Clean(cell, row.Page)), " ")
		}
		if strings.Join(row.Cells, "") != "" {
			kept = append(kept, row)
		}
	}
	if len(kept) == 0 {
		return
	}
	d.tables++
	heads := headRows(kept)
	names := columnNames(kept[:heads])
	for i, row := range kept {
		block := extract.Block{Kind: extract.Row, Table: d.tables, Cells: row.Cells, Page: row.Page, Hidden: row.Hidden, Head: i < heads}
		if block.Head {
			block.Text = strings.Join(distinct(row.Cells), " | ")
		} else {
			block.Text = rowText(names, row.Cells)
		}
		d.Add(block)
	}
}

// headRows counts the rows on top that name the columns.
func headRows(rows []TableRow) int {
	n := 0
	for n < len(rows) && n < 3 && rows[n].Head {
		n++
	}
	switch {
	case n == len(rows) && n > 1:
		return 1
	case n > 0 && n < len(rows):
		return n
	case n > 0 || len(rows) < 2 || !looksLikeNames(rows[0].Cells):
		return 0
	case rows[0].Bold:
		return 1
	}
	// Without a sign of the file the first row must differ from those below: it
	// has no figures, and they have. Names and values side by side have no header.
	for column := range rows[0].Cells {
		figures := 0
		for _, row := range rows[1:] {
			if column < len(row.Cells) && strings.ContainsFunc(row.Cells[column], unicode.IsDigit) {
				figures++
			}
		}
		if column > 0 && figures*2 >= len(rows)-1 {
			return 1
		}
	}
	if len(rows[0].Cells) >= 3 && len(rows) >= 3 {
		return 1
	}
	return 0
}

// looksLikeNames says whether cells may be names of columns: short, all
// different, and without figures but for years and, in wide tables, "Year 1".
func looksLikeNames(cells []string) bool {
	seen := map[string]bool{}
	for _, cell := range cells {
		if cell == "" {
			continue
		}
		digits := strings.Count(strings.Map(digitsOnly, cell), "") - 1
		first, _ := utf8.DecodeRuneInString(cell)
		counted := len(cells) > 2 && digits <= 2 && unicode.IsLetter(first)
		if len(cell) > 80 || seen[cell] || digits > 0 && digits != 4 && !counted {
			return false
		}
		seen[cell] = true
	}
	return len(seen) >= 2
}

func digitsOnly(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// columnNames joins the header rows: "2026" over "Days" is "2026 Days".
func columnNames(rows []TableRow) []string {
	var names []string
	for _, row := range rows {
		for i, cell := range row.Cells {
			if i >= len(names) {
				names = append(names, "")
			}
			switch {
			case cell == "" || names[i] == cell || strings.HasSuffix(names[i], " "+cell):
			case names[i] == "":
				names[i] = cell
			default:
				names[i] += " " + cell
			}
		}
	}
	for i, name := range names {
		names[i] = strings.TrimRight(name, ":")
	}
	return names
}

// rowText is "header: cell; header: cell". Without header two cells are a name
// and its value.
func rowText(names, cells []string) string {
	var parts []string
	for i, cell := range cells {
		switch {
		case cell == "" || i > 0 && cell == cells[i-1] && (i >= len(names) || names[i] == names[i-1] || names[i] == ""):
		case i < len(names) && names[i] != "" && names[i] != cell:
			parts = append(parts, names[i]+": "+cell)
		default:
			parts = append(parts, cell)
		}
	}
	if len(names) == 0 && len(parts) == 2 && len(parts[0]) <= 80 {
		return strings.TrimRight(parts[0], ":") + ": " + parts[1]
	}
	return strings.Join(parts, "; ")
}

// distinct drops cells that repeat the one before.
func distinct(cells []string) []string {
	var out []string
	for i, cell := range cells {
		if cell != "" && (i == 0 || cell != cells[i-1]) {
			out = append(out, cell)
		}
	}
	return out
}
