package office

import (
	"encoding/xml"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/draft"
)

// table is a table of Word that is being read.
type table struct {
	rows    []wordRow
	row     wordRow
	cell    wordCell
	inCell  bool
	deleted bool // the row is, by a tracked change
	styled  bool // its style may colour the ground
}

type wordRow struct {
	cells        []wordCell
	head, hidden bool
	before       int // columns left out on the left
	page         int
}

type wordCell struct {
	blocks []extract.Block
	span   int  // columns
	joined bool // goes on with the cell above
	plain  bool // has text that is not bold
	ground ground
}

// mostSpan bounds what a cell may say of its width.
const mostSpan = 64

func (s *story) table() *table {
	if len(s.tables) == 0 {
		return &table{}
	}
	return s.tables[len(s.tables)-1]
}

func (s *story) startTable(e xml.StartElement) {
	t := s.table()
	val := archive.Attr(e, "val")
	switch e.Name.Local {
	case "tbl":
		s.tables = append(s.tables, &table{})
	case "tblStyle":
		plain := strings.ToLower(val)
		t.styled = !strings.Contains(plain, "grid") && !strings.Contains(plain, "gitternetz") && !strings.Contains(plain, "normal")
	case "tr":
		t.row, t.deleted = wordRow{page: s.page}, false
	case "tblHeader":
		t.row.head = on(e)
	case "gridBefore":
		t.row.before = min(number(val), mostSpan)
	case "hidden":
		if s.parent(1) == "trPr" {
			t.row.hidden = on(e)
		}
	case "tc":
		t.cell, t.inCell = wordCell{span: 1}, true
	case "gridSpan":
		t.cell.span = max(1, min(number(val), mostSpan))
	case "vMerge":
		t.cell.joined = val != "restart"
	case "shd":
		if s.parent(1) == "tcPr" {
			t.cell.ground = shade(e)
		}
	}
}

func (s *story) endTable(name string) {
	t := s.table()
	switch name {
	case "tc":
		if len(t.row.cells) < 512 {
			t.row.cells = append(t.row.cells, t.cell)
		}
		t.cell, t.inCell = wordCell{}, false
	case "tr":
		if !t.deleted && len(t.row.cells) > 0 {
			t.rows = append(t.rows, t.row)
		}
		t.row = wordRow{}
	case "tbl":
		s.closeTable()
	}
}

// closeTable hands a table on: as rows, or as what stands in it where it is
// only a frame, or as lines of the cell it stands in.
func (s *story) closeTable() {
	if len(s.tables) == 0 {
		return
	}
	t := s.table()
	s.tables = s.tables[:len(s.tables)-1]
	if t.frame() {
		for _, row := range t.rows {
			for _, cell := range row.cells {
				for _, b := range cell.blocks {
					s.emit(b, false)
				}
			}
		}
		return
	}
	rows, beside := t.grid()
	if len(s.tables) > 0 || s.noteKind != "" {
		for _, row := range rows {
			s.emit(extract.Block{Kind: extract.Paragraph, Text: strings.Join(row.Cells, "; "), Page: row.Page, Hidden: row.Hidden}, false)
		}
	} else {
		s.d.Table(rows)
	}
	for _, b := range beside {
		s.emit(b, false)
	}
}

// frame says that a table has one column.
func (t *table) frame() bool {
	for _, row := range t.rows {
		if len(row.cells) > 1 {
			return false
		}
	}
	return true
}

// grid lays cells into columns, with merged ones repeated. Beside are hidden
// texts and notes, which are no cells.
func (t *table) grid() (rows []draft.TableRow, beside []extract.Block) {
	var above []string
	for _, row := range t.rows {
		out := draft.TableRow{Head: row.head, Hidden: row.hidden, Page: row.page, Bold: true, Cells: make([]string, row.before)}
		for _, cell := range row.cells {
			var text []string
			for _, b := range cell.blocks {
				if b.Hidden || b.Kind == extract.Note {
					beside = append(beside, b)
				} else {
					text = append(text, b.Text)
				}
			}
			joined := strings.Join(text, "\n")
			if at := len(out.Cells); cell.joined && at < len(above) {
				joined = draft.Repeated(above[at])
			}
			out.Bold = out.Bold && !cell.plain
			for range cell.span {
				out.Cells = append(out.Cells, joined)
				joined = draft.Repeated(joined)
			}
		}
		rows, above = append(rows, out), out.Cells
	}
	return rows, beside
}
