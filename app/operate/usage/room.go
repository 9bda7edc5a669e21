package usage

import (
	"context"
	"time"

	"alcove/monitor/rollup"
	"alcove/storage"
)

// mostBytes is what all buckets may take, by storage's count. In the file they
// take up to 1.5 times as much, since pages are not full; with 100,000 requests
// that is less than 50 MB.
const mostBytes = 20_000_000

// leastKept is what the fine tiers keep while a coarser one has something to
// give; the coarsest gives the rest.
var leastKept = []time.Duration{time.Hour, 6 * time.Hour, 0}

// room looks once in sixty minutes whether the buckets take too much. It
// belongs to the writer.
type room struct {
	most, looked int64 // looked is the number of the minute
	over         bool  // they did; it is looked again with the next minute
}

// look brings the cuts into what is to be removed.
func (m *room) look(ctx context.Context, store Store, seq int64, p *storage.UsagePrune) error {
	if seq-m.looked < 60 && !m.over {
		return nil
	}
	m.looked = seq
	var sizes [][]storage.UsageSize
	err := store.ReadUsage(ctx, func(u storage.UsageReader) error {
		for _, tier := range rollup.Tiers {
			list, err := u.Sizes(tier.Step)
			if err != nil {
				return err
			}
			sizes = append(sizes, list)
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.over = false
	for i, cut := range cuts(sizes, leastKept, m.most) {
		if cut.After(p.Buckets[i].Before) {
			p.Buckets[i].Before, m.over = cut, true
		}
	}
	return nil
}

// cuts says before when the buckets of each tier, fine to coarse, must go so
// that all fit in most bytes: the oldest of the finest tier first, as long as it
// keeps its least. The zero time: none.
func cuts(tiers [][]storage.UsageSize, least []time.Duration, most int64) []time.Time {
	excess := -most
	for _, sizes := range tiers {
		for _, s := range sizes {
			excess += s.Bytes
		}
	}
	out := make([]time.Time, len(tiers))
	for i, sizes := range tiers {
		for n := 0; n+1 < len(sizes) && excess > 0; n++ { // the newest stays
			if next := sizes[n+1].Start; sizes[len(sizes)-1].Start.Sub(next) >= least[i] {
				out[i] = next
				excess -= sizes[n].Bytes
			}
		}
	}
	return out
}
