package sentinel

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Bounds of what is learned.
const (
	// enough is the seconds of undisturbed writing after which a base line is
	// believed.
	enough = 120
	// full is where the counts are halved, so that what was learned lately weighs
	// more: two hours of undisturbed writing.
	full = 7200
	// slowWeight is how much less a slow second teaches: trouble of an hour must
	// not become the usual, a change for good must.
	slowWeight = 10

	// Speeds are counted in buckets of 5 %, from 0.1 to about 50,000 tokens/s.
	slowest, ratio, buckets = 0.1, 1.05, 270
	// usual is the quantile that counts as usual: above the middle, since the
	// seconds that teach are disturbed too now and then.
	usual = 0.6
)

// baseline counts seconds by their speed. Weights are in tenths of a second.
type baseline struct {
	counts [buckets]uint32
	total  uint32
	last   time.Time // when it learned last
}

func bucketOf(speed float64) int {
	if !(speed > slowest) {
		return 0
	}
	return min(buckets-1, int(math.Log(speed/slowest)/math.Log(ratio)))
}

// speedOf is the middle of a bucket.
func speedOf(bucket int) float64 { return slowest * math.Pow(ratio, float64(bucket)+0.5) }

// learn takes in one second.
func (b *baseline) learn(speed float64, slow bool, at time.Time) {
	weight := uint32(slowWeight)
	if slow {
		weight = 1
	}
	b.counts[bucketOf(speed)] += weight
	b.total += weight
	b.last = at
	if b.total >= full*slowWeight {
		b.total = 0
		for i := range b.counts {
			b.counts[i] /= 2
			b.total += b.counts[i]
		}
	}
}

// usual is the speed in tokens/s that is usual here; false while too little was seen.
func (b *baseline) usual() (float64, bool) {
	if b.total < enough*slowWeight {
		return 0, false
	}
	want, seen := usual*float64(b.total), uint32(0)
	for i, n := range b.counts {
		if seen += n; float64(seen) >= want {
			return speedOf(i), true
		}
	}
	return speedOf(buckets - 1), true
}

// saved is a base line as it is kept: the buckets that have something.
type saved struct {
	Counts map[int]uint32 `json:"counts"`
	Last   time.Time      `json:"last"`
}

// MarshalJSON gives the buckets that have something.
func (b *baseline) MarshalJSON() ([]byte, error) {
	s := saved{map[int]uint32{}, b.last}
	for i, n := range b.counts {
		if n > 0 {
			s.Counts[i] = n
		}
	}
	return json.Marshal(s)
}

var errDamaged = errors.New("a base line that cannot be")

// UnmarshalJSON refuses what cannot have been learned.
func (b *baseline) UnmarshalJSON(text []byte) error {
	var s saved
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("read a base line: %w", err)
	}
	*b = baseline{last: s.Last}
	for i, n := range s.Counts {
		if i < 0 || i >= buckets || n > full*slowWeight {
			return errDamaged
		}
		b.counts[i] = n
		if b.total += n; b.total > full*slowWeight {
			return errDamaged
		}
	}
	return nil
}

// key is what a speed depends on. Answers at once are put into classes: their
// tokens are written together, and one more or less of many changes little. So
// are lengths, by the mean of tokens in the cache: each token reads them all.
func key(model, device string, writing, length int) string {
	class := writing
	for _, most := range []int{1, 2, 3, 4, 6, 8, 12, 16, 32, 64} {
		if writing <= most {
			class = most
			break
		}
	}
	long := 1024
	for ; long < length && long < 1<<30; long *= 4 {
	}
	return strings.Join([]string{model, device, fmt.Sprint(class), fmt.Sprint(long)}, "\x1f")
}
