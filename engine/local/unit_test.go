package local

import (
	"testing"
	"time"

	"alcove/engine/models"
	"alcove/engine/plan"
)

// One that left for another comes back when what took its room has ended, and
// makes nobody else leave.
func TestSupervisor_ComesBack(t *testing.T) {
	c, err := Config{WorkerPath: "w", RuntimeDir: "r", ModelsDir: "m"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	failed := &unit{model: models.Info{ID: "b"}, phase: phaseStopping}
	other := &unit{model: models.Info{ID: "c"}, phase: phaseReady}
	s := &supervisor{cfg: c, log: c.Log, plans: newPlanner(c), units: []*unit{failed, other}, back: []models.Info{{ID: "a"}}}
	if m, _ := s.next(); m.ID != "" {
		t.Errorf("%s comes while a worker ends", m.ID)
	}
	s.remove(failed)
	m, back := s.next()
	if m.ID != "a" || !back {
		t.Fatalf("%q comes back: %v", m.ID, back)
	}
	u := &unit{model: m, phase: phaseStarting, back: back, modest: back}
	s.units = append(s.units, u)
	s.happen(event{unit: u, room: true, model: m})
	if do, i := decide(s.view(models.Info{}, time.Now())); do != actDrop || i != 1 {
		t.Errorf("%s of %d, want that it is dropped", do, i)
	}
	u.modest, u.back = false, true // its settings were changed: it may
	s.happen(event{unit: u, room: true, model: m})
	if do, i := decide(s.view(models.Info{}, time.Now())); do != actLeave || i != 0 {
		t.Errorf("%s of %d, want that another leaves", do, i)
	}
}

// A model comes beside others only where it runs as well as without them.
func TestAsGood(t *testing.T) {
	alone := plan.Plan{Verdict: plan.FitsPartly, Backend: plan.CUDA, GPULayers: 30, Context: 8192, Cells: 16384, Slots: 16, KV: plan.F16}
	if !asGood(&alone, &alone) || asGood(nil, &alone) || asGood(nil, nil) {
		t.Error("the same plan is as good, one that nobody can make is not")
	}
	worse := map[string]func(*plan.Plan){
		"verdict": func(p *plan.Plan) { p.Verdict = plan.WontFit }, "context": func(p *plan.Plan) { p.Context-- },
		"cells": func(p *plan.Plan) { p.Cells-- }, "slots": func(p *plan.Plan) { p.Slots-- }, "cache": func(p *plan.Plan) { p.KV = plan.Q8_0 },
		"backend": func(p *plan.Plan) { p.Backend = plan.Vulkan }, "layers": func(p *plan.Plan) { p.GPULayers = 2 },
	}
	for name, change := range worse {
		beside := alone
		if change(&beside); asGood(&beside, &alone) {
			t.Errorf("worse by its %s", name)
		}
	}
}
