package main

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"os"
	"strings"
	"time"
)

// part is one file inside an Office file.
type part struct{ name, body string }

// made is the time in the files, the same in each run: a file changes only
// when its text does.
var made = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// writeZip writes an Office file.
func writeZip(path string, parts []part) error {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, p := range parts {
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: made})
		if err != nil {
			return err
		}
		if _, err := f.Write([]byte(p.body)); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o600)
}

// escape is s inside XML.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}

// types is [Content_Types].xml: names and what they hold.
func types(parts map[string]string, order []string) part {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>`)
	for _, name := range order {
		b.WriteString(`<Override PartName="` + name + `" ContentType="application/vnd.openxmlformats-officedocument.` + parts[name] + `+xml"/>`)
	}
	b.WriteString(`</Types>`)
	return part{"[Content_Types].xml", b.String()}
}

// relation is one line of a .rels file.
type relation struct{ id, kind, target string }

// relations is a .rels file.
func relations(name string, all ...relation) part {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, r := range all {
		b.WriteString(`<Relationship Id="` + r.id + `" Type="http://schemas.openxmlformats.org/` + r.kind + `" Target="` + r.target + `"/>`)
	}
	b.WriteString(`</Relationships>`)
	return part{name, b.String()}
}

// core is docProps/core.xml: what the file says about itself.
func core(t text) part {
	day := made.Format(time.RFC3339)
	return part{"docProps/core.xml", xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escape(t.title) + `</dc:title><dc:creator>` + escape(t.company) + `</dc:creator><dc:language>` + t.language + `</dc:language>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + day + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + day + `</dcterms:modified></cp:coreProperties>`}
}
