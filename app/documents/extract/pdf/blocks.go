package pdf

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"alcove/app/documents/extract"
)

var (
	// mark begins an item of a list.
	mark = regexp.MustCompile(`^(?:[•‣◦▪▫■□●○∙·–—\-*➢➤✓✔\x{f0b7}\x{f0a7}\x{2043}]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])(?:\s+|$)`)
	// leaders lead from an entry of a table of contents to its page.
	leaders = regexp.MustCompile(`(?:\.\s?){5,}\s*\d{1,4}$|…{2,}\s*\d{1,4}$`)
	// numbered begins a numbered heading.
	numbered = regexp.MustCompile(`^(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|§\s?\d+[a-z]?)\s+\p{Lu}`)
)

// Bounds of a heading.
const (
	headingChars = 160
	larger       = 1.12 // than the text around
)

// builder makes blocks of lines.
type builder struct {
	body     float64        // font size of most of the text
	outline  map[string]int // headings that the document itself names, with their level
	blocks   []extract.Block
	sizes    []float64 // by block: of headings found by their size; 0 of others
	tables   int
	last     *table // the table that ended the page before
	head     []string
	lines    []string // of the paragraph at work
	open     extract.Block
	previous line
	leading  float64
}

// build makes blocks of all pages.
func build(pages []paper, outline map[string]int) []extract.Block {
	b := builder{body: bodySize(pages), outline: outline}
	for i := range pages {
		b.page(&pages[i])
	}
	b.end()
	b.level()
	return b.blocks
}

// bodySize is the font size in which most of the text stands.
func bodySize(pages []paper) float64 {
	chars := map[float64]int{}
	for _, p := range pages {
		for _, l := range p.lines {
			chars[math.Round(l.size*4)/4] += len(l.text())
		}
	}
	best, most := 10.0, 0
	for size, n := range chars {
		if n > most || n == most && size < best {
			best, most = size, n
		}
	}
	return best
}

func (b *builder) page(p *paper) {
	b.leading = leading(p.lines)
	levels := p.levels()
	contents := false
	for i := 0; i < len(p.lines); {
		l := p.lines[i]
		if contents = contents && !prose(l); contents || leaders.MatchString(l.text()) {
			b.end()
			i++
			continue
		}
		if size, level := b.heading(l, l.text()); (size > 0 || level > 0) && slices.Contains(contentsWords, key(l.text())) {
			contents = true // its entries would be found in place of what they name
			b.end()
			i++
			continue
		}
		if t, n := findTable(p.lines[i:], levels); n > 0 {
			b.table(&t, i == 0)
			if i += n; i < len(p.lines) {
				b.last = nil
			}
			continue
		}
		if i == 0 && len(b.lines) > 0 && !b.goesOnOverPage(l) {
			b.end()
		}
		b.line(l, i == 0)
		b.last = nil
		i++
	}
}

// contentsWords head a table of contents.
var contentsWords = []string{"contents", "tableofcontents", "inhalt", "inhaltsverzeichnis", "sommaire", "tabledesmatières", "índice", "contenido", "indice", "sommario"}

// prose says whether a line is too long for an entry of a table of contents.
func prose(l line) bool {
	return slices.ContainsFunc(l.segments, func(s segment) bool { return utf8.RuneCountInString(s.text) > 75 })
}

// leading is the usual gap between two lines of a page.
func leading(lines []line) float64 {
	var gaps []float64
	for i := 1; i < len(lines); i++ {
		if gap := lines[i-1].gapTo(lines[i]); gap > -lines[i].size && gap < 1.2*lines[i].size {
			gaps = append(gaps, gap)
		}
	}
	slices.Sort(gaps)
	if len(gaps) == 0 {
		return 0
	}
	return gaps[len(gaps)/3] // lines of a paragraph stand closer than paragraphs
}

func (b *builder) table(t *table, first bool) {
	b.end()
	head := b.head
	if !first || b.last == nil || !b.last.same(t) {
		b.tables++
		head = nil
	}
	blocks, head := t.blocks(b.tables, head)
	b.head, b.last = head, t
	for _, block := range blocks {
		b.add(block, 0)
	}
}

// line adds a line to the paragraph at work, or begins another.
func (b *builder) line(l line, first bool) {
	text := l.text()
	size, level := b.heading(l, text)
	kind := extract.Paragraph
	switch {
	case level > 0 || size > 0:
		kind = extract.Heading
	case l.bullet || mark.MatchString(text) && b.startsItem(l, first):
		kind = extract.Item
	}
	if len(b.lines) > 0 && b.joins(l, kind, first) {
		b.lines = append(b.lines, text)
		b.previous = l
		return
	}
	b.end()
	b.open = extract.Block{Kind: kind, Page: l.page, Level: level}
	if kind == extract.Item && !l.bullet {
		text = unmarked(text)
	}
	b.lines, b.previous = []string{text}, l
}

// unmarked takes the mark of an item away, but not its number.
func unmarked(text string) string {
	if found := mark.FindString(text); found != "" && !strings.ContainsFunc(found, letterOrDigit) {
		return text[len(found):]
	}
	return text
}

// startsItem says whether a mark at the start of a line begins an item: not
// where a sentence goes on, as in "on the\n1. January".
func (b *builder) startsItem(l line, first bool) bool {
	if len(b.lines) == 0 || first || b.open.Kind != extract.Paragraph || b.previous.gapTo(l) > b.leading+0.3*l.size {
		return true
	}
	end, _ := utf8.DecodeLastRuneInString(b.lines[len(b.lines)-1])
	return !letterOrDigit(end) && end != ','
}

// joins says whether a line goes on with what is at work.
func (b *builder) joins(l line, kind extract.BlockKind, first bool) bool {
	gap := b.previous.gapTo(l)
	near := gap > -0.8*l.size && gap <= b.leading+0.35*l.size
	switch {
	case b.open.Kind == extract.Heading || kind == extract.Heading:
		return kind == b.open.Kind && b.open.Level == 0 && near && alikeSize(l.size, b.previous.size) && l.bold == b.previous.bold && !numbered.MatchString(l.text())
	case kind == extract.Item:
		return false
	case !alikeSize(l.size, b.previous.size):
		return false
	case first: // the page goes on with the paragraph, as goesOnOverPage said
		return true
	case !near && (gap > 0 || b.ended()): // above the line before: another column
		return false
	case gap < -0.8*l.size:
		return !b.ended()
	case b.ended() && b.previous.right < b.reach(l)-8*l.size:
		return false // the line before ends short
	case b.ended() && b.open.Kind == extract.Paragraph && l.left > b.previous.left+0.8*l.size:
		return false // the first line of a paragraph stands in
	case b.open.Kind == extract.Item && len(b.lines) > 0 && b.ended() && l.left < b.previous.left-0.8*l.size:
		return false
	}
	return true
}

// reach is how far lines reach that stand under each other.
func (b *builder) reach(l line) float64 { return max(l.right, b.previous.right) }

// ended says whether the text at work ends as a sentence does.
func (b *builder) ended() bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(b.lines[len(b.lines)-1], `"»”’)`))
	return strings.ContainsRune(".!?:;", last)
}

func (b *builder) goesOnOverPage(l line) bool {
	first, _ := utf8.DecodeRuneInString(l.text())
	size, level := b.heading(l, l.text())
	return b.open.Kind != extract.Heading && size == 0 && level == 0 && !b.ended() && unicode.IsLower(first) && alikeSize(l.size, b.previous.size)
}

func alikeSize(a, b float64) bool { return math.Abs(a-b) < 0.08*max(a, b) }

// heading says how large a line's letters are if it is a heading, and its
// level where the document's outline names it.
func (b *builder) heading(l line, text string) (size float64, level int) {
	if len(l.segments) != 1 || utf8.RuneCountInString(text) > headingChars || !strings.ContainsFunc(text, unicode.IsLetter) {
		return 0, 0
	}
	if level, ok := b.outline[key(text)]; ok && (l.bold || l.size > 1.02*b.body || numbered.MatchString(text)) {
		return l.size, level
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	if strings.ContainsRune(",;", last) || l.bullet {
		return 0, 0
	}
	switch {
	case l.size >= larger*b.body:
		return l.size, 0
	case l.bold && l.size >= 0.95*b.body && last != '.' && last != ':' && utf8.RuneCountInString(text) < 100 && (!mark.MatchString(text) || numbered.MatchString(text)):
		return l.size, 0
	}
	return 0, 0
}

// key is what headings and entries of an outline are compared by.
func key(text string) string {
	return strings.Map(func(r rune) rune {
		if !letterOrDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// end finishes the block at work.
func (b *builder) end() {
	if len(b.lines) == 0 {
		return
	}
	b.open.Text = extract.JoinLines(b.lines)
	size := 0.0
	if b.open.Kind == extract.Heading {
		size = b.previous.size
	}
	if b.open.Kind == extract.Item && b.open.Text == "" {
		b.lines = nil
		return
	}
	b.add(b.open, size)
	b.lines = nil
}

func (b *builder) add(block extract.Block, size float64) {
	b.blocks, b.sizes = append(b.blocks, block), append(b.sizes, size)
}

// level gives headings that the outline does not name their level: the largest
// letters are the highest.
func (b *builder) level() {
	var sizes []float64
	for _, s := range b.sizes {
		if s > 0 && !slices.ContainsFunc(sizes, func(have float64) bool { return math.Abs(have-s) < 0.04*s }) {
			sizes = append(sizes, s)
		}
	}
	slices.SortFunc(sizes, func(a, c float64) int { return int(math.Copysign(1, c-a)) })
	for i := range b.blocks {
		if b.blocks[i].Kind != extract.Heading || b.blocks[i].Level > 0 {
			continue
		}
		at := slices.IndexFunc(sizes, func(have float64) bool { return math.Abs(have-b.sizes[i]) < 0.04*b.sizes[i] })
		b.blocks[i].Level = min(max(at, 0)+1, 6)
	}
}
