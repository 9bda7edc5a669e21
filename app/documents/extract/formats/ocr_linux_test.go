package formats

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/tinypdf"
)

const wholePage = "q 595 0 0 842 0 0 cm /Im1 Do Q\n"

// drawn lets the child draw a page with a picture and a word or two.
func drawn(t *testing.T, content string) *image.Gray {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, tinypdf.Pages(wholePage+content).Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := command("extract", "--pictures", "--cache", cacheDir(t))
	cmd.ExtraFiles, cmd.Stderr = []*os.File{openFile(t, path)}, os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // its end would end the child
		t.Fatal(err)
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var whole []byte
	for line := range bytes.Lines(out) {
		var f struct{ Picture *struct{ Part []byte } }
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatal(err)
		}
		if f.Picture != nil {
			whole = append(whole, f.Picture.Part...)
		}
	}
	picture, err := png.Decode(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	return picture.(*image.Gray)
}

// scan makes a PDF of two pages that are pictures of text, and one of text.
func scan(t *testing.T) []byte {
	t.Helper()
	g := drawn(t, tinypdf.Text(80, 600, 40, false, "", "Elternzeit beantragen"))
	f := tinypdf.Pages(wholePage, tinypdf.Text(60, 700, 11, false, "", "A page of plain text."), wholePage)
	size := fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8", g.Rect.Dx(), g.Rect.Dy())
	var pixels []byte
	for y := range g.Rect.Dy() {
		pixels = append(pixels, g.Pix[y*g.Stride:y*g.Stride+g.Rect.Dx()]...)
	}
	f.Objects[4] = tinypdf.Stream(size, string(pixels))
	return f.Bytes()
}

func TestScannedPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scan.pdf")
	if err := os.WriteFile(path, scan(t), 0o600); err != nil {
		t.Fatal(err)
	}
	o := extract.Options{Command: command, CacheDir: cacheDir(t)}
	doc, err := extract.Run(t.Context(), o, openFile(t, path), "scan.pdf", nil)
	if err != nil || len(doc.Blocks) != 1 || !slices.Equal(doc.Flags, []extract.Flag{{Kind: extract.FlagScanned, Page: 1}, {Kind: extract.FlagScanned, Page: 3}}) {
		t.Errorf("without OCR: %+v %v", doc, err)
	}
	if got := reasonOf(t, t.Context(), o, tinypdf.Pages(wholePage).Bytes(), "a.pdf"); got != extract.Scanned {
		t.Errorf("nothing but a picture: %q", got)
	}
	if o.OCR = extract.FindOCR(t.Context()); o.OCR == nil {
		t.Skip("tesseract is not installed")
	}
	doc, err = extract.Run(t.Context(), o, openFile(t, path), "scan.pdf", nil)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, b := range doc.Blocks {
		texts = append(texts, fmt.Sprint(b.Page, " ", b.Text))
	}
	if !slices.Equal(texts, []string{"1 Elternzeit beantragen", "2 A page of plain text.", "3 Elternzeit beantragen"}) {
		t.Errorf("with OCR: %q", texts)
	}
	if !slices.Equal(doc.Flags, []extract.Flag{{Kind: extract.FlagOCR, Page: 1}, {Kind: extract.FlagOCR, Page: 3}}) {
		t.Errorf("flags: %+v", doc.Flags)
	}
	if got := reasonOf(t, t.Context(), o, tinypdf.Pages(wholePage).Bytes(), "a.pdf"); got != extract.Scanned {
		t.Errorf("a picture of nothing: %q", got)
	}
}

// TestTesseractIsSealed lets grep take tesseract's place: it gets the same
// arguments, and names a file in which it finds the word stdin.
func TestTesseractIsSealed(t *testing.T) {
	grep, err := exec.LookPath("grep")
	if err != nil {
		t.Skip("no grep")
	}
	secret := filepath.Join(t.TempDir(), "alcove.db")
	if err := os.WriteFile(secret, []byte("stdin"), 0o600); err != nil {
		t.Fatal(err)
	}
	open, _ := exec.Command(grep, "stdin", "stdout", "-l", secret).CombinedOutput() //nolint:errcheck // there is no file stdout
	if !strings.Contains(string(open), secret+"\n") {
		t.Fatalf("without a seal it must work, or this test proves nothing: %s", open)
	}
	sealed, err := command("extract", "--tesseract", grep, "--languages", secret).CombinedOutput()
	if err == nil || !strings.Contains(string(sealed), secret+": Permission denied") {
		t.Errorf("%v %s", err, sealed)
	}
}
