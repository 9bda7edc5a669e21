package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"alcove/app/cli"
	"alcove/app/config"
	"alcove/app/documents/extract"
)

// reader reads files in sealed children.
type reader struct {
	options extract.Options
	warmed  sync.Once
	log     *slog.Logger
}

func newReader(ctx context.Context, c config.Config, log *slog.Logger) *reader {
	return &reader{log: log, options: extract.Options{
		Command: extractCommand, CacheDir: c.Compiled(), Limits: extract.DefaultLimits(), OCR: extract.FindOCR(ctx),
	}}
}

// warm compiles the reader of PDF for this machine, once. Without it each PDF
// takes some seconds more.
func (r *reader) warm(ctx context.Context) {
	r.warmed.Do(func() {
		if err := extract.Warm(ctx, r.options); err != nil && ctx.Err() == nil {
			r.log.Warn("PDF takes longer: its reader could not be kept", "err", err)
		}
	})
}

// read reads one file; see documents.Deps. Only a PDF waits for its reader.
func (r *reader) read(ctx context.Context, f *os.File, name string, progress func(done, total int)) (extract.Document, error) {
	options := r.options
	if maybePDF(f) {
		r.warm(ctx)
		options.OCR = r.ocr(ctx)
	}
	return extract.Run(ctx, options, f, name, progress)
}

// ocr is tesseract, also where it was installed since the start: who is told to
// install it and to try again need not start Alcove again.
func (r *reader) ocr(ctx context.Context) *extract.OCR {
	if r.options.OCR != nil {
		return r.options.OCR
	}
	return extract.FindOCR(ctx)
}

// maybePDF looks for the header of PDF where readers look for it. What the file
// is, only the child says.
func maybePDF(f io.ReaderAt) bool {
	head := make([]byte, 16<<10)
	n, err := f.ReadAt(head, 0)
	return (err == nil || errors.Is(err, io.EOF)) && bytes.Contains(head[:n], []byte("%PDF-"))
}

// extractCommand is the hidden child that reads a file: this program once more,
// with nothing of its environment.
func extractCommand(args ...string) *exec.Cmd {
	cmd := selfCommand(args...)
	cmd.Env = []string{"LANG=C.UTF-8", "GOTRACEBACK=single"}
	return cmd
}

// inspectReading says for `alcove doctor` how documents are read.
func inspectReading(ctx context.Context, c config.Config) cli.Finding {
	f := cli.Finding{Name: "Documents", State: cli.StateOK}
	size := int64(0)
	filepath.WalkDir(c.Compiled(), func(_ string, e fs.DirEntry, err error) error { //nolint:errcheck // what cannot be seen is not there
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	f.Text = fmt.Sprintf("the reader of PDF is ready, %.0f MB", float64(size)/1e6)
	if size == 0 {
		f.Text = "the reader of PDF is made ready at the first start"
	}
	if ocr := extract.FindOCR(ctx); ocr != nil {
		f.Details = append(f.Details, "scanned pages are read by tesseract: "+strings.Join(ocr.Languages, ", "))
	} else {
		f.Details = append(f.Details, "scanned pages are flagged and not read: tesseract is not installed")
	}
	return f
}
