// Package tinypdf writes small PDFs for tests: good ones, and by its parts bad
// ones. No program imports it.
package tinypdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// File is a PDF in the making: its objects, from number 1.
type File struct {
	Objects []string
	Info    map[string]string // of the document: "Title"
	Trailer string            // more entries of the trailer
}

// Text is a content stream of lines at x, y (from the bottom left, in points)
// in a font of a size; more is put before it: "1 g" for white.
func Text(x, y, size float64, bold bool, more string, lines ...string) string {
	font := "F1"
	if bold {
		font = "F2"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "q %s BT /%s %g Tf %g TL %g %g Td\n", more, font, size, 1.25*size, x, y)
	for _, l := range lines {
		fmt.Fprintf(&b, "(%s) Tj T*\n", escape(l))
	}
	b.WriteString("ET Q\n")
	return b.String()
}

// escape writes a string in Latin-1, as WinAnsiEncoding has it.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '(' || r == ')' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x100:
			b.WriteByte(byte(r))
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// Stream makes an object of a stream, compressed.
func Stream(entries, data string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(data)) //nolint:errcheck // into memory
	w.Close()             //nolint:errcheck // as above
	return fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", entries, b.Len(), b.String())
}

// Pages makes a document of A4 pages with these content streams. An image
// /Im1 of a grey pixel is there for them to draw.
func Pages(contents ...string) *File {
	f := &File{Info: map[string]string{}}
	var kids strings.Builder
	first := 6
	for i := range contents {
		fmt.Fprintf(&kids, "%d 0 R ", first+2*i)
	}
	f.Objects = []string{
		"<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
		fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(contents), kids.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
		Stream("/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", "\xd0"),
	}
	for i, c := range contents {
		f.Objects = append(f.Objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R >> /XObject << /Im1 5 0 R >> >> >>", first+2*i+1),
			Stream("", c))
	}
	return f
}

// Bytes writes the file.
func (f *File) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	objects := f.Objects
	trailer := f.Trailer
	if len(f.Info) > 0 {
		var info strings.Builder
		for k, v := range f.Info {
			fmt.Fprintf(&info, "/%s (%s) ", k, escape(v))
		}
		objects = append(objects[:len(objects):len(objects)], "<< "+info.String()+">>")
		trailer += fmt.Sprintf(" /Info %d 0 R", len(objects))
	}
	places := make([]int, len(objects))
	for i, o := range objects {
		places[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range places {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
	return b.Bytes()
}
