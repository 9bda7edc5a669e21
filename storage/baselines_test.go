package storage

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBaselines(t *testing.T) {
	db, _ := openNew(t)
	for _, want := range []map[string]json.RawMessage{
		{},
		{"a\x1fCPU\x1f1": json.RawMessage(`{"counts":{"3":4}}`), "b": json.RawMessage(`{}`)},
		{"b": json.RawMessage(`{"counts":{}}`), "c": json.RawMessage(`1`)},
		{},
	} {
		mustDo(t, db.SetBaselines(t.Context(), want))
		got, err := db.Baselines(t.Context())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}
