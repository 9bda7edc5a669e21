package storage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestModelSettings(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "data", "alcove.db"), newClock()
	db := open(t, path, c)
	for _, s := range []struct{ model, settings string }{{"a", `{"context":4096}`}, {"b", `{"keep":true}`}, {"a", `{"kv":"q8_0"}`}} {
		if err := db.SetModelSettings(t.Context(), s.model, json.RawMessage(s.settings)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.SetModelSettings(t.Context(), "b", nil); err != nil {
		t.Fatal(err)
	}
	got, err := db.ModelSettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]json.RawMessage{"a": json.RawMessage(`{"kv":"q8_0"}`)}, got); d != "" {
		t.Error(d)
	}
	if err := db.SetModelSettings(t.Context(), "a", json.RawMessage("{")); !errors.Is(err, ErrInvalid) {
		t.Errorf("half an object: %v", err)
	}
}

func TestFileHashes(t *testing.T) {
	db, _ := openNew(t)
	h := FileHash{Path: "/m/a.gguf", Size: 7, Modified: 1_700_000_000_123_456_789, Inode: 1<<64 - 1, SHA256: bytes.Repeat([]byte{7}, 32)}
	for _, size := range []int64{3, 7} {
		h.Size = size
		if err := db.PutFileHash(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.FileHashes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]FileHash{h}, got); d != "" {
		t.Error(d)
	}
}

func TestSpeeds(t *testing.T) {
	db, _ := openNew(t)
	id := newConversation(t, db)
	for i, f := range []Figures{
		{Model: "a", Device: "CPU", OutputTokens: 20, FirstTokenMS: 100, TokensPerSec: 10},
		{Model: "b", Device: "CPU", OutputTokens: 20, FirstTokenMS: 300, TokensPerSec: 5},
		{Model: "a", Device: "CPU", OutputTokens: 2, FirstTokenMS: 1, TokensPerSec: 900},
		{Model: "a", Device: "CPU", OutputTokens: 20, FirstTokenMS: 1, TokensPerSec: 900, Restarts: 1},
		{Model: "a", Device: "CUDA0", OutputTokens: 20, FirstTokenMS: 50, TokensPerSec: 80},
	} {
		turn := ask(t, db, id, "", fmt.Sprint("question ", i))
		if _, err := db.FinishMessage(t.Context(), turn.Answer.ID, End{Status: StatusDone, Figures: &f}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Speeds(t.Context(), "a", 8, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []Speed{{"CUDA0", 50 * time.Millisecond, 80}, {"CPU", 100 * time.Millisecond, 10}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got, err := db.Speeds(t.Context(), "a", 8, 1); err != nil || len(got) != 1 {
		t.Errorf("one: %v, %v", got, err)
	}
	models, last, err := db.Answered(t.Context(), 0, 2)
	if err != nil || cmp.Diff([]string{"a", "b"}, models) != "" {
		t.Errorf("answered: %v, %v", models, err)
	}
	models, last, err = db.Answered(t.Context(), last, 10)
	if err != nil || len(models) != 3 {
		t.Errorf("answered: %v, %v", models, err)
	}
	if n, err := db.LastAnswer(t.Context()); err != nil || n != last {
		t.Errorf("last answer %d, %v; want %d", n, err, last)
	}
}

func TestUploads(t *testing.T) {
	db, c := openNew(t)
	var ids []string
	for _, name := range []string{"a.gguf", "b.gguf", "a.gguf"} {
		u, err := db.PutUpload(t.Context(), Upload{Name: name, Size: 7, Modified: 9})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, u.ID)
		c.advance(time.Second)
	}
	if err := db.DeleteUpload(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	got, err := db.Uploads(t.Context())
	if err != nil || len(got) != 1 || got[0].ID != ids[2] || got[0].Name != "a.gguf" || got[0].Size != 7 || got[0].Modified != 9 {
		t.Errorf("uploads %+v, %v", got, err)
	}
}
