package extract

import "strings"

// RowText is the text of a table's row: "header: cell; header: cell". Without
// a header the cells stand alone.
func RowText(head, cells []string) string {
	var parts []string
	for i, cell := range cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if i < len(head) && strings.TrimSpace(head[i]) != "" {
			cell = strings.TrimRight(strings.TrimSpace(head[i]), ":") + ": " + cell
		}
		parts = append(parts, cell)
	}
	return strings.Join(parts, "; ")
}
