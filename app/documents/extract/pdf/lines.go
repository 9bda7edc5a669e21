package pdf

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// segment is a run of words on one line without a wide gap.
type segment struct {
	box
	text string
	size float64
	bold bool
}

// line is what stands at one height of a column.
type line struct {
	box
	segments []segment
	size     float64
	bold     bool // all of it
	bullet   bool // a mark stands before it
	page     int
	fill     colour // what it stands on
}

func (l line) text() string {
	parts := make([]string, len(l.segments))
	for i, s := range l.segments {
		parts[i] = s.text
	}
	return strings.Join(parts, " ")
}

// weighed is the size of two texts together, by their lengths: one word in
// another font does not make a line larger.
func weighed(a float64, first string, b float64, second string) float64 {
	n, m := float64(len(first)), float64(len(second))
	if n+m == 0 {
		return max(a, b)
	}
	return (a*n + b*m) / (n + m)
}

// gapTo is the room between a line and the next one under it, whatever fonts
// stand in them.
func (l line) gapTo(next line) float64 { return next.bottom - l.bottom - next.size }

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// lay makes lines of a page's words, from the top down.
func lay(sh sheet) []line {
	rules := sh.uprights()
	var all []line
	for _, row := range rows(sh.words) {
		l, said := line{page: sh.number, box: row[0].box, bold: true}, ""
		for _, s := range cutRow(row, rules, sh.spaced) {
			l.segments = append(l.segments, s)
			l.box = l.box.join(s.box)
			l.bold = l.bold && s.bold
			l.size = weighed(l.size, said, s.size, s.text)
			said += s.text
		}
		l.fill = sh.behind(word{box: l.box, size: l.size})
		l.bullet = sh.bulletBefore(l)
		all = append(all, l)
	}
	return all
}

// rows groups words that stand at the same height, from the top down, each
// from left to right.
func rows(words []word) [][]word {
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(a, b word) int { return cmp.Compare(a.midY(), b.midY()) })
	var all [][]word
	for _, w := range words {
		if n := len(all); n > 0 && sameHeight(all[n-1][0], w) {
			all[n-1] = append(all[n-1], w)
		} else {
			all = append(all, []word{w})
		}
	}
	for _, row := range all {
		slices.SortStableFunc(row, func(a, b word) int { return cmp.Compare(a.left, b.left) })
	}
	return all
}

func sameHeight(a, b word) bool {
	shared := min(a.bottom, b.bottom) - max(a.top, b.top)
	return shared > 0.6*min(a.height(), b.height())
}

// wide is the gap between two words, in font sizes, that parts segments.
const (
	wide  = 0.85
	meant = 0.35 // where the file writes its spaces, and none here
)

// cutRow parts a row at wide gaps and where an upright rule stands.
func cutRow(row []word, rules []box, spaced bool) []segment {
	var all []segment
	for i, w := range row {
		if i > 0 {
			last := &all[len(all)-1]
			gap := w.left - last.right
			limit := wide
			if spaced && w.jump {
				limit = meant
			}
			if gap < limit*max(w.size, last.size) && !ruleBetween(rules, last.box, w.box) {
				if gap > 0.08*w.size || !touches(row[i-1], w) {
					last.text += " "
				}
				last.size = weighed(last.size, last.text, w.size, w.text)
				last.text += w.text
				last.box = last.box.join(w.box)
				last.bold = last.bold && (w.bold || !strings.ContainsFunc(w.text, letterOrDigit))
				continue
			}
		}
		all = append(all, segment{w.box, w.text, w.size, w.bold})
	}
	return all
}

// touches says whether two words are parts of one that PDFium cut.
func touches(a, b word) bool { return b.left-a.right < 0.02*b.size && b.left-a.right > -0.1*b.size }

func ruleBetween(rules []box, a, b box) bool {
	for _, r := range rules {
		if r.midX() >= a.right-1 && r.midX() <= b.left+1 && r.top <= a.midY() && r.bottom >= a.midY() {
			return true
		}
	}
	return false
}

// uprights are the upright rules of a page, and the sides of its frames.
func (sh *sheet) uprights() []box {
	var all []box
	for _, s := range sh.shapes {
		switch {
		case s.height() < 6:
		case s.width() < 3:
			all = append(all, s.box)
		case !s.filled && s.width() < 0.9*sh.width:
			all = append(all, box{s.left, s.top, s.left, s.bottom}, box{s.right, s.top, s.right, s.bottom})
		}
	}
	return all[:min(len(all), 2000)]
}

// levels are the level rules of a page: where they stand, and from where to where.
func (sh *sheet) levels() []box {
	var all []box
	for _, s := range sh.shapes {
		switch {
		case s.width() < 12:
		case s.height() < 3:
			all = append(all, s.box)
		case s.width() < 0.98*sh.width || s.height() < 0.5*sh.height: // a cell's frame or fill
			all = append(all, box{s.left, s.top, s.right, s.top}, box{s.left, s.bottom, s.right, s.bottom})
		}
	}
	return all[:min(len(all), 4000)]
}

// bulletBefore says whether a small drawn mark stands before a line.
func (sh *sheet) bulletBefore(l line) bool {
	for _, s := range sh.shapes {
		if s.width() < 0.7*l.size && s.height() < 0.7*l.size && s.width() > 0.1*l.size && s.height() > 0.1*l.size && s.right <= l.left &&
			l.left-s.right < 2.5*l.size && s.midY() > l.top && s.midY() < l.bottom {
			return true
		}
	}
	return false
}

// columns puts lines into reading order: where lines stand in columns of prose,
// the left column comes before the right one.
func columns(lines []line, levels []box, depth int) []line {
	if depth > 3 || len(lines) < proseLines {
		return lines
	}
	for _, x := range gutters(lines) {
		for from := 0; from < len(lines); {
			to := from
			for to < len(lines) && !lines[to].crosses(x) {
				to++
			}
			if to = lastBeside(lines[from:to], x) + from; to > from && proseBeside(lines[from:to], levels, x) {
				left, right := halves(lines[from:to], x)
				return slices.Concat(columns(lines[:from], levels, depth+1), columns(left, levels, depth+1),
					columns(right, levels, depth+1), columns(lines[to:], levels, depth))
			}
			for from = max(to, from+1); from < len(lines) && lines[from].crosses(x); {
				from++
			}
		}
	}
	return lines
}

// gutters are places that stand in a gap of several lines, the commonest first.
func gutters(lines []line) []float64 {
	votes := map[int]int{} // by points
	for i := range lines {
		l := withNext(lines, i)
		for j := 1; j < len(l.segments); j++ {
			from, to := l.segments[j-1].right, l.segments[j].left
			for x := int(from) + 1; x < int(to) && x < int(from)+400; x++ {
				votes[x]++
			}
		}
	}
	var all []int
	for x, n := range votes {
		if n >= proseBoth && n >= votes[x-1] && n > votes[x+1] { // the right end of a gap
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(a, b int) int { return cmp.Or(votes[b]-votes[a], a-b) })
	var out []float64
	for _, x := range all[:min(len(all), 20)] {
		out = append(out, float64(x))
	}
	return out
}

// lastBeside ends a run of lines where no more lines stand on both sides of x,
// but for those that follow closely: the rest of the longer column.
func lastBeside(lines []line, x float64) int {
	last := -1
	for i := range lines {
		l := withNext(lines, i)
		if l.right > x && l.left < x {
			last = i
		}
	}
	if last < 0 {
		return 0
	}
	for last++; last < len(lines) && lines[last].top-lines[last-1].bottom < lines[last].size; {
		last++
	}
	return last
}

// halves parts lines at x.
func halves(lines []line, x float64) (left, right []line) {
	for _, l := range lines {
		a, b, _ := l.split(x)
		if len(a.segments) > 0 {
			left = append(left, a)
		}
		if len(b.segments) > 0 {
			right = append(right, b)
		}
	}
	return left, right
}

func (l line) crosses(x float64) bool {
	return slices.ContainsFunc(l.segments, func(s segment) bool { return s.left < x && s.right > x })
}

// split parts a line at x. crosses says that a segment stands on both sides.
func (l line) split(x float64) (left, right line, crosses bool) {
	left, right = l, l
	left.segments, right.segments = nil, nil
	for _, s := range l.segments {
		switch {
		case s.right <= x:
			left.segments = append(left.segments, s)
		case s.left >= x:
			right.segments = append(right.segments, s)
		default:
			return l, line{}, true
		}
	}
	left.measure()
	right.measure()
	right.bullet = right.bullet && len(left.segments) == 0
	return left, right, false
}

// measure finds a line's place and look again, from its segments.
func (l *line) measure() {
	said := ""
	for i, s := range l.segments {
		if i == 0 {
			l.box, l.bold = s.box, true
		}
		l.box = l.box.join(s.box)
		l.bold = l.bold && s.bold
		l.size = weighed(l.size, said, s.size, s.text)
		said += s.text
	}
}

// Prose is told from a table by how much stands on a line of it, and by lines
// that reach as far as others do.
const (
	proseLines = 3   // of each column
	proseBoth  = 2   // that stand beside each other
	proseChars = 24  // median of a column's lines
	proseWidth = 0.7 // median, of the widest
)

// proseBeside says whether lines hold a column of prose on each side of x.
func proseBeside(lines []line, levels []box, x float64) bool {
	var left, right side
	var both []line
	for i := range lines {
		l := withNext(lines, i)
		if a, b, crosses := l.split(x); !crosses && len(a.segments) > 0 && len(b.segments) > 0 {
			left.add(a)
			right.add(b)
			both = append(both, l)
		}
	}
	a, b := halves(lines, x)
	return min(len(a), len(b)) >= proseLines && left.prose() && right.prose() && !ruledAcross(levels, both, x)
}

// withNext joins a line with the next one where that stands beside it, a little
// lower, as the lines of columns with other heights do.
func withNext(lines []line, i int) line {
	l := lines[i]
	if i+1 == len(lines) || lines[i+1].top > l.bottom-0.15*l.size {
		return l
	}
	for _, s := range l.segments {
		for _, n := range lines[i+1].segments {
			if s.left < n.right && n.left < s.right {
				return l
			}
		}
	}
	l.segments = slices.Concat(l.segments, lines[i+1].segments)
	slices.SortFunc(l.segments, func(a, b segment) int { return cmp.Compare(a.left, b.left) })
	l.box = l.box.join(lines[i+1].box)
	return l
}

// ruledAcross says whether level rules cross x between the lines: a table's.
func ruledAcross(levels []box, lines []line, x float64) bool {
	crossing := 0
	for _, r := range levels {
		if r.left < x-2 && r.right > x+2 && r.top > lines[0].bottom && r.top < lines[len(lines)-1].top {
			crossing++
		}
	}
	return crossing > 1
}

// side is one side of a gutter.
type side struct {
	chars  []int
	widths []float64
}

func (s *side) add(l line) {
	s.chars, s.widths = append(s.chars, utf8.RuneCountInString(l.text())), append(s.widths, l.width())
}

func (s *side) prose() bool {
	return len(s.chars) >= proseBoth && median(s.chars) >= proseChars && median(s.widths) >= proseWidth*slices.Max(s.widths)
}

func median[T cmp.Ordered](all []T) T {
	var zero T
	if len(all) == 0 {
		return zero
	}
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}
