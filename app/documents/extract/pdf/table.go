package pdf

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"alcove/app/documents/extract"
)

// table is lines whose segments stand in columns.
type table struct {
	box
	page    int
	columns []span
	rows    []row
}

// span is from where to where a column reaches.
type span struct{ left, right float64 }

func (s span) meets(b box) bool { return b.left < s.right && b.right > s.left }

// row is one row of a table.
type row struct {
	cells  []string
	top    float64
	bottom float64
	bold   bool
	fill   colour
}

// findTable reads a table that begins at the first of lines, and says how many
// lines it takes; 0 says that there is none.
func findTable(lines []line, levels []box) (table, int) {
	if len(lines[0].segments) < 2 {
		return table{}, 0
	}
	var columns []span
	taken, several := 0, 0
	for i, l := range lines {
		if i > 0 && !follows(lines[i-1], l) {
			break
		}
		grown, ok := grow(columns, l, i == 0 || len(l.segments) > 1)
		if !ok {
			break
		}
		columns, taken = grown, i+1
		if len(l.segments) > 1 {
			several++
		}
	}
	for taken > 0 && len(lines[taken-1].segments) == 1 && columns[0].meets(lines[taken-1].box) && !closed(levels, lines[taken-1]) {
		taken-- // the text under a table
	}
	if several < 2 || len(columns) < 2 || taken < 2 {
		return table{}, 0
	}
	t := table{page: lines[0].page, columns: columns, box: lines[0].box}
	for _, l := range lines[:taken] {
		t.box = t.box.join(l.box)
	}
	t.fillRows(lines[:taken], levels)
	return t, taken
}

// follows says whether a line stands closely under another.
func follows(above, l line) bool {
	gap := l.top - above.bottom
	return gap > -0.5*l.size && gap < 2.2*max(l.size, above.size) && l.size < 1.6*above.size
}

// closed says whether a level rule stands right under a line.
func closed(levels []box, l line) bool {
	for _, r := range levels {
		if r.top >= l.midY() && r.top < l.bottom+l.size && r.left <= l.midX() && r.right >= l.midX() {
			return true
		}
	}
	return false
}

// grow widens columns by a line. It fails where a segment stands in two
// columns, or two segments in one. Lines of one segment add no column.
func grow(columns []span, l line, may bool) ([]span, bool) {
	out := slices.Clone(columns)
	used := map[int]bool{}
	for _, s := range l.segments {
		at := -1
		for i, c := range columns {
			if c.meets(s.box) {
				if at >= 0 {
					return nil, false
				}
				at = i
			}
		}
		switch {
		case at < 0 && !may:
			return nil, false
		case at < 0:
			out = append(out, span{s.left, s.right})
			continue
		case used[at]:
			return nil, false
		}
		used[at] = true
		out[at] = span{min(out[at].left, s.left), max(out[at].right, s.right)}
	}
	slices.SortFunc(out, func(a, b span) int { return cmp.Compare(a.left, b.left) })
	for i := 1; i < len(out); i++ {
		if out[i].left < out[i-1].right {
			return nil, false
		}
	}
	return out, true
}

// fillRows makes rows of lines: by the rules between them where there are some,
// else a line begins a row when it is not the rest of a cell above.
func (t *table) fillRows(lines []line, levels []box) {
	cuts := t.cuts(levels)
	starts := 0
	for _, l := range lines {
		if t.columns[0].meets(l.segments[0].box) {
			starts++
		}
	}
	ruled := len(cuts) >= 2 && 3*len(cuts) >= starts
	usual := t.usualGap(lines)
	for i, l := range lines {
		fresh := i == 0
		if i > 0 {
			gap := l.top - lines[i-1].bottom
			switch first := t.columns[0].meets(l.segments[0].box); {
			case ruled:
				fresh = slices.ContainsFunc(cuts, func(y float64) bool { return y > lines[i-1].midY() && y < l.midY() })
			case first && len(l.segments) > 1: // but for several cells of two lines
				fresh = len(l.segments) == len(t.columns) || gap >= 0.5*usual
			default:
				fresh = gap > 0.45*l.size && gap >= 0.7*usual
			}
		}
		if fresh {
			t.rows = append(t.rows, row{cells: make([]string, len(t.columns)), top: l.top, bold: true, fill: l.fill})
		}
		t.rows[len(t.rows)-1].add(t.columns, l)
	}
}

func (r *row) add(columns []span, l line) {
	for _, s := range l.segments {
		for i, c := range columns {
			if c.meets(s.box) {
				if r.cells[i] == "" {
					r.cells[i] = s.text
				} else {
					r.cells[i] = extract.JoinLines([]string{r.cells[i], s.text})
				}
				break
			}
		}
	}
	r.bold = r.bold && l.bold
	r.bottom = l.bottom
}

// usualGap is the gap between lines that begin a row for certain.
func (t *table) usualGap(lines []line) float64 {
	var gaps []float64
	for i := 1; i < len(lines); i++ {
		if len(lines[i].segments) == len(t.columns) {
			gaps = append(gaps, lines[i].top-lines[i-1].bottom)
		}
	}
	return median(gaps)
}

// cuts are the heights at which rules cross most of the table, inside of it.
func (t *table) cuts(levels []box) []float64 {
	slices.SortFunc(levels, func(a, b box) int { return cmp.Compare(a.top, b.top) })
	var all []float64
	for i := 0; i < len(levels); {
		y, j := levels[i].top, i
		var on []box
		for ; j < len(levels) && levels[j].top-y < 2; j++ {
			if levels[j].right > t.left-20 && levels[j].left < t.right+20 {
				on = append(on, levels[j])
			}
		}
		if y > t.top+1 && y < t.bottom-1 && covered(on) > 0.6*t.width() {
			all = append(all, y)
		}
		i = j
	}
	return all
}

// covered is how long rules are together, without what lies twice.
func covered(on []box) float64 {
	slices.SortFunc(on, func(a, b box) int { return cmp.Compare(a.left, b.left) })
	total, end := 0.0, 0.0
	for i, b := range on {
		if i == 0 || b.left > end {
			total += b.width()
			end = b.right
		} else if b.right > end {
			total += b.right - end
			end = b.right
		}
	}
	return total
}

// headed says whether the first row names the columns.
func (t *table) headed() bool {
	if len(t.rows) < 2 || slices.Contains(t.rows[0].cells[1:], "") {
		return false
	}
	first, rest := t.rows[0], t.rows[1:]
	bold, fills, numbers := 0, 0, 0
	for _, r := range rest {
		if r.bold {
			bold++
		}
		if r.fill == first.fill {
			fills++
		}
		if strings.ContainsFunc(strings.Join(r.cells[1:], ""), unicode.IsDigit) {
			numbers++
		}
	}
	plain := !strings.ContainsFunc(strings.Join(first.cells, ""), unicode.IsDigit)
	return first.bold && bold < len(rest) || fills == 0 || plain && 2*numbers >= len(rest)
}

// blocks makes blocks of a table. head is the row of names that came before,
// on the page before, or nil. It gives the names that hold at the end.
func (t *table) blocks(number int, head []string) ([]extract.Block, []string) {
	rows := t.rows
	var out []extract.Block
	if head == nil || slices.Equal(head, rows[0].cells) {
		again := head != nil
		if head = nil; t.headed() || again {
			head = rows[0].cells
			if !again {
				out = append(out, extract.Block{Kind: extract.Row, Text: strings.Join(head, " | "), Page: t.page, Table: number, Cells: head, Head: true})
			}
			rows = rows[1:]
		}
	}
	for _, r := range rows {
		out = append(out, extract.Block{Kind: extract.Row, Text: extract.RowText(head, r.cells), Page: t.page, Table: number, Cells: r.cells})
	}
	return out, head
}

// same says whether a table goes on in another one on the next page.
func (t *table) same(next *table) bool {
	if next.page != t.page+1 || len(t.columns) != len(next.columns) {
		return false
	}
	for i, c := range t.columns {
		if d := c.left - next.columns[i].left; d > 4 || d < -4 {
			return false
		}
	}
	return true
}
