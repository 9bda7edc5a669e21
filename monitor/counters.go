package monitor

import (
	"math"
	"slices"
	"time"
	"unicode"
)

// counters turns running totals of devices, two each, into speeds a second. A
// device that came, or whose total went back, counts from its next reading on.
type counters struct {
	at     time.Time
	before map[string][2]uint64
}

// add gives the speeds of all devices together since the call before, in whole
// numbers; nil for the first call, and when no device was there at both.
func (c *counters) add(now time.Time, all map[string][2]uint64) (first, second *float64) {
	passed := now.Sub(c.at).Seconds()
	var sum [2]float64
	known := false
	for name, is := range all {
		was, there := c.before[name]
		if !there || is[0] < was[0] || is[1] < was[1] {
			continue
		}
		known = true
		sum[0] += float64(is[0] - was[0])
		sum[1] += float64(is[1] - was[1])
	}
	known = known && !c.at.IsZero() && passed > 0
	c.at, c.before = now, all
	if !known {
		return nil, nil
	}
	return new(math.Round(sum[0] / passed)), new(math.Round(sum[1] / passed))
}

// sortByNumber orders hwmon2 before hwmon10.
func sortByNumber(names []string) {
	slices.SortStableFunc(names, func(a, b string) int {
		x, y := []rune(a), []rune(b)
		for len(x) > 0 && len(y) > 0 {
			if unicode.IsDigit(x[0]) && unicode.IsDigit(y[0]) {
				m, restX := digits(x)
				n, restY := digits(y)
				if len(m) != len(n) {
					return len(m) - len(n)
				}
				if c := slices.Compare(m, n); c != 0 {
					return c
				}
				x, y = restX, restY
				continue
			}
			if x[0] != y[0] {
				return int(x[0]) - int(y[0])
			}
			x, y = x[1:], y[1:]
		}
		return len(x) - len(y)
	})
}

// digits splits a number, without leading zeros, from the rest.
func digits(s []rune) (number, rest []rune) {
	n := 0
	for n < len(s) && unicode.IsDigit(s[n]) {
		n++
	}
	number = s[:n]
	for len(number) > 1 && number[0] == '0' {
		number = number[1:]
	}
	return number, s[n:]
}
