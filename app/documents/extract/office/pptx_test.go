package office_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/office"
)

const drawNS = `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

// pptxOf writes slides in the order given, though their files are named otherwise.
func pptxOf(t testing.TB, slides []string, more ...part) []byte {
	ids, rels := "", ""
	parts := more
	for i, text := range slides {
		file := fmt.Sprintf("slides/slide%d.xml", len(slides)-i)
		ids += fmt.Sprintf(`<p:sldId id="%d" r:id="rId%d"/>`, 256+i, i+1)
		rels += fmt.Sprintf(`<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/slide" Target="%s"/>`, i+1, file)
		parts = append(parts, part{"ppt/" + file, text})
	}
	rels += `<Relationship Id="m" Type="http://x/slideMaster" Target="slideMasters/slideMaster1.xml"/>`
	parts = append(parts,
		part{"ppt/presentation.xml", `<p:presentation ` + drawNS + `><p:sldIdLst>` + ids + `</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>`},
		part{"ppt/_rels/presentation.xml.rels", `<Relationships>` + rels + `</Relationships>`},
		part{"ppt/slideMasters/slideMaster1.xml", `<p:sldMaster ` + drawNS + `><p:cSld><p:bg><p:bgRef idx="1001"><a:schemeClr val="bg1"/></p:bgRef></p:bg></p:cSld><p:clrMap bg1="lt1" tx1="dk1"/></p:sldMaster>`})
	return zipOf(t, parts...)
}

func slideOf(attr, shapes string) string {
	return `<p:sld ` + drawNS + ` ` + attr + `><p:cSld><p:spTree>` + shapes + `</p:spTree></p:cSld></p:sld>`
}

func shapeOf(nv, props, paragraphs string) string {
	return `<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/>` + `<p:nvPr>` + nv + `</p:nvPr></p:nvSpPr><p:spPr>` + props + `</p:spPr><p:txBody>` + paragraphs + `</p:txBody></p:sp>`
}

func para(props, text string) string {
	return `<a:p><a:r><a:rPr ` + props + `</a:rPr><a:t>` + text + `</a:t></a:r></a:p>`
}

func TestPptx(t *testing.T) {
	one := slideOf("", shapeOf(`<p:ph idx="1"/>`, "", para(">", "erster Punkt")+para(">", "zweiter Punkt"))+
		shapeOf(`<p:ph type="title"/>`, "", para(">", "Elternzeit"))+
		shapeOf(`<p:ph type="sldNum"/>`, "", para(">", "1"))+
		shapeOf("", "", para(">", "Freier Text")+para(`sz="100">`, "h1")+para(`><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>`, "h2"))+
		shapeOf("", `<a:solidFill><a:srgbClr val="003366"/></a:solidFill>`, para(`><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>`, "weiß auf blau"))+
		shapeOf("", `<a:xfrm><a:off x="-5000000" y="0"/><a:ext cx="1000000" cy="10"/></a:xfrm>`, para(">", "h3")))
	cell := func(attr, text string) string {
		return `<a:tc ` + attr + `><a:txBody>` + para(">", text) + `</a:txBody></a:tc>`
	}
	two := slideOf("", shapeOf(`<p:ph type="ctrTitle"/>`, "", para(">", "Tage"))+
		`<p:graphicFrame><a:graphic><a:tbl><a:tblPr firstRow="1"/><a:tr>`+cell("", "Jahre")+cell("", "Tage")+`</a:tr><a:tr>`+cell(`rowSpan="2"`, "bis 5")+cell("", "28")+`</a:tr><a:tr>`+cell(`vMerge="1"`, "")+cell("", "29")+`</a:tr></a:tbl></a:graphic></p:graphicFrame>`)
	three := slideOf(`show="0"`, shapeOf(`<p:ph type="title"/>`, "", para(">", "Versteckt")))
	doc := parse(t, office.Pptx, pptxOf(t, []string{one, two, three},
		part{"ppt/slides/_rels/slide3.xml.rels", `<Relationships><Relationship Id="n" Type="http://x/notesSlide" Target="../notesSlides/notesSlide1.xml"/></Relationships>`},
		part{"ppt/notesSlides/notesSlide1.xml", `<p:notes ` + drawNS + `>` + shapeOf(`<p:ph type="body"/>`, "", para(">", "Sagen, dass es ab 2026 gilt.")) + shapeOf(`<p:ph type="sldNum"/>`, "", para(">", "1")) + `</p:notes>`},
	), "pptx")
	want := []extract.Block{
		{Kind: extract.Heading, Level: 1, Text: "Elternzeit", Page: 1},
		{Kind: extract.Item, Text: "erster Punkt", Page: 1},
		{Kind: extract.Item, Text: "zweiter Punkt", Page: 1},
		{Kind: extract.Paragraph, Text: "Freier Text", Page: 1},
		{Kind: extract.Paragraph, Text: "h1", Page: 1, Hidden: true},
		{Kind: extract.Paragraph, Text: "h2", Page: 1, Hidden: true},
		{Kind: extract.Paragraph, Text: "weiß auf blau", Page: 1},
		{Kind: extract.Paragraph, Text: "h3", Page: 1, Hidden: true},
		{Kind: extract.Note, Text: "Sagen, dass es ab 2026 gilt.", Page: 1},
		{Kind: extract.Heading, Level: 1, Text: "Tage", Page: 2},
		{Kind: extract.Row, Table: 1, Head: true, Page: 2, Cells: []string{"Jahre", "Tage"}, Text: "Jahre | Tage"},
		{Kind: extract.Row, Table: 1, Page: 2, Cells: []string{"bis 5", "28"}, Text: "Jahre: bis 5; Tage: 28"},
		{Kind: extract.Row, Table: 1, Page: 2, Cells: []string{"bis 5", "29"}, Text: "Jahre: bis 5; Tage: 29"},
		{Kind: extract.Paragraph, Text: "Versteckt", Page: 3, Hidden: true},
	}
	if diff := cmp.Diff(want, doc.Blocks); diff != "" {
		t.Error(diff)
	}
	if doc.Pages != 3 || !flagged(doc)[extract.FlagHidden] {
		t.Errorf("got %+v", doc)
	}
}
