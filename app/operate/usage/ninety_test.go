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
)

// maxMB is what ninety days may take.
const maxMB = 50

// TestSoakNinetyDays makes ninety days of a busy box and asserts their size.
func TestSoakNinetyDays(t *testing.T) {
	days := 90
	if os.Getenv("ALCOVE_SOAK") == "" {
		days = 2
	}
	d := newDesk(t)
	answers := d.fill(days)
	d.close()
	info, err := os.Stat(d.path)
	if err != nil {
		t.Fatal(err)
	}
	mb := float64(info.Size()) / 1e6
	t.Logf("%d days, %d answers: %.1f MB", days, answers, mb)
	if mb > maxMB {
		t.Errorf("%.1f MB, at most %d", mb, maxMB)
	}
	d.open(nil)
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
	if err != nil || all != uint64(answers) {
		t.Errorf("the totals of ninety days have %d requests, %d were made, %v", all, answers, err)
	}
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
	answers := d.fill(90)
	d.close()
	fmt.Println("answers", answers)
}

// fill lives through days: three models, asked in three ways, about 2,500
// answers a day that come mostly by day. What is older than a week goes hour by
// hour and what is older than a day in five minutes: only their roll-ups are
// left of it anyway.
func (d *desk) fill(days int) (answers int) {
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
		for range n {
			d.Answer(synthetic(now, random))
		}
		answers += n
		for range 3 {
			d.Sample(syntheticSample(random))
		}
		d.tick(step)
	}
	return answers
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
