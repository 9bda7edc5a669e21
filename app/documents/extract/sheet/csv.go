package sheet

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/draft"
	"alcove/app/documents/extract/plain"
)

// sortMerges puts merged areas in the order of the rows they begin in.
func sortMerges(merges []merge) {
	slices.SortStableFunc(merges, func(a, b merge) int { return cmp.Compare(a.fromRow, b.fromRow) })
}

// Bounds of a CSV file.
const (
	maxCSV  = 64 << 20
	maxRows = 200_000
)

// CSV reads comma separated values, and those that other signs separate.
func CSV(ctx context.Context, in extract.Input) (extract.Document, error) {
	text, cut, err := plain.Decode(in, maxCSV)
	if err != nil {
		return extract.Document{}, err
	}
	d := draft.New(in)
	if !strings.Contains(text, "\n") { // as an old Mac ends lines
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	comma := delimiter(text)
	if first, rest, found := strings.Cut(text, "\n"); found && strings.HasPrefix(strings.ToLower(first), "sep=") {
		text = rest
	}
	rows, err := readCSV(ctx, text, comma)
	if err != nil {
		return extract.Document{}, err
	}
	rows = titles(d, rows)
	if len(rows) > 0 {
		rows[0].Bold = true // nearly always the names of the columns
	}
	if len(rows) > maxRows {
		rows, cut = rows[:maxRows], true
	}
	d.Table(rows)
	if cut {
		d.Truncated("the file is longer than is read")
	}
	return d.Done(), nil
}

// titles adds what stands above a table, a line each, and gives the table.
func titles(d *draft.Draft, rows []draft.TableRow) []draft.TableRow {
	first := slices.IndexFunc(rows, func(r draft.TableRow) bool {
		return len(slices.DeleteFunc(slices.Clone(r.Cells), func(c string) bool { return strings.TrimSpace(c) == "" })) > 1
	})
	if first < 0 {
		return rows // a list
	}
	for _, r := range rows[:first] {
		d.Add(extract.Block{Kind: extract.Paragraph, Text: strings.TrimSpace(strings.Join(r.Cells, " "))})
	}
	return rows[first:]
}

func readCSV(ctx context.Context, text string, comma rune) ([]draft.TableRow, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, true, -1
	var rows []draft.TableRow
	for len(rows) <= maxRows {
		if len(rows)%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, extract.Fail(extract.Damaged, "CSV: %v", err)
		}
		rows = append(rows, draft.TableRow{Cells: cells[:min(len(cells), mostColumns)]})
	}
	return rows, nil
}

// delimiter is the sign that parts most of the first lines into the same number
// of cells.
func delimiter(text string) rune {
	if len(text) >= 5 && strings.EqualFold(text[:4], "sep=") && strings.ContainsRune(",;\t|", rune(text[4])) {
		return rune(text[4])
	}
	best, most := ',', 0
	for _, sign := range []rune{';', '\t', ',', '|'} {
		counts := map[int]int{}
		n, quoted, lines := 0, false, 0
		for _, r := range text[:min(len(text), 64<<10)] {
			switch {
			case r == '"':
				quoted = !quoted
			case quoted:
			case r == '\n':
				counts[n]++
				n = 0
				lines++
			case r == sign:
				n++
			}
		}
		if lines == 0 {
			counts[n]++
		}
		score := 0
		for n, times := range counts {
			if n > 0 {
				score = max(score, times*100+min(n, 50))
			}
		}
		if score > most {
			best, most = sign, score
		}
	}
	return best
}
