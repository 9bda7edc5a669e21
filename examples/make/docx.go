package main

import (
	"fmt"
	"strings"
)

// docxParts are the files inside a DOCX: styles for headings, a real list, a
// real table with a head row, a head and a foot.
func docxParts(t text) []part {
	const rel = "officeDocument/2006/relationships/"
	main := map[string]string{
		"/word/document.xml": "wordprocessingml.document.main", "/word/styles.xml": "wordprocessingml.styles",
		"/word/numbering.xml": "wordprocessingml.numbering", "/word/header1.xml": "wordprocessingml.header",
		"/word/footer1.xml": "wordprocessingml.footer",
	}
	order := []string{"/word/document.xml", "/word/styles.xml", "/word/numbering.xml", "/word/header1.xml", "/word/footer1.xml"}
	return []part{
		types(main, order),
		relations("_rels/.rels", relation{"rId1", rel + "officeDocument", "word/document.xml"},
			relation{"rId2", "package/2006/relationships/metadata/core-properties", "docProps/core.xml"}),
		core(t),
		relations("word/_rels/document.xml.rels", relation{"rId1", rel + "styles", "styles.xml"}, relation{"rId2", rel + "numbering", "numbering.xml"},
			relation{"rId3", rel + "header", "header1.xml"}, relation{"rId4", rel + "footer", "footer1.xml"}),
		{"word/styles.xml", docxStyles()},
		{"word/numbering.xml", xmlHead + `<w:numbering ` + wordSpace + `><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`},
		{"word/header1.xml", xmlHead + `<w:hdr ` + wordSpace + `>` + wordParagraph("", t.company+" · "+t.title) + `</w:hdr>`},
		{"word/footer1.xml", xmlHead + `<w:ftr ` + wordSpace + `><w:p><w:r><w:t xml:space="preserve">` + escape(t.effective) + ` · </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>`},
		{"word/document.xml", docxBody(t)},
	}
}

const wordSpace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

// docxStyles are those of the title, the headings and the list.
func docxStyles() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:styles ` + wordSpace + `><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:rPr><w:b/><w:sz w:val="52"/></w:rPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/></w:style>`)
	for level := 1; level <= 3; level++ {
		fmt.Fprintf(&b, `<w:style w:type="paragraph" w:styleId="Heading%d"><w:name w:val="heading %d"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="%d"/></w:pPr><w:rPr><w:b/><w:sz w:val="%d"/></w:rPr></w:style>`, level, level, level-1, 36-4*level)
	}
	return b.String() + `</w:styles>`
}

// docxBody is the text.
func docxBody(t text) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:document ` + wordSpace + `><w:body>`)
	b.WriteString(wordParagraph("Title", t.title) + wordParagraph("", t.company) + wordParagraph("", t.effective))
	for _, k := range parse(t.body) {
		switch k.kind {
		case heading:
			b.WriteString(wordParagraph(fmt.Sprintf("Heading%d", k.level), k.text))
		case item:
			b.WriteString(`<w:p><w:pPr><w:pStyle w:val="ListBullet"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>` + wordRun(k.text, false) + `</w:p>`)
		case table:
			b.WriteString(wordTable(k.rows))
		default:
			b.WriteString(wordParagraph("", k.text))
		}
	}
	b.WriteString(`<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1300" w:bottom="1300" w:left="1300" w:header="700" w:footer="700" w:gutter="0"/></w:sectPr></w:body></w:document>`)
	return b.String()
}

// wordTable is a table whose first row is its head.
func wordTable(rows [][]string) string {
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders><w:top w:val="single"/><w:left w:val="single"/><w:bottom w:val="single"/><w:right w:val="single"/><w:insideH w:val="single"/><w:insideV w:val="single"/></w:tblBorders></w:tblPr><w:tblGrid>`)
	b.WriteString(strings.Repeat(`<w:gridCol w:w="2200"/>`, len(rows[0])) + `</w:tblGrid>`)
	for i, row := range rows {
		b.WriteString(`<w:tr>`)
		if i == 0 {
			b.WriteString(`<w:trPr><w:tblHeader/></w:trPr>`)
		}
		for _, cell := range row {
			b.WriteString(`<w:tc><w:tcPr><w:tcW w:w="2200" w:type="dxa"/></w:tcPr><w:p>` + wordRun(cell, i == 0) + `</w:p></w:tc>`)
		}
		b.WriteString(`</w:tr>`)
	}
	return b.String() + `</w:tbl>` + wordParagraph("", "")
}

// wordParagraph is one paragraph; style "" is the normal one.
func wordParagraph(style, s string) string {
	head := ""
	if style != "" {
		head = `<w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`
	}
	return `<w:p>` + head + wordRun(s, false) + `</w:p>`
}

// wordRun is a line, cut into runs as Word does when words are bold.
func wordRun(s string, bold bool) string {
	var b strings.Builder
	for i, piece := range strings.Split(s, "**") {
		mark := ""
		if bold || i%2 == 1 {
			mark = `<w:rPr><w:b/></w:rPr>`
		}
		if piece != "" {
			b.WriteString(`<w:r>` + mark + `<w:t xml:space="preserve">` + escape(piece) + `</w:t></w:r>`)
		}
	}
	return b.String()
}
