package main

import (
	"context"

	"alcove/app/cli"
	"alcove/app/documents"
	docs "alcove/app/documents/answer"
	"alcove/app/operate"
	"alcove/app/server"
	"alcove/storage"
)

// openDocuments joins the way in: files are read, put into the index, and what
// was computed of their text is forgotten with them.
func (b *box) openDocuments(ctx context.Context, o cli.Options, hub *server.Hub, forget func(share string)) (err error) {
	b.reader = newReader(ctx, o.Config, o.Log)
	b.documents, err = documents.Open(ctx, documents.Deps{
		Store: b.store, Dir: o.Config.Documents(), Data: o.Config.Data, Extract: b.reader.read, Index: b.index, Log: o.Log, Ended: b.documentsEnded,
		Forget: func(document string) {
			b.chat.Forget(document) // before the hub: what it still told is dropped there
			hub.Forget(document)
			forget(docs.ShareOf(document))
		},
		Publish: func(event string, data any) { hub.Publish(event, data) },
	})
	return err
}

// documentsNow is how the way in stands, in the watch's words.
func (b *box) documentsNow() operate.Documents {
	f, known := b.documents.Standing()
	var broken *int
	if n, asked := b.goldenBroken(); asked {
		broken = &n
	}
	return operate.Documents{Broken: broken, Known: known, Failed: f.States[storage.DocumentFailed], Oldest: f.Oldest,
		WordsOnly: f.Chunks > 0 && b.embedder.Embedding().Model == ""}
}
