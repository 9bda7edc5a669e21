package chunk

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"alcove/app/documents/extract"
	"alcove/app/documents/sentence"
)

// section is what stands under one heading, before the next one.
type section struct {
	chain  []int // blocks of the headings above it, the highest first; its own is the last
	pieces []piece
	tokens int  // of the pieces
	bare   bool // its heading is all it has
}

// head is a path of headings as chunks show it.
type head struct {
	text   string
	tokens int
	// dropped is how many headings of the chain, from the highest, are not in it;
	// cut: the last one is not whole either.
	dropped int
	cut     bool
}

// longHeading is the length in bytes from which a heading is shortened in paths.
const longHeading = 120

// sections parts the document at its headings. Each slide and sheet begins anew.
func (c *cutter) sections() []section {
	sections := []section{{}}
	var chain []int
	page := 0
	apart := c.doc.Format == "pptx" || c.doc.Format == "xlsx"
	for i, block := range c.doc.Blocks {
		if block.Hidden || strings.TrimSpace(block.Text) == "" {
			continue
		}
		if apart && block.Page != page {
			page, chain = block.Page, nil
			sections = append(sections, section{})
		}
		if block.Kind == extract.Heading {
			for len(chain) > 0 && c.doc.Blocks[chain[len(chain)-1]].Level >= block.Level {
				chain = chain[:len(chain)-1]
			}
			chain = append(slices.Clone(chain), i)
			sections = append(sections, section{chain: chain})
			continue
		}
		s := &sections[len(sections)-1]
		s.pieces = append(s.pieces, c.piecesOf(i)...)
	}
	return sections
}

// piecesOf parts a block: a row is one piece, other text is its sentences.
func (c *cutter) piecesOf(i int) []piece {
	block := c.doc.Blocks[i]
	if block.Kind == extract.Row || block.Kind == extract.Heading {
		return []piece{{block: i, to: len(block.Text)}}
	}
	var pieces []piece
	for _, s := range sentence.Split(block.Text) {
		pieces = append(pieces, piece{block: i, from: s.Start, to: s.End})
	}
	return pieces
}

// countPieces fills in the tokens of all pieces.
func (c *cutter) countPieces(sections []section) error {
	var texts []string
	for _, s := range sections {
		for _, p := range s.pieces {
			texts = append(texts, c.text(p))
		}
	}
	counts, err := c.count(texts)
	if err != nil {
		return err
	}
	at := 0
	for i := range sections {
		for j := range sections[i].pieces {
			sections[i].pieces[j].tokens = counts[at]
			sections[i].tokens += counts[at]
			at++
		}
	}
	return nil
}

// countHeads makes the paths of all sections and their parents. A path takes
// at most a third of a chunk: its highest headings go first.
func (c *cutter) countHeads(sections []section) error {
	chains := map[string][]int{}
	for _, s := range sections {
		for n := len(s.chain); n > 0 && chains[key(s.chain[:n])] == nil; n-- {
			chains[key(s.chain[:n])] = s.chain[:n]
		}
	}
	var open []string
	for k, chain := range chains {
		open = append(open, k)
		c.heads[k] = c.render(chain, 0, longHeading)
	}
	slices.Sort(open)
	most := max(1, c.o.Max/3)
	for len(open) > 0 {
		texts := make([]string, len(open))
		for i, k := range open {
			texts[i] = c.heads[k].text
		}
		counts, err := c.count(texts)
		if err != nil {
			return err
		}
		var again []string
		for i, k := range open {
			h, chain := c.heads[k], chains[k]
			h.tokens = counts[i]
			switch {
			case h.tokens <= most || h.text == "":
			case h.dropped < len(chain)-1:
				h = c.render(chain, h.dropped+1, longHeading)
				again = append(again, k)
			default:
				h = c.render(chain, h.dropped, len(h.text)/2)
				again = append(again, k)
			}
			c.heads[k] = h
		}
		open = again
	}
	return nil
}

// render writes a path without its first dropped headings, each at most bytes long.
func (c *cutter) render(chain []int, dropped, bytes int) head {
	h := head{dropped: dropped}
	var parts []string
	for i, block := range chain[dropped:] {
		text := strings.Join(strings.Fields(c.doc.Blocks[block].Text), " ")
		if len(text) > bytes {
			text = shorten(text, bytes)
			h.cut = h.cut || dropped+i == len(chain)-1
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	h.text = strings.Join(parts, " > ")
	return h
}

// shorten cuts a text to at most n bytes, at a space where there is one.
func shorten(text string, n int) string {
	const ellipsis = "…"
	n -= len(ellipsis)
	if n <= 0 {
		return ""
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	if space := strings.LastIndexByte(text[:n], ' '); space > n/2 {
		n = space
	}
	return text[:n] + ellipsis
}

// showHeadings sees that each heading is read somewhere: those that no path
// shows whole become text of their section. It drops sections without text.
func (c *cutter) showHeadings(sections []section) []section {
	shown := map[int]bool{}
	for _, s := range sections {
		if len(s.pieces) == 0 {
			continue
		}
		h := c.heads[key(s.chain)]
		for i, block := range s.chain {
			last := i == len(s.chain)-1
			if i >= h.dropped && len(c.doc.Blocks[block].Text) <= longHeading && !(last && h.cut) {
				shown[block] = true
			}
		}
	}
	var kept []section
	for _, s := range sections {
		if n := len(s.chain); n > 0 && !shown[s.chain[n-1]] {
			own := piece{block: s.chain[n-1], to: len(c.doc.Blocks[s.chain[n-1]].Text)}
			own.tokens = c.heads[key(s.chain[n-1:])].tokens
			if own.tokens == 0 {
				own.tokens = max(1, own.to/4) // fit counts it
			}
			s.bare = len(s.pieces) == 0
			s.pieces = append([]piece{own}, s.pieces...)
			s.tokens += own.tokens
		}
		if len(s.pieces) > 0 {
			kept = append(kept, s)
		}
	}
	return kept
}

// merge puts small neighbours under the same heading together: their own
// headings become lines of the text.
func (c *cutter) merge(sections []section) []section {
	var merged []section
	for i := 0; i < len(sections); {
		group, anchor := sections[i], parent(sections[i].chain)
		joined := 1
		for i+joined < len(sections) {
			next := sections[i+joined]
			if joined == 1 && slices.Equal(parent(next.chain), sections[i].chain) && len(next.chain) > 0 {
				anchor = sections[i].chain // the text of the parent itself comes first
			}
			if !c.together(group, next, anchor) {
				break
			}
			if joined == 1 {
				group = c.under(sections[i], anchor)
				group.bare = false
			}
			more := c.under(next, anchor)
			group.pieces = append(slices.Clone(group.pieces), more.pieces...)
			group.tokens += more.tokens
			joined++
		}
		merged = append(merged, group)
		i += joined
	}
	return merged
}

// together says whether next may join group under the headings of anchor.
func (c *cutter) together(group, next section, anchor []int) bool {
	if len(next.chain) == 0 || !slices.Equal(parent(next.chain), anchor) {
		return false
	}
	if (c.doc.Format == "pptx" || c.doc.Format == "xlsx") && c.doc.Blocks[group.pieces[0].block].Page != c.doc.Blocks[next.pieces[0].block].Page {
		return false
	}
	if group.tokens >= c.o.Small && next.tokens >= c.o.Small {
		return false
	}
	all := group.tokens + c.heads[key(group.chain)].tokens + next.tokens + c.heads[key(next.chain)].tokens
	return all <= c.o.Target*2/3
}

// under is the section with its heading as text, under the headings of anchor.
func (c *cutter) under(s section, anchor []int) section {
	if slices.Equal(s.chain, anchor) {
		return s
	}
	own := s.chain[len(s.chain)-1]
	if s.pieces[0].block != own {
		p := piece{block: own, to: len(c.doc.Blocks[own].Text), tokens: c.heads[key(s.chain)].tokens}
		s.pieces = append([]piece{p}, s.pieces...)
		s.tokens += p.tokens
	}
	s.chain = anchor
	return s
}

func parent(chain []int) []int {
	if len(chain) == 0 {
		return nil
	}
	return chain[:len(chain)-1]
}

// key names a chain.
func key(chain []int) string {
	var b strings.Builder
	for _, block := range chain {
		b.WriteString(strconv.Itoa(block))
		b.WriteByte(' ')
	}
	return b.String()
}
