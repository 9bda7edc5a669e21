package office_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/office"
)

const odfNS = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"` +
	` xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"`

func odtOf(t testing.TB, styles, body string, more ...part) []byte {
	return zipOf(t, append([]part{
		{"mimetype", "application/vnd.oasis.opendocument.text"},
		{"content.xml", `<?xml version="1.0"?><office:document-content ` + odfNS + `><office:automatic-styles>` + styles + `</office:automatic-styles><office:body><office:text>` + body + `</office:text></office:body></office:document-content>`},
	}, more...)...)
}

func TestODT(t *testing.T) {
	styles := `<style:style style:name="P1" style:family="paragraph"><style:paragraph-properties fo:break-before="page"/></style:style>` +
		`<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>` +
		`<style:style style:name="T2" style:family="text"><style:text-properties fo:color="#ffffff"/></style:style>` +
		`<style:style style:name="T3" style:family="text" style:parent-style-name="T4"/><style:style style:name="T4"><style:text-properties fo:font-size="1pt"/></style:style>` +
		`<style:style style:name="C1" style:family="table-cell"><style:table-cell-properties fo:background-color="#000000"/></style:style>`
	body := `<text:tracked-changes><text:changed-region><text:deletion><text:p>weg</text:p></text:deletion></text:changed-region></text:tracked-changes>` +
		`<text:table-of-content><text:index-body><text:p>Urlaub 3</text:p></text:index-body></text:table-of-content>` +
		`<text:h text:outline-level="1">Urlaub</text:h><text:p>Dreißig` + "\n" + `<text:s text:c="999999999"/>Tage<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Gesetzlich 20.</text:p></text:note-body></text:note> im Jahr.<office:annotation><dc:creator>X</dc:creator><text:p>Prüfen!</text:p></office:annotation></text:p>` +
		`<text:list><text:list-item><text:p>eins</text:p><text:list><text:list-item><text:p>zwei</text:p></text:list-item></text:list></text:list-item></text:list>` +
		`<text:p text:style-name="P1"><text:soft-page-break/>Seite zwei<text:line-break/>Zeile</text:p><text:p>Ende <text:soft-page-break/>drei</text:p><text:p>Seite drei</text:p>` +
		`<text:p>Da<text:span text:style-name="T1">h1</text:span><text:span text:style-name="T2">h2</text:span><text:span text:style-name="T3">h3</text:span></text:p>` +
		`<text:section text:display="none"><text:p>h4</text:p></text:section>` +
		`<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Jahre</text:p></table:table-cell><table:table-cell table:style-name="C1"><text:p><text:span text:style-name="T2">Tage</text:span></text:p></table:table-cell></table:table-row></table:table-header-rows>` +
		`<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>5</text:p></table:table-cell><table:table-cell><text:p>28</text:p></table:table-cell></table:table-row><table:table-row><table:covered-table-cell/><table:table-cell><text:p>29</text:p></table:table-cell></table:table-row>` +
		`<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>`
	doc := parse(t, office.ODT, odtOf(t, styles, body,
		part{"meta.xml", `<office:document-meta><office:meta><dc:title>Buch</dc:title><meta:initial-creator>HR</meta:initial-creator><dc:creator>Y</dc:creator><dc:date>2025-12-01T10:00:00</dc:date><dc:language>de-DE</dc:language></office:meta></office:document-meta>`},
		part{"styles.xml", `<office:document-styles ` + odfNS + `><office:master-styles><style:master-page><style:footer><text:p>Gültig ab 01.01.2026</text:p></style:footer></style:master-page></office:master-styles></office:document-styles>`}), "odt")
	want := []extract.Block{
		{Kind: extract.Heading, Level: 1, Text: "Urlaub", Page: 1},
		{Kind: extract.Paragraph, Text: "Dreißig Tage im Jahr.", Page: 1},
		{Kind: extract.Note, Text: "Gesetzlich 20.", Page: 1},
		{Kind: extract.Note, Text: "Prüfen!", Page: 1},
		{Kind: extract.Item, Text: "eins", Page: 1},
		{Kind: extract.Item, Text: "zwei", Page: 1},
		{Kind: extract.Paragraph, Text: "Seite zwei\nZeile", Page: 2},
		{Kind: extract.Paragraph, Text: "Ende drei", Page: 2},
		{Kind: extract.Paragraph, Text: "Seite drei", Page: 3},
		{Kind: extract.Paragraph, Text: "Da", Page: 3},
		{Kind: extract.Paragraph, Text: "h1h2h3", Page: 3, Hidden: true},
		{Kind: extract.Paragraph, Text: "h4", Page: 3, Hidden: true},
		{Kind: extract.Row, Table: 1, Head: true, Page: 3, Cells: []string{"Jahre", "Tage"}, Text: "Jahre | Tage"},
		{Kind: extract.Row, Table: 1, Page: 3, Cells: []string{"5", "28"}, Text: "Jahre: 5; Tage: 28"},
		{Kind: extract.Row, Table: 1, Page: 3, Cells: []string{"5", "29"}, Text: "Jahre: 5; Tage: 29"},
	}
	if diff := cmp.Diff(want, doc.Blocks); diff != "" {
		t.Error(diff)
	}
	if doc.Title != "Buch" || doc.Author != "HR" || doc.Language != "de-DE" || doc.Pages != 3 || doc.Modified != "2025-12-01" || doc.Effective != "2026-01-01" {
		t.Errorf("got %+v", doc)
	}
}

func TestODTEncryptedAndDeep(t *testing.T) {
	file := odtOf(t, "", "<text:p>x</text:p>", part{"META-INF/manifest.xml", `<manifest:manifest><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>`})
	if _, err := office.ODT(t.Context(), input(file, "odt")); reasonOf(err) != extract.Encrypted {
		t.Errorf("got %v", err)
	}
	if _, err := office.ODT(t.Context(), input(odtOf(t, "", strings.Repeat("<text:list>", 1000)), "odt")); reasonOf(err) != extract.Damaged {
		t.Errorf("got %v", err)
	}
}
