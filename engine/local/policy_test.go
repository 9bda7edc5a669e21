package local

import (
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

func TestDecide(t *testing.T) {
	cases := map[string]struct {
		v    view
		want action
	}{
		"nothing to do":             {view{phase: phaseNone}, actWait},
		"first request":             {view{phase: phaseNone, head: "a"}, actStart},
		"wanted without request":    {view{phase: phaseNone, want: "a"}, actStart},
		"closed":                    {view{phase: phaseNone, head: "a", closed: true}, actWait},
		"pause before restart":      {view{phase: phaseBackoff, head: "a", want: "a"}, actWait},
		"loading":                   {view{phase: phaseLoading, loaded: "a", head: "b"}, actWait},
		"serve":                     {view{phase: phaseReady, loaded: "a", head: "a", busy: true}, actServe},
		"other model, still busy":   {view{phase: phaseReady, loaded: "a", head: "b", busy: true}, actWait},
		"other model, drained":      {view{phase: phaseReady, loaded: "a", head: "b"}, actStop},
		"back to the wanted":        {view{phase: phaseReady, loaded: "a", want: "b"}, actStop},
		"idle":                      {view{phase: phaseReady, loaded: "a", want: "a"}, actWait},
		"dying":                     {view{phase: phaseDying, loaded: "a", head: "a"}, actWait},
		"stopping for another":      {view{phase: phaseStopping, loaded: "a", head: "b"}, actWait},
		"request beats wanted":      {view{phase: phaseReady, loaded: "a", head: "a", want: "b"}, actServe},
		"idle, nothing wanted":      {view{phase: phaseReady, loaded: "a"}, actWait},
		"file replaced, busy":       {view{phase: phaseReady, loaded: "a", head: "a", busy: true, fate: fateChanged}, actWait},
		"file replaced, drained":    {view{phase: phaseReady, loaded: "a", head: "a", fate: fateChanged}, actStop},
		"file replaced, idle":       {view{phase: phaseReady, loaded: "a", want: "a", fate: fateChanged}, actStop},
		"file removed, one came":    {view{phase: phaseReady, loaded: "a", head: "a", fate: fateGone}, actServe},
		"file removed, busy":        {view{phase: phaseReady, loaded: "a", busy: true, fate: fateGone}, actWait},
		"file removed, drained":     {view{phase: phaseReady, loaded: "a", fate: fateGone}, actStop},
		"file removed, another":     {view{phase: phaseReady, loaded: "a", head: "b", fate: fateGone}, actStop},
		"file cut":                  {view{phase: phaseReady, loaded: "a", head: "a", busy: true, fate: fateBroken}, actKill},
		"file cut, dying":           {view{phase: phaseDying, loaded: "a", fate: fateBroken}, actWait},
		"file cut while loading":    {view{phase: phaseLoading, loaded: "a", fate: fateBroken}, actWait},
		"starting, request arrives": {view{phase: phaseStarting, loaded: "a", head: "a"}, actWait},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := decide(c.v); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestRecord_Hopeless(t *testing.T) {
	start := time.Unix(1000, 0)
	after := func(ready bool, seconds ...int) record {
		var r record
		for _, s := range seconds {
			r = r.after(start.Add(time.Duration(s)*time.Second), time.Minute, ready)
		}
		return r
	}
	cases := map[string]struct {
		r    record
		want bool
	}{
		"two":                          {after(true, 0, 1), false},
		"three at once":                {after(true, 0, 0, 0), true},
		"three in a minute":            {after(true, 0, 30, 60), true},
		"three in more":                {after(true, 0, 30, 61), false},
		"slow, but never ready":        {after(false, 0, 100, 200), true},
		"two that were never ready":    {after(false, 0, 100), false},
		"old ones do not count":        {after(true, 0, 1, 100, 101), false},
		"old ones do not count, three": {after(true, 0, 1, 100, 101, 102), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.r.hopeless(3); got != c.want {
				t.Errorf("%v after %v", got, c.r)
			}
		})
	}
}

func TestRecord_KeepsItsOwn(t *testing.T) {
	var r record
	now := time.Unix(1000, 0)
	r = r.after(now, time.Minute, true)
	a, b := r.after(now, time.Minute, true), r.after(now.Add(time.Hour), time.Minute, true)
	if len(r.deaths) != 1 || len(a.deaths) != 2 || len(b.deaths) != 1 {
		t.Errorf("%d, %d and %d deaths", len(r.deaths), len(a.deaths), len(b.deaths))
	}
}

func TestBackoff(t *testing.T) {
	for n, want := range map[int]time.Duration{0: 1, 1: 1, 2: 2, 3: 4, 4: 8, 5: 10, 1000: 10} {
		if got := backoff(n, 1, 10); got != want {
			t.Errorf("after %d deaths: %d, want %d", n, got, want)
		}
	}
}

func TestMayResume(t *testing.T) {
	if !mayResume(1) || mayResume(2) || mayResume(3) {
		t.Error("an answer goes on after its first death only")
	}
}

func TestWatch_Verdict(t *testing.T) {
	c := Config{StartTimeout: 30 * time.Second, LoadTimeout: 300 * time.Second, BeatTimeout: 10 * time.Second, StepTimeout: 60 * time.Second}
	t0 := time.Unix(1000, 0)
	fresh := func() watch { return newWorker(nil, "m", t0).watch }
	at := func(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }
	alive := func(w watch, s int) watch { w.frame = at(s); return w }
	beat := func(w watch, step uint64, s int) watch {
		w.frame = at(s)
		w.sawBeat(&wire.Beat{Step: step, Busy: true}, at(s))
		return w
	}
	empty := func(w watch, n uint64, s int) watch {
		w.frame = at(s)
		w.sawStep(&wire.Step{N: n}, at(s))
		return w
	}
	full := func(w watch, n uint64, s int) watch {
		w.frame = at(s)
		w.sawStep(&wire.Step{N: n, Tokens: []wire.Tokens{{}}}, at(s))
		return w
	}
	cases := map[string]struct {
		w    watch
		p    phase
		now  int
		want string
	}{
		"hello in time":               {fresh(), phaseHello, 30, ""},
		"no hello":                    {fresh(), phaseHello, 31, "did not say hello"},
		"loading, no beats yet":       {fresh(), phaseLoading, 300, ""},
		"loading, no progress":        {fresh(), phaseLoading, 301, "made no progress while loading"},
		"loading, beats stopped":      {beat(fresh(), 0, 5), phaseLoading, 16, "gave no sign of life"},
		"ready, silent":               {fresh(), phaseReady, 11, "gave no sign of life"},
		"ready, beats":                {beat(fresh(), 0, 50), phaseReady, 60, ""},
		"ready, beats, no step":       {beat(fresh(), 0, 60), phaseReady, 61, "had work and made no step"},
		"ready, steps":                {beat(beat(fresh(), 1, 50), 1, 100), phaseReady, 105, ""},
		"a step between the beats":    {full(fresh(), 7, 100), phaseReady, 105, ""},
		"steps that bring nothing":    {empty(fresh(), 7, 181), phaseReady, 181, "made steps that brought nothing"},
		"nothing brought, still fine": {empty(fresh(), 7, 180), phaseReady, 180, ""},
		"any frame is life":           {alive(fresh(), 9), phaseReady, 19, ""},
	}
	for name, c2 := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c2.w.verdict(c2.p, at(c2.now), c); got != c2.want {
				t.Errorf("%q, want %q", got, c2.want)
			}
		})
	}
	t.Run("time asleep is forgiven", func(t *testing.T) {
		w := fresh()
		w.shift(time.Hour)
		if got := w.verdict(phaseReady, at(3605), c); got != "" {
			t.Errorf("%q after an hour asleep", got)
		}
		if got := w.verdict(phaseReady, at(3611), c); got == "" {
			t.Error("a worker that is silent after that is not found")
		}
	})
}

func TestResolve(t *testing.T) {
	list := []models.Info{{ID: "bad", Refused: "It is damaged."}, {ID: "smol", Test: true}, {ID: "x"}, {ID: "y"}}
	large := []models.Info{{ID: "bad", Refused: "It is damaged."}, {ID: "large"}, {ID: "smol", Test: true}}
	cases := map[string]struct {
		infos                   []models.Info
		asked, byDefault, after string
		want                    string
		code                    engine.Code
	}{
		"by name":                 {list, "y", "", "", "y", ""},
		"first usable":            {list, "", "", "", "x", ""},
		"loaded one":              {list, "", "", "smol", "smol", ""},
		"configured one":          {list, "", "y", "smol", "y", ""},
		"asked beats all":         {list, "x", "y", "smol", "x", ""},
		"large when asked":        {large, "large", "", "", "large", ""},
		"one that fits is first":  {large, "", "", "", "smol", ""},
		"large when alone":        {large[:2], "", "", "", "large", ""},
		"test model when alone":   {list[:2], "", "", "", "smol", ""},
		"loaded one was removed":  {list, "", "", "gone", "x", ""},
		"unknown":                 {list, "z", "", "", "", engine.CodeModelNotFound},
		"configured one is gone":  {list, "", "z", "x", "", engine.CodeModelNotFound},
		"refused":                 {list, "bad", "", "", "bad", engine.CodeModelRefused},
		"only a refused one":      {list[:1], "", "", "", "bad", engine.CodeModelRefused},
		"empty folder":            {nil, "", "", "", "", engine.CodeNoModel},
		"empty folder, one asked": {nil, "x", "", "", "", engine.CodeNoModel},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := resolve(c.infos, map[string]*engine.Fit{"large": {Verdict: engine.VerdictWont}, "y": {Verdict: engine.VerdictPartly}}, c.asked, c.byDefault, c.after)
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

// A machine that slept wakes with a worker that was asleep too.
func TestSupervisor_LookAfterSleep(t *testing.T) {
	c, err := Config{WorkerPath: "w", RuntimeDir: "r", ModelsDir: "m"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	now, killed := time.Unix(1000, 0), 0
	w := newWorker(&process{kill: func() error { killed++; return nil }}, "m", now)
	s := &supervisor{cfg: c, plans: newPlanner(c), phase: phaseReady, worker: w, running: map[uint64]*answer{1: {}}}
	now = now.Add(time.Hour)
	s.look(now)
	if killed != 0 {
		t.Fatal("killed for the time that the machine slept")
	}
	for range 20 {
		now = now.Add(time.Second)
		s.look(now)
	}
	if killed != 1 || s.phase != phaseDying || w.cause == "" {
		t.Errorf("killed %d times, phase %s: a worker that stays silent after the sleep hangs", killed, s.phase)
	}
}
