package documents

import (
	"context"
	"math"
	"slices"
	"strings"

	"alcove/app"
	"alcove/app/documents/extract"
	"alcove/app/documents/sentence"
	"alcove/storage"
)

// Change is a difference between two versions of a document.
type Change struct {
	Kind       string `json:"kind" enum:"added,removed,changed"`
	Heading    string `json:"heading" doc:"The headings above it, \" > \" between."`
	Before     string `json:"before,omitempty"`
	After      string `json:"after,omitempty"`
	PageBefore int    `json:"page_before,omitempty"`
	PageAfter  int    `json:"page_after,omitempty"`
}

// Kinds of changes.
const (
	ChangeAdded   = "added"
	ChangeRemoved = "removed"
	ChangeChanged = "changed"
)

// maxDiff bounds the blocks of a version that are compared.
const maxDiff = 20_000

// Diff says what changed from one document to another one that the person may
// read. Hidden text is left out.
func (s *Service) Diff(ctx context.Context, person, before, after string) ([]Change, error) {
	var parts [2][]statement
	for i, id := range []string{before, after} {
		d, blocks, err := s.Text(ctx, person, id, 0, maxDiff)
		if err != nil {
			return nil, err
		}
		if len(blocks) > maxDiff {
			return nil, &app.Error{Code: app.CodeDocumentTooLarge, Message: "This document is too long to be compared. Nothing was changed."}
		}
		if !d.Found {
			return nil, &app.Error{Code: app.CodeConflict, Message: "One of the documents was not read yet, so they cannot be compared. Wait until both are ready."}
		}
		parts[i] = statements(blocks)
	}
	return diff(parts[0], parts[1]), nil
}

// statement is a sentence, an item or a row, with the headings above it.
type statement struct {
	text, heading, key string
	page               int
}

// statements cuts a document's text. What is written in another case, with
// other spaces or other quotation marks says the same.
func statements(blocks []storage.Block) []statement {
	var out []statement
	type head struct {
		level int
		text  string
	}
	var heads []head
	for _, b := range blocks {
		if b.Hidden {
			continue
		}
		if b.Kind == string(extract.Heading) {
			heads = slices.DeleteFunc(heads, func(h head) bool { return h.level >= max(1, b.Level) })
			heads = append(heads, head{max(1, b.Level), strings.TrimSpace(b.Text)})
			continue
		}
		var path []string
		for _, h := range heads {
			path = append(path, h.text)
		}
		under := strings.Join(path, " > ")
		pieces := []string{b.Text}
		if b.Kind != string(extract.Row) {
			pieces = pieces[:0]
			for _, span := range sentence.Split(b.Text) {
				pieces = append(pieces, b.Text[span.Start:span.End])
			}
		}
		for _, p := range pieces {
			if p = strings.TrimSpace(p); p != "" {
				out = append(out, statement{text: p, heading: under, key: keyOf(p), page: b.Page})
			}
		}
	}
	return out
}

func keyOf(text string) string {
	return strings.Join(strings.Fields(quotes.Replace(strings.ToLower(text))), " ")
}

var quotes = strings.NewReplacer(`"`, "", "'", "", "„", "", "“", "", "”", "", "‚", "", "‘", "", "’", "", "«", "", "»", "")

// diff compares two lists of statements: what is in both, in order, stays; what
// stands between is paired by likeness.
func diff(before, after []statement) []Change {
	out := []Change{}
	i, j := 0, 0
	between := func(x, y int) {
		out = append(out, pair(before[i:x], after[j:y])...)
	}
	for _, m := range common(before, after) {
		between(m[0], m[1])
		i, j = m[0]+1, m[1]+1
	}
	between(len(before), len(after))
	return moved(out)
}

// common is a longest common subsequence as pairs of places (Myers' algorithm,
// with the number of steps bounded: very different texts share nothing then but
// their beginning and end).
func common(a, b []statement) [][2]int {
	same := func(x, y int) bool { return a[x].key == b[y].key }
	head := 0
	for head < len(a) && head < len(b) && same(head, head) {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && same(len(a)-1-tail, len(b)-1-tail) {
		tail++
	}
	var out [][2]int
	for i := range head {
		out = append(out, [2]int{i, i})
	}
	for _, m := range middle(a[head:len(a)-tail], b[head:len(b)-tail]) {
		out = append(out, [2]int{m[0] + head, m[1] + head})
	}
	for i := tail; i > 0; i-- {
		out = append(out, [2]int{len(a) - i, len(b) - i})
	}
	return out
}

// maxSteps bounds the memory of middle: steps squared, in places of 4 bytes.
const maxSteps = 2000

func middle(a, b []statement) [][2]int {
	n, m := len(a), len(b)
	if n == 0 || m == 0 {
		return nil
	}
	most := min(n+m, maxSteps)
	far := make([]int32, 2*most+3) // by diagonal: how far in a
	at := func(k int) int { return k + most + 1 }
	var trace [][]int32
	for d := 0; d <= most; d++ {
		trace = append(trace, slices.Clone(far[at(-d)-1:at(d)+2]))
		for k := -d; k <= d; k += 2 {
			var x int
			if k == -d || k != d && far[at(k-1)] < far[at(k+1)] {
				x = int(far[at(k+1)])
			} else {
				x = int(far[at(k-1)]) + 1
			}
			y := x - k
			for x < n && y >= 0 && y < m && a[x].key == b[y].key {
				x, y = x+1, y+1
			}
			far[at(k)] = int32(x)
			if x >= n && y >= m {
				return walk(trace, n, m, d)
			}
		}
	}
	return nil
}

// walk goes the found way back.
func walk(trace [][]int32, x, y, d int) [][2]int {
	var out [][2]int
	for ; d >= 0; d-- {
		far, k := trace[d], x-y
		get := func(k int) int32 {
			if i := k + d + 1; i >= 0 && i < len(far) {
				return far[i]
			}
			return math.MinInt32
		}
		before := k - 1
		if k == -d || k != d && get(k-1) < get(k+1) {
			before = k + 1
		}
		px := int(get(before))
		py := px - before
		if d == 0 {
			px, py = 0, 0
		}
		for x > px && y > py && x > 0 && y > 0 {
			x, y = x-1, y-1
			out = append(out, [2]int{x, y})
		}
		x, y = px, py
	}
	slices.Reverse(out)
	return out
}

// like is from when on two statements are one that was changed.
const like = 0.5

// maxPairs bounds how many statements between two that stay are compared with
// each other.
const maxPairs = 200

// pair joins what was taken out and put in at one place.
func pair(before, after []statement) []Change {
	var out []Change
	partner := make([]int, len(before))
	taken := make([]bool, len(after))
	for i := range partner {
		partner[i] = -1
	}
	if len(before) <= maxPairs && len(after) <= maxPairs {
		words := make([]map[string]int, len(after))
		for j, s := range after {
			words[j] = bagOf(s.key)
		}
		for i, s := range before {
			best, bag := like, bagOf(s.key)
			for j := range after {
				if l := likeness(bag, words[j]); !taken[j] && l >= best {
					best, partner[i] = l+1e-9, j
				}
			}
			if partner[i] >= 0 {
				taken[partner[i]] = true
			}
		}
	}
	for i, s := range before {
		if j := partner[i]; j >= 0 {
			t := after[j]
			out = append(out, Change{ChangeChanged, t.heading, s.text, t.text, s.page, t.page})
		} else {
			out = append(out, Change{Kind: ChangeRemoved, Heading: s.heading, Before: s.text, PageBefore: s.page})
		}
	}
	for j, t := range after {
		if !taken[j] {
			out = append(out, Change{Kind: ChangeAdded, Heading: t.heading, After: t.text, PageAfter: t.page})
		}
	}
	return out
}

func bagOf(key string) map[string]int {
	bag := map[string]int{}
	for _, w := range strings.Fields(key) {
		bag[w]++
	}
	return bag
}

// likeness is the share of words that two statements have in common, 0 to 1.
func likeness(a, b map[string]int) float64 {
	both, all := 0, 0
	for w, n := range a {
		both += min(n, b[w])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 0
	}
	return 2 * float64(both) / float64(all)
}

// moved leaves out what only stands somewhere else now.
func moved(list []Change) []Change {
	gone := map[string]int{}
	for _, c := range list {
		if c.Kind == ChangeRemoved {
			gone[keyOf(c.Before)]++
		}
	}
	back := map[string]int{}
	out := list[:0]
	for _, c := range list {
		if k := keyOf(c.After); c.Kind == ChangeAdded && gone[k] > 0 {
			gone[k]--
			back[k]++
			continue
		}
		out = append(out, c)
	}
	return slices.DeleteFunc(out, func(c Change) bool {
		k := keyOf(c.Before)
		if c.Kind != ChangeRemoved || back[k] == 0 {
			return false
		}
		back[k]--
		return true
	})
}
