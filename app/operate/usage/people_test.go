package usage

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alcove/monitor/rollup"
)

func TestGroup(t *testing.T) {
	people := func(page int, keys ...uint64) map[string]rollup.Counts {
		m := map[string]rollup.Counts{}
		if page > 0 {
			m[pageUser] = rollup.Counts{Requests: uint64(page)}
		}
		for i, n := range keys {
			m[fmt.Sprint(keyMark, i)] = rollup.Counts{Requests: n}
		}
		return m
	}
	names := names{}
	for i := range 9 {
		names[fmt.Sprint(keyMark, i)] = fmt.Sprint("key ", i)
	}
	for _, c := range []struct {
		name   string
		byUser map[string]rollup.Counts
		least  int
		want   []string
	}{
		{"nobody", people(0), 5, nil},
		{"one person", people(7), 5, nil},
		{"four keys are too few, and one person more is enough for others", people(1, 1, 2, 3, 4), 5, []string{"others 5: 11"}},
		{"four keys are too few", people(0, 1, 2, 3, 4), 5, nil},
		{"five keys", people(0, 1, 2, 3, 4, 5), 5, []string{"key 4 1: 5", "key 3 1: 4", "key 2 1: 3", "key 1 1: 2", "key 0 1: 1"}},
		{"one person beside five keys would be what is left", people(9, 1, 2, 3, 4, 5), 5, []string{"key 4 1: 5", "others 5: 19"}},
		{"a larger least group", people(0, 1, 2, 3, 4, 5), 6, nil},
	} {
		got := []string(nil)
		for _, p := range group(c.byUser, names, c.least) {
			got = append(got, fmt.Sprintf("%s %d: %d", p.Who, p.People, p.Requests))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// What is left of the total after the named rows is of nobody or of enough people.
func TestGroup_LeavesNoSmallRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		byUser := map[string]rollup.Counts{}
		for i := range rapid.IntRange(0, 20).Draw(t, "people") {
			user := fmt.Sprint("person", i)
			if rapid.Bool().Draw(t, "key") {
				user = keyMark + user
			}
			byUser[user] = rollup.Counts{Requests: rapid.Uint64Range(0, 100).Draw(t, "requests")}
		}
		least := rapid.IntRange(LeastGroup, 9).Draw(t, "least")
		rows := group(byUser, names{}, least)
		seen := 0
		var requests, all uint64
		for _, p := range rows {
			seen += p.People
			requests += p.Requests
			if p.Who == others && p.People < least {
				t.Fatalf("others are %d", p.People)
			}
		}
		for _, c := range byUser {
			all += c.Requests
		}
		if len(rows) > 0 && (seen != len(byUser) || requests != all) {
			t.Fatalf("%d of %d people are in %+v", seen, len(byUser), rows)
		}
	})
}

func TestPrivacy_IsOnUnlessItIsTurnedOff(t *testing.T) {
	for _, c := range []struct {
		perPerson, group string
		on               bool
		least            int
	}{
		{"", "", false, 5}, {"true", "", true, 5}, {"true", "3", true, 5}, {"true", "8", true, 8}, {`"yes"`, `"x"`, false, 5}, {"true", "-1e99", true, 5},
	} {
		set := map[string]json.RawMessage{}
		if c.perPerson != "" {
			set["usage_per_person"] = json.RawMessage(c.perPerson)
		}
		if c.group != "" {
			set["usage_min_group"] = json.RawMessage(c.group)
		}
		if on, least := privacy(set); on != c.on || least != c.least {
			t.Errorf("%+v: %v, %d", c, on, least)
		}
	}
}

// Where midnight is within an hour, no day is half an hour long.
func TestUsage_HasWholeDaysInIndia(t *testing.T) {
	zone := time.Local
	t.Cleanup(func() { time.Local = zone })
	time.Local = time.FixedZone("IST", 5*3600+1800)
	d := newDesk(t) // 13:30 there
	for range 3 * 48 {
		d.Answer(d.anAnswer())
		d.tick(30 * time.Minute)
	}
	for _, stored := range []bool{false, true} {
		v, err := d.Usage(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		var days []string
		for _, day := range v.ByDay {
			days = append(days, fmt.Sprint(day.Day, " ", day.Requests))
		}
		// Hours begin at half past; today is 13 of them.
		if d := cmp.Diff([]string{"2026-11-30 48", "2026-12-01 26"}, days); d != "" {
			t.Errorf("stored %v: %s", stored, d)
		}
		d.tick(time.Minute)
	}
}
