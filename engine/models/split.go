package models

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strconv"
	"time"
)

// This file joins the parts of split models; it has no state either.

// partName is how llama.cpp names the parts of a split model, to the letter.
var partName = regexp.MustCompile(`^(.+)-(\d{5})-of-(\d{5})\.gguf$`)

// unit is one model: a file, or the parts of a split one.
type unit struct {
	path  string // of the file, or of the part that is loaded: the first one there
	name  string // path without .gguf, and without the part's number
	count int    // parts that belong together; 0: not split
	parts map[int]*track
}

// units groups files by path into models, sorted by path.
func units(files map[string]*track) []*unit {
	byName := map[string]*unit{}
	for p, t := range files {
		base, no, count := p[:len(p)-len(path.Ext(p))], 1, 0
		key := p
		if m := partName.FindStringSubmatch(p); m != nil {
			no, _ = strconv.Atoi(m[2]) // five digits
			count, _ = strconv.Atoi(m[3])
			if no >= 1 && no <= count {
				base, key = m[1], m[1]+"\x00"+m[3]
			} else {
				no, count = 1, 0
			}
		}
		u := byName[key]
		if u == nil {
			u = &unit{path: p, name: base, count: count, parts: map[int]*track{}}
			byName[key] = u
		}
		u.parts[no] = t
		u.path = min(u.path, p)
	}
	list := make([]*unit, 0, len(byName))
	for _, u := range byName {
		list = append(list, u)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].path < list[j].path })
	return list
}

// first is the part with the lowest number: its header describes the model.
func (u *unit) first() *track {
	for no := 1; ; no++ {
		if t := u.parts[no]; t != nil {
			return t
		}
	}
}

// missing is the number of the first part that is not there, 0 when all are.
func (u *unit) missing() int {
	for no := 1; no <= u.count; no++ {
		if u.parts[no] == nil {
			return no
		}
	}
	return 0
}

// judge decides what the model is at a time. active says that it may become
// something else without a change in the folder.
func (u *unit) judge(now time.Time, settle time.Duration) (state State, reason string, pct int, active bool) {
	if u.count == 0 {
		t := u.first()
		if t.state == StateReady {
			if s, why := notModel(t.header); s != StateReady {
				return s, why, 0, false
			}
		}
		if n := t.header.SplitCount; t.state == StateReady && n > 1 {
			return StateRefused, fmt.Sprintf("This is part %d of %d of one model. Give it its name back, which ended in -%05d-of-%05d.gguf.",
				t.header.SplitNo+1, n, t.header.SplitNo+1, n), 0, false
		}
		return t.state, t.reason, t.percent, t.active()
	}
	var have, need, known int64
	worst, quiet := StateReady, true
	rank := map[State]int{StateReady: 0, StateChecking: 1, StateNew: 2, StateCopying: 3, StateRefused: 4}
	for no := 1; no <= u.count; no++ {
		t := u.parts[no]
		if t == nil {
			continue
		}
		active = active || t.active()
		quiet = quiet && now.Sub(t.changed) >= settle
		have += t.stamp.size
		if t.header.Need > 0 {
			need, known = need+t.header.Need, known+1
		}
		s, why := t.state, t.reason
		if s == StateReady && (max(1, t.header.SplitCount) != u.count || t.header.SplitNo != no-1) {
			s, why = StateRefused, "It is part of another model, or was renamed."
		}
		if rank[s] > rank[worst] {
			worst, reason = s, fmt.Sprintf("Part %d of %d: %s", no, u.count, why)
		}
	}
	if no := u.missing(); no > 0 && worst != StateRefused {
		reason = fmt.Sprintf("Part %d of %d is missing. Copy all parts into the same folder.", no, u.count)
		worst = StateCopying
		if quiet && !active {
			worst = StateRefused // nothing comes any more
		}
		active = active || worst == StateCopying
	}
	if worst == StateCopying && known > 0 {
		pct = percent(have, need/known*int64(u.count)) // parts are about of one size
	}
	return worst, reason, pct, active
}
