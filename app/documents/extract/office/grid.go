package office

import "alcove/app/documents/extract/draft"

// mostCells of a row are read: a sheet that was pasted whole has thousands of
// empty ones.
const mostCells = 512

// reach is a cell that covers places in the rows below it.
type reach struct {
	rows int
	text string
}

// grid is the places of a table that cells of rows above cover, by column.
type grid map[int]reach

// put adds a cell to a row, over so many columns and rows, behind what cells of
// rows above cover.
func (g grid) put(row *draft.TableRow, text string, columns, rows int) {
	g.fill(row)
	for range columns {
		if len(row.Cells) >= mostCells {
			return
		}
		if rows > 1 {
			g[len(row.Cells)] = reach{rows - 1, draft.Repeated(text)}
		}
		row.Cells = append(row.Cells, text)
		text = draft.Repeated(text)
	}
}

// fill adds what cells of rows above cover at the end of a row.
func (g grid) fill(row *draft.TableRow) {
	for len(row.Cells) < mostCells {
		above, ok := g[len(row.Cells)]
		if !ok {
			return
		}
		if above.rows--; above.rows == 0 {
			delete(g, len(row.Cells))
		} else {
			g[len(row.Cells)] = above
		}
		row.Cells = append(row.Cells, above.text)
	}
}

// path is the elements around the one that is read, the outermost first.
type path []string

// parent is the name of the n-th element around, 1 the next; "" for none.
func (p path) parent(n int) string {
	if len(p) < n {
		return ""
	}
	return p[len(p)-n]
}
