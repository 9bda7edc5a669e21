package sheet_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/sheet"
)

func input(file []byte) extract.Input {
	return extract.Input{File: bytes.NewReader(file), Size: int64(len(file)), Limits: extract.DefaultLimits(), Progress: func(int, int) {}}
}

func parse(t testing.TB, parser extract.Parser, file []byte) extract.Document {
	t.Helper()
	doc, err := parser(context.Background(), input(file))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// workbookOf writes a workbook as a person would make one.
func workbookOf(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	must(t, f.Write(&b))
	return b.Bytes()
}

func rows(t testing.TB, f *excelize.File, name, at string, values ...[]any) {
	t.Helper()
	col, row, err := excelize.CellNameToCoordinates(at)
	must(t, err)
	for i, v := range values {
		cell, err := excelize.CoordinatesToCellName(col, row+i)
		must(t, err)
		must(t, f.SetSheetRow(name, cell, &v))
	}
}

func style(t testing.TB, f *excelize.File, s excelize.Style) int {
	t.Helper()
	id, err := f.NewStyle(&s)
	must(t, err)
	return id
}

func TestXLSX(t *testing.T) {
	file := workbookOf(t, func(f *excelize.File) {
		must(t, f.SetSheetName("Sheet1", "Feiertage"))
		rows(t, f, "Feiertage", "A1", []any{"Feiertage 2026"}, []any{}, []any{"Tag", "Name", "Frei"},
			[]any{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "Neujahr", 1.0}, []any{time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC), "Heiligabend", 0.5})
		must(t, f.SetCellStyle("Feiertage", "A4", "A5", style(t, f, excelize.Style{NumFmt: 14})))
		must(t, f.SetCellStyle("Feiertage", "C4", "C5", style(t, f, excelize.Style{NumFmt: 9})))
		must(t, f.SetCellStyle("Feiertage", "A3", "C3", style(t, f, excelize.Style{Font: &excelize.Font{Bold: true}})))
		must(t, f.AddComment("Feiertage", excelize.Comment{Cell: "B5", Author: "HR", Text: "Nur am Vormittag"}))
		_, err := f.NewSheet("Gehalt")
		must(t, err)
		rows(t, f, "Gehalt", "A1", []any{"Stufe", "2026", ""}, []any{"", "Minimum", "Maximum"}, []any{"A", 30000, 40000}, []any{"B", 41000.5, 50000})
		must(t, f.MergeCell("Gehalt", "B1", "C1"))
		must(t, f.MergeCell("Gehalt", "A3", "A4"))
		must(t, f.SetCellStyle("Gehalt", "B3", "C4", style(t, f, excelize.Style{NumFmt: 4})))
		must(t, f.SetCellFormula("Gehalt", "D4", "B4+C4"))
		must(t, f.SetDocProps(&excelize.DocProperties{Title: "Kalender", Creator: "HR", Modified: "2025-11-30T00:00:00Z"}))
	})
	doc := parse(t, sheet.XLSX, file)
	want := []extract.Block{
		{Kind: extract.Heading, Level: 1, Text: "Feiertage", Page: 1},
		{Kind: extract.Paragraph, Text: "Feiertage 2026", Page: 1},
		{Kind: extract.Row, Table: 1, Head: true, Page: 1, Cells: []string{"Tag", "Name", "Frei"}, Text: "Tag | Name | Frei"},
		{Kind: extract.Row, Table: 1, Page: 1, Cells: []string{"2026-01-01", "Neujahr", "100%"}, Text: "Tag: 2026-01-01; Name: Neujahr; Frei: 100%"},
		{Kind: extract.Row, Table: 1, Page: 1, Cells: []string{"2026-12-24", "Heiligabend", "50%"}, Text: "Tag: 2026-12-24; Name: Heiligabend; Frei: 50%"},
		{Kind: extract.Note, Text: "Nur am Vormittag", Page: 1},
		{Kind: extract.Heading, Level: 1, Text: "Gehalt", Page: 2},
	}
	if diff := cmp.Diff(want, doc.Blocks[:min(len(want), len(doc.Blocks))]); diff != "" {
		t.Error(diff)
	}
	text := ""
	for _, b := range doc.Blocks[len(want):] {
		text += b.Text + "\n"
	}
	if !strings.Contains(text, "A; 41,000.50; 50,000.00") && !strings.Contains(text, ": A; ") {
		t.Errorf("the merged cell is not repeated: %s", text)
	}
	if doc.Title != "Kalender" || doc.Author != "HR" || doc.Modified != "2025-11-30" || doc.Pages != 2 || len(doc.Flags) != 0 {
		t.Errorf("got %+v", doc)
	}
}

func TestXLSXHidden(t *testing.T) {
	doc := parse(t, sheet.XLSX, workbookOf(t, func(f *excelize.File) {
		rows(t, f, "Sheet1", "A1", []any{"Name", "Betrag", "Geheim"}, []any{"a", "1", "h1"}, []any{"b", "2", "h2"}, []any{"c", "3", "h3"}, []any{"d", "4", ""})
		must(t, f.SetColVisible("Sheet1", "C", false))
		must(t, f.SetRowVisible("Sheet1", 3, false))
		must(t, f.SetCellStyle("Sheet1", "B5", "B5", style(t, f, excelize.Style{Font: &excelize.Font{Color: "FFFFFF"}})))
		_, err := f.NewSheet("Versteckt")
		must(t, err)
		rows(t, f, "Versteckt", "A1", []any{"geheimer Text"})
		must(t, f.SetSheetVisible("Versteckt", false))
	}))
	var seen, unseen []string
	for _, b := range doc.Blocks {
		if b.Hidden {
			unseen = append(unseen, b.Text)
		} else {
			seen = append(seen, b.Text)
		}
	}
	if diff := cmp.Diff([]string{"Sheet1", "Name | Betrag", "Name: a; Betrag: 1", "Name: c; Betrag: 3", "Name: d"}, seen); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Name: b; Betrag: 2; h2", "Geheim", "h1", "h3", "4", "Versteckt", "geheimer Text"}, unseen); diff != "" {
		t.Error(diff)
	}
}

func TestXLSXBoundsAndBombs(t *testing.T) {
	wide := workbookOf(t, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		must(t, err)
		must(t, w.SetRow("A1", append([]any{"a", "b"}, make([]any, 16000)...)))
		must(t, w.SetRow("A1048576", []any{"deep"}))
		must(t, w.MergeCell("A1", "XFD1048576"))
		must(t, w.Flush())
	})
	if doc := parse(t, sheet.XLSX, wide); len(doc.Blocks) == 0 {
		t.Error("nothing of a wide sheet is read")
	}
	defer sheet.LimitCells(20_000)()
	many := workbookOf(t, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		must(t, err)
		row := make([]any, 1000)
		for i := range row {
			row[i] = 7
		}
		for i := range 21 {
			must(t, w.SetRow(fmt.Sprintf("A%d", i+1), row))
		}
		must(t, w.Flush())
	})
	doc := parse(t, sheet.XLSX, many)
	if len(doc.Flags) == 0 || doc.Flags[len(doc.Flags)-1].Kind != extract.FlagTruncated {
		t.Errorf("more cells than the limit are read: %v", doc.Flags)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("xl/workbook.xml")
	must(t, err)
	_, err = f.Write(bytes.Repeat([]byte(" "), 24<<20))
	must(t, err)
	must(t, w.Close())
	var failed *extract.Error
	if _, err := sheet.XLSX(t.Context(), input(b.Bytes())); !errors.As(err, &failed) || failed.Reason != extract.Inflates {
		t.Errorf("a bomb is %v", err)
	}
}

func TestCSV(t *testing.T) {
	want := []extract.Block{
		{Kind: extract.Row, Table: 1, Head: true, Cells: []string{"Straße", "Tage"}, Text: "Straße | Tage"},
		{Kind: extract.Row, Table: 1, Cells: []string{"Köln, Dom", "1,5"}, Text: "Straße: Köln, Dom; Tage: 1,5"},
		{Kind: extract.Row, Table: 1, Cells: []string{"mit Zeile", "2"}, Text: "Straße: mit Zeile; Tage: 2"},
	}
	for name, file := range map[string]string{
		"comma":        "Straße,Tage\n\"Köln, Dom\",\"1,5\"\n\"mit\nZeile\",2\n",
		"semicolon":    "Straße;Tage\r\nKöln, Dom;1,5\r\n\"mit\r\nZeile\";2",
		"old Mac":      "Straße;Tage\rKöln, Dom;1,5\rmit Zeile;2\r",
		"tab":          "Straße\tTage\nKöln, Dom\t1,5\nmit Zeile\t2\n",
		"bar":          "Straße|Tage\nKöln, Dom|1,5\nmit Zeile|2\n",
		"sep":          "sep=;\nStraße;Tage\nKöln, Dom;1,5\nmit Zeile;2\n",
		"windows-1252": "Stra\xdfe;Tage\nK\xf6ln, Dom;1,5\nmit Zeile;2\n",
		"bom":          "\xef\xbb\xbfStraße;Tage\nKöln, Dom;1,5\nmit Zeile;2\n",
	} {
		if diff := cmp.Diff(want, parse(t, sheet.CSV, []byte(file)).Blocks); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	titled := append([]extract.Block{{Kind: extract.Paragraph, Text: "Tage nach Straße 2026"}}, want...)
	if diff := cmp.Diff(titled, parse(t, sheet.CSV, []byte("Tage nach Straße 2026;\n;\nStraße;Tage\nKöln, Dom;1,5\nmit Zeile;2\n")).Blocks); diff != "" {
		t.Error("under a title:", diff)
	}
	for _, file := range []string{"", "\"", "a,\"b\nc", strings.Repeat(",", 1<<20), strings.Repeat("\"", 1<<20), strings.Repeat("a\n", 1<<19)} {
		parse(t, sheet.CSV, []byte(file))
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a;b\n\"c\";d\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, err := sheet.CSV(t.Context(), input(file))
		var failed *extract.Error
		if err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(workbookOf(f, func(w *excelize.File) {
		rows(f, w, "Sheet1", "A1", []any{"Name", "Tage"}, []any{"a", 1}, []any{"b", 2})
		must(f, w.MergeCell("Sheet1", "A2", "A3"))
	}))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = sheet.XLSX(t.Context(), input(file)) // it ends without a panic
	})
}
