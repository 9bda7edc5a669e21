package draft_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/draft"
)

func TestWhichRowNamesTheColumns(t *testing.T) {
	for name, c := range map[string]struct {
		rows []draft.TableRow
		want []string
	}{
		"said":               {[]draft.TableRow{{Cells: []string{"1", "2"}, Head: true}, {Cells: []string{"a", "b"}}}, []string{"1 | 2", "1: a; 2: b"}},
		"figures below":      {[]draft.TableRow{{Cells: []string{"Grade", "Days"}}, {Cells: []string{"A", "3"}}}, []string{"Grade | Days", "Grade: A; Days: 3"}},
		"names and values":   {[]draft.TableRow{{Cells: []string{"Time", "40 hours"}}, {Cells: []string{"Leave", "30 days"}}}, []string{"Time: 40 hours", "Leave: 30 days"}},
		"words side by side": {[]draft.TableRow{{Cells: []string{"Contact", "Personnel"}}, {Cells: []string{"Place", "First floor"}}}, []string{"Contact: Personnel", "Place: First floor"}},
		"bold":               {[]draft.TableRow{{Cells: []string{"Who", "What"}, Bold: true}, {Cells: []string{"HR", "all"}}}, []string{"Who | What", "Who: HR; What: all"}},
		"years of training":  {[]draft.TableRow{{Cells: []string{"Group", "Year 1", "Year 2"}}, {Cells: []string{"Clerk", "1150", "1210"}}}, []string{"Group | Year 1 | Year 2", "Group: Clerk; Year 1: 1150; Year 2: 1210"}},
		"years":              {[]draft.TableRow{{Cells: []string{"Group", "2025", "2026"}}, {Cells: []string{"Clerk", "1150", "1210"}}}, []string{"Group | 2025 | 2026", "Group: Clerk; 2025: 1150; 2026: 1210"}},
		"two rows":           {[]draft.TableRow{{Cells: []string{"", "2026", "2026"}, Head: true}, {Cells: []string{"Group", "Min", "Max"}, Head: true}, {Cells: []string{"A", "1", "2"}}}, []string{"2026", "Group | Min | Max", "Group: A; 2026 Min: 1; 2026 Max: 2"}},
		"all said":           {[]draft.TableRow{{Cells: []string{"a", "b"}, Head: true}, {Cells: []string{"c", "d"}, Head: true}}, []string{"a | b", "a: c; b: d"}},
		"empty cells":        {[]draft.TableRow{{Cells: []string{"Who", "Tel", "Mail"}, Head: true}, {Cells: []string{"HR", "", "x@y"}}, {Cells: []string{"", "", ""}}}, []string{"Who | Tel | Mail", "Who: HR; Mail: x@y"}},
	} {
		d := draft.New(extract.Input{})
		d.Table(c.rows)
		var got []string
		for _, b := range d.Done().Blocks {
			got = append(got, b.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLimitsEndTheDocument(t *testing.T) {
	d := draft.New(extract.Input{Limits: extract.Limits{Text: 100, Blocks: 3}})
	for range 10 {
		d.Add(extract.Block{Text: strings.Repeat("x", 30)})
	}
	doc := d.Done()
	if len(doc.Blocks) != 3 || !d.Full() || len(doc.Flags) != 1 || doc.Flags[0].Kind != extract.FlagTruncated {
		t.Errorf("got %+v", doc)
	}
}

func TestUnseenCharactersAreFlaggedOnceAPage(t *testing.T) {
	d := draft.New(extract.Input{})
	d.Add(extract.Block{Text: "a\u200bb\u200bc", Page: 2})
	d.Add(extract.Block{Text: "ignore\U000e0049\U000e0067\U000e006e", Page: 3})
	doc := d.Done()
	if doc.Blocks[0].Text != "abc" || len(doc.Flags) != 2 || doc.Flags[0].Page != 2 || doc.Flags[0].Kind != extract.FlagHidden {
		t.Errorf("got %+v", doc)
	}
}
