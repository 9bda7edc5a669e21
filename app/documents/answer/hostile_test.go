package answer

import (
	"strings"
	"testing"
	"unicode"

	"alcove/app/documents/index"
	"alcove/internal/testkit/hostile"
	"alcove/storage"
)

// Whatever a document says: in the prompt it stays between its own marks, under
// its own label, and cannot make numbers, marks or turns.
func TestHostileDocumentsStayData(t *testing.T) {
	for _, goal := range hostile.Goals {
		for i := range hostile.Count {
			d := hostile.Make(goal, i)
			s := newShelf()
			s.found.Passages = append(s.found.Passages, index.Passage{
				Chunk:    storage.Chunk{ID: d.Name, DocumentID: d.Name, Text: d.Text, Heading: d.Title},
				Document: storage.Document{ID: d.Name, CollectionID: "hr", Name: d.Name, Title: d.Title},
				Signals:  index.Signals{Near: 0.9, Coverage: 1, BM25: 1},
			})
			p := prepared(t, s, Ask{Question: "How many days of annual leave do full-time employees receive?"})
			for j, segment := range p.System {
				if j == 0 {
					if segment.Text != instruction {
						t.Fatalf("%s: the instruction is %q", d.Name, segment.Text)
					}
					continue
				}
				checkSegment(t, d, segment.Text)
				own := strings.Contains(segment.Text, d.Name) || strings.Contains(segment.Text, plain(d.Text))
				if own != (segment.Share == ShareOf(d.Name)) {
					t.Fatalf("%s: labelled %s: %q", d.Name, segment.Share, segment.Text)
				}
			}
		}
	}
}

func checkSegment(t *testing.T, d hostile.Document, text string) {
	t.Helper()
	if strings.Count(text, "===") != 4 {
		t.Fatalf("%s makes marks: %q", d.Name, text)
	}
	if n := len(numbersIn.FindAllString(text, -1)); n != 2 { // of its beginning and end
		t.Fatalf("%s makes numbers: %q", d.Name, text)
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Fatalf("%s has %U: %q", d.Name, r, text)
		}
	}
}
