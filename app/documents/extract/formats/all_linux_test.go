package formats

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"alcove/app/documents/extract"
)

// samples are one file of each format but PDF: those of the handbook, and
// small ones where it has none. The key is the extension.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{
		"html": []byte(`<!doctype html><html lang=en><title>Leave</title><h1>Leave</h1><p>You get <b>30</b> days.<table><tr><th>Grade<th>Days<tr><td rowspan=2>A<td>28<tr><td>29</table><ul><li>one<li>two</ul><p style="display:none">unseen<!-- x --><script>y</script>`),
		"txt":  []byte("LEAVE\n\nYou get thirty days, as everyone does who works here for a year.\n\n- one\n- two\n\f1.1 Page two\n\nMore \xfcber it.\n"),
		"csv":  []byte("Grade;Days\nA;28\n\"B; C\";29\n"),
		"eml":  []byte("From: HR <hr@example.com>\r\nTo: all@example.com\r\nSubject: =?utf-8?Q?=C3=9Cberstunden?=\r\nDate: Mon, 05 Jan 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nTen hours a month.\r\n--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=a.html\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+SGVsbG88L3A+\r\n--b--\r\n"),
		"odt": zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.text",
			"content.xml": `<office:document-content><office:automatic-styles><style:style style:name="T1"><style:text-properties text:display="none"/></style:style></office:automatic-styles><office:body><office:text><text:h text:outline-level="1">Leave</text:h><text:p>Thirty<text:s text:c="3"/>days.<text:span text:style-name="T1">unseen</text:span></text:p><table:table><table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-spanned="2"><text:p>a</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>`}),
		"pptx": zipped(t, map[string]string{"ppt/presentation.xml": `<p:presentation><p:sldIdLst><p:sldId id="256" r:id="r1"/></p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>`,
			"ppt/_rels/presentation.xml.rels": `<Relationships><Relationship Id="r1" Type="x/slide" Target="slides/slide1.xml"/></Relationships>`,
			"ppt/slides/slide1.xml":           `<p:sld><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Leave</a:t></a:r></a:p></p:txBody></p:sp><p:sp><p:txBody><a:p><a:r><a:rPr sz="1800"/><a:t>Thirty days.</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>`}),
	}
	for ext, name := range map[string]string{"docx": "standortordnung.docx", "xlsx": "salary-bands-2026.xlsx", "md": "datenschutz.md"} {
		data, err := os.ReadFile(filepath.Join(handbookDir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[ext] = data
	}
	return files
}

const handbookDir = "../../../../examples/handbook"

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range parts {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func parseBytes(t testing.TB, data []byte, ext string) (extract.Document, error) {
	return Parse(t.Context(), extract.Input{File: bytes.NewReader(data), Size: int64(len(data)), Hint: ext, Limits: extract.DefaultLimits()})
}

func TestEachFormatIsKnownAndRead(t *testing.T) {
	names := map[string]string{"txt": "text", "md": "markdown"}
	for ext, data := range samples(t) {
		doc, err := parseBytes(t, data, ext)
		want := names[ext]
		if want == "" {
			want = ext
		}
		if err != nil || doc.Format != want || len(doc.Blocks) < 2 {
			t.Errorf("%s: %v, %+v", ext, err, doc)
		}
	}
}

// TestSoakMutations changes files at random: whatever comes out is sound, or
// the error has a reason.
func TestSoakMutations(t *testing.T) {
	times := 200
	if os.Getenv("ALCOVE_SOAK") != "" {
		times = 4000
	}
	for ext, data := range samples(t) {
		t.Run(ext, func(t *testing.T) {
			r := rand.New(rand.NewPCG(8, uint64(len(data))))
			read := 0
			for n := range times {
				changed := mutated(t, r, data)
				doc, err := parseBytes(t, changed, ext)
				if err == nil {
					read++
				}
				if problem := unsound(doc, err); problem != "" {
					t.Fatalf("mutation %d: %s", n, problem)
				}
			}
			t.Logf("%d of %d were read", read, times)
		})
	}
}

// unsound says what is wrong with a result.
func unsound(doc extract.Document, err error) string {
	var known *extract.Error
	switch {
	case err != nil && !errors.As(err, &known):
		return "an error without a reason: " + err.Error()
	case err != nil:
		return ""
	case len(doc.Blocks) == 0:
		return "no blocks and no error"
	}
	for _, b := range doc.Blocks {
		switch {
		case !utf8.ValidString(b.Text) || b.Text == "":
			return "a block with no text: " + b.Text
		case b.Page < 0 || b.Page > doc.Pages:
			return "a page that is not there: " + b.Text
		case b.Kind == extract.Row && b.Table == 0:
			return "a row without a table: " + b.Text
		}
	}
	for _, f := range doc.Flags {
		if len(f.Note) > 200 || !utf8.ValidString(f.Note) {
			return "a long note: " + f.Note
		}
	}
	return ""
}

// mutated changes a file, or, of an archive, most often one of its parts.
func mutated(t testing.TB, r *rand.Rand, data []byte) []byte {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || r.IntN(4) == 0 {
		return scrambled(r, data)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	chosen := r.IntN(len(archive.File))
	for i, f := range archive.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if i == chosen {
			if text = scrambled(r, text); r.IntN(10) == 0 {
				continue // the part is gone
			}
		}
		out, err := w.Create(f.Name)
		if err == nil {
			_, err = out.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hostile are bits that parsers may stumble over.
var hostile = []string{"<", ">", "</w:p>", "<w:tbl>", "&#0;", "&x;", "999999999", "-1", "\x00", "\xff\xfe", "\"", "<!--", "]]>", "\u202e", "\U000e0041", "|", "```", "[^1]: ", "--b\r\n", "\r\n\r\n", "=?utf-8?B?/w==?="}

// scrambled makes one to four changes.
func scrambled(r *rand.Rand, data []byte) []byte {
	out := bytes.Clone(data)
	for range 1 + r.IntN(4) {
		if len(out) == 0 {
			return out
		}
		at := r.IntN(len(out))
		to := at + r.IntN(min(len(out)-at, 200)+1)
		switch r.IntN(6) {
		case 0:
			out[at] ^= byte(1 << r.IntN(8))
		case 1:
			out = out[:at]
		case 2:
			out = append(out[:at:at], out[to:]...)
		case 3:
			out = append(out[:to:to], out[at:]...) // said twice
		case 4:
			out = append(append(out[:at:at], hostile[r.IntN(len(hostile))]...), out[at:]...)
		default:
			out = append(append(out[:at:at], hostile[r.IntN(len(hostile))]...), out[to:]...)
		}
	}
	return out
}

// TestEachFormatIsReadInTheChild holds what the sealed child says against what
// is read without it: nothing that a parser needs is closed there.
func TestEachFormatIsReadInTheChild(t *testing.T) {
	o := extract.Options{Command: command, CacheDir: cacheDir(t)}
	for ext, data := range samples(t) {
		path := filepath.Join(t.TempDir(), "file."+ext)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := extract.Run(t.Context(), o, openFile(t, path), "file."+ext, func(int, int) {})
		if err != nil {
			t.Errorf("%s: %v", ext, err)
			continue
		}
		want, err := parseBytes(t, data, ext)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Blocks, got.Blocks); diff != "" {
			t.Errorf("%s: %s", ext, diff)
		}
	}
}
