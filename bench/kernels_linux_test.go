package main

import (
	"os"
	"slices"
	"testing"
)

func TestFamily(t *testing.T) {
	if got := family(os.Getppid()); !slices.Contains(got, os.Getpid()) || got[0] != os.Getppid() {
		t.Errorf("%v", got)
	}
}

func TestOtherKernels(t *testing.T) {
	for _, test := range []struct {
		ours, theirs string
		refused      bool
	}{
		{"haswell", "haswell", false}, {"sapphirerapids", "zen4", true}, {"haswell", "", false}, {"", "zen4", false},
	} {
		if err := sameKernels(test.ours, test.theirs); (err != nil) != test.refused {
			t.Errorf("%q and %q: %v", test.ours, test.theirs, err)
		}
	}
}
