package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
)

func input(file []byte, limits extract.Limits) extract.Input {
	return extract.Input{File: bytes.NewReader(file), Size: int64(len(file)), Limits: limits}
}

// zipOf writes an archive; write fills the parts.
func zipOf(t testing.TB, write func(w *zip.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t testing.TB, w *zip.Writer, name string, text []byte) {
	t.Helper()
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write(text)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func reason(err error) extract.Reason {
	var known *extract.Error
	if errors.As(err, &known) {
		return known.Reason
	}
	return ""
}

func open(t testing.TB, file []byte, limits extract.Limits) *archive.Archive {
	t.Helper()
	a, err := archive.Open(input(file, limits))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestBombs(t *testing.T) {
	limits := extract.Limits{Inflated: 3 << 20, Ratio: 100, Depth: 100}
	zeros := zipOf(t, func(w *zip.Writer) { put(t, w, "a", make([]byte, 4<<20)) })
	if err := open(t, zeros, limits).Drain(); reason(err) != extract.Inflates {
		t.Errorf("a part of zeros: %v", err)
	}
	many := zipOf(t, func(w *zip.Writer) {
		for i := range 5 {
			put(t, w, fmt.Sprint(i), bytes.Repeat([]byte{byte(i)}, 1<<20))
		}
	})
	if err := open(t, many, limits).Drain(); reason(err) != extract.Inflates {
		t.Errorf("many parts: %v", err)
	}
	stored := zipOf(t, func(w *zip.Writer) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: "a", Method: zip.Store})
		if err == nil {
			_, err = f.Write(make([]byte, 4<<20))
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if err := open(t, stored, limits).Drain(); reason(err) != extract.Inflates {
		t.Errorf("a stored part: %v", err)
	}
	entries := zipOf(t, func(w *zip.Writer) {
		for i := range 20_001 {
			put(t, w, fmt.Sprint(i), nil)
		}
	})
	if _, err := archive.Open(input(entries, limits)); reason(err) != extract.Inflates {
		t.Errorf("many entries: %v", err)
	}
	if err := open(t, zipOf(t, func(w *zip.Writer) { put(t, w, "inner.zip", zeros) }), limits).Drain(); err != nil {
		t.Errorf("an archive inside is bytes, not opened: %v", err)
	}
}

// TestSizesThatLie changes what the directory says of a part's length: the
// bytes that come are what counts.
func TestSizesThatLie(t *testing.T) {
	file := zipOf(t, func(w *zip.Writer) { put(t, w, "a", make([]byte, 4<<20)) })
	at := bytes.LastIndex(file, []byte("PK\x01\x02"))
	for _, said := range []uint32{1, 1000, 0xfffffff0} {
		lying := bytes.Clone(file)
		binary.LittleEndian.PutUint32(lying[at+24:], said)
		a := open(t, lying, extract.Limits{Inflated: 8 << 20, Ratio: 100})
		if got := reason(a.Drain()); got != extract.Inflates && got != extract.Damaged {
			t.Errorf("length %d: %q", said, got)
		}
	}
	for _, said := range []uint32{1, 0xffffff} { // of what is in the file
		lying := bytes.Clone(file)
		binary.LittleEndian.PutUint32(lying[at+20:], said)
		a, err := archive.Open(input(lying, extract.Limits{Inflated: 8 << 20, Ratio: 100}))
		if err == nil {
			err = a.Drain()
		}
		if got := reason(err); got != extract.Inflates && got != extract.Damaged {
			t.Errorf("packed length %d: %v", said, err)
		}
	}
}

func TestEncryptedEntries(t *testing.T) {
	file := zipOf(t, func(w *zip.Writer) { put(t, w, "a", []byte("x")) })
	binary.LittleEndian.PutUint16(file[bytes.LastIndex(file, []byte("PK\x01\x02"))+8:], 1)
	if _, err := archive.Open(input(file, extract.Limits{})); reason(err) != extract.Encrypted {
		t.Errorf("got %v", err)
	}
}

// heard writes down what a handler is told.
type heard struct{ b strings.Builder }

func (h *heard) Start(e xml.StartElement) error {
	fmt.Fprintf(&h.b, "<%s:%s", e.Name.Space, e.Name.Local)
	for _, a := range e.Attr {
		fmt.Fprintf(&h.b, " %s=%s", a.Name.Local, a.Value)
	}
	h.b.WriteString(">")
	return nil
}

func (h *heard) End(n xml.Name) error { h.b.WriteString("</" + n.Local + ">"); return nil }
func (h *heard) Text(s []byte) error  { h.b.Write(s); return nil }
func walk(s string) (string, error) {
	h := &heard{}
	err := archive.WalkXML(context.Background(), strings.NewReader(s), 50, h)
	return h.b.String(), err
}

func TestWalkXML(t *testing.T) {
	got, err := walk(`<?xml version="1.0" encoding="UTF-8"?><w:p w:val="1"><w:t>a&amp;b</w:t><w:br/></w:p>`)
	if err != nil || got != "<w:p val=1><w:t>a&b</t><w:br></br></p>" {
		t.Errorf("got %q, %v", got, err)
	}
	latin, err := walk("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><t>\xfc</t>")
	if err != nil || latin != "<:t>ü</t>" {
		t.Errorf("got %q, %v", latin, err)
	}
	var wide bytes.Buffer
	for _, c := range utf16.Encode([]rune("\ufeff<?xml version=\"1.0\" encoding=\"UTF-16\"?><t>ü</t>")) {
		wide.Write([]byte{byte(c), byte(c >> 8)})
	}
	if got, err := walk(wide.String()); err != nil || got != "<:t>ü</t>" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestHostileXML(t *testing.T) {
	laughs := `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>`
	outside := `<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>`
	for name, s := range map[string]string{"entities": laughs, "outside": outside, "deep": strings.Repeat("<a>", 51), "open": "<a>", "ends": "</a>", "cut": "<a", "bytes": "<a>\xff\x00</a>"} {
		got, err := walk(s)
		if reason(err) != extract.Damaged || strings.Contains(got, "ha") || strings.Contains(got, "root:") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := archive.WalkXML(ctx, strings.NewReader("<a/>"), 50, &heard{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRelations(t *testing.T) {
	file := zipOf(t, func(w *zip.Writer) {
		put(t, w, "ppt/slides/_rels/slide1.xml.rels", []byte(`<Relationships><Relationship Id="a" Type="http://x/notesSlide" Target="../notesSlides/n1.xml"/><Relationship Id="b" Type="x" Target="/ppt/b.xml"/><Relationship Id="c" Type="x" Target="http://evil.example" TargetMode="External"/><Relationship Id="d" Type="x" Target="../../../../etc/passwd"/></Relationships>`))
	})
	got, err := open(t, file, extract.Limits{}).Relations(t.Context(), "ppt/slides/slide1.xml")
	if err != nil || got["a"] != (archive.Relation{Kind: "notesSlide", Target: "ppt/notesSlides/n1.xml"}) || got["b"].Target != "ppt/b.xml" || got["d"].Target != "etc/passwd" || len(got) != 3 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPartsThatAreNotThere(t *testing.T) {
	a := open(t, zipOf(t, func(w *zip.Writer) { put(t, w, "Word\\Document.xml", []byte("<a/>")) }), extract.Limits{})
	if r, err := a.Open("nothing"); r != nil || err != nil {
		t.Errorf("got %v, %v", r, err)
	}
	r, err := a.Open("word/document.xml") // however it is spelt
	if err != nil || r == nil {
		t.Fatalf("got %v, %v", r, err)
	}
	defer r.Close()
	if text, err := io.ReadAll(r); string(text) != "<a/>" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
}
