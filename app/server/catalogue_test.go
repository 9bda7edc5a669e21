package server

import (
	"testing"

	"alcove/app/library"
	"alcove/engine"
)

func TestCatalogueSaysWhatFits(t *testing.T) {
	first := library.Catalogue()[0]
	b := newBox(t, func(d *Deps) {
		d.Room = func() library.Room { return library.Room{Memory: 16 << 30} }
	})
	b.engine.mu.Lock()
	b.engine.models = append(b.engine.models, engine.Model{ID: first.File[:len(first.File)-len(".gguf")], State: engine.ModelReady})
	b.engine.mu.Unlock()
	var v library.CatalogueView
	b.want(200, "GET", "/api/v1/catalogue", nil, &v)
	if len(v.Rows) != len(library.Catalogue()) || v.Recommended == "" || v.Room.Memory != 16<<30 {
		t.Fatalf("%+v", v)
	}
	if v.Rows[0].Have == "" || v.Rows[1].Have != "" {
		t.Errorf("in the folder: %q, %q", v.Rows[0].Have, v.Rows[1].Have)
	}
	for _, r := range v.Rows {
		if r.Verdict == "" || r.Need <= r.Bytes {
			t.Errorf("%s: %q, needs %d", r.ID, r.Verdict, r.Need)
		}
	}
}
