package main

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alcove/app/config"
	"alcove/app/documents/extract"
)

// Only PDF waits until its reader is compiled; a text is read at once.
func TestOnlyPDFWaitsForItsReader(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // kinds of children, in order
	}{
		{"leave.txt", "Thirty days. A PDF is read otherwise.", []string{"read"}},
		{"leave.pdf", "%PDF-1.7", []string{"warm", "read"}},
		{"leave.txt", strings.Repeat(" ", 2000) + "%PDF-1.7", []string{"warm", "read"}},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var started []string
		r := &reader{log: slog.New(slog.DiscardHandler), options: extract.Options{CacheDir: t.TempDir(), Limits: extract.DefaultLimits()}}
		r.options.Command = func(args ...string) *exec.Cmd {
			started = append(started, map[bool]string{true: "warm", false: "read"}[slices.Contains(args, "--warm")])
			return exec.Command("true")
		}
		r.read(t.Context(), f, c.name, nil) //nolint:errcheck // a child that says nothing is an error
		if !slices.Equal(started, c.want) {
			t.Errorf("%.20q: started %v, want %v", c.text, started, c.want)
		}
	}
	if maybePDF(bytes.NewReader(nil)) {
		t.Error("an empty file is a PDF")
	}
}

// Tesseract that is installed while Alcove runs is used.
func TestReader_FindsTesseractLater(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	r := newReader(t.Context(), config.Config{}, slog.New(slog.DiscardHandler))
	if ocr := r.ocr(t.Context()); ocr != nil {
		t.Fatalf("%+v", ocr)
	}
	if err := os.WriteFile(filepath.Join(bin, "tesseract"), []byte("#!/bin/sh\necho eng\necho deu\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if ocr := r.ocr(t.Context()); ocr == nil || len(ocr.Languages) != 2 {
		t.Errorf("%+v", ocr)
	}
}
