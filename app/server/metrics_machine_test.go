package server

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"alcove/app/operate"
	"alcove/app/operate/sentinel"
	"alcove/engine"
	"alcove/monitor"
)

// watched is a monitor with one sample.
type watched struct{ sample *monitor.Sample }

func (w watched) History(int) []monitor.Sample {
	if w.sample == nil {
		return nil
	}
	return []monitor.Sample{*w.sample}
}

func known[T any](v T) *T { return &v }

// everything is a sample of a machine with all sensors.
func everything(at time.Time) *monitor.Sample {
	return &monitor.Sample{
		At: at, Memory: &monitor.Memory{Total: 8e9, Used: 2e9},
		CPU: &monitor.CPU{Percent: 25, Steal: 5, Frequency: known(3e9), Load: &monitor.Load{One: 1.5, Five: 1, Fifteen: .5},
			Pressure: &monitor.Pressure{CPU: known(10.0), IO: known(2.0)}},
		Swap:         &monitor.Swap{Total: 2e9, Used: 1e9, In: known(10.0), Out: known(20.0)},
		Disk:         &monitor.Disk{Total: 100e9, Free: 40e9, Read: known(1e6), Write: known(2e6)},
		Network:      &monitor.Network{Receive: 1000, Transmit: 2000},
		Temperatures: []monitor.Temperature{{Label: "core 0", CPU: true, Celsius: 50}, {Label: "core 0", Celsius: 55}, {Label: "disk \xff", Celsius: 30}},
		Battery:      &monitor.Battery{Percent: 80, State: monitor.BatteryCharging, Mains: known(true)},
		GPUs: []monitor.GPU{
			{Name: "Some GPU", Vendor: "nvidia", Utilization: known(50.0), MemoryTotal: known(int64(24e9)), MemoryUsed: known(int64(6e9)), Temperature: known(61.0), Power: known(150.5),
				MemoryUtilization: known(30.0), TemperatureLimit: known(90.0), PowerLimit: known(300.0), Clock: known(1.5e9), Fan: known(40.0), Worker: known(int64(5e9)),
				Throttle: []string{monitor.ThrottlePower}, ECCCorrected: known(int64(3)), ECCUncorrected: known(int64(0)), Xid: known(int64(79)), XidCount: 2, PCIeReceive: known(1e9), PCIeTransmit: known(2e9)},
			{Name: "Lost GPU \xff", Vendor: "amd", Error: "GPU is lost"},
		},
		Engine: &monitor.Engine{Model: "tiny", Workers: []monitor.Worker{
			{Model: "tiny", CPU: known(30.0), Resident: 3e8, GPU: known(int64(4e9))}, {Model: "tiny", CPU: known(10.0), Resident: 2e8}}},
		Unavailable: []monitor.Unavailable{{Source: monitor.SourceGPU, Reason: monitor.ReasonError}},
	}
}

// whole changes a box so that every metric has a figure.
func whole(d *Deps) {
	d.Monitor = watched{everything(time.Now().Add(time.Minute))} // never old in a slow test
	d.Attention = func() operate.Attention {
		return operate.Attention{Items: []operate.Item{{ID: "a", Severity: sentinel.Warning, Title: canary, Cause: canary}}}
	}
	d.Firing = func() []operate.Firing {
		return []operate.Firing{{Item: operate.Item{ID: "b", Severity: sentinel.Critical, Title: canary}, Metric: canary}}
	}
}

// load puts models into memory.
func (b *scripted) load(models ...engine.Loaded) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Loaded = models
}

func collect(t *testing.T, c prometheus.Collector) string {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(c)
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(r, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if answer.Code != 200 {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	var lines []string
	for line := range strings.Lines(answer.Body.String()) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestMachineMetrics(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { return at.Add(2 * time.Second) }
	got := collect(t, machineMetrics{watched{everything(at)}, now})
	for _, want := range []string{
		"alcove_cpu_utilization_ratio 0.25\n", "alcove_cpu_steal_ratio 0.05\n", "alcove_memory_used_bytes 2e+09\n", "alcove_disk_free_bytes 4e+10\n",
		`alcove_gpu_utilization_ratio{gpu="0",name="Some GPU"} 0.5`, `alcove_gpu_power_watts{gpu="0",name="Some GPU"} 150.5`,
		`alcove_gpu_lost{gpu="0",name="Some GPU"} 0`, `alcove_gpu_lost{gpu="0",name="Lost GPU ` + "\ufffd" + `"} 1`,
		`alcove_worker_resident_bytes{model="tiny"} 5e+08`, `alcove_worker_cpu_ratio{model="tiny"} 0.4`,
		"alcove_cpu_frequency_hertz 3e+09\n", `alcove_load_average{window="1m"} 1.5`, `alcove_pressure_ratio{resource="io"} 0.02`, "alcove_swap_used_bytes 1e+09\n",
		"alcove_disk_write_bytes_per_second 2e+06\n", "alcove_network_transmit_bytes_per_second 2000\n", `alcove_temperature_celsius{sensor="core 0"} 55`,
		"alcove_temperature_celsius{sensor=\"disk \ufffd\"} 30", "alcove_battery_ratio 0.8\n", "alcove_battery_on_mains 1\n", `alcove_worker_gpu_memory_bytes{model="tiny"} 4e+09`,
		`alcove_gpu_throttled{gpu="0",name="Some GPU",reason="power_cap"} 1`, `alcove_gpu_throttled{gpu="0",name="Some GPU",reason="other"} 0`,
		`alcove_gpu_ecc_errors_total{gpu="0",kind="corrected",name="Some GPU"} 3`, `alcove_gpu_xid_errors_total{gpu="0",name="Some GPU"} 2`, `alcove_gpu_last_xid{gpu="0",name="Some GPU"} 79`,
		`alcove_sensors_available{source="board"} 1`, `alcove_sensors_available{source="disk"} 1`, `alcove_sensors_available{source="machine"} 1`, `alcove_sensors_available{source="gpu"} 0`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Count(got, `name="Lost`) != 1 || strings.Contains(got, `resource="memory"`) {
		t.Errorf("a figure that nobody knows is told:\n%s", got)
	}
}

func TestMachineMetricsOfLittle(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	for name, c := range map[string]struct {
		monitor Monitor
		want    string
	}{
		"nobody watches":   {noMonitor{}, ""},
		"no sample yet":    {watched{}, ""},
		"no sensors":       {watched{&monitor.Sample{At: at}}, ""},
		"an old sample":    {watched{everything(at.Add(-time.Minute))}, "alcove_sensors_available{source=\"machine\"} 0\n"},
		"a machine alone":  {watched{&monitor.Sample{At: at, Memory: &monitor.Memory{Total: 2, Used: 1}}}, "alcove_memory_total_bytes 2\nalcove_memory_used_bytes 1\nalcove_sensors_available{source=\"machine\"} 1\n"},
		"one worker":       {watched{&monitor.Sample{At: at, Engine: &monitor.Engine{Model: "a", Worker: &monitor.Worker{Resident: 7}}}}, "alcove_worker_resident_bytes{model=\"a\"} 7\n"},
		"a machine silent": {watched{&monitor.Sample{At: at, Unavailable: []monitor.Unavailable{{Source: monitor.SourceMachine}}}}, "alcove_sensors_available{source=\"machine\"} 0\n"},
	} {
		if got := collect(t, machineMetrics{c.monitor, now}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestStandingMetrics(t *testing.T) {
	backend := newScripted()
	backend.load(engine.Loaded{Model: "a\xff", Ready: true, Device: "CPU"}, engine.Loaded{Model: "a\xfe", Ready: true, Device: "CPU"}, engine.Loaded{Model: "b"})
	attention := func() operate.Attention {
		return operate.Attention{Items: []operate.Item{{Severity: sentinel.Info}, {Severity: sentinel.Info}}}
	}
	got := collect(t, standingMetrics{backend, attention, nil})
	want := `alcove_attention_items{severity="critical"} 0
alcove_attention_items{severity="info"} 2
alcove_attention_items{severity="warning"} 0
alcove_model_info{device="CPU",model="a` + "\ufffd" + `"} 1
alcove_models_loaded 2
`
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
	got = collect(t, standingMetrics{backend, attention, func() []operate.Firing { return []operate.Firing{{Item: operate.Item{Severity: sentinel.Critical}}} }})
	if !strings.Contains(got, "alcove_alerts_firing{severity=\"critical\"} 1\nalcove_alerts_firing{severity=\"info\"} 0\n") {
		t.Errorf("alerts: %s", got)
	}
}

// The wait ends with the first sign of work, and only whole answers count as answers.
func TestAnswerMetrics(t *testing.T) {
	m := NewMetrics("test")
	backend := newScripted()
	b := m.Measure(backend)
	ask := func(route string, finish engine.FinishReason, events ...engine.Event) {
		backend.set(func(_ context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
			for _, e := range events {
				if err := emit(e); err != nil {
					return engine.Usage{}, err
				}
			}
			return engine.Usage{Finish: finish}, nil
		})
		if _, err := b.Generate(t.Context(), engine.Request{Class: engine.ClassAPI, Route: route}, func(engine.Event) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	work := []engine.Event{engine.Stage{Name: engine.StageQueued}, engine.Stage{Name: engine.StageLoading}, engine.Stage{Name: engine.StagePrefill}, engine.Token{Text: "a", N: 1}}
	ask(engine.RouteCompletions, engine.FinishStop, work...)
	ask(engine.RouteCompletions, engine.FinishLength, work[3])
	ask(engine.RouteCompletions, engine.FinishCancelled, work[:2]...) // left while it waited
	ask(engine.RouteCompletions, engine.FinishFailed)                 // refused: it never waited
	ask("/"+canary, engine.FinishCancelled, work...)
	got := collect(t, m.whole.queue) + collect(t, m.whole.total)
	for _, want := range []string{
		`alcove_queue_seconds_count{class="api",route="v1/chat/completions"} 3`, `alcove_queue_seconds_count{class="api",route="other"} 1`,
		`alcove_answer_seconds_count{class="api",route="v1/chat/completions"} 2`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, canary) || strings.Contains(got, `alcove_answer_seconds_count{class="api",route="other"}`) {
		t.Errorf("told too much:\n%s", got)
	}
}
