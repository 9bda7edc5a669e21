package office

import (
	"encoding/xml"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/draft"
)

// mostRows of a repeated row are read.
const mostRows = 1000

func (o *odf) startTable(e xml.StartElement) {
	if e.Name.Local == "table" && e.Name.Space == "table" {
		o.tables = append(o.tables, &odfTable{below: grid{}})
		return
	}
	if len(o.tables) == 0 {
		return
	}
	t := o.tables[len(o.tables)-1]
	switch e.Name.Local {
	case "table-header-rows":
		t.heads++
	case "table-row":
		t.repeatRow = max(1, min(number(archive.Attr(e, "number-rows-repeated")), mostRows))
		hidden := archive.Attr(e, "visibility")
		t.rows = append(t.rows, draft.TableRow{Page: o.page, Head: t.heads > 0, Hidden: hidden == "collapse" || hidden == "filter"})
	case "table-cell":
		t.cell = &odfCell{
			repeat: max(1, min(number(archive.Attr(e, "number-columns-repeated")), mostSpan)),
			span:   max(1, min(number(archive.Attr(e, "number-columns-spanned")), mostSpan)),
			down:   max(1, min(number(archive.Attr(e, "number-rows-spanned")), mostRows)),
		}
		t.cellGround = o.looks.look(archive.Attr(e, "style-name")).format.ground
	}
}

func (o *odf) endTable(name string) {
	if len(o.tables) == 0 {
		return
	}
	t := o.tables[len(o.tables)-1]
	switch name {
	case "table":
		o.closeTable()
	case "table-header-rows":
		t.heads--
	case "table-cell":
		t.endCell()
	case "table-row":
		t.endRow()
	}
}

func (t *odfTable) endCell() {
	if t.cell == nil || len(t.rows) == 0 {
		return
	}
	c, row := t.cell, &t.rows[len(t.rows)-1]
	t.cell, t.cellGround = nil, ground{}
	var texts []string
	for _, b := range c.blocks {
		if b.Hidden || b.Kind == extract.Note {
			t.beside = append(t.beside, b)
		} else {
			texts = append(texts, b.Text)
		}
	}
	text := strings.Join(texts, "\n")
	t.below.put(row, text, c.repeat*c.span, c.down)
}

func (t *odfTable) endRow() {
	if len(t.rows) == 0 {
		return
	}
	t.below.fill(&t.rows[len(t.rows)-1])
	row := t.rows[len(t.rows)-1]
	t.columns = max(t.columns, len(row.Cells))
	if strings.Join(row.Cells, "") == "" {
		return
	}
	for i := 1; i < t.repeatRow && len(t.rows) < 100_000; i++ {
		t.rows = append(t.rows, row)
	}
	t.repeatRow = 1
}

// closeTable hands a table on; as its text where it has one column, as lines
// of the cell that it stands in.
func (o *odf) closeTable() {
	t := o.tables[len(o.tables)-1]
	o.tables = o.tables[:len(o.tables)-1]
	inside := len(o.tables) > 0 || len(o.notes) > 0 || o.edges
	switch {
	case t.columns <= 1 || inside:
		for _, row := range t.rows {
			o.emit(extract.Block{Kind: extract.Paragraph, Text: strings.TrimSpace(strings.Join(row.Cells, "; ")), Page: row.Page, Hidden: row.Hidden})
		}
	default:
		o.d.Table(t.rows)
	}
	for _, b := range t.beside {
		o.emit(b)
	}
}
