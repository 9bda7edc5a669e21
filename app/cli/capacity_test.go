package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

// A run that left no result says why; what was measured before is not passed
// off as its own.
func TestCapacityOfThisRun(t *testing.T) {
	for name, c := range map[string]struct{ begun, shown, want string }{
		"its own":      {"b", `{"result": {"id": "b"}}`, ""},
		"only looking": {"", `{"result": {"id": "a"}}`, ""},
		"busy":         {"b", `{"nothing": {"id": "b", "because": "People asked all the time."}, "result": {"id": "a"}}`, "People asked all the time."},
		"the first":    {"b", `{"nothing": {"id": "b", "because": "People asked all the time."}}`, "People asked all the time."},
		"not known":    {"b", `{"result": {"id": "a"}}`, "left no result"},
	} {
		var v capacityShown
		if err := json.Unmarshal([]byte(c.shown), &v); err != nil {
			t.Fatal(err)
		}
		if err := v.of(c.begun); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
