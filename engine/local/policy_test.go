package local

import (
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

func TestDecide(t *testing.T) {
	ready := func(u unitView) unitView { u.model, u.phase = "a", phaseReady; return u }
	loading := unitView{model: "b", phase: phaseLoading}
	room := unitView{model: "b", phase: phaseRoom, wanted: true}
	asked := room
	asked.room = "a"
	given := room
	given.due = true
	cases := map[string]struct {
		v    view
		want action
		unit int
	}{
		"nothing to do":          {view{}, actWait, -1},
		"first request":          {view{next: "a"}, actStart, -1},
		"closed":                 {view{next: "a", closed: true}, actWait, -1},
		"serve":                  {view{units: []unitView{ready(unitView{serve: true, busy: true})}}, actServe, 0},
		"idle":                   {view{units: []unitView{ready(unitView{})}}, actWait, -1},
		"another beside it":      {view{units: []unitView{ready(unitView{busy: true})}, next: "b"}, actStart, -1},
		"one comes at a time":    {view{units: []unitView{ready(unitView{}), loading}, next: "c"}, actWait, -1},
		"serve while one comes":  {view{units: []unitView{loading, ready(unitView{serve: true})}}, actServe, 1},
		"dying":                  {view{units: []unitView{{model: "a", phase: phaseDying, serve: true}}}, actWait, -1},
		"starting":               {view{units: []unitView{{model: "a", phase: phaseStarting, serve: true, wanted: true}}}, actWait, -1},
		"pause before restart":   {view{units: []unitView{{model: "a", phase: phaseBackoff, wanted: true}}}, actWait, -1},
		"restart":                {view{units: []unitView{{model: "a", phase: phaseBackoff, wanted: true, due: true}}}, actLaunch, 0},
		"restart waits":          {view{units: []unitView{{model: "a", phase: phaseBackoff, wanted: true, due: true}, loading}}, actWait, -1},
		"fresh and asked":        {view{units: []unitView{ready(unitView{busy: true, fresh: true}), room}}, actWait, -1},
		"fresh and idle":         {view{units: []unitView{ready(unitView{fresh: true}), room}}, actLeave, 0},
		"fresh, another is not":  {view{units: []unitView{ready(unitView{busy: true, fresh: true}), ready(unitView{busy: true, used: time.Unix(9, 0)}), room}}, actLeave, 1},
		"asks for room":          {view{units: []unitView{ready(unitView{busy: true}), room}}, actLeave, 0},
		"a goer is waited for":   {view{units: []unitView{ready(unitView{busy: true, leaving: true}), room}}, actLeave, 0},
		"kept, but it leaves":    {view{units: []unitView{ready(unitView{busy: true, leaving: true, keep: true}), room}}, actLeave, 0},
		"an end is waited for":   {view{units: []unitView{{model: "a", phase: phaseStopping}, room}}, actLeave, 0},
		"a death is waited for":  {view{units: []unitView{{model: "a", phase: phaseDying, busy: true}, room}}, actLeave, 0},
		"the dead one is first":  {view{units: []unitView{{model: "a", phase: phaseRoom, leaving: true, wanted: true}, asked}}, actLaunch, 0},
		"first come, first room": {view{units: []unitView{room, {model: "c", phase: phaseRoom, wanted: true}}}, actLaunch, 0},
		"asks only one":          {view{units: []unitView{ready(unitView{busy: true, leaving: true}), asked}}, actWait, -1},
		"next waits for room":    {view{units: []unitView{ready(unitView{busy: true, leaving: true}), asked}, next: "c"}, actWait, -1},
		"room was given":         {view{units: []unitView{ready(unitView{}), given}}, actLaunch, 1},
		"nobody else is there":   {view{units: []unitView{room}}, actLaunch, 0},
		"room, all others kept":  {view{units: []unitView{ready(unitView{keep: true}), room}}, actLaunch, 1},
		"room, nobody waits":     {view{units: []unitView{ready(unitView{busy: true}), {model: "b", phase: phaseRoom}}}, actDrop, 1},
		"leaving, earlier ones":  {view{units: []unitView{ready(unitView{leaving: true, serve: true})}}, actServe, 0},
		"leaving, busy":          {view{units: []unitView{ready(unitView{leaving: true, busy: true}), asked}}, actWait, -1},
		"leaving, drained":       {view{units: []unitView{ready(unitView{leaving: true}), asked}}, actStop, 0},
		"leaving, not loaded":    {view{units: []unitView{{model: "a", phase: phaseLoading, leaving: true}}}, actStop, 0},
		"leaving, awaited":       {view{units: []unitView{{model: "a", phase: phaseLoading, leaving: true, serve: true, wanted: true}}}, actWait, -1},
		"leaving and dead":       {view{units: []unitView{{model: "a", phase: phaseBackoff, leaving: true}}}, actDrop, 0},
		"leaving, dead, wanted":  {view{units: []unitView{{model: "a", phase: phaseBackoff, leaving: true, wanted: true, due: true}, asked}}, actLaunch, 0},
		"file replaced, busy":    {view{units: []unitView{ready(unitView{busy: true, serve: true, fate: fateChanged})}}, actWait, -1},
		"file replaced, drained": {view{units: []unitView{ready(unitView{serve: true, fate: fateChanged})}}, actStop, 0},
		"file replaced, idle":    {view{units: []unitView{ready(unitView{fate: fateChanged})}}, actStop, 0},
		"file removed, one came": {view{units: []unitView{ready(unitView{serve: true, fate: fateGone})}}, actServe, 0},
		"file removed, busy":     {view{units: []unitView{ready(unitView{busy: true, fate: fateGone})}}, actWait, -1},
		"file removed, drained":  {view{units: []unitView{ready(unitView{fate: fateGone})}}, actStop, 0},
		"file cut":               {view{units: []unitView{ready(unitView{busy: true, serve: true, fate: fateBroken})}}, actKill, 0},
		"file cut, dying":        {view{units: []unitView{{model: "a", phase: phaseDying, fate: fateBroken}}}, actWait, -1},
		"file cut while loading": {view{units: []unitView{{model: "a", phase: phaseLoading, fate: fateBroken}}}, actWait, -1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got, i := decide(c.v); got != c.want || i != c.unit {
				t.Errorf("%s of %d, want %s of %d", got, i, c.want, c.unit)
			}
		})
	}
}

func TestVictim(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	units := []unitView{
		{model: "loading", phase: phaseLoading},
		{model: "kept", phase: phaseReady, keep: true},
		{model: "leaving", phase: phaseReady, leaving: true, used: at(9)},
		{model: "leaving and busy", phase: phaseReady, leaving: true, busy: true, used: at(9)},
		{model: "busy", phase: phaseReady, busy: true, used: at(1)},
		{model: "asked", phase: phaseReady, wanted: true, used: at(2)},
		{model: "idle", phase: phaseReady, used: at(4)},
		{model: "idle for long", phase: phaseReady, used: at(3)},
	}
	for _, want := range []string{"leaving", "idle for long", "idle", "leaving and busy", "busy", "asked"} {
		i := victim(units)
		if i < 0 || units[i].model != want {
			t.Fatalf("%d, want %s", i, want)
		}
		units = append(units[:i:i], units[i+1:]...)
	}
	if i := victim(units); i >= 0 {
		t.Errorf("%s has to go", units[i].model)
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
	fresh := func() watch { return newWorker(nil, "m", nil, t0).watch }
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
	finds, ranks := models.Info{ID: "a-finds", Facts: models.Facts{Embeddings: true}}, models.Info{ID: "ranks", Facts: models.Facts{Reranker: true}}
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
		"embedders write nothing": {append([]models.Info{finds}, list[1]), "", "", "", "smol", ""},
		"an embedder was asked":   {append([]models.Info{finds}, list[1]), "a-finds", "", "", "a-finds", engine.CodeModelRefused},
		"a reranker was asked":    {[]models.Info{ranks}, "ranks", "", "", "ranks", engine.CodeModelRefused},
		"nothing writes":          {[]models.Info{finds, ranks}, "", "", "", "", engine.CodeNoModel},
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
	w := newWorker(&process{kill: func() error { killed++; return nil }}, "m", nil, now)
	u := &unit{phase: phaseReady, worker: w, running: map[uint64]*answer{1: {}}}
	s := &supervisor{cfg: c, plans: newPlanner(c), units: []*unit{u}}
	now = now.Add(time.Hour)
	s.look(now)
	if killed != 0 {
		t.Fatal("killed for the time that the machine slept")
	}
	for range 20 {
		now = now.Add(time.Second)
		s.look(now)
	}
	if killed != 1 || u.phase != phaseDying || w.cause == "" {
		t.Errorf("killed %d times, phase %s: a worker that stays silent after the sleep hangs", killed, u.phase)
	}
}
