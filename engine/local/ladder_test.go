package local

import (
	"strings"
	"testing"
	"time"

	"alcove/engine"
)

func TestLadder(t *testing.T) {
	now := time.Unix(1e6, 0)
	l := ladder{}
	if len(l.avoided(now)) != 0 {
		t.Error("avoided without a failure")
	}
	l.fell("cuda", "the worker ended", now)
	if l.avoided(now)["cuda"] != "the worker ended" || len(l.avoided(now.Add(time.Minute))) != 0 {
		t.Errorf("after one failure: %v", l)
	}
	wait := func(at time.Time) (n time.Duration) {
		for n = 0; l.avoided(at.Add(n))["cuda"] != ""; n += time.Minute {
		}
		return n
	}
	for _, want := range []time.Duration{2, 4, 8, 16, 32, 60, 60} {
		now = now.Add(wait(now))
		l.fell("cuda", "again", now)
		if got := wait(now); got != want*time.Minute {
			t.Fatalf("tried again after %v, want %v minutes", got, int(want))
		}
	}
	l.forgive(now)
	if len(l.avoided(now)) != 0 {
		t.Error("avoided after the machine slept")
	}
	now = now.Add(steadyAfter + time.Second)
	l.fell("cuda", "much later", now)
	if got := wait(now); got != time.Minute {
		t.Errorf("long after the last failure: %v", got)
	}
}

func TestBestBackend(t *testing.T) {
	cuda := engine.Device{Name: "CUDA0", Backend: "cuda", Kind: "gpu"}
	vulkan := engine.Device{Name: "Vulkan0", Backend: "vulkan", Kind: "gpu"}
	other := engine.Device{Name: "SYCL0", Backend: "sycl", Kind: "gpu"}
	drawn := engine.Device{Name: "Vulkan0", Backend: "vulkan", Kind: "software"}
	bad := func(names ...string) map[string]string {
		m := map[string]string{}
		for _, n := range names {
			m[n] = "failed"
		}
		return m
	}
	cases := map[string]struct {
		devices []engine.Device
		avoid   map[string]string
		only    string
		want    string
	}{
		"none":            {nil, nil, "", ""},
		"best":            {[]engine.Device{vulkan, cuda}, nil, "", "cuda"},
		"one step down":   {[]engine.Device{vulkan, cuda}, bad("cuda"), "", "vulkan"},
		"to the CPU":      {[]engine.Device{vulkan, cuda}, bad("cuda", "vulkan"), "", ""},
		"unknown is last": {[]engine.Device{other, vulkan}, nil, "", "vulkan"},
		"unknown":         {[]engine.Device{other}, nil, "", "sycl"},
		"wished":          {[]engine.Device{vulkan, cuda}, nil, "vulkan", "vulkan"},
		"the CPU wished":  {[]engine.Device{vulkan, cuda}, nil, "cpu", ""},
		"drawn":           {[]engine.Device{drawn}, nil, "", ""},
		"drawn, wished":   {[]engine.Device{drawn}, nil, "vulkan", "vulkan"},
	}
	for name, c := range cases {
		if got := bestBackend(c.devices, c.avoid, c.only); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	s := stepDownReason(bad("cuda"), "vulkan")
	if !strings.Contains(s, "CUDA: failed") || !strings.Contains(s, "computed with Vulkan") {
		t.Error(s)
	}
	if s := stepDownReason(bad("cuda", "vulkan"), ""); !strings.Contains(s, "CUDA: failed") || !strings.Contains(s, "on the CPU") {
		t.Error(s)
	}
	if s := stepDownReason(nil, ""); s != "" {
		t.Error(s)
	}
}
