package local_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

const gib = int64(1) << 30

// TestFit: what will not fit is told in the list and refused before anything
// ends for it; what fits goes on.
func TestFit(t *testing.T) {
	var free atomic.Int64
	free.Store(8 * gib)
	b := newFake(t, func(c *local.Config) { c.SetMemory(free.Load) })
	fake.Model(t, b.dir, "large", fake.Script{Text: "never", Weights: 40 * gib})
	fake.Model(t, b.dir, "small", fake.Script{Text: "still here", Weights: gib / 2})
	fake.Model(t, b.dir, "unknown", fake.Script{Text: "nobody can plan me"})

	if err := b.Load(t.Context(), "small"); err != nil {
		t.Fatal(err)
	}
	pid := b.Status().WorkerPID
	fits := map[string]*engine.Fit{}
	for _, m := range b.Models() {
		fits[m.ID] = m.Fit
	}
	if f := fits["small"]; f == nil || f.Verdict != engine.VerdictFits || f.Need < gib/2 || f.Need > gib || f.Free != 8*gib || f.Usable >= f.Free ||
		f.Context != 4096 || f.Slots != 16 || f.Cells != 4096 || f.KV != "f16" || len(f.Devices) != 1 || f.Devices[0].Weights != gib/2 {
		t.Errorf("small: %+v", f)
	}
	if f := fits["large"]; f == nil || f.Verdict != engine.VerdictWont || f.Need < 40*gib || f.Usable > 8*gib || len(f.Rejected) == 0 || f.Because == "" {
		t.Errorf("large: %+v", f)
	}
	if fits["unknown"] != nil {
		t.Errorf("unknown: %+v", fits["unknown"])
	}

	err := b.Load(t.Context(), "large")
	if code(err) != engine.CodeModelTooLarge || !strings.Contains(err.Error(), "needs at least 4") || !strings.Contains(err.Error(), "GB") {
		t.Errorf("load: %v", err)
	}
	req := ask("hello")
	req.Model = "large"
	if r := b.generate(t.Context(), req, nil); code(r.err) != engine.CodeModelTooLarge {
		t.Errorf("generate: %v", r.err)
	}
	if st := b.Status(); st.Model != "small" || st.WorkerPID != pid || fake.Starts(t, b.dir, "small") != 1 || fake.Starts(t, b.dir, "large") != 0 {
		t.Errorf("the loaded model did not stay: %+v", st)
	}
	req.Model = "unknown"
	if r := b.generate(t.Context(), req, nil); r.err != nil || r.text != "nobody can plan me" {
		t.Errorf("unknown: %q, %v", r.text, r.err)
	}
}

// TestFit_AtTheStart: memory that was taken since the list was made is seen
// before the worker starts, and the model before goes on.
func TestFit_AtTheStart(t *testing.T) {
	var reads atomic.Int64
	b := newFake(t, func(c *local.Config) {
		c.SetMemory(func() int64 {
			if reads.Add(1) == 1 {
				return 8 * gib
			}
			return gib / 4
		})
	})
	fake.Model(t, b.dir, "m", fake.Script{Text: "x", Weights: gib})
	if err := b.Load(t.Context(), "m"); code(err) != engine.CodeModelTooLarge {
		t.Errorf("load: %v", err)
	}
	if n := fake.Starts(t, b.dir, "m"); n != 0 {
		t.Errorf("%d workers were started", n)
	}
	if st := b.Status(); st.Ready || !strings.Contains(st.Reason, "needs at least") {
		t.Errorf("status %+v", st)
	}
}
