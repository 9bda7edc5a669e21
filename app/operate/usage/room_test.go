package usage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alcove/storage"
)

func TestCuts(t *testing.T) {
	began := newClocks().wall
	// Ten buckets of 10 bytes in each of two tiers.
	sizes := func(step time.Duration) (list []storage.UsageSize) {
		for i := range 10 {
			list = append(list, storage.UsageSize{Start: began.Add(time.Duration(i) * step), Bytes: 10})
		}
		return list
	}
	tiers := [][]storage.UsageSize{sizes(time.Minute), sizes(time.Hour)}
	for _, c := range []struct {
		most           int64
		minutes, hours int // how many go
	}{
		{1000, 0, 0}, {200, 0, 0}, {199, 1, 0}, {180, 2, 0}, {140, 6, 0}, {139, 6, 1}, {100, 6, 4}, {0, 6, 9},
	} {
		at := func(n int, step time.Duration) time.Time {
			if n == 0 {
				return time.Time{}
			}
			return began.Add(time.Duration(n) * step)
		}
		want := []time.Time{at(c.minutes, time.Minute), at(c.hours, time.Hour)}
		if d := cmp.Diff(want, cuts(tiers, []time.Duration{3 * time.Minute, 0}, c.most)); d != "" {
			t.Errorf("at most %d: %s", c.most, d)
		}
	}
	if got := cuts([][]storage.UsageSize{nil, nil}, []time.Duration{0, 0}, 0); !got[0].IsZero() || !got[1].IsZero() {
		t.Errorf("nothing is there: %v", got)
	}
}
