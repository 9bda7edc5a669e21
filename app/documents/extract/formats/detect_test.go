package formats

import (
	"archive/zip"
	"bytes"
	"errors"
	"testing"

	"alcove/app/documents/extract"
)

// archive makes a zip file of entries: name, text, name, text.
func archive(t *testing.T, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		e, err := w.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDetect(t *testing.T) {
	docx := archive(t, "[Content_Types].xml", "<a/>", "word/document.xml", "<a/>")
	odt := archive(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "<a/>")
	mail := "From: a@example.org\nTo: b@example.org\nSubject: leave\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nHello"
	ole := string(oleMagic) + "\x00\x00\x00"
	for _, c := range []struct{ name, data, hint, want string }{
		{"pdf", "%PDF-1.7\n", "", "pdf"},
		{"pdf with another name", "%PDF-1.7\n", "docx", "pdf"},
		{"pdf after junk", "\x01\x02\x03\x9f junk %PDF-1.4\n", "pdf", "pdf"},
		{"docx", docx, "", "docx"},
		{"docx with numbered parts", archive(t, "word/document2.xml", "<a/>"), "docx", "docx"},
		{"docx that says pdf", docx, "pdf", "docx"},
		{"xlsx", archive(t, "xl/workbook.xml", "<a/>"), "", "xlsx"},
		{"pptx", archive(t, "ppt/presentation.xml", "<a/>"), "", "pptx"},
		{"odt", odt, "", "odt"},
		{"html", "<!DOCTYPE html><html><body>x</body></html>", "", "html"},
		{"html that says pdf", "<html><body>%PDF-1.4</body></html>", "pdf", "html"},
		{"text about pdf", "A file begins with %PDF-1.4 then.", "txt", "text"},
		{"markdown", "# Leave\n\ntext", "md", "markdown"},
		{"markdown that begins with HTML", "<h1>Leave</h1>\n\ntext", "md", "markdown"},
		{"text", "Just text.", "", "text"},
		{"text with an unknown name", "Just text.", "xyz", "text"},
		{"utf-16 text", "\xff\xfeJ\x00u\x00s\x00t\x00 \x00t\x00", "txt", "text"},
		{"utf-16 text without a mark", "U\x00r\x00l\x00a\x00u\x00b\x00", "txt", "text"},
		{"rich text", `{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Urlaub\par}`, "txt", "unsupported"},
		{"drawing", `<svg xmlns="http://www.w3.org/2000/svg"><text>x</text></svg>`, "svg", "unsupported"},
		{"latin-1 text", "Urlaub f\xfcr alle Besch\xe4ftigten", "txt", "text"},
		{"csv", "a,b,c\n1,2,3\n4,5,6\n", "csv", "csv"},
		{"mail by name", mail, "eml", "eml"},
		{"mail by its fields", mail, "", "eml"},
		{"empty", "", "pdf", "empty"},
		{"white space", " \n\n\t ", "txt", "empty"},
		{"archive of nothing", archive(t), "docx", "empty"},
		{"archive of something", archive(t, "a.txt", "x"), "docx", "unsupported"},
		{"broken archive", docx[:len(docx)/2], "docx", "damaged"},
		{"noise that says pdf", "\x9f\x01\x02\x80\x81", "pdf", "damaged"},
		{"old Office", ole, "doc", "unsupported"},
		{"encrypted Office", ole + string(encryptedPackage), "docx", "encrypted"},
		{"picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "pdf", "unsupported"},
		{"program", "\x7fELF\x02\x01\x01\x00", "", "unsupported"},
	} {
		got, err := Detect(bytes.NewReader([]byte(c.data)), int64(len(c.data)), c.hint)
		var failed *extract.Error
		if errors.As(err, &failed) {
			got = string(failed.Reason)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q (%v)", c.name, got, c.want, err)
		}
	}
}
