package usage

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"alcove/monitor"
	"alcove/monitor/rollup"
	"alcove/storage"
)

// maxMB is what ninety days may take.
const maxMB = 50

// TestSoakNinetyDays makes ninety days of a busy box and asserts their size. In
// normal runs it is worked out from three days.
func TestSoakNinetyDays(t *testing.T) {
	days := 3
	if soak() {
		days = 90
	}
	d := newDesk(t)
	empty := d.megabytes()
	answers := d.fill(days, 0)
	d.close()
	mb := d.megabytes()
	d.open(nil)
	t.Logf("%d days, %d answers: %.1f MB", days, answers, mb)
	if days < 90 {
		parts, all := d.payload(answers / days)
		const margin = 1.1 // days are not alike
		t.Logf("%.1f MB of payload in %.1f MB; ninety days have %.1f MB of it", parts, mb-empty, all)
		mb = empty + all*(mb-empty)/parts*margin
	}
	if mb > maxMB {
		t.Errorf("ninety days take %.1f MB, at most %d", mb, maxMB)
	}
	for _, minutes := range []int{5, 60, 24 * 60, 7 * 24 * 60, 30 * 24 * 60, 90 * 24 * 60} {
		v, err := d.Latency(t.Context(), time.Duration(minutes)*time.Minute, Key{})
		if err != nil || len(v.Times) > rollup.MaxPoints {
			t.Errorf("%d minutes: %d points, %v", minutes, len(v.Times), err)
		}
	}
	v, err := d.Latency(t.Context(), 90*24*time.Hour, Key{})
	var all uint64
	for _, total := range v.Totals {
		all += total.Requests
	}
	byTier, _ := d.counts()
	if byTier[time.Hour] != int64(answers) {
		t.Errorf("the hours have %d requests, %d were made", byTier[time.Hour], answers)
	}
	t2, err2 := d.Traffic(t.Context(), v.From, d.clocks.now()) // the first point may begin after the first answer
	if err != nil || err2 != nil || all != t2.Total.Requests || all == 0 {
		t.Errorf("the totals of ninety days have %d requests, want %d, %v, %v", all, t2.Total.Requests, err, err2)
	}
}

// Ninety days with as many keys as there may be, each asked in each step, have
// room too: the oldest goes. The soak lives two weeks of it; normal runs have an eighth of the room and three hours.
func TestSoakNinetyDays_AtTheCaps(t *testing.T) {
	keys, part, answers := rollup.Tiers[0].Cells, 8., 0
	d := newDesk(t)
	if soak() {
		part, answers = 1, d.fill(14, keys)
	} else {
		d.call(func(o *owner) { o.r.room.most = int64(mostBytes / part) })
		random := rand.New(rand.NewPCG(7, 7))
		for range 200 {
			answers += d.crowd(keys, keys, random)
			d.tick(time.Minute)
		}
	}
	all, _ := d.payload(1)
	requests := requestMB * float64(min(answers, mostRequests))
	byTier, _ := d.counts()
	d.close()
	mb := d.megabytes()
	t.Logf("%d answers: %.1f MB of buckets, %.1f MB of requests, a file of %.1f MB", answers, all-requests, requests, mb)
	if most := mostBytes/1e6/part + 2; all-requests > most { // an hour is added between two looks
		t.Errorf("the buckets have %.1f MB, at most %.1f", all-requests, most)
	}
	if mb > maxMB {
		t.Errorf("%.1f MB, at most %d", mb, maxMB)
	}
	if !soak() && (byTier[time.Hour] != int64(answers) || byTier[time.Minute] < int64(60*keys)) {
		t.Errorf("of %d answers there are %v: the oldest minutes go, and no hours", answers, byTier)
	}
}

func soak() bool { return os.Getenv("ALCOVE_SOAK") != "" }

func (d *desk) megabytes() float64 {
	d.t.Helper()
	info, err := os.Stat(d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	return float64(info.Size()) / 1e6
}

// requestMB is what a row of the request log takes with its index.
const requestMB = 150e-6

// payload is what there is, in MB, and what there would be if all tiers were
// full and so many were answered each day.
func (d *desk) payload(perDay int) (now, full float64) {
	d.t.Helper()
	err := d.store.ReadUsage(d.t.Context(), func(u storage.UsageReader) error {
		for _, tier := range rollup.Tiers {
			sizes, err := u.Sizes(tier.Step)
			if err != nil {
				return err
			}
			var sum float64
			for _, s := range sizes {
				sum += float64(s.Bytes) / 1e6
			}
			now += sum
			full += sum / float64(len(sizes)) * float64(tier.Keep/tier.Step)
			d.t.Logf("%v: %d buckets, %.0f bytes each", tier.Step, len(sizes), 1e6*sum/float64(len(sizes)))
		}
		rows, err := u.Requests(storage.UsageFilter{}, 2*mostRequests)
		now += requestMB * float64(len(rows))
		full += requestMB * float64(min(mostRequests, perDay*int(keepRequests/(24*time.Hour))))
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return now, full
}

// TestMakeNinetyDays makes the database that `make bench ONLY=usage` measures.
func TestMakeNinetyDays(t *testing.T) {
	path := os.Getenv("ALCOVE_NINETY_DAYS")
	if path == "" {
		t.Skip("make bench ONLY=usage runs it")
	}
	d := &desk{t: t, path: filepath.Join(path, "alcove.db"), clocks: newClocks()}
	d.clocks.wall = time.Now().Add(-90 * 24 * time.Hour).UTC().Truncate(time.Hour)
	d.open(nil)
	answers := d.fill(90, 0)
	d.close()
	fmt.Println("answers", answers)
}

// fill lives through days: three models, asked in three ways, about 2,500
// answers a day that come mostly by day. What is older than a week goes hour by
// hour and what is older than a day in five minutes: only their roll-ups are
// left of it anyway. With keys, each of so many is asked in each step.
func (d *desk) fill(days, keys int) (answers int) {
	random := rand.New(rand.NewPCG(7, uint64(days)))
	end := d.clocks.now().Add(time.Duration(days) * 24 * time.Hour)
	for now := d.clocks.now(); now.Before(end); now = d.clocks.now() {
		step := time.Minute
		if left := end.Sub(now); left > 7*24*time.Hour {
			step = time.Hour
		} else if left > 24*time.Hour {
			step = 5 * time.Minute
		}
		perHour := 100 * (1 + .95*math.Sin(2*math.Pi*(float64(now.Hour())-8)/24))
		n := int(perHour*step.Hours() + random.Float64())
		answers += d.crowd(max(n, keys), keys, random)
		for range 3 {
			d.Sample(syntheticSample(random))
		}
		d.tick(step)
	}
	return answers
}

// crowd asks n times; with keys they are of so many models in turn.
func (d *desk) crowd(n, keys int, random *rand.Rand) int {
	for i := range n {
		a := synthetic(d.clocks.now(), random)
		if keys > 0 {
			a.Model = fmt.Sprintf("Model-%02d-30B-A3B-Instruct-Q4_K_M", i%keys)
			a.Route, a.Class, a.User = "v1/chat/completions", "api", keyMark+"5d1f"
		}
		d.Answer(a)
	}
	return n
}

func synthetic(now time.Time, random *rand.Rand) Answer {
	spread := func(median, sigma float64) float64 { return median * math.Exp(sigma*random.NormFloat64()) }
	seconds := func(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }
	way := [][3]string{{"chat", "interactive", pageUser}, {"v1/chat/completions", "api", keyMark + "5d1f"}, {"check", "batch", "house-check"}}[min(2, random.IntN(20)/9)]
	a := Answer{
		At: now, Model: []string{"SmolLM2-135M-Instruct.Q4_1", "gemma-4-E4B-it-Q4_K_M", "Qwen3-30B-A3B-Instruct-Q4_K_M"}[random.IntN(3)], Device: "CUDA0 NVIDIA H100 80GB HBM3",
		Route: way[0], Class: way[1], User: way[2], Status: StatusDone, Queue: seconds(spread(.02, 1.5)), Prefill: seconds(spread(.3, .8)),
		PromptTokens: int(spread(600, 1)), OutputTokens: int(spread(250, .8)), TokensPerSec: spread(40, .3),
	}
	a.CachedTokens = a.PromptTokens / 3
	a.FirstToken = a.Queue + a.Prefill
	a.Total = a.FirstToken + seconds(float64(a.OutputTokens)/a.TokensPerSec)
	for range min(a.OutputTokens, 300) {
		a.Gaps.Add(spread(1/a.TokensPerSec, .25))
	}
	switch random.IntN(50) {
	case 0:
		a.Status, a.Code = StatusFailed, "context_full"
	case 1:
		a.Status = StatusStopped
	}
	return a
}

func syntheticSample(random *rand.Rand) monitor.Sample {
	f := func(most float64) *float64 { v := random.Float64() * most; return &v }
	n := func(most int64) *int64 { v := random.Int64N(most); return &v }
	s := monitor.Sample{
		CPU:    &monitor.CPU{Percent: *f(100), Steal: *f(3), Frequency: f(4e9), Load: &monitor.Load{One: *f(9)}},
		Memory: &monitor.Memory{Total: 1 << 37, Used: *n(1 << 37)}, Disk: &monitor.Disk{Total: 1 << 40, Free: *n(1 << 40), Read: f(1e9), Write: f(1e9)},
		Engine: &monitor.Engine{Active: random.IntN(16), Queued: random.IntN(4), TokensPerSec: f(400), Worker: &monitor.Worker{CPU: f(100), Resident: *n(1 << 36)}},
	}
	s.Swap, s.Battery = &monitor.Swap{Total: 1 << 34, Used: *n(1 << 34)}, &monitor.Battery{Percent: *f(100)}
	s.Network = &monitor.Network{Receive: *f(1e8), Transmit: *f(1e8)}
	s.Temperatures = []monitor.Temperature{{CPU: true, Celsius: *f(90)}}
	for range 2 {
		s.GPUs = append(s.GPUs, monitor.GPU{Name: "NVIDIA H100 80GB HBM3", Utilization: f(100), MemoryUsed: n(1 << 36), Temperature: f(90), Power: f(700)})
	}
	return s
}

// BenchmarkRanges is what each range costs, with its JSON. ninety_test.go's
// database must be there already: see TestMakeNinetyDays.
func BenchmarkRanges(b *testing.B) {
	path := os.Getenv("ALCOVE_NINETY_DAYS")
	if path == "" {
		b.Skip("needs the database of TestMakeNinetyDays in ALCOVE_NINETY_DAYS")
	}
	d := &desk{t: b, path: filepath.Join(path, "alcove.db"), clocks: newClocks()}
	d.clocks.wall = time.Now()
	d.open(nil)
	run := func(name string, ask func() (any, error)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				v, err := ask()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := json.Marshal(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, minutes := range []int{5, 60, 720, 1440, 10080, 43200, 129600} {
		span := time.Duration(minutes) * time.Minute
		run(fmt.Sprint("latency/", minutes), func() (any, error) { return d.Latency(b.Context(), span, Key{}) })
		run(fmt.Sprint("machine/", minutes), func() (any, error) { return d.Machine(b.Context(), span) })
	}
	run("usage", func() (any, error) { return d.Usage(b.Context(), 90) })
	run("traffic", func() (any, error) { return d.Traffic(b.Context(), d.now().Add(-90*24*time.Hour), d.now()) })
	run("requests", func() (any, error) { return d.Requests(b.Context(), RequestFilter{}, 100) })
	run("requests of nobody", func() (any, error) { return d.Requests(b.Context(), RequestFilter{Model: "x"}, 100) })
}
