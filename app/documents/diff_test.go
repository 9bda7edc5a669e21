package documents

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"alcove/storage"
)

// text makes blocks of lines: "# " begins a heading.
func text(lines ...string) []storage.Block {
	var out []storage.Block
	for i, l := range lines {
		b := storage.Block{Kind: "paragraph", Text: l, Page: i/3 + 1}
		if h, ok := strings.CutPrefix(l, "# "); ok {
			b.Kind, b.Text, b.Level = "heading", h, 1
		}
		out = append(out, b)
	}
	return out
}

func TestDiff(t *testing.T) {
	old := text("# Leave", "Everybody has 28 days of leave. Ask your manager first.", "The office is closed on Friday.", "# Travel", "Second class is paid.", "Taxis are not paid.")
	cases := map[string]struct {
		now  []storage.Block
		want []Change
	}{
		"the same": {old, []Change{}},
		"spaces and quotes": {text("# Leave", "Everybody  has 28 days of “leave”. Ask your manager first.", "The office is closed on Friday.", "# Travel", "Second class is paid.", "Taxis are not paid."),
			[]Change{}},
		"a number": {text("# Leave", "Everybody has 30 days of leave. Ask your manager first.", "The office is closed on Friday.", "# Travel", "Second class is paid.", "Taxis are not paid."),
			[]Change{{ChangeChanged, "Leave", "Everybody has 28 days of leave.", "Everybody has 30 days of leave.", 1, 1}}},
		"added and removed": {text("# Leave", "Everybody has 28 days of leave. Ask your manager first.", "The office is closed on Friday.", "# Travel", "Second class is paid.", "Bicycles may be rented for a week."),
			[]Change{{Kind: ChangeRemoved, Heading: "Travel", Before: "Taxis are not paid.", PageBefore: 2}, {Kind: ChangeAdded, Heading: "Travel", After: "Bicycles may be rented for a week.", PageAfter: 2}}},
		"moved": {text("# Travel", "Second class is paid.", "Taxis are not paid.", "# Leave", "Everybody has 28 days of leave. Ask your manager first.", "The office is closed on Friday."),
			[]Change{}},
		"all gone": {nil, []Change{
			{Kind: ChangeRemoved, Heading: "Leave", Before: "Everybody has 28 days of leave.", PageBefore: 1}, {Kind: ChangeRemoved, Heading: "Leave", Before: "Ask your manager first.", PageBefore: 1},
			{Kind: ChangeRemoved, Heading: "Leave", Before: "The office is closed on Friday.", PageBefore: 1}, {Kind: ChangeRemoved, Heading: "Travel", Before: "Second class is paid.", PageBefore: 2},
			{Kind: ChangeRemoved, Heading: "Travel", Before: "Taxis are not paid.", PageBefore: 2}}},
	}
	for name, c := range cases {
		if got := diff(statements(old), statements(c.now)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", name, got, c.want)
		}
	}
}

// The common part is in both in order, and there is no longer one.
func TestCommon_IsLongest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a, b := letters(random), letters(random)
		got := common(a, b)
		x, y := -1, -1
		for _, m := range got {
			if m[0] <= x || m[1] <= y || a[m[0]].key != b[m[1]].key {
				t.Fatalf("%v of %v and %v", got, a, b)
			}
			x, y = m[0], m[1]
		}
		if want := longest(a, b); len(got) != want {
			t.Fatalf("%d of %d: %v and %v", len(got), want, a, b)
		}
	}
	// Texts that have nothing in common end.
	var a, b []statement
	for i := range maxDiff {
		a = append(a, statement{key: fmt.Sprint("a", i)})
		b = append(b, statement{key: fmt.Sprint("b", i)})
	}
	if got := common(a, b); len(got) != 0 {
		t.Error(len(got))
	}
}

func letters(random *rand.Rand) []statement {
	out := make([]statement, random.IntN(12))
	for i := range out {
		out[i].key = string(rune('a' + random.IntN(4)))
	}
	return out
}

func longest(a, b []statement) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			table[i][j] = max(table[i+1][j], table[i][j+1])
			if a[i].key == b[j].key {
				table[i][j] = table[i+1][j+1] + 1
			}
		}
	}
	return table[0][0]
}
