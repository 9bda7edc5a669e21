package index

import (
	"context"
	"strings"
	"unicode"

	"alcove/storage"
)

// pagesOf gives the pages on which a quote begins and ends. A passage may be of
// several pages; what is shown of it must not be on another one than it says.
func (ix *Index) pagesOf(ctx context.Context, p Passage, quote string) (first, last int) {
	if p.PageEnd <= p.Page {
		return p.Page, p.PageEnd
	}
	blocks, err := ix.o.Store.Blocks(ctx, p.DocumentID, p.BlockFrom, p.BlockTo)
	if err != nil {
		ix.o.Log.Warn("find the page of a quote", "err", err)
		return p.Page, p.PageEnd
	}
	if first, last = pagesIn(blocks, quote); first == 0 {
		return p.Page, p.PageEnd
	}
	return first, last
}

// pagesIn looks for a quote in blocks, whatever white space is in both; 0: it
// is not there.
func pagesIn(blocks []storage.Block, quote string) (first, last int) {
	var all strings.Builder
	ends := make([]int, len(blocks))
	for i, b := range blocks {
		if !b.Hidden {
			all.WriteString(squeezed(b.Text))
		}
		ends[i] = all.Len()
	}
	wanted := squeezed(quote)
	at := strings.Index(all.String(), wanted)
	if at < 0 || wanted == "" {
		return 0, 0
	}
	for i, end := range ends {
		if first == 0 && end > at {
			first = blocks[i].Page
		}
		if end >= at+len(wanted) {
			return first, blocks[i].Page
		}
	}
	return 0, 0
}

func squeezed(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}
