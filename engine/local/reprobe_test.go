package local

import (
	"log/slog"
	"testing"
	"time"

	"alcove/engine"
)

// better decides from what a look for GPUs brought, and forgives a new driver.
func TestSupervisor_Better(t *testing.T) {
	now := time.Unix(1e6, 0)
	cuda := engine.Device{Name: "CUDA0", Backend: "cuda", Kind: "gpu"}
	vulkan := engine.Device{Name: "Vulkan0", Backend: "vulkan", Kind: "gpu"}
	cases := map[string]struct {
		has     string // backend in use
		before  surroundings
		avoid   map[string]string // when the worker was started
		found   []engine.Device
		drivers string
		later   time.Duration
		want    bool
	}{
		"nothing is there":              {want: false},
		"one is there that was not":     {found: []engine.Device{vulkan}, want: true},
		"one that failed is still left": {found: []engine.Device{cuda}, avoid: map[string]string{"cuda": "failed"}, want: false},
		"a new driver":                  {found: []engine.Device{cuda}, avoid: map[string]string{"cuda": "failed"}, drivers: "580", want: true},
		"one whose driver crashed":      {found: []engine.Device{vulkan}, before: surroundings{broken: map[string]string{"vulkan": "crashed"}}, want: true},
		"one that was too full":         {found: []engine.Device{vulkan}, before: surroundings{devices: []engine.Device{vulkan}}, want: false},
		"the one in use":                {has: "vulkan", found: []engine.Device{vulkan}, before: surroundings{devices: []engine.Device{vulkan}}, want: false},
		"a better one came back":        {has: "vulkan", found: []engine.Device{vulkan, cuda}, before: surroundings{devices: []engine.Device{vulkan}}, later: 2 * time.Minute, want: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			u := &unit{phase: phaseReady}
			s := &supervisor{log: slog.New(slog.DiscardHandler), units: []*unit{u}, ladder: ladder{}, drivers: "575", probing: true}
			s.ladder.fell("cuda", "failed", now)
			drivers := c.drivers
			if drivers == "" {
				drivers = "575"
			}
			s.better(&probed{around: surroundings{devices: c.found}, drivers: drivers,
				list: []degraded{{unit: u, backend: c.has, before: c.before, avoid: c.avoid}}}, now.Add(c.later))
			if u.renew != c.want || s.probing || s.drivers != drivers {
				t.Errorf("loaded again: %v, want %v; %+v", u.renew, c.want, s.ladder)
			}
		})
	}
}

// A machine that slept looks at once, whatever failed before.
func TestSupervisor_ReprobeAfterSleep(t *testing.T) {
	now := time.Unix(1e6, 0)
	s := &supervisor{ladder: ladder{}, cfg: Config{Reprobe: time.Minute}}
	s.reprobe(now)
	s.ladder.fell("cuda", "failed", now)
	now = now.Add(time.Second)
	s.reprobe(now)
	if len(s.ladder.avoided(now)) != 1 || !s.probeAt.After(now) {
		t.Fatalf("forgiven after a second: %+v, next look %v", s.ladder, s.probeAt)
	}
	now = now.Add(time.Hour)
	s.ladder.fell("cuda", "failed", now)
	s.reprobe(now)
	if len(s.ladder.avoided(now)) != 0 || s.probeAt != now.Add(time.Minute) {
		t.Errorf("after a sleep: %+v, next look %v", s.ladder, s.probeAt)
	}
}

// The process that looks for GPUs has ended before the engine has.
func TestSupervisor_EndsAfterALook(t *testing.T) {
	c, err := Config{WorkerPath: "w", RuntimeDir: "r", ModelsDir: "m"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	s := &supervisor{cfg: c, log: c.Log, plans: newPlanner(c), spawn: newSpawner(), events: make(chan event), retry: time.NewTimer(time.Hour), settle: time.NewTimer(time.Hour), closed: true, probing: true}
	ended := make(chan struct{})
	go func() { defer close(ended); s.run() }()
	select {
	case s.events <- event{probed: &probed{}}:
	case <-ended:
		t.Fatal("it has ended while the look went on")
	}
	<-ended
}
