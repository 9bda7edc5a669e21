package office_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"testing"

	"alcove/app/documents/extract"
)

// part is a file in an archive.
type part struct{ name, text string }

func zipOf(t testing.TB, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		f, err := w.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(p.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func input(file []byte, format string) extract.Input {
	return extract.Input{File: bytes.NewReader(file), Size: int64(len(file)), Format: format, Limits: extract.DefaultLimits(), Progress: func(int, int) {}}
}

func parse(t testing.TB, parser extract.Parser, file []byte, format string) extract.Document {
	t.Helper()
	doc, err := parser(context.Background(), input(file, format))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func reasonOf(err error) extract.Reason {
	var known *extract.Error
	if errors.As(err, &known) {
		return known.Reason
	}
	return ""
}

// flagged lists the kinds of flags.
func flagged(doc extract.Document) map[string]bool {
	kinds := map[string]bool{}
	for _, f := range doc.Flags {
		kinds[f.Kind] = true
	}
	return kinds
}
