package usage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"alcove/engine"
	"alcove/monitor"
	"alcove/monitor/rollup"
	"alcove/storage"
)

func sampleOf(cpu float64) monitor.Sample {
	return monitor.Sample{CPU: &monitor.CPU{Percent: cpu}, GPUs: []monitor.GPU{{Name: "H100", Power: &cpu}}, Engine: &monitor.Engine{Active: 1}}
}

// What the routes say is the same before the end of the program and after it.
func TestFigures_AreThereAfterARestart(t *testing.T) {
	d := newDesk(t)
	for i := range 30 {
		d.Answer(d.anAnswer(func(a *Answer) { a.Model = fmt.Sprint("model-", i%3); a.Total = time.Duration(i+1) * time.Second }))
		d.Sample(sampleOf(float64(i)))
		d.tick(25 * time.Second)
	}
	look := func() (all struct {
		Latency  LatencyView
		Machine  MachineView
		Requests RequestsView
		Marks    []Mark
		Usage    Report
		Traffic  Traffic
	}) {
		var err error
		fail := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		ctx := t.Context()
		all.Latency, err = d.Latency(ctx, 2*time.Hour, Key{})
		fail(err)
		all.Machine, err = d.Machine(ctx, 2*time.Hour)
		fail(err)
		all.Requests, err = d.Requests(ctx, RequestFilter{}, 100)
		fail(err)
		all.Marks, err = d.Marks(ctx, 2*time.Hour)
		fail(err)
		all.Usage, err = d.Usage(ctx, 2)
		fail(err)
		all.Traffic, err = d.Traffic(ctx, d.clocks.now().Add(-time.Hour), d.clocks.now())
		fail(err)
		return all
	}
	before := look()
	if n := len(before.Requests.Requests); n != 30 || before.Usage.Total.Requests != 30 || before.Traffic.Total.OutputTokens != 30*40 {
		t.Errorf("%d rows, usage %+v, traffic %+v", n, before.Usage.Total, before.Traffic.Total)
	}
	if m := before.Traffic.MedianPrompt; m < 120*(1-1./32) || m > 120 {
		t.Errorf("median prompt of %v tokens, want 120", m)
	}
	d.close()
	d.open(nil)
	after := look()
	if len(after.Marks) != 2 {
		t.Errorf("marks after the restart: %+v, want two starts", after.Marks)
	}
	after.Marks = after.Marks[:1]
	if diff := cmp.Diff(before, after, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	d.want(30)
}

// Each gauge of the contract is drawn, and what is not known is not.
func TestMachine_HasAllGauges(t *testing.T) {
	d := newDesk(t)
	d.Sample(monitor.Sample{})
	if v, err := d.Machine(t.Context(), time.Hour); err != nil || len(v.Series) != 0 {
		t.Errorf("nothing is known: %+v, %v", v.Series, err)
	}
	d.Sample(syntheticSample(rand.New(rand.NewPCG(1, 1))))
	v, err := d.Machine(t.Context(), time.Hour)
	drawn := map[string]bool{}
	for _, s := range v.Series {
		drawn[s.Name] = true
	}
	for name := range units {
		if n := len((rollup.Gauges{{Name: name}: {N: 1}}).Encode()); n > 30 {
			t.Errorf("%s takes %d bytes: it is not among rollup's known ones", name, n)
		}
		if !drawn[name] {
			t.Errorf("%s is not drawn", name)
		}
	}
	if n := len(units) + 4; len(v.Series) != n || err != nil { // two GPUs
		t.Errorf("%d series, want %d, %v", len(v.Series), n, err)
	}
}

func TestLatency_IsOfTheAnswersThatAreAskedFor(t *testing.T) {
	d := newDesk(t)
	for i := range 100 {
		d.Answer(d.anAnswer(func(a *Answer) { a.FirstToken = time.Duration(i+1) * 10 * time.Millisecond }))
	}
	d.Answer(d.anAnswer(func(a *Answer) { a.Model, a.Status, a.FirstToken = "other-model", StatusFailed, 0 }))
	for _, stored := range []bool{false, true} {
		v, err := d.Latency(t.Context(), time.Hour, Key{Model: "tiny"})
		if err != nil || len(v.Totals) != 1 {
			t.Fatalf("stored %v: %+v, %v", stored, v.Totals, err)
		}
		p := v.Totals[0].Figures["first_token_seconds"]
		near := func(got, want float64) bool { return got > want*.97 && got < want*1.03 }
		if v.Totals[0].Requests != 100 || p.Count != 100 || !near(p.P50, .5) || !near(p.P95, .95) || !near(p.P99, .99) || p.Max != 1 {
			t.Errorf("stored %v: %+v", stored, v.Totals[0])
		}
		v, err = d.Latency(t.Context(), time.Hour, Key{})
		if err != nil || len(v.Totals) != 2 || v.Totals[1].Failed != 1 || len(v.Totals[1].Figures) != 3 {
			t.Errorf("stored %v, all: %+v, %v", stored, v.Totals, err)
		}
		d.tick(time.Minute)
	}
}

// Each hour of a chart is right whether it comes from memory, the database or both.
func TestLatency_ChartsMemoryAndDatabase(t *testing.T) {
	d := newDesk(t)
	for minute := range 200 {
		for range minute % 7 {
			d.Answer(d.anAnswer())
		}
		d.tick(time.Minute)
	}
	for _, span := range []time.Duration{5 * time.Minute, time.Hour, 3 * time.Hour, 20 * time.Hour, 72 * time.Hour, 90 * 24 * time.Hour} {
		v, err := d.Latency(t.Context(), span, Key{})
		if err != nil {
			t.Fatal(err)
		}
		var drawn, want int64
		for _, n := range v.Series[0].Count {
			drawn += n
		}
		for minute := range 200 {
			if at := newClocks().wall.Add(time.Duration(minute) * time.Minute); !at.Before(v.From) {
				want += int64(minute % 7)
			}
		}
		if drawn != want || int64(v.Totals[0].Requests) != want {
			t.Errorf("%v: %d answers in the chart, %d in the totals, want %d", span, drawn, v.Totals[0].Requests, want)
		}
	}
}

// Whatever the clock does, no bucket is lost and none counted twice.
func TestClockSteps_LoseNothing(t *testing.T) {
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		d := newDesk(t)
		defer d.Recorder.Close()
		sent := 0
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			for range rapid.IntRange(0, 5).Draw(rt, "answers") {
				d.Answer(d.anAnswer())
				sent++
			}
			step := rapid.SampledFrom([]time.Duration{0, 0, 0, -time.Second, -59 * time.Second, -5 * time.Minute, 3 * time.Hour,
				-26 * time.Hour, 5 * 365 * 24 * time.Hour, -20 * 365 * 24 * time.Hour}).Draw(rt, "step")
			d.step(time.Duration(rapid.IntRange(1, 90).Draw(rt, "seconds"))*time.Second, step)
			if rapid.IntRange(0, 4).Draw(rt, "restart") == 0 {
				d.close()
				d.open(nil)
			}
		}
		d.Recorder.Close()
		d.want(sent)
		d.store.Close()
	})
}

func TestTrust(t *testing.T) {
	day, now := 24*time.Hour, newClocks().wall
	for _, c := range []struct {
		name  string
		trust trust
		at    time.Duration
		want  bool
	}{
		{"an empty store", newTrust(time.Time{}, now, 0, false), 0, true},
		{"off for a week", newTrust(now.Add(-7*day), now, 0, false), 0, true},
		{"off for a year", newTrust(now.Add(-365*day), now, 0, false), 0, false},
		{"off for a year, a day ago", newTrust(now.Add(-365*day), now, 0, false), day, true},
		{"a run that did not trust its clock", newTrust(now, now, 0, true), time.Hour, false},
		{"figures of the future", newTrust(now.Add(day), now, 0, false), time.Hour, false},
	} {
		if got := c.trust.steady(c.at); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	tr := newTrust(time.Time{}, now, 0, false)
	tr.look(now.Add(8*time.Hour), time.Second) // it slept
	if tr.steady(time.Minute) || !tr.steady(2*time.Hour) {
		t.Error("after a sleep the clock is trusted in an hour")
	}
	tr.look(now.Add(365*day), 3*time.Hour)
	if tr.steady(4*time.Hour) || !tr.steady(28*time.Hour) {
		t.Error("after a year's jump the clock is trusted in a day")
	}
}

func TestOld_IsRemoved(t *testing.T) {
	d := newDesk(t)
	d.Answer(d.anAnswer())
	d.tick(time.Minute)
	d.Answer(d.anAnswer())
	d.step(time.Minute, 20*24*time.Hour) // off for long, but not for too long
	d.tick(2 * time.Hour)
	if got, rows := d.counts(); got[time.Minute] != 0 || got[5*time.Minute] != 0 || got[time.Hour] != 2 || rows != 2 {
		t.Errorf("after 20 days: %v, %d rows", got, rows)
	}
	d.step(time.Minute, 20*24*time.Hour)
	d.tick(2 * time.Hour)
	if got, rows := d.counts(); got[time.Hour] != 2 || rows != 0 {
		t.Errorf("after 40 days: %v, %d rows", got, rows)
	}
	d.step(time.Minute, 30*24*time.Hour)
	d.tick(2 * time.Hour)
	d.step(time.Minute, 30*24*time.Hour)
	d.tick(2 * time.Hour)
	if got, _ := d.counts(); got[time.Hour] != 0 {
		t.Errorf("after 100 days: %v", got)
	}
}

// switchedDisk is a real database whose disk takes no figures for a while, or
// takes them and fails to say so.
type switchedDisk struct {
	*storage.DB
	full, silent atomic.Bool
}

func (s *switchedDisk) AddUsage(ctx context.Context, m storage.UsageMinute, tiers []storage.UsageTier, merge storage.UsageMerge) error {
	if s.full.Load() {
		return storage.ErrReadOnly
	}
	if err := s.DB.AddUsage(ctx, m, tiers, merge); err != nil || !s.silent.Load() {
		return err
	}
	return errors.New("nobody knows")
}

func TestFullDisk_KeepsFiguresInMemory(t *testing.T) {
	d := newDesk(t)
	d.close()
	disk := &switchedDisk{}
	var said strings.Builder
	d.open(func(db *storage.DB) Store { disk.DB = db; return disk })
	d.Recorder.log = slog.New(slog.NewTextHandler(&said, nil))
	disk.full.Store(true)
	for i := range 10 {
		if i == 5 { // stored, but the error says otherwise: nothing may count twice
			disk.full.Store(false)
			disk.silent.Store(true)
		}
		d.Answer(d.anAnswer())
		d.tick(time.Minute)
		v, err := d.Latency(t.Context(), 2*time.Hour, Key{})
		if err != nil || v.Totals[0].Requests != uint64(i+1) {
			t.Fatalf("minute %d: %+v, %v", i, v.Totals, err)
		}
		if v, err := d.Requests(t.Context(), RequestFilter{}, 100); err != nil || len(v.Requests) != i+1 {
			t.Fatalf("minute %d: %d rows, %v", i, len(v.Requests), err)
		}
	}
	disk.silent.Store(false)
	d.tick(time.Minute)
	d.close()
	if n := strings.Count(said.String(), "cannot be stored"); n != 1 {
		t.Errorf("told %d times: %s", n, said.String())
	}
	d.open(nil)
	d.want(10)
}

// brokenStore cannot be read.
type brokenStore struct{ *storage.DB }

func (brokenStore) ReadUsage(context.Context, func(storage.UsageReader) error) error {
	return storage.ErrCorrupt
}

// Figures that cannot be read keep nobody from an answer, and are not written over.
func TestUnreadableFigures_AreNotTouched(t *testing.T) {
	d := newDesk(t)
	d.Answer(d.anAnswer())
	d.close()
	d.open(func(db *storage.DB) Store { return brokenStore{db} })
	d.Answer(d.anAnswer())
	d.tick(time.Minute)
	if f := d.Recent(time.Hour); f.All.Requests != 1 {
		t.Errorf("%+v", f.All)
	}
	if _, err := d.Latency(t.Context(), 2*time.Hour, Key{}); !errors.Is(err, storage.ErrCorrupt) {
		t.Error(err)
	}
	d.close()
	d.open(nil)
	d.want(1)
}

func TestFullDisk_MemoryIsBounded(t *testing.T) {
	d := newDesk(t)
	d.close()
	disk := &switchedDisk{}
	disk.full.Store(true)
	d.open(func(db *storage.DB) Store { disk.DB = db; return disk })
	for range maxParts + 100 {
		d.tick(time.Minute)
	}
	d.call(func(o *owner) {
		if len(o.parts) > maxParts {
			t.Errorf("%d parts in memory", len(o.parts))
		}
	})
}

func TestDamagedRows_AreLeftOut(t *testing.T) {
	d := newDesk(t)
	var said strings.Builder
	d.damage.log = slog.New(slog.NewTextHandler(&said, nil))
	m := storage.UsageMinute{Seq: 1, Start: d.clocks.now(), Machine: []byte("no figures")}
	for i, figures := range [][]byte{nil, {}, []byte("h"), []byte("no figures"), {104, 0, 1, 2, 3, 4}} {
		m.Cells = append(m.Cells, storage.UsageCell{UsageKey: storage.UsageKey{Model: fmt.Sprint(i)}, UsageCounts: storage.UsageCounts{Requests: -3}, Figures: append([]byte{}, figures...)})
	}
	if err := d.store.AddUsage(t.Context(), m, tiers(), d.merge()); err != nil {
		t.Fatal(err)
	}
	d.call(func(o *owner) { o.seq, o.part.seq = 2, 2 })
	d.Answer(d.anAnswer())
	d.Answer(d.anAnswer(func(a *Answer) { a.Model, a.Route, a.Class = "3", "", "" })) // merged into a damaged row
	d.Sample(sampleOf(50))
	d.tick(time.Minute)
	for _, span := range []time.Duration{time.Hour, 12 * time.Hour, 72 * time.Hour, 2000 * time.Hour} {
		v, err := d.Latency(t.Context(), span, Key{})
		if err != nil || v.Totals[0].Requests != 1 {
			t.Errorf("%v: %+v, %v", span, v.Totals, err)
		}
		if v, err := d.Machine(t.Context(), span); err != nil || len(v.Series) == 0 {
			t.Errorf("%v: %v", span, err)
		}
	}
	if _, err := d.Traffic(t.Context(), time.Time{}, d.clocks.now()); err != nil {
		t.Error(err)
	}
	if n := strings.Count(said.String(), "damaged"); n != 1 {
		t.Errorf("told %d times: %s", n, said.String())
	}
}

func TestKeys_AreBounded(t *testing.T) {
	d := newDesk(t)
	for i := range 500 {
		d.Answer(d.anAnswer(func(a *Answer) { a.Model = strings.Repeat("x", 400) + fmt.Sprint(i) }))
		d.Answer(d.anAnswer(func(a *Answer) { a.Model = fmt.Sprint("model-", i) }))
	}
	d.tick(time.Minute)
	err := d.store.ReadUsage(t.Context(), func(u storage.UsageReader) error {
		for _, tier := range rollup.Tiers {
			cells, err := u.Counts(tier.Step, time.Time{}, d.clocks.now())
			if err != nil || len(cells) > tier.Cells {
				t.Errorf("%v: %d keys, %v", tier.Step, len(cells), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.want(1000)
}

func TestNoTraffic_IsNotCounted(t *testing.T) {
	d := newDesk(t)
	for _, route := range []string{engine.RouteCapacity, engine.RouteReady} {
		d.Answer(d.anAnswer(func(a *Answer) { a.Route = route }))
	}
	d.Answer(d.anAnswer(func(a *Answer) { a.Route, a.Draft = engine.RouteDraft, true }))
	if f := d.Recent(time.Hour).All; f.Requests != 0 || f.PromptTokens != 120 || len(f.Figures) != 0 {
		t.Errorf("%+v", f)
	}
	if v, err := d.Requests(t.Context(), RequestFilter{}, 10); err != nil || len(v.Requests) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestRecent_GoesByTheSteadyClock(t *testing.T) {
	d := newDesk(t)
	d.Answer(d.anAnswer())
	d.Answer(d.anAnswer(func(a *Answer) { a.Class, a.Status = "batch", StatusFailed }))
	d.step(time.Minute, -48*time.Hour)
	d.Answer(d.anAnswer())
	f := d.Recent(5 * time.Minute)
	if f.All.Requests != 3 || f.All.Failed != 1 || f.People.Requests != 2 || f.ByClass["batch"].Requests != 1 || f.All.Figures["total_seconds"].Count != 2 {
		t.Errorf("%+v", f)
	}
	d.tick(4 * time.Minute)
	if f := d.Recent(2 * time.Minute); f.All.Requests != 0 {
		t.Errorf("after it: %+v", f)
	}
	d.tick(2 * time.Hour)
	d.call(func(o *owner) {
		if len(o.fines) > 1 {
			t.Errorf("%d fine buckets are left", len(o.fines))
		}
	})
}

func TestClose_MayBeAskedAgain(t *testing.T) {
	d := newDesk(t)
	d.close()
	d.Answer(d.anAnswer())
	if _, err := d.Latency(t.Context(), time.Hour, Key{}); err == nil {
		t.Error("a closed recorder answers")
	}
	if f := d.Recent(time.Hour); f.All.Requests != 0 {
		t.Errorf("%+v", f)
	}
}

// While NVIDIA's driver gives no answer, the GPU inside the processor is still
// drawn as the same one.
func TestGauges_AGPUKeepsItsNumber(t *testing.T) {
	power := 9.0
	intel := monitor.GPU{Name: "Intel GPU 46a6", Vendor: "intel", Power: &power}
	g := rollup.Gauges{}
	for _, gpus := range [][]monitor.GPU{{{Name: "RTX", Vendor: "nvidia"}, intel}, {intel}} {
		addSample(g, monitor.Sample{GPUs: gpus})
	}
	if len(g) != 1 || g[rollup.Name{Name: "gpu_power_watts", Device: "Intel GPU 46a6 #0"}].N != 2 {
		t.Errorf("%v", g)
	}
}
