package storage

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

func TestCapacityKeepsTheNewest(t *testing.T) {
	db, _ := openNew(t)
	for i := range keepCapacity + 3 {
		if err := db.PutCapacity(t.Context(), fmt.Sprint("run", i), time.UnixMilli(int64(i)), json.RawMessage(fmt.Sprintf(`{"n":%d}`, i))); err != nil {
			t.Fatal(err)
		}
	}
	last := fmt.Sprint("run", keepCapacity+2)
	if err := db.PutCapacity(t.Context(), last, time.UnixMilli(1), json.RawMessage(`{"n":"changed"}`)); err != nil {
		t.Fatal(err)
	}
	list, err := db.Capacity(t.Context())
	if err != nil || len(list) != keepCapacity || string(list[0]) != `{"n":"changed"}` || string(list[keepCapacity-1]) != `{"n":3}` {
		t.Errorf("%d: %s, %v", len(list), list, err)
	}
}

func TestPrices(t *testing.T) {
	db, _ := openNew(t)
	for _, want := range []string{"", `{"a":1}`, `{"a":2}`, ""} {
		var sheet json.RawMessage
		if want != "" {
			sheet = json.RawMessage(want)
		}
		if err := db.SetPrices(t.Context(), sheet); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Prices(t.Context()); err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
	if err := db.SetPrices(t.Context(), json.RawMessage(`{`)); err == nil {
		t.Error("broken JSON was kept")
	}
}
