package chunk

import (
	"strings"
	"unicode/utf8"

	"alcove/app/documents/extract"
)

// pack fills chunks with the pieces of a section, in order.
func (c *cutter) pack(s section) []draft {
	if s.bare {
		s.chain = parent(s.chain)
	}
	h := c.heads[key(s.chain)]
	p := packer{c: c, heading: h.text, most: max(1, c.o.Max-h.tokens)}
	p.target = min(p.most, max(c.o.Target-h.tokens, p.most/2))
	rest := s.tokens
	for i := 0; i < len(s.pieces); {
		if p.tokens+rest <= p.most { // the end of the section fits as well
			p.pieces = append(p.pieces, s.pieces[i:]...)
			break
		}
		block, tokens := blockFrom(s.pieces, i)
		switch {
		case p.tokens+tokens <= p.target:
		case len(p.pieces) > 0 && p.tokens >= p.target/2 && tokens <= p.most && s.pieces[i].block != s.pieces[i-1].block:
			p.flush(s.pieces[i])
		default:
			block, tokens = 1, s.pieces[i].tokens
			if all := p.tokens + tokens; len(p.pieces) > 0 && all > p.target && (p.tokens >= p.target/2 || all > p.most) {
				p.flush(s.pieces[i])
			}
		}
		p.pieces = append(p.pieces, s.pieces[i:i+block]...)
		p.tokens += tokens
		rest -= tokens
		i += block
	}
	p.close()
	return p.drafts
}

// blockFrom counts the pieces from i on that belong to one block, and their tokens.
func blockFrom(pieces []piece, i int) (n, tokens int) {
	for n = 0; i+n < len(pieces) && pieces[i+n].block == pieces[i].block; n++ {
		tokens += pieces[i+n].tokens
	}
	return n, tokens
}

// packer is the chunk that is being filled.
type packer struct {
	c            *cutter
	heading      string
	target, most int // tokens of the text, without the heading
	pieces       []piece
	tokens       int
	drafts       []draft
}

// flush ends a chunk before next. What introduces next goes with it: a line
// that ends with a colon; and inside a paragraph the last sentence is said again.
func (p *packer) flush(next piece) {
	last := p.pieces[len(p.pieces)-1]
	fits := last.tokens+next.tokens <= p.target
	var carry []piece
	switch text := p.c.text(last); {
	case !fits:
	case len(p.pieces) > 1 && last.block != next.block && (strings.HasSuffix(text, ":") || p.c.doc.Blocks[last.block].Kind == extract.Heading):
		p.pieces = p.pieces[:len(p.pieces)-1]
		carry = []piece{last}
	case last.block == next.block && last.tokens <= p.c.o.Overlap && len(p.pieces) > 1:
		carry = []piece{last}
	}
	p.close()
	p.pieces, p.tokens = carry, 0
	for _, piece := range carry {
		p.tokens += piece.tokens
	}
}

// close ends the last chunk.
func (p *packer) close() {
	if len(p.pieces) > 0 {
		p.drafts = append(p.drafts, draft{heading: p.heading, pieces: p.pieces})
	}
}

// bytesPerToken bounds chunks whose tokens are long: a word of a million
// letters is one unknown token for some models.
const bytesPerToken = 32

// fit counts whole chunks and parts those that are too long, again and again:
// the sum of the sentences' tokens is not always that of the text.
func (c *cutter) fit(drafts []draft) ([]draft, error) {
	done := make([]bool, len(drafts))
	for {
		var open []int
		var texts []string
		for i, d := range drafts {
			if !done[i] {
				open = append(open, i)
				texts = append(texts, input(d.heading, c.body(d.pieces)))
			}
		}
		if len(open) == 0 {
			return drafts, nil
		}
		counts, err := c.count(texts)
		if err != nil {
			return nil, err
		}
		parts := map[int][]draft{}
		for i, at := range open {
			drafts[at].tokens = counts[i]
			times := max((counts[i]+c.o.Max-1)/c.o.Max, (len(texts[i])+c.o.Max*bytesPerToken-1)/(c.o.Max*bytesPerToken))
			if times > 1 {
				parts[at] = c.part(drafts[at], times)
			}
			done[at] = true
		}
		if len(parts) == 0 {
			return drafts, nil
		}
		drafts, done = replace(drafts, done, parts)
	}
}

// replace puts parts in the place of the drafts they were.
func replace(drafts []draft, done []bool, parts map[int][]draft) ([]draft, []bool) {
	var out []draft
	var outDone []bool
	for i, d := range drafts {
		if len(parts[i]) < 2 {
			out, outDone = append(out, d), append(outDone, done[i])
			continue
		}
		out = append(out, parts[i]...)
		outDone = append(outDone, make([]bool, len(parts[i]))...)
	}
	return out, outDone
}

// part cuts a draft that is times too long: between its pieces, or inside the
// only one. Nothing is left to cut in a single letter: then it returns nil.
func (c *cutter) part(d draft, times int) []draft {
	if len(d.pieces) == 1 {
		var out []draft
		for _, p := range c.cut(d.pieces[0], times) {
			out = append(out, draft{heading: d.heading, pieces: []piece{p}})
		}
		return out
	}
	total, sum := 0, 0
	for _, p := range d.pieces {
		total += p.to - p.from
	}
	at := 1
	for i, p := range d.pieces[:len(d.pieces)-1] {
		if sum += p.to - p.from; sum*2 > total && i > 0 {
			break
		}
		at = i + 1
	}
	return []draft{{heading: d.heading, pieces: d.pieces[:at]}, {heading: d.heading, pieces: d.pieces[at:]}}
}

// cut parts a piece in about n pieces, at clauses or spaces where there are some.
func (c *cutter) cut(p piece, n int) []piece {
	text := c.text(p)
	size := max(1, len(text)/n)
	if size == len(text) {
		size = max(1, len(text)/2)
	}
	var out []piece
	for from := 0; from < len(text); {
		to := from + cutAt(text[from:], size)
		out = append(out, piece{block: p.block, from: p.from + from, to: p.from + to})
		from = to
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// cutAt is where a text is cut to be about size bytes long: at least one letter.
func cutAt(text string, size int) int {
	if len(text) <= size+size/4 {
		size = len(text)
	}
	if size == len(text) && size > 0 {
		return size
	}
	for _, sign := range []string{"; ", ", ", " "} {
		if at := strings.LastIndex(text[:size], sign); at > size/2 {
			return at + len(sign)
		}
	}
	for size < len(text) && !utf8.RuneStart(text[size]) {
		size++
	}
	return size
}
