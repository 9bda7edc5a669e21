// Package draft is a document in the making: blocks within limits, without
// what nobody sees, rows under their headers, each flag once.
package draft

import (
	"fmt"
	"maps"
	"slices"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/clean"
)

// Draft collects blocks. The zero value has no limits.
type Draft struct {
	Doc extract.Document
	// Edges are running headers and footers: no blocks, but they may say from
	// when the document holds.
	Edges  []string
	limits extract.Limits
	bytes  int
	tables int
	full   bool
	flags  map[string]bool
	unseen map[int]int // by page: characters without a shape
}

// New begins a document.
func New(in extract.Input) *Draft {
	return &Draft{Doc: extract.Document{Format: in.Format}, limits: in.Limits}
}

// Full says that a limit was reached: parsers stop, what is there is kept.
func (d *Draft) Full() bool { return d.full }

// Room says how many bytes of text still fit: a bound for what a parser
// collects before it adds it.
func (d *Draft) Room() int {
	if d.limits.Text <= 0 {
		return 1 << 40
	}
	return max(0, d.limits.Text-d.bytes)
}

// Clean is a text as people see it; what was taken out is flagged.
func (d *Draft) Clean(s string, page int) string {
	seen, n := clean.Text(s)
	if n > 0 {
		if d.unseen == nil {
			d.unseen = map[int]int{}
		}
		d.unseen[page] += n
		if said := clean.Tags(s); clean.SpeaksToModel(said) {
			d.Flag(extract.FlagHidden, page, "tag characters spell: "+said)
		}
	}
	return seen
}

// Add appends a block with its text cleaned; empty ones are dropped.
func (d *Draft) Add(b extract.Block) {
	b.Text = d.Clean(b.Text, b.Page)
	if b.Text == "" || d.full {
		return
	}
	size := len(b.Text)
	for i, cell := range b.Cells {
		b.Cells[i] = d.Clean(cell, b.Page)
		size += len(b.Cells[i])
	}
	if d.limits.Text > 0 && d.bytes+size > d.limits.Text || d.limits.Blocks > 0 && len(d.Doc.Blocks) >= d.limits.Blocks {
		d.Truncated("the file holds more text than is read")
		return
	}
	if b.Hidden {
		d.Flag(extract.FlagHidden, b.Page, "not seen by readers: "+clean.Short(b.Text, 120))
	}
	d.bytes += size
	d.Doc.Blocks = append(d.Doc.Blocks, b)
}

// Truncated flags that a limit was reached and ends the document here.
func (d *Draft) Truncated(note string) {
	d.full = true
	d.Flag(extract.FlagTruncated, 0, note)
}

// mostFlags bounds the list that HR reads.
const mostFlags = 200

// Flag adds a flag, once for each kind, page and note.
func (d *Draft) Flag(kind string, page int, note string) {
	note, _ = clean.Text(note)
	note = clean.Short(note, 200)
	key := fmt.Sprint(kind, page, note)
	if d.flags == nil {
		d.flags = map[string]bool{}
	}
	if d.flags[key] || len(d.Doc.Flags) >= mostFlags {
		return
	}
	d.flags[key] = true
	d.Doc.Flags = append(d.Doc.Flags, extract.Flag{Kind: kind, Page: page, Note: note})
}

// Metadata flags text that readers do not see where it speaks to a model.
func (d *Draft) Metadata(what, text string) {
	if clean.SpeaksToModel(text) {
		d.Flag(extract.FlagMetadata, 0, what+": "+clean.Short(text, 120))
	}
}

// Done gives the document.
func (d *Draft) Done() extract.Document {
	d.Doc.Title, d.Doc.Author = d.Clean(d.Doc.Title, 0), d.Clean(d.Doc.Author, 0)
	for _, page := range slices.Sorted(maps.Keys(d.unseen)) {
		d.Flag(extract.FlagHidden, page, fmt.Sprintf("%d characters that have no shape were taken out", d.unseen[page]))
	}
	if d.Doc.Effective == "" {
		d.Doc.Effective = extract.Effective(d.Doc, d.Edges...)
	}
	return d.Doc
}
