// Package chunk cuts a document into passages that are found: under their
// headings, in tokens of the embedder, never inside a sentence or a row unless
// that alone is too long. It is pure but for the counting of tokens.
package chunk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/language"
	"alcove/storage"
)

// Defaults of Options: MiniLM was trained on at most 256 tokens with two marks.
const (
	DefaultTarget  = 180
	DefaultMax     = 240
	DefaultOverlap = 40
)

// Options say how to cut. Lengths are tokens of the embedder, with the heading;
// 0 is the default.
type Options struct {
	DocumentID string
	Target     int // length to aim at
	Max        int // no chunk is longer
	// Overlap is the longest sentence that is repeated where a paragraph is cut;
	// -1: none is.
	Overlap int
	// Small is the length below which a section is put together with its
	// neighbour under the same heading; 0: a quarter of Target, -1: never.
	Small int
	// Count gives the tokens of each text. It is called with many texts at once.
	Count func(texts []string) ([]int, error)
}

func (o Options) withDefaults() Options {
	if o.Max <= 0 {
		o.Max = DefaultMax
	}
	if o.Target <= 0 {
		o.Target = min(DefaultTarget, o.Max*3/4)
	}
	o.Target = max(1, min(o.Target, o.Max))
	switch {
	case o.Overlap == 0:
		o.Overlap = DefaultOverlap
	case o.Overlap < 0:
		o.Overlap = 0
	}
	switch {
	case o.Small == 0:
		o.Small = o.Target / 4
	case o.Small < 0:
		o.Small = 0
	}
	return o
}

// Split cuts a document. Chunks are in reading order; hidden blocks are in
// none of them, all other text is in at least one: as Text, or as Heading.
func Split(doc extract.Document, o Options) ([]storage.Chunk, error) {
	c := cutter{doc: doc, o: o.withDefaults(), heads: map[string]head{}}
	sections := c.sections()
	if err := c.countPieces(sections); err != nil {
		return nil, err
	}
	if err := c.countHeads(sections); err != nil {
		return nil, err
	}
	sections = c.merge(c.showHeadings(sections))
	var drafts []draft
	for _, s := range sections {
		drafts = append(drafts, c.pack(s)...)
	}
	drafts, err := c.fit(drafts)
	if err != nil {
		return nil, err
	}
	return c.finish(drafts), nil
}

// Input is what the embedder reads of a chunk, and what its Tokens count.
func Input(c storage.Chunk) string { return input(c.Heading, c.Text) }

func input(heading, text string) string {
	if heading == "" {
		return text
	}
	return heading + "\n" + text
}

// cutter is the work on one document.
type cutter struct {
	doc   extract.Document
	o     Options
	heads map[string]head // by chain
}

// piece is a sentence, a row, or a part of one that is too long.
type piece struct {
	block    int
	from, to int // bytes of the block's text
	tokens   int
}

func (c *cutter) text(p piece) string { return c.doc.Blocks[p.block].Text[p.from:p.to] }

// draft is a chunk in the making.
type draft struct {
	heading string
	pieces  []piece
	tokens  int // with the heading
}

// body is the text of pieces in order: those of one block as they stand there,
// blocks on lines of their own.
func (c *cutter) body(pieces []piece) string {
	var b strings.Builder
	for i := 0; i < len(pieces); {
		j := i
		for j+1 < len(pieces) && pieces[j+1].block == pieces[i].block {
			j++
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(c.doc.Blocks[pieces[i].block].Text[pieces[i].from:pieces[j].to])
		i = j + 1
	}
	return strings.TrimSpace(b.String())
}

// finish makes chunks of drafts.
func (c *cutter) finish(drafts []draft) []storage.Chunk {
	spoken := c.language()
	seen := map[string]int{}
	chunks := make([]storage.Chunk, 0, len(drafts))
	for _, d := range drafts {
		text := c.body(d.pieces)
		if text == "" {
			continue // spaces of a sentence that was too long
		}
		first, last := d.pieces[0].block, d.pieces[len(d.pieces)-1].block
		chunk := storage.Chunk{
			DocumentID: c.o.DocumentID, Seq: len(chunks),
			Page: c.doc.Blocks[first].Page, BlockFrom: first, BlockTo: last,
			Heading: d.heading, Text: text, Tokens: d.tokens,
			Language: language.Of(text, spoken),
		}
		chunk.PageEnd = max(chunk.Page, c.doc.Blocks[last].Page)
		place := d.heading + "\x00" + text
		chunk.ID = id(c.o.DocumentID, place, seen[place])
		seen[place]++
		chunks = append(chunks, chunk)
	}
	return chunks
}

// id names a passage by its document, headings and text, so that it stays the
// same when the document around it changes; again counts equal ones before it.
func id(document, place string, again int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", document, place, again))
	return hex.EncodeToString(sum[:16])
}

// language is that of the document: what its words say, else its metadata,
// which is often that of the program it was written with.
func (c *cutter) language() string {
	var b strings.Builder
	for _, block := range c.doc.Blocks {
		if !block.Hidden && b.Len() < 32<<10 {
			b.WriteString(block.Text)
			b.WriteByte('\n')
		}
	}
	if found := language.Detect(b.String()); found != "" {
		return found
	}
	code, _, _ := strings.Cut(strings.ToLower(c.doc.Language), "-")
	return code
}

// Bounds of one call of Count.
const (
	batchTexts = 2048
	batchBytes = 1 << 20
)

// count asks for the tokens of texts in large batches.
func (c *cutter) count(texts []string) ([]int, error) {
	counts := make([]int, 0, len(texts))
	for from := 0; from < len(texts); {
		to, bytes := from, 0
		for to < len(texts) && to-from < batchTexts && (to == from || bytes+len(texts[to]) <= batchBytes) {
			bytes += len(texts[to])
			to++
		}
		got, err := c.o.Count(texts[from:to])
		if err != nil {
			return nil, fmt.Errorf("chunk: counting tokens: %w", err)
		}
		if len(got) != to-from {
			return nil, fmt.Errorf("chunk: %d counts for %d texts", len(got), to-from)
		}
		counts = append(counts, got...)
		from = to
	}
	return counts, nil
}
