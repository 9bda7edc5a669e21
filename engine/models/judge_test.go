package models

import (
	"strings"
	"testing"
	"time"
)

// TestJudge tells short stories of one file; each step is a look at a second.
func TestJudge(t *testing.T) {
	const settle = 10 * time.Second
	begin := time.Unix(1_800_000_000, 0)
	type step struct {
		at      int // seconds
		size    int64
		inode   uint64
		wrote   int // second of the file's own time
		writers writers
		err     error
		need    int64
		want    State
		percent int
	}
	short := func(have int64) error { return &IncompleteError{Have: have, Need: 1000} }
	header := &IncompleteError{Have: 1}
	cases := map[string][]step{
		"whole, at once":                      {{0, 1000, 1, 0, writersUnknown, nil, 1000, StateReady, 0}},
		"whole, from the future":              {{0, 1000, 1, 99, writersUnknown, nil, 1000, StateReady, 0}},
		"whole in size, somebody writes it":   {{0, 1000, 1, 0, writersSome, nil, 1000, StateCopying, 99}, {1, 1000, 1, 0, writersNone, nil, 1000, StateReady, 0}},
		"lies here short since long ago":      {{0, 430, 1, -60, writersUnknown, short(430), 1000, StateRefused, 0}},
		"short, then no more comes":           {{0, 430, 1, 0, writersUnknown, short(430), 1000, StateCopying, 43}, {9, 430, 1, 0, writersUnknown, short(430), 1000, StateCopying, 43}, {10, 430, 1, 0, writersUnknown, short(430), 1000, StateRefused, 0}},
		"short, its writer pauses for a time": {{0, 430, 1, 0, writersSome, short(430), 1000, StateCopying, 43}, {60, 430, 1, 0, writersSome, short(430), 1000, StateCopying, 43}, {61, 1000, 1, 61, writersNone, nil, 1000, StateReady, 0}},
		"refused, then it goes on":            {{0, 430, 1, -60, writersNone, short(430), 1000, StateRefused, 0}, {1, 500, 1, 1, writersNone, short(500), 1000, StateCopying, 50}, {2, 1000, 1, 2, writersNone, nil, 1000, StateReady, 0}},
		"inside its header":                   {{0, 8, 1, 0, writersUnknown, header, 0, StateCopying, 0}, {10, 8, 1, 0, writersUnknown, header, 0, StateRefused, 0}},
		"empty":                               {{0, 0, 1, 0, writersUnknown, ErrNotGGUF, 0, StateCopying, 0}, {10, 0, 1, 0, writersUnknown, ErrNotGGUF, 0, StateRefused, 0}},
		"not a model":                         {{0, 50, 1, 0, writersUnknown, ErrNotGGUF, 0, StateRefused, 0}},
		"all its room taken first, on a share": {{0, 1000, 1, 0, writersUnknown, ErrNotGGUF, 0, StateRefused, 0}, {1, 1000, 1, 1, writersUnknown, nil, 1000, StateChecking, 0},
			{9, 1000, 1, 9, writersUnknown, nil, 1000, StateChecking, 0}, {19, 1000, 1, 9, writersUnknown, nil, 1000, StateReady, 0}},
		"rewritten where it is":           {{0, 1000, 1, -60, writersNone, nil, 1000, StateReady, 0}, {5, 1000, 1, 5, writersSome, nil, 1000, StateCopying, 99}, {6, 1000, 1, 5, writersNone, nil, 1000, StateReady, 0}},
		"replaced by rename":              {{0, 1000, 1, -60, writersUnknown, nil, 1000, StateReady, 0}, {5, 1000, 2, -3, writersUnknown, nil, 1000, StateReady, 0}},
		"cut":                             {{0, 1000, 1, -60, writersNone, nil, 1000, StateReady, 0}, {5, 430, 1, 5, writersNone, short(430), 1000, StateCopying, 43}, {15, 430, 1, 5, writersNone, short(430), 1000, StateRefused, 0}},
		"damaged while somebody writes":   {{0, 50, 1, 0, writersSome, ErrDamaged, 0, StateCopying, 0}, {1, 50, 1, 0, writersNone, ErrDamaged, 0, StateRefused, 0}},
		"copied over a longer one, share": {{0, 2000, 1, -60, writersUnknown, nil, 2000, StateReady, 0}, {1, 430, 1, 1, writersUnknown, short(430), 1000, StateCopying, 43}, {2, 1000, 1, 2, writersUnknown, nil, 1000, StateChecking, 0}, {12, 1000, 1, 2, writersUnknown, nil, 1000, StateReady, 0}},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			var is *track
			for i, s := range steps {
				at := begin.Add(time.Duration(s.at) * time.Second)
				is = judge(is, look{at: at, writers: s.writers, header: Header{Need: s.need}, err: s.err,
					stamp: stamp{inode: s.inode, size: s.size, modified: begin.Add(time.Duration(s.wrote) * time.Second).UnixNano()}}, settle)
				if is.state != s.want || is.percent != s.percent {
					t.Errorf("step %d: %s %d %%, want %s %d %%", i, is.state, is.percent, s.want, s.percent)
				}
				if (is.reason == "") != (is.state == StateReady) {
					t.Errorf("step %d: %s because of %q", i, is.state, is.reason)
				}
			}
		})
	}
}

func TestUnit_Judge(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	part := func(no, count int, s State, age time.Duration) *track {
		p := &track{look: look{stamp: stamp{size: 100}, header: Header{SplitNo: no, SplitCount: count, Need: 100}}, state: s, changed: now.Add(-age)}
		if s != StateReady {
			p.reason = "Why."
		}
		return p
	}
	cases := map[string]struct {
		count  int
		parts  map[int]*track
		want   State
		reason string
		pct    int
	}{
		"one file":                    {0, map[int]*track{1: part(0, 0, StateReady, 0)}, StateReady, "", 0},
		"one file of a split model":   {0, map[int]*track{1: part(1, 3, StateReady, 0)}, StateRefused, "-00002-of-00003.gguf", 0},
		"all parts":                   {2, map[int]*track{1: part(0, 2, StateReady, 0), 2: part(1, 2, StateReady, 0)}, StateReady, "", 0},
		"one of one":                  {1, map[int]*track{1: part(0, 0, StateReady, 0)}, StateReady, "", 0},
		"the first is still to come":  {2, map[int]*track{2: part(1, 2, StateReady, 0)}, StateCopying, "Part 1 of 2", 50},
		"the last never comes":        {2, map[int]*track{1: part(0, 2, StateReady, time.Hour)}, StateRefused, "Part 2 of 2", 0},
		"one is copied":               {2, map[int]*track{1: part(0, 2, StateReady, 0), 2: part(1, 2, StateCopying, 0)}, StateCopying, "Part 2 of 2: Why.", 99},
		"one is damaged, one missing": {3, map[int]*track{1: part(0, 3, StateReady, 0), 3: part(2, 3, StateRefused, 0)}, StateRefused, "Part 3 of 3: Why.", 0},
		"one is another's":            {2, map[int]*track{1: part(0, 2, StateReady, 0), 2: part(2, 3, StateReady, 0)}, StateRefused, "another model", 0},
		"two have changed names":      {2, map[int]*track{1: part(1, 2, StateReady, 0), 2: part(0, 2, StateReady, 0)}, StateRefused, "Part 1 of 2: It is part of another", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			u := &unit{count: c.count, parts: c.parts}
			state, reason, pct, _ := u.judge(now, 10*time.Second)
			if state != c.want || pct != c.pct || !strings.Contains(reason, c.reason) || (reason == "") != (state == StateReady) {
				t.Errorf("%s %d %% %q, want %s %d %% %q", state, pct, reason, c.want, c.pct, c.reason)
			}
		})
	}
}
