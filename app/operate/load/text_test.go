package load

import (
	"strings"
	"testing"
)

func TestDocuments(t *testing.T) {
	for seed := range uint64(7) {
		book := Handbook(seed, 620)
		if n := len(strings.Fields(book)); n != 620 {
			t.Errorf("handbook %d has %d words", seed, n)
		}
		if book != Handbook(seed, 620) {
			t.Errorf("handbook %d is not the same twice", seed)
		}
		if other, _, _ := strings.Cut(Handbook(seed+1, 620), " "); strings.HasPrefix(book, other) {
			t.Errorf("handbooks %d and %d begin alike with %q", seed, seed+1, other)
		}
		if strings.ContainsAny(book, "{}") {
			t.Errorf("handbook %d has marks left: %.300s", seed, book)
		}
	}
	if n := len(strings.Fields(Contract(3, 1500))); n != 1500 {
		t.Errorf("the contract has %d words", n)
	}
}

func TestNoQuestionTwice(t *testing.T) {
	seen := map[string]int{}
	for n := range 10_000 {
		q := Question(n)
		if before, ok := seen[q]; ok {
			t.Fatalf("questions %d and %d are both %q", before, n, q)
		}
		seen[q] = n
	}
}
