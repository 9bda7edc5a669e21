package plain_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/plain"
)

func parse(t testing.TB, file []byte) extract.Document {
	t.Helper()
	doc, err := plain.Text(t.Context(), extract.Input{File: bytes.NewReader(file), Size: int64(len(file)), Format: "text", Limits: extract.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestText(t *testing.T) {
	doc := parse(t, []byte("Handbuch\r\n========\r\n\r\nGültig ab 1. Januar 2026\r\n\r\n1. Urlaub\r\n\r\nDer Anspruch auf Urlaub beträgt dreißig Tage\r\nim Jahr und wird vom Vorgesetzten\r\ngenehmigt.\r\n\r\n- eins\r\n  geht weiter\r\n- zwei\r\n\r\nLISTE\r\n1. Pass\r\n2. Foto\r\n\fName: X\r\nOrt: Y\r\n\r\nREISEKOSTEN\r\n\r\n2.1 Bahn\r\n"))
	want := []extract.Block{
		{Kind: extract.Heading, Level: 1, Text: "Handbuch", Page: 1},
		{Kind: extract.Paragraph, Text: "Gültig ab 1. Januar 2026", Page: 1},
		{Kind: extract.Heading, Level: 1, Text: "1. Urlaub", Page: 1},
		{Kind: extract.Paragraph, Text: "Der Anspruch auf Urlaub beträgt dreißig Tage\nim Jahr und wird vom Vorgesetzten\ngenehmigt.", Page: 1},
		{Kind: extract.Item, Text: "- eins geht weiter", Page: 1},
		{Kind: extract.Item, Text: "- zwei", Page: 1},
		{Kind: extract.Paragraph, Text: "LISTE", Page: 1},
		{Kind: extract.Item, Text: "1. Pass", Page: 1},
		{Kind: extract.Item, Text: "2. Foto", Page: 1},
		{Kind: extract.Paragraph, Text: "Name: X\nOrt: Y", Page: 2},
		{Kind: extract.Heading, Level: 1, Text: "REISEKOSTEN", Page: 2},
		{Kind: extract.Heading, Level: 2, Text: "2.1 Bahn", Page: 2},
	}
	if diff := cmp.Diff(want, doc.Blocks); diff != "" {
		t.Error(diff)
	}
	if doc.Pages != 2 || doc.Effective != "2026-01-01" {
		t.Errorf("got %+v", doc)
	}
}

func TestWrappedLinesAreJoined(t *testing.T) {
	line := "This line of the text was broken by a program at seventy-two letters, and\n"
	doc := parse(t, []byte(strings.Repeat(line, 3)+"ends here.\n\n"+line+"x"))
	if got := doc.Blocks[0].Text; strings.Contains(got, "\n") || len(doc.Blocks) != 2 {
		t.Errorf("got %+v", doc.Blocks)
	}
}

func TestEncodings(t *testing.T) {
	want := "Größe – 5 € für Müller."
	codes := utf16.Encode([]rune(want))
	var little, big []byte
	for _, c := range codes {
		little = append(little, byte(c), byte(c>>8))
		big = append(big, byte(c>>8), byte(c))
	}
	for name, file := range map[string][]byte{
		"utf-8":        []byte(want),
		"utf-8 bom":    []byte("\xef\xbb\xbf" + want),
		"utf-16le bom": append([]byte{0xff, 0xfe}, little...),
		"utf-16be bom": append([]byte{0xfe, 0xff}, big...),
		"utf-16le":     little,
		"utf-16be":     big,
		"windows-1252": []byte("Gr\xf6\xdfe \x96 5 \x80 f\xfcr M\xfcller."),
	} {
		if doc := parse(t, file); len(doc.Blocks) != 1 || doc.Blocks[0].Text != want {
			t.Errorf("%s: %+v", name, doc.Blocks)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("A\n===\n\n1. b\n\f\xff\xfe"))
	f.Fuzz(func(t *testing.T, file []byte) { parse(t, file) })
}

// One damaged byte does not make UTF-8 another encoding.
func TestFromBytes_DamagedByte(t *testing.T) {
	for file, want := range map[string]string{"Größe, Übung\xff, Öl": "Größe, Übung\uFFFD, Öl", "Gr\xf6\xdfe, \xdcbung": "Größe, Übung"} {
		if got := plain.FromBytes([]byte(file)); got != want {
			t.Errorf("%q: %q, want %q", file, got, want)
		}
	}
}

// A word that was broken at the end of a line is whole again.
func TestBrokenWordsAreMended(t *testing.T) {
	doc := parse(t, []byte("Der Anspruch auf Urlaub gilt für alle im Betrieb Be-\nschäftigten, die mindestens sechs Monate dort sind.\n"))
	if want := "Der Anspruch auf Urlaub gilt für alle im Betrieb Beschäftigten, die mindestens sechs Monate dort sind."; len(doc.Blocks) != 1 || doc.Blocks[0].Text != want {
		t.Errorf("%+v", doc.Blocks)
	}
}
