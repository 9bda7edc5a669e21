package documents

import (
	"context"
	"encoding/json"

	"alcove/app/documents/chunk"
	"alcove/app/documents/extract"
	"alcove/engine"
	"alcove/storage"
)

// Passages is the product's Indexer: a document is cut into chunks of so many
// tokens of the embedder, and these go into the index.
type Passages struct {
	Index interface {
		PutChunks(ctx context.Context, doc storage.Document, chunks []storage.Chunk, contents storage.Contents, progress func(float64)) error
		Remove(ctx context.Context, documentID string) error
	}
	// Embedder counts tokens; nil, or one without a model: they are estimated.
	Embedder engine.Embedder
}

// marks are the tokens that an embedder puts around a text.
const marks = 2

// Put implements Indexer.
func (p Passages) Put(ctx context.Context, doc storage.Document, d extract.Document, progress func(float64)) error {
	o := chunk.Options{DocumentID: doc.ID, Count: p.count(ctx)}
	if p.Embedder != nil {
		if most := p.Embedder.Embedding().Context - marks; most > 0 && most < chunk.DefaultMax {
			o.Max = most
		}
	}
	chunks, err := chunk.Split(d, o)
	if err != nil {
		return err
	}
	contents, err := contentsOf(doc, d)
	if err != nil {
		return err
	}
	return p.Index.PutChunks(ctx, doc, chunks, contents, progress)
}

// Remove implements Indexer.
func (p Passages) Remove(ctx context.Context, documentID string) error {
	return p.Index.Remove(ctx, documentID)
}

func (p Passages) count(ctx context.Context) func([]string) ([]int, error) {
	estimated := func(texts []string) ([]int, error) {
		n := make([]int, len(texts))
		for i, t := range texts {
			n[i] = (len(t) + 3) / 4 // bytes of a token, about; German has more
		}
		return n, nil
	}
	if p.Embedder == nil || p.Embedder.Embedding().Model == "" {
		return estimated
	}
	return func(texts []string) ([]int, error) {
		n, err := p.Embedder.CountTokens(ctx, "", texts)
		if err != nil && ctx.Err() == nil { // words alone find the document then
			return estimated(texts)
		}
		return n, err
	}
}

// contentsOf is a document's text in the store's words.
func contentsOf(doc storage.Document, d extract.Document) (storage.Contents, error) {
	flags, err := json.Marshal(append([]extract.Flag{}, d.Flags...))
	if err != nil {
		return storage.Contents{}, err
	}
	c := storage.Contents{SHA256: doc.SHA256, Format: d.Format, Title: d.Title, Language: d.Language, Effective: d.Effective, Pages: d.Pages,
		Flags: flags, Blocks: make([]storage.Block, len(d.Blocks))}
	if doc.Version == "" && len(d.Effective) >= 4 {
		c.Version = d.Effective[:4] // people name versions by their year
	}
	for i, b := range d.Blocks {
		c.Blocks[i] = storage.Block{Seq: i, Kind: string(b.Kind), Level: b.Level, Text: b.Text, Page: b.Page, Table: b.Table, Head: b.Head,
			Cells: b.Cells, Hidden: b.Hidden}
	}
	return c, nil
}
