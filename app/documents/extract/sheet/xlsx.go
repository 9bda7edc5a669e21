// Package sheet reads spreadsheets: XLSX and CSV. A sheet is a page, each of
// its rows a block. No formula is computed: what the file holds is shown.
package sheet

import (
	"context"
	"strings"

	"github.com/xuri/excelize/v2"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/draft"
	"alcove/app/documents/extract/office"
)

// maxSheets of a workbook are read.
const maxSheets = 1000

// XLSX reads a workbook.
func XLSX(ctx context.Context, in extract.Input) (extract.Document, error) {
	a, err := archive.Open(in)
	if err != nil {
		return extract.Document{}, err
	}
	if err := a.Drain(); err != nil { // excelize believes what the archive says
		return extract.Document{}, err
	}
	if a, err = archive.Open(in); err != nil {
		return extract.Document{}, err
	}
	d := draft.New(in)
	if _, err := office.Properties(ctx, a, d); err != nil {
		return extract.Document{}, err
	}
	if err := office.Active(ctx, a, d); err != nil {
		return extract.Document{}, err
	}
	w := &workbook{ctx: ctx, a: a, d: d}
	if err := w.open(in); err != nil {
		return extract.Document{}, err
	}
	defer w.file.Close()
	for i, t := range w.book.sheets {
		if i >= maxSheets {
			d.Truncated("more sheets than are read")
		}
		if d.Full() {
			break
		}
		if err := w.sheet(i+1, t); err != nil {
			return extract.Document{}, err
		}
		d.Doc.Pages = i + 1
		if in.Progress != nil {
			in.Progress(i+1, len(w.book.sheets))
		}
	}
	return d.Done(), nil
}

type workbook struct {
	ctx   context.Context
	a     *archive.Archive
	d     *draft.Draft
	file  *excelize.File
	book  book
	parts map[string]archive.Relation
	fonts *fonts
	wide  int // cells read, with the empty ones before them
}

func (w *workbook) open(in extract.Input) error {
	for _, name := range w.a.Names() {
		if strings.HasPrefix(strings.ToLower(name), "xl/externallinks/") || strings.EqualFold(name, "xl/connections.xml") {
			w.d.Flag(extract.FlagActive, 0, "refers to other files or databases: not fetched")
		}
	}
	if err := w.a.Walk(w.ctx, "xl/workbook.xml", &w.book); err != nil {
		return err
	}
	var err error
	if w.parts, err = w.a.Relations(w.ctx, "xl/workbook.xml"); err != nil {
		return err
	}
	if w.fonts, err = readFonts(w.ctx, w.a); err != nil {
		return err
	}
	limit := max(in.Limits.Inflated, 1<<20)
	w.file, err = excelize.OpenReader(in.All(), excelize.Options{
		UnzipSizeLimit: limit, UnzipXMLSizeLimit: limit, // nothing is written to disk
		ShortDatePattern: "yyyy-mm-dd", // the same day for every reader
	})
	if err != nil {
		return extract.Fail(extract.Damaged, "workbook: %v", err)
	}
	return nil
}

// sheet reads one sheet; page counts from 1.
func (w *workbook) sheet(page int, t tab) error {
	s, err := scan(w.ctx, w.a, w.parts[t.relation].Target, w.fonts)
	if err != nil {
		return err
	}
	if t.hidden {
		w.d.Flag(extract.FlagHidden, page, "a hidden sheet")
	}
	w.d.Add(extract.Block{Kind: extract.Heading, Level: 1, Text: t.name, Page: page, Hidden: t.hidden})
	before := len(w.d.Doc.Blocks)
	rows, err := w.file.Rows(t.name)
	if err != nil {
		return nil // a sheet of charts, or none: its name is all
	}
	defer rows.Close()
	g := &grid{w: w, s: s, page: page, hidden: t.hidden}
	for n := 1; rows.Next() && !w.d.Full(); n++ {
		if n%1024 == 0 && w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		cells, err := rows.Columns()
		if err != nil {
			w.d.Flag(extract.FlagTruncated, page, "the sheet is damaged behind this text")
			break
		}
		if w.wide += len(cells); w.wide > 20*mostCells || s.cells > mostCells {
			w.d.Truncated("more cells than are read")
			break
		}
		g.row(n, cells[:min(len(cells), mostColumns)])
	}
	g.flush()
	w.comments(page, t)
	if len(w.d.Doc.Blocks) == before && before > 0 && w.d.Doc.Blocks[before-1].Kind == extract.Heading {
		w.d.Doc.Blocks = w.d.Doc.Blocks[:before-1] // an empty sheet says nothing
	}
	return nil
}

func (w *workbook) comments(page int, t tab) {
	comments, err := w.file.GetComments(t.name)
	if err != nil {
		return // damaged comments damage nothing else
	}
	for _, c := range comments {
		text := c.Text
		for _, run := range c.Paragraph {
			text += run.Text
		}
		w.d.Add(extract.Block{Kind: extract.Note, Text: text, Page: page, Hidden: t.hidden})
	}
}

// grid parts a sheet into tables: an empty row ends one, a row with one text
// before a table is its title.
type grid struct {
	w      *workbook
	s      *facts
	page   int
	hidden bool
	rows   []draft.TableRow
	beside []extract.Block
	bytes  int
	next   int // merges before it end above the present row
	open   []opened
	filled int // cells that merged ones reach
}

// mostRepeated bounds the cells that merged ones are repeated in.
const mostRepeated = 100_000

// opened is a merged area that reaches to the present row, with its text.
type opened struct {
	merge
	text string
}

func (g *grid) row(n int, cells []string) {
	cells = g.merged(n, cells)
	row := draft.TableRow{Page: g.page, Hidden: g.hidden || g.s.hiddenRows[n], Bold: !g.s.plain[n], Cells: make([]string, len(cells))}
	texts := map[string]bool{}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		if !row.Hidden && (g.s.hiddenCols[i+1] || g.s.hidden[[2]int{n, i + 1}]) {
			g.beside = append(g.beside, extract.Block{Kind: extract.Paragraph, Text: cell, Page: g.page, Hidden: true})
			continue
		}
		row.Cells[i] = cell
		texts[cell] = true
		g.bytes += len(cell)
	}
	switch {
	case len(texts) == 0:
		if len(g.rows) > 0 || len(g.beside) > 1000 {
			g.flush()
		}
	case len(texts) == 1 && len(g.rows) == 0:
		for text := range texts {
			g.w.d.Add(extract.Block{Kind: extract.Paragraph, Text: text, Page: g.page, Hidden: row.Hidden})
		}
	default:
		g.rows = append(g.rows, row)
	}
	if g.bytes > g.w.d.Room() || len(g.rows) > 200_000 {
		g.flush()
	}
}

// merged repeats the texts of merged cells where they reach.
func (g *grid) merged(n int, cells []string) []string {
	if len(g.s.merges) == 0 {
		return cells
	}
	if g.next == 0 { // the first row: by where they begin
		sortMerges(g.s.merges)
	}
	kept := g.open[:0]
	for _, o := range g.open {
		if o.toRow >= n {
			kept = append(kept, o)
		}
	}
	g.open = kept
	for ; g.next < len(g.s.merges) && g.s.merges[g.next].fromRow <= n; g.next++ {
		m := g.s.merges[g.next]
		if m.fromRow == n && m.fromCol <= len(cells) && m.fromCol >= 1 && cells[m.fromCol-1] != "" && len(g.open) < 1000 {
			g.open = append(g.open, opened{m, cells[m.fromCol-1]})
		}
	}
	for _, o := range g.open {
		to := min(o.toCol, mostColumns)
		if g.filled += to - o.fromCol + 1; g.filled > mostRepeated {
			break
		}
		for len(cells) < to && n <= o.toRow {
			cells = append(cells, "")
		}
		for c := o.fromCol; c <= to; c++ {
			if cells[c-1] == "" {
				cells[c-1] = draft.Repeated(o.text)
			}
		}
	}
	return cells
}

func (g *grid) flush() {
	if len(g.rows) == 1 { // names and values without a table around them
		g.rows[0].Bold = false
	}
	g.w.d.Table(g.rows)
	for _, b := range g.beside {
		g.w.d.Add(b)
	}
	g.rows, g.beside, g.bytes = nil, nil, 0
}
