package local

import (
	"slices"
	"testing"

	"alcove/engine/models"
	"alcove/engine/plan"
)

// layersOf makes n layers with attention.
func layersOf(n int) []models.LayerTensors {
	return slices.Repeat([]models.LayerTensors{{Bytes: 100, Largest: 30, Attention: true}}, n)
}

func TestPlanModel(t *testing.T) {
	m := models.Info{ID: "m", Architecture: "llama", Context: 4096, Shape: &models.Shape{
		Numbers: map[string][]int64{"embedding_length": {512}, "attention.head_count": {8}, "attention.head_count_kv": {2}, "feed_forward_length": {1024}},
		Vocab:   1000, Layers: layersOf(3), Embedding: 70, TokenEmbd: 64, Output: 5, Tied: true}}
	got, ok := planModel(m)
	want := plan.Layer{Weights: 100, Largest: 30, KVHeads: 2, KeyDim: 64, ValueDim: 64}
	if !ok || got.Embedding != 70 || got.Output != 69 || got.Hidden != 512 || got.FeedForward != 1024 || got.Heads != 8 || got.Vocab != 1000 ||
		got.Trained != 4096 || len(got.Layers) != 3 || got.Layers[2] != want {
		t.Errorf("%v %+v", ok, got)
	}
	for name, change := range map[string]func(*models.Info){
		"no shape":       func(m *models.Info) { m.Shape = nil },
		"no layers":      func(m *models.Info) { m.Shape.Layers = nil },
		"unknown tensor": func(m *models.Info) { m.Shape.Unsized = 1 },
		"no vocabulary":  func(m *models.Info) { m.Shape.Vocab = 0 },
		"no context":     func(m *models.Info) { m.Context = 0 },
	} {
		m, s := m, *m.Shape
		m.Shape = &s
		change(&m)
		if _, ok := planModel(m); ok {
			t.Errorf("%s: it is planned", name)
		}
	}
}

// TestPlanModel_Families has what differs from one number for all layers.
func TestPlanModel_Families(t *testing.T) {
	base := map[string][]int64{"embedding_length": {64}, "attention.head_count": {4}, "attention.head_count_kv": {1}, "attention.key_length": {32}}
	for name, c := range map[string]struct {
		architecture string
		numbers      map[string][]int64
		layers       int
		recurrent    []int
		check        func(plan.Model) bool
	}{
		"gemma3 slides five of six": {"gemma3", map[string][]int64{"attention.sliding_window": {512}}, 12, nil, func(m plan.Model) bool {
			return m.Window == 512 && m.Layers[0].Sliding && !m.Layers[5].Sliding && m.Layers[6].Sliding && !m.Layers[11].Sliding
		}},
		"phi3's window is not used": {"phi3", map[string][]int64{"attention.sliding_window": {512}}, 4, nil, func(m plan.Model) bool {
			return !m.Layers[0].Sliding
		}},
		"a pattern of the file": {"new", map[string][]int64{"attention.sliding_window": {512}, "attention.sliding_window_pattern": {1, 0, 1}}, 3, nil, func(m plan.Model) bool {
			return m.Layers[0].Sliding && !m.Layers[1].Sliding && m.Layers[2].Sliding
		}},
		"a period of the file": {"new", map[string][]int64{"attention.sliding_window": {512}, "attention.sliding_window_pattern": {2}}, 4, nil, func(m plan.Model) bool {
			return m.Layers[0].Sliding && !m.Layers[1].Sliding
		}},
		"heads by layer": {"openelm", map[string][]int64{"attention.head_count": {2, 8}, "attention.head_count_kv": {1, 0}}, 2, nil, func(m plan.Model) bool {
			return m.Heads == 8 && m.Layers[0].KVHeads == 1 && m.Layers[1].KVHeads == 0 && m.Layers[0].ValueDim == 32 && m.Layers[1].ValueDim == 8
		}},
		"layers that use others' cache": {"gemma4", map[string][]int64{"attention.shared_kv_layers": {3}}, 4, nil, func(m plan.Model) bool {
			return m.Layers[0].KVHeads == 1 && m.Layers[1].KVHeads == 0 && m.Layers[3].KVHeads == 0
		}},
		"experts": {"qwen3moe", map[string][]int64{"feed_forward_length": {100}, "expert_feed_forward_length": {50}, "expert_used_count": {8}}, 1, nil, func(m plan.Model) bool {
			return m.FeedForward == 400
		}},
		"experts of full width": {"llama", map[string][]int64{"feed_forward_length": {100}, "expert_used_count": {2}}, 1, nil, func(m plan.Model) bool {
			return m.FeedForward == 200
		}},
		"mamba beside attention": {"granitehybrid", map[string][]int64{"ssm.conv_kernel": {4}, "ssm.inner_size": {128}, "ssm.state_size": {16}, "ssm.group_count": {1}}, 2, []int{1}, func(m plan.Model) bool {
			return m.Layers[0].State == 0 && m.Layers[1].State == 4*(3*(128+32)+16*128)
		}},
		"rwkv": {"rwkv7", map[string][]int64{"wkv.head_size": {64}}, 1, []int{0}, func(m plan.Model) bool {
			return m.Layers[0].State == 4*64*(2+64)
		}},
		"short convolution": {"lfm2", map[string][]int64{"shortconv.l_cache": {3}}, 1, []int{0}, func(m plan.Model) bool {
			return m.Layers[0].State == 4*64*2
		}},
		"nonsense stays inside": {"x", map[string][]int64{"embedding_length": {1 << 62}, "attention.head_count": {-5}, "ssm.conv_kernel": {1 << 62}, "ssm.inner_size": {1 << 62},
			"ssm.state_size": {1 << 62}, "ssm.group_count": {1 << 62}, "expert_used_count": {1 << 62}, "feed_forward_length": {1 << 62}}, 1, []int{0}, func(m plan.Model) bool {
			p := plan.Make(plan.Machine{}, m, plan.Wish{})
			return m.Layers[0].State >= 0 && p.Verdict == plan.WontFit && !says(&p)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			numbers := map[string][]int64{}
			for _, from := range []map[string][]int64{base, c.numbers} {
				for k, v := range from {
					numbers[k] = v
				}
			}
			s := &models.Shape{Numbers: numbers, Vocab: 500, Layers: layersOf(c.layers)}
			for _, i := range c.recurrent {
				s.Layers[i].Recurrent = true
			}
			m, ok := planModel(models.Info{Architecture: c.architecture, Context: 1000, Shape: s})
			if !ok || !c.check(m) {
				t.Errorf("%v %+v", ok, m)
			}
		})
	}
}

// A mixture of experts is known by its header.
func TestFacts_Experts(t *testing.T) {
	for used, want := range map[int64]bool{0: false, 8: true} {
		m := models.Info{Architecture: "qwen3moe", Shape: &models.Shape{Numbers: map[string][]int64{"expert_used_count": {used}}}}
		if got := factsOf(m).Experts; got != want {
			t.Errorf("%d experts used: %v", used, got)
		}
	}
	if factsOf(models.Info{}).Experts {
		t.Error("without a shape")
	}
}
