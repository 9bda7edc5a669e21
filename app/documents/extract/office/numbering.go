package office

import (
	"context"
	"encoding/xml"
	"strconv"
	"strings"

	"alcove/app/documents/extract/archive"
)

// numbering counts the numbers that Word shows before headings and items, and
// does not write into the text: "3.2", "§ 5", "a)".
type numbering struct {
	kinds    map[string]*[9]numberLevel // abstract lists
	lists    map[string]numberList
	counters map[string]*[9]int // by abstract list; 0: not begun

	abstract, list string
	level          int
}

type numberLevel struct {
	start  int
	format string // "decimal", "lowerLetter", "bullet"
	text   string // "%1.%2"
}

type numberList struct {
	abstract string
	starts   map[int]int
}

func readNumbering(ctx context.Context, a *archive.Archive, part string) (*numbering, error) {
	n := &numbering{kinds: map[string]*[9]numberLevel{}, lists: map[string]numberList{}, counters: map[string]*[9]int{}}
	if err := a.Walk(ctx, part, n); err != nil && isFatal(err) {
		return nil, err
	}
	return n, nil
}

func (n *numbering) Start(e xml.StartElement) error {
	val := archive.Attr(e, "val")
	if len(n.kinds) > 5000 || len(n.lists) > 20_000 {
		return archive.ErrStop
	}
	switch e.Name.Local {
	case "abstractNum":
		n.abstract, n.list, n.level = archive.Attr(e, "abstractNumId"), "", 0
		n.kinds[n.abstract] = &[9]numberLevel{}
	case "num":
		n.list, n.abstract = archive.Attr(e, "numId"), ""
		n.lists[n.list] = numberList{starts: map[int]int{}}
	case "abstractNumId":
		if l, ok := n.lists[n.list]; ok {
			l.abstract = val
			n.lists[n.list] = l
		}
	case "lvl", "lvlOverride":
		n.level = max(0, min(number(archive.Attr(e, "ilvl")), 8))
	case "startOverride":
		if l, ok := n.lists[n.list]; ok {
			l.starts[n.level] = number(val)
		}
	case "start", "numFmt", "lvlText":
		if kind := n.kinds[n.abstract]; kind != nil {
			switch level := &kind[n.level]; e.Name.Local {
			case "start":
				level.start = number(val)
			case "numFmt":
				level.format = val
			default:
				level.text = val
			}
		}
	}
	return nil
}

func (n *numbering) End(xml.Name) error { return nil }
func (n *numbering) Text([]byte) error  { return nil }

// next counts one more paragraph of a list at a level from 0, and gives what
// stands before it; "" for bullets and lists that are not there.
func (n *numbering) next(list string, level int) string {
	l, ok := n.lists[list]
	kind := n.kinds[l.abstract]
	if !ok || kind == nil || level < 0 || level > 8 {
		return ""
	}
	counts := n.counters[l.abstract]
	if counts == nil {
		counts = &[9]int{}
		n.counters[l.abstract] = counts
	}
	if start, again := l.starts[level]; again { // once: then it goes on
		counts[level] = start - 1
		delete(l.starts, level)
	} else if counts[level] == 0 {
		counts[level] = kind[level].start - 1
	}
	counts[level]++
	for deeper := level + 1; deeper < 9; deeper++ {
		counts[deeper] = 0
	}
	return n.label(kind, counts, level)
}

func (n *numbering) label(kind *[9]numberLevel, counts *[9]int, level int) string {
	if f := kind[level].format; f == "bullet" || f == "none" || f == "" {
		return ""
	}
	text := kind[level].text
	if len(text) > 100 {
		return ""
	}
	for i := range 9 {
		place := "%" + strconv.Itoa(i+1)
		if strings.Contains(text, place) {
			text = strings.ReplaceAll(text, place, numeral(max(counts[i], kind[i].start), kind[i].format))
		}
	}
	return strings.TrimSpace(text)
}

// numeral writes a number as the format says.
func numeral(n int, format string) string {
	switch format {
	case "lowerLetter", "upperLetter":
		if n < 1 || n > 26*9 {
			return strconv.Itoa(n)
		}
		s := strings.Repeat(string(rune('a'+(n-1)%26)), (n-1)/26+1)
		if format == "upperLetter" {
			s = strings.ToUpper(s)
		}
		return s
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "upperRoman":
		return roman(n)
	case "decimalZero":
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
	}
	return strconv.Itoa(n)
}

func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, r := range []struct {
		n int
		s string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= r.n; n -= r.n {
			b.WriteString(r.s)
		}
	}
	return b.String()
}
