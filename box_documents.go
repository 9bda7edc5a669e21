package main

import (
	"context"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"alcove/app/cli"
	"alcove/app/documents"
	docs "alcove/app/documents/answer"
	"alcove/app/documents/extract"
	"alcove/app/operate"
	"alcove/app/server"
	"alcove/storage"
)

// openDocuments joins the way in: files are read, put into the index, and what
// was computed of their text is forgotten with them.
func (b *box) openDocuments(ctx context.Context, o cli.Options, hub *server.Hub, forget func(share string)) (err error) {
	b.reader = newReader(ctx, o.Config, o.Log)
	b.documents, err = documents.Open(ctx, documents.Deps{
		Store: b.store, Dir: o.Config.Documents(), Data: o.Config.Data, Extract: b.reader.read, Index: b.index, Log: o.Log,
		Forget:  func(document string) { forget(docs.ShareOf(document)) },
		Publish: func(event string, data any) { hub.Publish(event, data) },
	})
	return err
}

// documentsNow is how the way in stands, in the watch's words.
func (b *box) documentsNow() operate.Documents {
	f, known := b.documents.Standing()
	return operate.Documents{Known: known, Failed: f.States[storage.DocumentFailed], Oldest: f.Oldest}
}

// readText reads plain text, until its parser is joined in package formats.
func readText(f *os.File, progress func(done, total int)) (extract.Document, error) {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 64<<20))
	if err != nil {
		return extract.Document{}, &extract.Error{Reason: extract.Gone, Detail: err.Error()}
	}
	if !utf8.Valid(text) {
		return extract.Document{}, &extract.Error{Reason: extract.Unsupported}
	}
	d := extract.Document{Format: "text"}
	for _, p := range strings.Split(string(text), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			d.Blocks = append(d.Blocks, extract.Block{Kind: extract.Paragraph, Text: p})
		}
	}
	progress(1, 1)
	return d, nil
}
