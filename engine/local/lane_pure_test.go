package local

import (
	"errors"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

func TestShares(t *testing.T) {
	for _, c := range []struct{ cores, answering, lane, each, eachLane int }{
		{2, 0, 0, 2, 2}, {2, 1, 0, 2, 2}, {2, 0, 1, 2, 2}, {2, 1, 1, 1, 1},
		{1, 1, 1, 1, 1}, {8, 1, 1, 6, 2}, {8, 2, 1, 3, 2}, {8, 1, 2, 6, 1}, {16, 0, 2, 16, 8}, {4, 3, 1, 1, 1}, {0, 1, 1, 1, 1},
	} {
		each, eachLane := shares(c.cores, c.answering, c.lane)
		if each != c.each || eachLane != c.eachLane {
			t.Errorf("%+v: %d and %d", c, each, eachLane)
		}
		if c.answering+c.lane <= c.cores && c.answering*each+c.lane*eachLane > c.cores && c.answering > 0 && c.lane > 0 {
			t.Errorf("%+v: more threads than cores", c)
		}
	}
}

func TestPickLane(t *testing.T) {
	finds := models.Facts{Embeddings: true}
	list := []models.Info{{ID: "a", Facts: finds, Refused: "It is damaged."}, {ID: "all-MiniLM-L6-v2.Q8_0", Facts: finds}, {ID: "b", Facts: finds},
		{ID: "chat"}, {ID: "ranks", Facts: models.Facts{Reranker: true}}}
	without := append([]models.Info{list[0]}, list[2:]...)
	for name, c := range map[string]struct {
		infos               []models.Info
		role, asked, chosen string
		want                string
		code                engine.Code
	}{
		"the one that comes with Alcove": {list, wire.RoleEmbed, "", "", "all-MiniLM-L6-v2.Q8_0", ""},
		"the better one of those":        {append(list[:3:3], models.Info{ID: "multilingual-e5-small.Q4_0", Facts: finds}), wire.RoleEmbed, "", "", "multilingual-e5-small.Q4_0", ""},
		"the first that can be used":     {without, wire.RoleEmbed, "", "", "b", ""},
		"the one that was chosen":        {list, wire.RoleEmbed, "", "b", "b", ""},
		"the one that is asked":          {list, wire.RoleEmbed, "all-MiniLM-L6-v2.Q8_0", "b", "all-MiniLM-L6-v2.Q8_0", ""},
		"a chat model":                   {list, wire.RoleEmbed, "chat", "", "chat", engine.CodeModelRefused},
		"a reranker gives no vectors":    {list, wire.RoleEmbed, "ranks", "", "ranks", engine.CodeModelRefused},
		"the chosen one is gone":         {list, wire.RoleEmbed, "", "z", "", engine.CodeModelNotFound},
		"a damaged one":                  {list, wire.RoleEmbed, "a", "", "a", engine.CodeModelRefused},
		"none":                           {list[3:], wire.RoleEmbed, "", "", "", engine.CodeNoModel},
		"a reranker":                     {list, wire.RoleRerank, "", "", "ranks", ""},
		"no reranker":                    {list[:4], wire.RoleRerank, "", "", "", engine.CodeNoModel},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := pickLane(c.infos, c.role, c.asked, c.chosen)
			var code engine.Code
			if err != nil {
				code = err.Code
			}
			if got.ID != c.want || code != c.code {
				t.Errorf("%q %q, want %q %q", got.ID, code, c.want, c.code)
			}
		})
	}
}

func TestVectorCache_Bound(t *testing.T) {
	c := newVectorCache(1000)
	for i := range 100 {
		c.put(keyOf("m", wire.Input{Tokens: []int32{int32(i)}}, false), make([]float32, 50), i)
	}
	if c.bytes > c.most || c.order.Len() != len(c.by) || len(c.by) != 2 {
		t.Errorf("%d bytes in %d entries", c.bytes, len(c.by))
	}
	if _, n, ok := c.get(keyOf("m", wire.Input{Tokens: []int32{99}}, false)); !ok || n != 99 {
		t.Error("the newest is gone")
	}
	c.clear()
	if _, _, ok := c.get(keyOf("m", wire.Input{Tokens: []int32{99}}, false)); ok || c.bytes != 0 || c.order.Len() != 0 {
		t.Errorf("after clear: %v, %d bytes in %d entries", ok, c.bytes, c.order.Len())
	}
	keys := map[cacheKey]bool{}
	for _, in := range []wire.Input{{Text: "1"}, {Tokens: []int32{1}}, {Tokens: []int32{1, 2}}, {Tokens: []int32{1}, Text: "x"}, {}} {
		keys[keyOf("m", in, false)], keys[keyOf("m", in, true)], keys[keyOf("n", in, false)] = true, true, true
	}
	if len(keys) != 15 {
		t.Errorf("%d keys of 15 different inputs", len(keys))
	}
}

// A model that is set aside is tried again after a while, though nobody can load it by hand.
func TestLane_RestsForAWhile(t *testing.T) {
	c, err := Config{WorkerPath: "w", RuntimeDir: "r", ModelsDir: "m"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	s := &supervisor{cfg: c, aside: map[string]string{"m": laneAside(3)}, resting: map[string]time.Time{"m": time.Now().Add(time.Hour)}}
	ask := func() *job {
		j := &job{model: models.Info{ID: "m", Facts: models.Facts{Embeddings: true}}, embed: &wire.Embed{}, done: make(chan error, 1)}
		s.addJob(j)
		return j
	}
	var e *engine.Error
	if err := <-ask().done; !errors.As(err, &e) || e.Code != engine.CodeModelSetAside {
		t.Fatalf("%v", err)
	}
	s.resting["m"] = time.Now().Add(-time.Second)
	if ask(); len(s.jobs) != 1 || len(s.aside) != 0 {
		t.Errorf("%d jobs wait, aside %v", len(s.jobs), s.aside)
	}
}
