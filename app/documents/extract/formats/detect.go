package formats

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/plain"
)

// Bytes that tell what a file is.
const (
	headBytes = 16 << 10 // what mimetype may look at
	pdfHead   = 1024     // where readers of PDF look for its header
)

var (
	zipMagic = []byte("PK\x03\x04")
	zipEmpty = []byte("PK\x05\x06")
	oleMagic = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") // Office files before 2007, and encrypted ones since
	pdfMagic = []byte("%PDF-")
	// encryptedPackage is the name of the stream that an encrypted Office file has, in UTF-16.
	encryptedPackage = []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
)

// binaryHints are extensions of formats that are no text: a file that has one
// and not its bytes is damaged, not unknown.
var binaryHints = []string{"pdf", "docx", "pptx", "odt", "xlsx", "docm", "pptm", "xlsm"}

// textHints tell text formats apart, where bytes cannot.
var textHints = map[string]string{
	"md": "markdown", "markdown": "markdown", "mdown": "markdown", "txt": "text", "text": "text", "log": "text",
	"csv": "csv", "tsv": "csv", "eml": "eml", "html": "html", "htm": "html", "xhtml": "html",
}

// Detect tells a file's format by its bytes; hint is the extension of its
// name, which only tells text formats apart. The error is an *extract.Error:
// Empty, Encrypted, Damaged or Unsupported.
func Detect(file io.ReaderAt, size int64, hint string) (string, error) {
	if size == 0 {
		return "", extract.Fail(extract.Empty, "no bytes")
	}
	head := make([]byte, min(size, headBytes))
	if _, err := io.ReadFull(io.NewSectionReader(file, 0, size), head); err != nil {
		return "", extract.Fail(extract.Gone, "read: %v", err)
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n\x00\f")
	switch {
	case len(start) == 0:
		return blank(file, size)
	case bytes.HasPrefix(start, pdfMagic):
		return "pdf", nil
	case bytes.HasPrefix(head, zipMagic):
		return detectZip(file, size)
	case bytes.HasPrefix(head, zipEmpty):
		return "", extract.Fail(extract.Empty, "an archive with nothing in it")
	case bytes.HasPrefix(head, oleMagic):
		return "", detectOLE(file, size)
	}
	// Readers of PDF forgive bytes before the header; a text may also speak of PDF.
	at := bytes.Index(head[:min(len(head), pdfHead)], pdfMagic)
	if at >= 0 && !bytes.HasPrefix(start, []byte("<")) && (hint == "pdf" || !utf8.Valid(head[:at])) {
		return "pdf", nil
	}
	if plain.IsUTF16(head) {
		head = []byte(plain.FromBytes(head))
	}
	kind := mimetype.Detect(bytes.ReplaceAll(head, pdfMagic, []byte("-PDF-")))
	if isText(kind) && !kind.Is("text/rtf") && !kind.Is("image/svg+xml") { // those say how text looks, and are not the text
		return textFormat(kind, head, hint), nil
	}
	if kind.Is("application/octet-stream") && slices.Contains(binaryHints, hint) {
		return "", extract.Fail(extract.Damaged, "the bytes are not those of a %s", hint)
	}
	return "", extract.Fail(extract.Unsupported, "%s", kind.String())
}

// blank tells a file of white space from one that only begins with zeros.
func blank(file io.ReaderAt, size int64) (string, error) {
	all, err := io.ReadAll(io.NewSectionReader(file, 0, min(size, 1<<20)))
	if err == nil && len(bytes.Trim(all, " \t\r\n\x00\f\ufeff")) == 0 {
		return "", extract.Fail(extract.Empty, "white space only")
	}
	return "", extract.Fail(extract.Damaged, "begins with nothing")
}

// zipParts name the entry that makes an archive a document. Some programs number
// it: "word/document2.xml".
var zipParts = map[string]string{"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}

var numbered = regexp.MustCompile(`\d+\.xml$`)

func detectZip(file io.ReaderAt, size int64) (string, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return "", extract.Fail(extract.Damaged, "archive: %v", err)
	}
	found := ""
	for _, entry := range archive.File {
		if entry.Flags&1 != 0 {
			return "", extract.Fail(extract.Encrypted, "an entry of the archive is encrypted")
		}
		if format, ok := zipParts[numbered.ReplaceAllString(entry.Name, ".xml")]; ok && found == "" {
			found = format
		}
		if entry.Name == "mimetype" && found == "" && openDocument(entry) {
			found = "odt"
		}
	}
	if found == "" {
		return "", extract.Fail(extract.Unsupported, "an archive that is no document")
	}
	return found, nil
}

// openDocument says whether the mimetype entry is that of an OpenDocument text.
func openDocument(entry *zip.File) bool {
	r, err := entry.Open()
	if err != nil {
		return false
	}
	defer r.Close()
	said, err := io.ReadAll(io.LimitReader(r, 200))
	return err == nil && strings.HasPrefix(string(said), "application/vnd.oasis.opendocument.text")
}

// detectOLE tells encrypted Office files from old ones.
func detectOLE(file io.ReaderAt, size int64) error {
	all, err := io.ReadAll(io.NewSectionReader(file, 0, min(size, 4<<20)))
	if err == nil && bytes.Contains(all, encryptedPackage) {
		return extract.Fail(extract.Encrypted, "an encrypted Office file")
	}
	return extract.Fail(extract.Unsupported, "an Office file from before 2007")
}

func isText(kind *mimetype.MIME) bool {
	for ; kind != nil; kind = kind.Parent() {
		if kind.Is("text/plain") {
			return true
		}
	}
	return false
}

// textFormat names a text's format: what it clearly is, else what its name says.
func textFormat(kind *mimetype.MIME, head []byte, hint string) string {
	if kind.Is("text/html") && hint != "md" && hint != "markdown" { // Markdown may begin with HTML
		return "html"
	}
	if format, ok := textHints[hint]; ok {
		return format
	}
	switch {
	case kind.Is("text/csv") || kind.Is("text/tab-separated-values"):
		return "csv"
	case looksLikeMail(head):
		return "eml"
	}
	return "text"
}

// mailFields are fields of which a message has at least two in its first lines.
var mailFields = []string{"from:", "to:", "subject:", "date:", "message-id:", "received:", "return-path:", "mime-version:", "delivered-to:"}

func looksLikeMail(head []byte) bool {
	found := 0
	for i, line := range strings.Split(string(head), "\n") {
		if line = strings.ToLower(strings.TrimSpace(line)); line == "" || i > 60 {
			break
		}
		if slices.ContainsFunc(mailFields, func(f string) bool { return strings.HasPrefix(line, f) }) {
			found++
		} else if i == 0 && !strings.Contains(line, ":") {
			return false
		}
	}
	return found >= 3
}
