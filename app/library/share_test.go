package library

import (
	"testing"

	"alcove/engine"
)

func TestShareOf(t *testing.T) {
	count := func(text string) float64 {
		return map[string]float64{"30.5B": 30.5e9, "31B": 31e9, "3.3B": 3.3e9, "7.5B": 7.5e9, "4.5B": 4.5e9, "80B": 80e9, "3B": 3e9, "8.0B": 8e9, "46.7B": 46.7e9}[text]
	}
	moe := Share{.11, 3.3 / 30.5}
	for name, c := range map[string]struct {
		model engine.Model
		want  Share
		known bool
	}{
		"its file":      {engine.Model{ID: "Qwen_Qwen3-30B-A3B-Instruct-2507-Q4_K_M"}, moe, true},
		"another quant": {engine.Model{ID: "mine", Parameters: "31B", Facts: engine.Facts{Architecture: "qwen3moe", Quant: "Q8_0", Experts: true}}, moe, true},
		"another size":  {engine.Model{ID: "mine", Parameters: "80B", Facts: engine.Facts{Architecture: "qwen3moe", Experts: true}}, Share{1, 1}, false},
		"not known":     {engine.Model{ID: "mine", Parameters: "46.7B", Facts: engine.Facts{Architecture: "llama", Experts: true}}, Share{1, 1}, false},
		"dense":         {engine.Model{ID: "mine", Parameters: "8.0B", Facts: engine.Facts{Architecture: "llama"}}, Share{1, 1}, true},
	} {
		if got, known := ShareOf(c.model, count); got != c.want || known != c.known {
			t.Errorf("%s: %+v %v", name, got, known)
		}
	}
}
