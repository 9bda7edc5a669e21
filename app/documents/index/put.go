package index

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"alcove/app/documents/chunk"
	"alcove/app/documents/extract"
	"alcove/app/documents/language"
	"alcove/engine"
	"alcove/storage"
)

// together is how many chunks are embedded and stored in one go.
const together = 32

// Put cuts a document into chunks and puts them into the index as PutChunks does.
func (ix *Index) Put(ctx context.Context, doc storage.Document, text extract.Document, progress func(float64)) error {
	o := chunk.Options{DocumentID: doc.ID, Count: func(texts []string) ([]int, error) { return ix.countTokens(ctx, texts) }}
	if ix.o.Embedder != nil {
		if most := ix.o.Embedder.Embedding().Context - 2; most > 0 { // its own marks
			o.Max = min(most, chunk.DefaultMax)
		}
	}
	chunks, err := chunk.Split(text, o)
	if err != nil {
		return err
	}
	contents, err := contentsOf(doc, text)
	if err != nil {
		return err
	}
	return ix.PutChunks(ctx, doc, chunks, contents, progress)
}

// countTokens counts as the embedder does; without one about as it would.
func (ix *Index) countTokens(ctx context.Context, texts []string) ([]int, error) {
	if ix.o.Embedder != nil && ix.o.Embedder.Embedding().Model != "" {
		counts, err := ix.o.Embedder.CountTokens(ctx, "", texts)
		if err == nil || ctx.Err() != nil {
			return counts, err
		}
		ix.o.Log.Warn("count tokens; they are estimated", "err", err)
	}
	counts := make([]int, len(texts))
	for i, t := range texts {
		counts[i] = (len(t) + 3) / 4
	}
	return counts, nil
}

// contentsOf makes what is stored of what was read.
func contentsOf(doc storage.Document, d extract.Document) (storage.Contents, error) {
	c := storage.Contents{SHA256: doc.SHA256, Format: d.Format, Title: d.Title, Language: d.Language, Effective: d.Effective, Pages: d.Pages}
	if c.Title == "" {
		c.Title = doc.Title
	}
	var all strings.Builder
	for i, b := range d.Blocks {
		c.Blocks = append(c.Blocks, storage.Block{Seq: i, Kind: string(b.Kind), Level: b.Level, Text: b.Text, Page: b.Page, Table: b.Table, Head: b.Head, Cells: b.Cells, Hidden: b.Hidden})
		if !b.Hidden && all.Len() < maxDetect {
			all.WriteString(b.Text)
			all.WriteByte('\n')
		}
	}
	if said := language.Detect(all.String()); said != "" { // metadata often names the language of the program
		c.Language = said
	}
	if len(d.Flags) == 0 {
		return c, nil
	}
	var err error
	c.Flags, err = json.Marshal(d.Flags)
	return c, err
}

// maxDetect is how many bytes of a document say its language.
const maxDetect = 32 << 10

// PutChunks puts a document into the index in place of what was there of it:
// nothing of the new is found before all of it is, and then nothing of the old.
// Contents become its text in the same moment; the document must be in
// DocumentIndexing (storage.PublishChunks). Passages that did not change are not
// embedded again. Without an embedder, or when it fails, only words find the
// document until vectors were made in the background. progress is called with
// 0..1, nil: not at all.
func (ix *Index) PutChunks(ctx context.Context, doc storage.Document, chunks []storage.Chunk, contents storage.Contents, progress func(float64)) error {
	ctx, done, err := ix.begin(ctx, doc.ID)
	if err != nil {
		return err
	}
	defer done()
	num, gen, err := ix.o.Store.NewChunks(ctx, doc.ID)
	if err != nil {
		return err
	}
	if err := ix.put(ctx, doc, num, gen, chunks, contents, progress); err != nil {
		// What was stored is not found; it goes now, or when the program starts again.
		err = errors.Join(err, ix.dropOld(context.WithoutCancel(ctx), num))
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	return nil
}

// begin registers a Put, after one of the same document that is under way.
func (ix *Index) begin(ctx context.Context, documentID string) (context.Context, func(), error) {
	for {
		ix.mu.Lock()
		other := ix.putting[documentID]
		if other == nil {
			break
		}
		ix.mu.Unlock()
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	defer ix.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	p := &putting{cancel: func() { cancel(ErrRemoved) }, done: make(chan struct{})}
	ix.putting[documentID] = p
	return ctx, func() {
		ix.mu.Lock()
		delete(ix.putting, documentID)
		ix.mu.Unlock()
		close(p.done)
		cancel(nil)
	}, nil
}

func (ix *Index) put(ctx context.Context, doc storage.Document, num, gen int64, chunks []storage.Chunk, contents storage.Contents, progress func(float64)) error {
	prepared, err := ix.prepare(ctx, chunks)
	if err != nil {
		return err
	}
	if err := ix.o.Store.AddBlocks(ctx, num, gen, contents.Blocks); err != nil {
		return err
	}
	stored, embedded, fingerprint := 0, true, ""
	for part := range slices.Chunk(prepared, together) {
		var vectors []storage.Vector
		if vectors, fingerprint, err = ix.vectorsOf(ctx, part); err != nil {
			return err
		}
		if err := ix.o.Store.AddChunks(ctx, num, gen, part, fingerprint, vectors); err != nil {
			return err
		}
		embedded = embedded && len(vectors) == len(part)
		if stored += len(part); progress != nil {
			progress(float64(stored) / float64(len(prepared)))
		}
	}
	if err := ix.o.Store.PublishChunks(ctx, doc.ID, gen, len(prepared), contents); err != nil {
		return err
	}
	// From here on the document is in. A vector that is not in memory yet is
	// made up for in the background.
	ctx = context.WithoutCancel(ctx)
	err = errors.Join(ix.load(ctx, num), ix.dropOld(ctx, num))
	ix.counts.changed()
	if !embedded { // before missing: who makes up for what is missing takes it back
		ix.weighMissing(ctx)
	}
	if !embedded || fingerprint != ix.vectors.name() {
		ix.missing.Store(true)
	}
	ix.unsaid.add(num)
	ix.wake()
	if err != nil {
		ix.o.Log.Warn("after putting a document into the index", "err", err)
	}
	return nil
}

// load reads the vectors of one document into memory in place of its old ones.
func (ix *Index) load(ctx context.Context, num int64) error {
	fingerprint := ix.vectors.name()
	if fingerprint == "" {
		return nil
	}
	var list []storage.ChunkVector
	err := ix.o.Store.EachVector(ctx, fingerprint, num, func(v storage.ChunkVector) { list = append(list, v) })
	if err != nil {
		return err
	}
	ix.vectors.put(fingerprint, list, num)
	return ix.settle(ctx, []int64{num})
}

// prepare makes hashes and stems. German compounds are taken apart by the words
// of the whole index and of this document.
func (ix *Index) prepare(ctx context.Context, chunks []storage.Chunk) ([]storage.IndexChunk, error) {
	own := map[string]bool{}
	compounds := map[string]bool{}
	for i, c := range chunks {
		if c.Language == "" {
			chunks[i].Language = language.Detect(c.Text)
		}
		for _, w := range wordsOf(chunk.Input(c)) {
			folded := fold(w.text)
			own[folded] = true
			if chunks[i].Language == "de" && !isStop("de", folded) {
				compounds[folded] = true
			}
		}
	}
	known, err := ix.o.Store.KnownWords(ctx, lookups(sorted(compounds)))
	if err != nil {
		return nil, err
	}
	stem := map[string]*stemmer{}
	parts := map[string][]string{}
	out := make([]storage.IndexChunk, len(chunks))
	for i, c := range chunks {
		s := stem[c.Language]
		if s == nil {
			s = newStemmer(c.Language)
			stem[c.Language] = s
		}
		split := func(folded string) []string {
			if c.Language != "de" {
				return nil
			}
			p, done := parts[folded]
			if !done {
				p = partsOf(folded, s.stem, func(w string) bool { return own[w] || known[w] })
				parts[folded] = p
			}
			return p
		}
		text := stems(c.Heading, s, split) + " | " + stems(c.Text, s, split)
		out[i] = storage.IndexChunk{Chunk: c, Hash: sha256.Sum256([]byte(chunk.Input(c))), Stem: text}
	}
	return out, nil
}

// stems are those of a text without its stop words; a part of a compound has a
// "+" before it, which the full-text index does not see.
func stems(text string, s *stemmer, split func(string) []string) string {
	var b strings.Builder
	for _, w := range wordsOf(text) {
		folded := fold(w.text)
		if isStop(s.language, folded) {
			continue
		}
		b.WriteString(s.stem(w.text))
		b.WriteByte(' ')
		for _, p := range split(folded) {
			b.WriteByte('+')
			b.WriteString(p)
			b.WriteByte(' ')
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}

// vectorsOf gives the vectors of chunks that are not stored yet. Without an
// embedder, or when it fails, there are none: they are made later.
func (ix *Index) vectorsOf(ctx context.Context, chunks []storage.IndexChunk) ([]storage.Vector, string, error) {
	if ix.o.Embedder == nil {
		return nil, "", nil
	}
	info := ix.o.Embedder.Embedding()
	if info.Model == "" {
		return nil, "", nil
	}
	hashes := make([][32]byte, len(chunks))
	for i, c := range chunks {
		hashes[i] = c.Hash
	}
	known, err := ix.o.Store.KnownVectors(ctx, info.Fingerprint, hashes)
	if err != nil {
		return nil, "", err
	}
	var list []storage.Vector
	var missing []engine.EmbedInput
	for i, c := range chunks {
		if v, have := known[i]; have {
			list = append(list, v)
		} else {
			missing = append(missing, engine.EmbedInput{Text: chunk.Input(c.Chunk)})
			list = append(list, storage.Vector{Hash: c.Hash})
		}
	}
	made, err := ix.embed(ctx, info.Fingerprint, missing)
	if err != nil {
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		ix.o.Log.Warn("embed passages; they are found by their words until it works", "err", err)
		made = nil
	}
	kept := list[:0]
	for _, v := range list {
		if v.Values == nil {
			if len(made) == 0 {
				continue
			}
			v.Scale, v.Values = made[0].Scale, made[0].Values
			made = made[1:]
		}
		kept = append(kept, v)
	}
	return kept, info.Fingerprint, nil
}

// embed makes vectors of texts, which it changes to what the embedder reads. An embedder that changed meanwhile is an error:
// its vectors belong to another fingerprint.
func (ix *Index) embed(ctx context.Context, fingerprint string, inputs []engine.EmbedInput) ([]storage.Vector, error) {
	if len(inputs) == 0 {
		return nil, nil
	}
	if before := prefixOf(ix.o.Embedder.Embedding().Model).passage; before != "" {
		for i := range inputs {
			inputs[i].Text = before + inputs[i].Text
		}
	}
	out, err := ix.o.Embedder.Embed(ctx, engine.EmbedRequest{Inputs: inputs, Cut: true, Class: engine.ClassBatch})
	if err != nil {
		return nil, err
	}
	if out.Fingerprint != fingerprint || len(out.Vectors) != len(inputs) {
		return nil, fmt.Errorf("the embedder gave %d vectors for %d texts, or is another one now", len(out.Vectors), len(inputs))
	}
	vectors := make([]storage.Vector, len(inputs))
	for i, v := range out.Vectors {
		if !finite(v) {
			return nil, errors.New("a vector is not of numbers")
		}
		vectors[i].Scale, vectors[i].Values = quantize(v)
	}
	return vectors, nil
}
