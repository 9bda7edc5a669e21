package storage

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGoldenSet(t *testing.T) {
	db, _ := openNew(t)
	if set, err := db.GoldenSet(t.Context()); set != nil || err != nil {
		t.Fatalf("before: %s, %v", set, err)
	}
	for _, text := range []string{`[{"id":"a"}]`, `[]`} {
		if err := db.SetGoldenSet(t.Context(), json.RawMessage(text)); err != nil {
			t.Fatal(err)
		}
		if set, err := db.GoldenSet(t.Context()); string(set) != text || err != nil {
			t.Errorf("%s, %v", set, err)
		}
	}
	mustDo(t, db.SetGoldenSet(t.Context(), nil))
	if set, err := db.GoldenSet(t.Context()); set != nil || err != nil {
		t.Errorf("after: %s, %v", set, err)
	}
	if err := db.SetGoldenSet(t.Context(), json.RawMessage(`{`)); err == nil {
		t.Error("what is no JSON was stored")
	}
}

// start makes a check of a model, with one answer.
func start(t *testing.T, db *DB, model, file string) Check {
	t.Helper()
	c, err := db.StartCheck(t.Context(), Check{Model: model, File: file, Questions: "set", Total: 2})
	if err != nil {
		t.Fatal(err)
	}
	a := CheckAnswer{QuestionID: "q", Question: "Who?", Answer: "Me.", Passed: true, FirstTokenMS: 12, OutputTokens: 3, TokensPerSec: 4.5}
	mustDo(t, db.AddCheckAnswer(t.Context(), c.ID, a))
	c.Answers = []CheckAnswer{a}
	return c
}

func TestCheck_IsKeptAsItWas(t *testing.T) {
	db, c := openNew(t)
	if _, err := db.LatestCheck(t.Context(), "m"); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	want := start(t, db, "m", "f")
	got, err := db.LatestCheck(t.Context(), "m")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := db.FinishedCheck(t.Context(), "f", "set"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a running check counts as a result: %v", err)
	}
	c.advance(1e9)
	want.Status, want.Device, want.EndedAt = CheckDone, "CPU", c.now()
	mustDo(t, db.EndCheck(t.Context(), want), db.MarkPromoted(t.Context(), want.ID, "other"))
	want.Promoted, want.Replaced = true, "other"
	got, err = db.FinishedCheck(t.Context(), "f", "set")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if got, err := db.Check(t.Context(), want.ID); got.ID != want.ID || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if err := db.EndCheck(t.Context(), want); !errors.Is(err, ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	for _, other := range [][2]string{{"f", "other"}, {"other", "set"}} {
		if _, err := db.FinishedCheck(t.Context(), other[0], other[1]); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v: %v", other, err)
		}
	}
}

func TestCheck_OldOnesGo(t *testing.T) {
	db, _ := openNew(t)
	keep := start(t, db, "other", "f")
	for range keepChecks + 3 {
		start(t, db, "m", "f")
	}
	if n := count(t, db, "checks"); n != keepChecks+1 {
		t.Errorf("%d checks", n)
	}
	if n := count(t, db, "check_answers"); n != keepChecks+1 {
		t.Errorf("%d answers", n)
	}
	if got, err := db.LatestCheck(t.Context(), "other"); err != nil || got.ID != keep.ID {
		t.Errorf("the other model's: %+v, %v", got, err)
	}
}

func TestCheck_ARestartInterrupts(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "data", "alcove.db"), newClock()
	db, err := Open(t.Context(), Options{Path: path, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	start(t, db, "m", "f")
	mustDo(t, db.Close())
	db = open(t, path, c)
	mustDo(t, db.InterruptChecks(t.Context()))
	got, err := db.LatestCheck(t.Context(), "m")
	if err != nil || got.Status != CheckInterrupted || len(got.Answers) != 1 || !got.EndedAt.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}
