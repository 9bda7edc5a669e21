package storage

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	usageTiers = []UsageTier{{time.Minute, 64, UsageKey{"other", "", ""}}, {time.Hour, 4, UsageKey{"other", "", ""}}}
	// Figures are texts here: merging puts one behind the other.
	usageJoin = UsageMerge{Cells: joinText, Machine: joinText}
)

func joinText(stored, more []byte) []byte { return append(append([]byte{}, stored...), more...) }

func usageMinute(c *clock, seq int64, models ...string) UsageMinute {
	m := UsageMinute{Seq: seq, Start: c.now(), Machine: []byte("m"), Marks: []UsageMark{{c.now(), "started", "It began.", ""}}}
	for i, model := range models {
		m.Cells = append(m.Cells, UsageCell{UsageKey: UsageKey{model, "chat", "interactive"}, UsageCounts: UsageCounts{1, 0, 10, 5, 7}, Figures: []byte("f")})
		m.Requests = append(m.Requests, UsageRequest{Num: 100*seq + int64(i), At: c.now(), User: "owner", Model: model, Route: "chat", Class: "interactive", Status: "done", OutputTokens: 7})
	}
	return m
}

// dump is all that the tables of figures hold.
func dumpUsage(t *testing.T, db *DB) (out []string) {
	t.Helper()
	err := db.ReadUsage(t.Context(), func(u UsageReader) error {
		out = append(out, fmt.Sprint(u.Seq, u.Request, u.Doubt))
		from, to := time.UnixMilli(-1<<50), time.UnixMilli(1<<50)
		for _, tier := range usageTiers {
			err := errors.Join(
				u.Cells(tier.Step, from, to, UsageKey{}, func(c UsageCell) error { out = append(out, fmt.Sprint(tier.Step, c)); return nil }),
				u.Machine(tier.Step, from, to, func(m UsageMachine) error { out = append(out, fmt.Sprint(tier.Step, m)); return nil }))
			if err != nil {
				return err
			}
		}
		rows, err := u.Requests(UsageFilter{}, 1000)
		marks, err2 := u.Marks(from, to, 1000)
		for _, r := range rows {
			out = append(out, fmt.Sprint(r.Num, r.At, r.Model))
		}
		out = append(out, fmt.Sprint(marks))
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Minutes that are added again, in any repetition, change nothing.
func TestAddUsage_IsIdempotent(t *testing.T) {
	db, c := openNew(t)
	again, c2 := openNew(t)
	seq := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		var minutes []UsageMinute
		for range rapid.IntRange(1, 3).Draw(rt, "minutes") {
			seq++
			minutes = append(minutes, usageMinute(c, seq, rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}), 0, 5, rapid.ID).Draw(rt, "models")...))
			d := time.Duration(rapid.IntRange(-90, 90).Draw(rt, "minutes passed")) * time.Minute
			c.advance(d)
			c2.advance(d)
		}
		for i, m := range minutes {
			if err := db.AddUsage(t.Context(), m, usageTiers, usageJoin); err != nil {
				rt.Fatal(err)
			}
			for range rapid.IntRange(1, 3).Draw(rt, "times") {
				for _, m := range minutes[:i+1] { // from the beginning, as after a failure that nobody understood
					if err := again.AddUsage(t.Context(), m, usageTiers, usageJoin); err != nil {
						rt.Fatal(err)
					}
				}
			}
		}
	})
	if d := cmp.Diff(dumpUsage(t, db), dumpUsage(t, again)); d != "" {
		t.Error(d)
	}
}

func TestAddUsage_IsAllOrNothing(t *testing.T) {
	db, c := openNew(t)
	if err := db.AddUsage(t.Context(), usageMinute(c, 1, "a"), usageTiers, usageJoin); err != nil {
		t.Fatal(err)
	}
	before := dumpUsage(t, db)
	bad := usageMinute(c, 2, "a", "b")
	bad.Requests[1].Status = "nonsense"
	if err := db.AddUsage(t.Context(), bad, usageTiers, usageJoin); err == nil {
		t.Error("a row that the schema forbids was taken")
	}
	if d := cmp.Diff(before, dumpUsage(t, db)); d != "" {
		t.Error(d)
	}
}

func TestAddUsage_OthersTakeWhatFindsNoRoom(t *testing.T) {
	db, c := openNew(t)
	models := []string{"a", "b", "c", "d", "e", "f"}
	for i := range 3 {
		if err := db.AddUsage(t.Context(), usageMinute(c, int64(i+1), models...), usageTiers, usageJoin); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err := db.ReadUsage(t.Context(), func(u UsageReader) error {
		return u.Cells(time.Hour, time.Time{}, c.now().Add(time.Hour), UsageKey{}, func(c UsageCell) error {
			got = append(got, fmt.Sprint(c.Model, c.Requests, string(c.Figures)))
			return nil
		})
	})
	if d := cmp.Diff([]string{"a3fff", "b3fff", "c3fff", "other9fffffffff"}, got); err != nil || d != "" {
		t.Error(err, d)
	}
}

func TestPruneUsage_ByNumber(t *testing.T) {
	db, c := openNew(t)
	for i := range 10 {
		if err := db.AddUsage(t.Context(), usageMinute(c, int64(i+1), "a"), usageTiers, usageJoin); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Minute)
	}
	err := db.PruneUsage(t.Context(), UsagePrune{Buckets: []UsagePruneStep{{Step: time.Minute, Count: 3}, {Step: time.Hour, Count: 3}}, Requests: 250, Marks: 4})
	if err != nil {
		t.Fatal(err)
	}
	err = db.ReadUsage(t.Context(), func(u UsageReader) error {
		cells, err := u.Counts(time.Minute, time.Time{}, c.now())
		hours, err2 := u.Counts(time.Hour, time.Time{}, c.now())
		rows, err3 := u.Requests(UsageFilter{}, 100)
		marks, err4 := u.Marks(time.Time{}, c.now(), 100)
		if len(cells) != 3 || len(hours) != 1 || hours[0].Requests != 10 || len(rows) != 3 || len(marks) != 4 {
			t.Errorf("%d minutes, hours %+v, %d requests, %d marks", len(cells), hours, len(rows), len(marks))
		}
		return errors.Join(err, err2, err3, err4)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUsageRequests_AreFiltered(t *testing.T) {
	db, c := openNew(t)
	m := UsageMinute{Seq: 1, Start: c.now()}
	first, speed := 20*time.Millisecond, 12.5
	for i, r := range []UsageRequest{
		{User: "owner", Model: "a", Route: "chat", Class: "interactive", Status: "done", FirstToken: &first, TokensPerSec: &speed, Queue: time.Second},
		{User: "key:1", Model: "a", Route: "v1/chat/completions", Class: "api", Status: "failed", Code: "context_full"},
		{User: "key:2", Model: "b' OR 1=1 --", Route: "v1/chat/completions", Class: "api", Status: "stopped"},
	} {
		r.Num, r.At = int64(i+1), c.now()
		m.Requests = append(m.Requests, r)
	}
	if err := db.AddUsage(t.Context(), m, nil, usageJoin); err != nil {
		t.Fatal(err)
	}
	err := db.ReadUsage(t.Context(), func(u UsageReader) error {
		for _, row := range []struct {
			f    UsageFilter
			want []int64
		}{
			{UsageFilter{}, []int64{3, 2, 1}},
			{UsageFilter{Before: 3}, []int64{2, 1}},
			{UsageFilter{UsageKey: UsageKey{Model: "a"}}, []int64{2, 1}},
			{UsageFilter{UsageKey: UsageKey{Model: "b' OR 1=1 --"}}, []int64{3}},
			{UsageFilter{UsageKey: UsageKey{Route: "v1/chat/completions"}, Status: "failed"}, []int64{2}},
			{UsageFilter{UsageKey: UsageKey{Class: "batch"}}, nil},
			{UsageFilter{Users: []string{"key:1", "key:2"}}, []int64{3, 2}},
			{UsageFilter{Users: []string{}}, nil},
		} {
			rows, err := u.Requests(row.f, 10)
			if err != nil {
				return err
			}
			var got []int64
			for _, r := range rows {
				got = append(got, r.Num)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%+v: %s", row.f, d)
			}
			if len(row.want) == 3 {
				if d := cmp.Diff(m.Requests[0], rows[2]); d != "" {
					t.Error(d)
				}
			}
		}
		byUser, err := u.ByUser(c.now(), c.now().Add(time.Second))
		if d := cmp.Diff(map[string]UsageCounts{"owner": {Requests: 1}, "key:1": {Requests: 1, Failed: 1}, "key:2": {Requests: 1}}, byUser); d != "" {
			t.Error(d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
