package index

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"alcove/storage"
)

// soaked divides counts that only `make soak` runs whole.
func soaked(n int) int {
	if os.Getenv("ALCOVE_SOAK") == "1" {
		return n
	}
	return n / 20
}

// TestSoakRights asks collections with random owners, readers, versions and
// days as people who may and may not read them, and holds each passage against
// what a plain reading of the rules allows.
func TestSoakRights(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	s := newShelf(t, newFake())
	people := []string{"anna", "ben", "", "everybody"}
	days := []string{"", "2025-01-01", "2026-01-01", "2026-11-28", "2027-01-01"}
	type set struct {
		owner   string
		readers []string
	}
	sets := map[string]set{
		"mine": {"anna", nil}, "theirs": {"ben", nil}, "shared": {"ben", []string{"anna"}}, "all": {"ben", []string{storage.EveryReader}},
	}
	words := []string{"leave", "garage", "receipt", "night", "badge", "weeks"}
	versions := map[string][]storage.Version{}
	for name, c := range sets {
		s.collection(name, c.owner, c.readers...)
		for i := range 12 {
			d := storage.Document{CollectionID: name, Effective: days[r.IntN(len(days))], Version: fmt.Sprint("v", r.IntN(12)), Chosen: storage.FieldVersion}
			if i%2 == 0 {
				d.Series = fmt.Sprint("series", r.IntN(3))
			}
			d = s.put(d, "en", fmt.Sprintf("In %s the %s and the %s are of document %d.", name, words[r.IntN(6)], words[r.IntN(6)], i))
		}
		list, err := s.store.Versions(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		versions[name] = list
	}
	asked, found := 0, 0
	for range soaked(4000) {
		person, day := people[r.IntN(len(people))], days[1+r.IntN(len(days)-1)]
		for name, c := range sets {
			may := person != "" && (c.owner == person || len(c.readers) > 0 && (c.readers[0] == person || c.readers[0] == storage.EveryReader))
			holds, _ := storage.InForce(versions[name], day)
			text := words[r.IntN(6)] + " " + words[r.IntN(6)]
			passages := s.find(Query{Collection: name, Person: person, Text: text, AsOf: day, Limit: 50, Language: "en"}).Passages
			asked++
			for _, p := range passages {
				found++
				if !may || p.Document.CollectionID != name || !holds[p.DocumentID] {
					t.Fatalf("%q asked %s as of %s and found %q of %s (may %v, holds %v)", person, name, day, p.Text, p.Document.CollectionID, may, holds[p.DocumentID])
				}
			}
			if may && len(passages) != len(holds) { // few documents: meaning alone finds them all
				t.Fatalf("%q asked %s as of %s: %d passages, %d documents hold", person, name, day, len(passages), len(holds))
			}
		}
	}
	t.Logf("%d searches, %d passages, 0 of others", asked, found)
}

func TestSoakRemoved(t *testing.T) {
	s := newShelf(t, newFake())
	s.collection("hr", "owner")
	kept := s.put(storage.Document{CollectionID: "hr"}, "en", parking)
	for i := range soaked(1000) {
		d := s.put(storage.Document{CollectionID: "hr"}, "en", fmt.Sprintf("Secret%d\nThe word of the day is mirabelle%d.", i, i), parental)
		s.remove(d)
		for _, p := range s.find(Query{Collection: "hr", Person: "owner", Text: fmt.Sprintf("mirabelle%d parental leave", i), Language: "en"}).Passages {
			if p.DocumentID != kept.ID {
				t.Fatalf("found after it was removed: %q", p.Text)
			}
		}
	}
	if rows, _ := s.ix.vectors.count(); rows != 1 {
		t.Errorf("%d vectors in memory, want 1", rows)
	}
}

// A row that is deleted without Withdraw is not found either: memory follows the store.
func TestSearch_DeletedInTheStoreAlone(t *testing.T) {
	s := newShelf(t, newFake())
	s.collection("hr", "owner")
	d := s.put(storage.Document{CollectionID: "hr"}, "en", parental)
	if _, err := s.store.DeleteDocument(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
	if found := s.find(Query{Collection: "hr", Person: "owner", Text: "parental leave"}); len(found.Passages) != 0 {
		t.Errorf("found %+v", found.Passages)
	}
}
