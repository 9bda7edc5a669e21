package chunk_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"alcove/app/documents/chunk"
	"alcove/app/documents/extract"
	"alcove/storage"
)

// letters counts as a model does whose tokens are short, and where the whole
// is more than its parts.
func letters(texts []string) ([]int, error) {
	counts := make([]int, len(texts))
	for i, text := range texts {
		counts[i] = (len(text)+2)/3 + strings.Count(text, "\n")*2
	}
	return counts, nil
}

// document draws a document in which each word is there once.
func document(t *rapid.T) extract.Document {
	next := 0
	word := func() string {
		next++
		return rapid.SampledFrom([]string{"w%dz", "Wort%dz", "éà%dz", "日本%dz", "w%d" + strings.Repeat("x", 70)}).Draw(t, "shape")
	}
	prose := func(most int) string {
		var b strings.Builder
		for i := range rapid.IntRange(1, most).Draw(t, "words") {
			if i > 0 {
				b.WriteString(rapid.SampledFrom([]string{" ", " ", " ", ". ", ", ", "; ", "! ", ":\n", "  ", "\u00a0"}).Draw(t, "glue"))
			}
			fmt.Fprintf(&b, word(), next)
		}
		return b.String()
	}
	doc := extract.Document{Format: rapid.SampledFrom([]string{"pdf", "pptx", "text"}).Draw(t, "format")}
	page := 1
	for range rapid.IntRange(0, 30).Draw(t, "blocks") {
		page += rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "page")
		block := extract.Block{Page: page, Hidden: rapid.IntRange(0, 9).Draw(t, "hidden") == 0}
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			block.Kind, block.Level, block.Text = extract.Heading, rapid.IntRange(1, 6).Draw(t, "level"), prose(rapid.SampledFrom([]int{3, 3, 40}).Draw(t, "length"))
		case 1:
			block.Kind, block.Text = extract.Row, prose(30)
		case 2:
			block.Kind, block.Text = extract.Item, prose(10)
		default:
			block.Kind, block.Text = extract.Paragraph, prose(120)
		}
		if block.Hidden {
			block.Text = "HIDDEN " + block.Text
		}
		doc.Blocks = append(doc.Blocks, block)
	}
	return doc
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }

func TestPropertiesOfChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := document(t)
		o := chunk.Options{Max: rapid.SampledFrom([]int{8, 20, 60, 240}).Draw(t, "max"), Count: rapid.SampledFrom([]func([]string) ([]int, error){words, letters}).Draw(t, "count")}
		o.Target = o.Max * 3 / 4
		o.Small = rapid.SampledFrom([]int{-1, 0, 40}).Draw(t, "small")
		o.Overlap = rapid.SampledFrom([]int{-1, 5, 40}).Draw(t, "overlap")
		chunks, err := chunk.Split(doc, o)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for i, c := range chunks {
			checkChunk(t, doc, o, chunks, i)
			if ids[c.ID] {
				t.Fatalf("id %s twice", c.ID)
			}
			ids[c.ID] = true
		}
		if o.Overlap < 0 {
			checkCovered(t, doc, chunks)
		}
	})
}

func checkChunk(t *rapid.T, doc extract.Document, o chunk.Options, chunks []storage.Chunk, i int) {
	c := chunks[i]
	n, _ := o.Count([]string{chunk.Input(c)})
	if n[0] > o.Max || c.Text == "" || c.Seq != i {
		t.Fatalf("chunk %d has %d tokens of %d: %+v", i, n[0], o.Max, c)
	}
	if c.Tokens < n[0] || c.Tokens > n[0]+2 {
		t.Fatalf("chunk %d says %d tokens, not %d", i, c.Tokens, n[0])
	}
	if c.BlockFrom > c.BlockTo || i > 0 && c.BlockFrom < chunks[i-1].BlockTo || c.Page != doc.Blocks[c.BlockFrom].Page || c.PageEnd < c.Page {
		t.Fatalf("chunk %d is out of order: %+v", i, c)
	}
	var all strings.Builder
	for _, b := range doc.Blocks[c.BlockFrom : c.BlockTo+1] {
		if !b.Hidden {
			all.WriteString(b.Text)
		}
	}
	for line := range strings.SplitSeq(c.Text, "\n") {
		if !strings.Contains(squeeze(all.String()), squeeze(line)) {
			t.Fatalf("chunk %d has %q, which is not in its blocks", i, line)
		}
	}
	if strings.Contains(c.Text+c.Heading, "HIDDEN") {
		t.Fatalf("chunk %d shows a hidden block: %+v", i, c)
	}
}

// checkCovered holds all visible text against all chunks, in order.
func checkCovered(t *rapid.T, doc extract.Document, chunks []storage.Chunk) {
	var texts, headings strings.Builder
	for _, c := range chunks {
		texts.WriteString(squeeze(c.Text))
		headings.WriteString(squeeze(c.Heading) + "\n")
	}
	rest := texts.String()
	for i, block := range doc.Blocks {
		if block.Hidden {
			continue
		}
		after, found := strings.CutPrefix(rest, squeeze(block.Text))
		if !found && (block.Kind != extract.Heading || !strings.Contains(headings.String(), squeeze(block.Text))) {
			t.Fatalf("block %d (%s %q) is in no chunk; next is %.80q", i, block.Kind, block.Text, rest)
		}
		rest = after
	}
	if rest != "" {
		t.Fatalf("chunks say more than the document: %.80q", rest)
	}
}
