package office_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/office"
)

// sound holds what every result must be.
func sound(t *testing.T, doc extract.Document, err error) {
	t.Helper()
	var known *extract.Error
	if err != nil && !errors.As(err, &known) {
		t.Fatal(err)
	}
	for i, b := range doc.Blocks {
		if b.Text == "" || !utf8.ValidString(b.Text) || b.Page < 0 || b.Page > doc.Pages || b.Kind == extract.Heading && (b.Level < 1 || b.Level > 9) {
			t.Fatalf("block %d of %d pages: %+v", i, doc.Pages, b)
		}
	}
}

// The XML is what is fuzzed: an archive around it only hides it.
func FuzzDocx(f *testing.F) {
	f.Add(p("berschrift1", "Urlaub")+`<w:tbl><w:tr>`+cell(`<w:gridSpan w:val="2"/>`, "a")+cell(`<w:vMerge/>`, "b")+`</w:tr></w:tbl><w:p><w:r><w:br w:type="page"/><w:footnoteReference w:id="1"/></w:r></w:p>`, styles)
	f.Fuzz(func(t *testing.T, body, styles string) {
		file := zipOf(t, part{"word/document.xml", `<w:document ` + wordNS + `>` + body}, part{"word/styles.xml", styles}, part{"word/footnotes.xml", body})
		doc, err := office.Docx(t.Context(), input(file, "docx"))
		sound(t, doc, err)
	})
}

func FuzzPptx(f *testing.F) {
	f.Add(slideOf("", shapeOf(`<p:ph type="title"/>`, `<a:xfrm><a:off x="-5" y="0"/><a:ext cx="1" cy="1"/></a:xfrm>`, para(`sz="100">`, "x"))+`<a:tbl><a:tr><a:tc rowSpan="2"><a:p><a:r><a:t>x</a:t></a:r></a:p></a:tc></a:tr></a:tbl>`))
	f.Fuzz(func(t *testing.T, slide string) {
		doc, err := office.Pptx(t.Context(), input(pptxOf(t, []string{slide}), "pptx"))
		sound(t, doc, err)
	})
}

func FuzzODT(f *testing.F) {
	f.Add(`<style:style style:name="T1" style:parent-style-name="T1"><style:text-properties fo:color="#fff"/></style:style>`,
		`<text:h text:outline-level="1">a</text:h><text:p>b<text:note><text:note-body><text:p>c</text:p></text:note-body></text:note></text:p><table:table><table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>d</text:p></table:table-cell></table:table-row></table:table>`)
	f.Fuzz(func(t *testing.T, styles, body string) {
		doc, err := office.ODT(t.Context(), input(odtOf(t, styles, body), "odt"))
		sound(t, doc, err)
	})
}
