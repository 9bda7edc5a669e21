package web

import (
	"strconv"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/draft"
)

// table is a table that is being read.
type table struct {
	rows []draft.TableRow
	cell *cell
	row  *draft.TableRow
	head bool // inside thead
	// below are cells that reach into the next rows, by column.
	below  map[int]reach
	beside []extract.Block // hidden texts in cells
	frame  []extract.Block // all blocks, in case the table is only a frame
	wide   int
	cells  int
}

type cell struct {
	blocks     []extract.Block
	head       bool
	cols, rows int
}

type reach struct {
	rows int
	text string
}

// Bounds of what a table may say of itself.
const (
	mostSpan  = 64
	mostCells = 200_000
)

func span(s string, most int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, most)
}

func (p *page) openTable(name string, attr map[string]string) {
	if name == "table" {
		if len(p.tables) < 50 {
			p.tables = append(p.tables, &table{below: map[int]reach{}})
		}
		return
	}
	if len(p.tables) == 0 {
		return
	}
	t := p.tables[len(p.tables)-1]
	switch name {
	case "thead":
		t.head = true
	case "tr":
		t.endRow()
		t.row = &draft.TableRow{Head: true, Hidden: p.look().hidden() || p.styles.look(name, attr, p.look()).hidden()}
	case "td", "th":
		t.endCell()
		if t.row == nil {
			t.row = &draft.TableRow{Head: true}
		}
		t.cell = &cell{head: name == "th" || t.head, cols: span(attr["colspan"], mostSpan), rows: span(attr["rowspan"], 1000)}
	}
}

func (p *page) endTable(name string) {
	if len(p.tables) == 0 {
		return
	}
	t := p.tables[len(p.tables)-1]
	switch name {
	case "thead":
		t.endRow()
		t.head = false
	case "tr":
		t.endRow()
	case "td", "th":
		t.endCell()
	case "table":
		p.closeTable()
	}
}

// endCell lays the cell into the row, behind those that reach down into it.
func (t *table) endCell() {
	if t.cell == nil || t.row == nil {
		return
	}
	c := t.cell
	t.cell = nil
	t.frame = append(t.frame, c.blocks...)
	var texts []string
	for _, b := range c.blocks {
		if b.Hidden && !t.row.Hidden {
			t.beside = append(t.beside, b)
		} else {
			texts = append(texts, b.Text)
		}
	}
	text := strings.Join(texts, "\n")
	t.reached()
	for range c.cols {
		if t.cells++; t.cells > mostCells || len(t.row.Cells) >= 512 {
			return
		}
		if c.rows > 1 {
			t.below[len(t.row.Cells)] = reach{c.rows - 1, draft.Repeated(text)}
		}
		t.row.Cells = append(t.row.Cells, text)
		text = draft.Repeated(text)
	}
	t.row.Head = t.row.Head && c.head
}

// reached fills in the cells of rows above that reach down to here.
func (t *table) reached() {
	for {
		at := len(t.row.Cells)
		above, ok := t.below[at]
		if !ok || at >= 512 {
			return
		}
		if above.rows--; above.rows == 0 {
			delete(t.below, at)
		} else {
			t.below[at] = above
		}
		t.cells++
		t.row.Cells = append(t.row.Cells, above.text)
	}
}

func (t *table) endRow() {
	t.endCell()
	if t.row == nil {
		return
	}
	t.reached()
	t.wide = max(t.wide, len(t.row.Cells))
	if t.cells <= mostCells {
		t.rows = append(t.rows, *t.row)
	}
	t.row = nil
}

// closeTable hands a table on; as what stands in it where it has one column,
// as lines of the cell that it stands in.
func (p *page) closeTable() {
	t := p.tables[len(p.tables)-1]
	t.endRow()
	p.tables = p.tables[:len(p.tables)-1]
	if t.wide <= 1 {
		for _, b := range t.frame {
			p.emit(b)
		}
		return
	}
	if len(p.tables) > 0 {
		for _, row := range t.rows {
			p.emit(extract.Block{Kind: extract.Paragraph, Text: strings.Join(row.Cells, "; "), Hidden: row.Hidden})
		}
	} else {
		p.d.Table(t.rows)
	}
	for _, b := range t.beside {
		p.emit(b)
	}
}
