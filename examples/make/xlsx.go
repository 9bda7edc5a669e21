package main

import (
	"fmt"
	"strconv"
	"strings"
)

// sheet is one sheet of a workbook: a line above, and a table.
type sheet struct {
	name string
	rows [][]string
}

// xlsxParts are the files inside an XLSX: each first heading of the text is a
// sheet, its paragraph a line above the table.
func xlsxParts(t text) []part {
	const rel = "officeDocument/2006/relationships/"
	sheets := sheetsOf(t)
	shared := &sharedStrings{place: map[string]int{}}
	types1 := map[string]string{"/xl/workbook.xml": "spreadsheetml.sheet.main", "/xl/sharedStrings.xml": "spreadsheetml.sharedStrings", "/xl/styles.xml": "spreadsheetml.styles"}
	order := []string{"/xl/workbook.xml", "/xl/sharedStrings.xml", "/xl/styles.xml"}
	rels := []relation{{"rId100", rel + "sharedStrings", "sharedStrings.xml"}, {"rId101", rel + "styles", "styles.xml"}}
	var names strings.Builder
	var files []part
	for i, s := range sheets {
		file := fmt.Sprintf("worksheets/sheet%d.xml", i+1)
		types1["/xl/"+file] = "spreadsheetml.worksheet"
		order = append(order, "/xl/"+file)
		rels = append(rels, relation{fmt.Sprintf("rId%d", i+1), rel + "worksheet", file})
		fmt.Fprintf(&names, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escape(s.name), i+1, i+1)
		files = append(files, part{"xl/" + file, s.xml(shared)})
	}
	return append([]part{
		types(types1, order),
		relations("_rels/.rels", relation{"rId1", rel + "officeDocument", "xl/workbook.xml"},
			relation{"rId2", "package/2006/relationships/metadata/core-properties", "docProps/core.xml"}),
		core(t),
		{"xl/workbook.xml", xmlHead + `<workbook ` + sheetSpace + `><sheets>` + names.String() + `</sheets></workbook>`},
		relations("xl/_rels/workbook.xml.rels", rels...),
		{"xl/styles.xml", xmlHead + `<styleSheet ` + sheetSpace + `><fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf fontId="0"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`},
		{"xl/sharedStrings.xml", shared.xml()},
	}, files...)
}

const sheetSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

// sheetsOf cuts a text into sheets.
func sheetsOf(t text) []sheet {
	var all []sheet
	for _, k := range parse(t.body) {
		switch k.kind {
		case heading:
			all = append(all, sheet{name: k.text})
		case paragraph:
			all[len(all)-1].rows = append(all[len(all)-1].rows, []string{k.text}, nil)
		case table:
			all[len(all)-1].rows = append(all[len(all)-1].rows, k.rows...)
		}
	}
	return all
}

// xml is the sheet; texts go to the shared strings, numbers stay numbers.
func (s sheet) xml(shared *sharedStrings) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<worksheet ` + sheetSpace + `><cols><col min="1" max="6" width="24" customWidth="1"/></cols><sheetData>`)
	for i, row := range s.rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for j, cell := range row {
			at := fmt.Sprintf(`%c%d`, 'A'+j, i+1)
			bold := 0
			if i == 0 || i == 2 {
				bold = 1
			}
			if cell == "" {
				continue
			}
			if _, err := strconv.ParseFloat(cell, 64); err == nil {
				fmt.Fprintf(&b, `<c r="%s" s="%d"><v>%s</v></c>`, at, bold, cell)
				continue
			}
			fmt.Fprintf(&b, `<c r="%s" s="%d" t="s"><v>%d</v></c>`, at, bold, shared.add(cell))
		}
		b.WriteString(`</row>`)
	}
	return b.String() + `</sheetData></worksheet>`
}

// sharedStrings are the texts of a workbook, each once.
type sharedStrings struct {
	all   []string
	place map[string]int
}

func (s *sharedStrings) add(text string) int {
	at, ok := s.place[text]
	if !ok {
		at = len(s.all)
		s.place[text] = at
		s.all = append(s.all, text)
	}
	return at
}

func (s *sharedStrings) xml() string {
	var b strings.Builder
	fmt.Fprintf(&b, xmlHead+`<sst %s count="%d" uniqueCount="%d">`, sheetSpace, len(s.all), len(s.all))
	for _, text := range s.all {
		b.WriteString(`<si><t xml:space="preserve">` + escape(text) + `</t></si>`)
	}
	return b.String() + `</sst>`
}
