package hardware

import (
	"testing"
)

const cpuinfo = `processor	: 0
model name	: A CPU @ 2.00GHz
physical id	: 0
core id		: 0

processor	: 1
model name	: A CPU @ 2.00GHz
physical id	: 0
core id		: 1

processor	: 2
model name	: A CPU @ 2.00GHz
physical id	: 0
core id		: 0

processor	: 3
model name	: A CPU @ 2.00GHz
physical id	: 1
core id		: 0
`

func TestParseCPUInfo(t *testing.T) {
	all := func(int) bool { return true }
	cases := map[string]struct {
		text           string
		allowed        func(int) bool
		name           string
		cores, logical int
	}{
		"two sockets, hyper-threads": {cpuinfo, all, "A CPU @ 2.00GHz", 3, 4},
		"only some allowed":          {cpuinfo, func(n int) bool { return n == 0 || n == 2 }, "A CPU @ 2.00GHz", 1, 2},
		"arm says no core ids":       {"processor\t: 0\nBogoMIPS\t: 50\n\nprocessor\t: 1\nBogoMIPS\t: 50\n", all, "", 0, 2},
		"empty":                      {"", all, "", 0, 0},
		"nonsense":                   {"processor: x\n:\n\x00", all, "", 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n, cores, logical := parseCPUInfo(c.text, c.allowed)
			if n != c.name || cores != c.cores || logical != c.logical {
				t.Errorf("%q, %d cores, %d processors", n, cores, logical)
			}
		})
	}
}

func TestParseMemInfo(t *testing.T) {
	for text, want := range map[string]int64{
		"MemTotal:       16384 kB\nMemFree: 1 kB\n": 16384 << 10, "": 0, "MemTotal: -1 kB": 0,
		"MemTotal: 9223372036854775807 kB": 0, "MemTotal: x kB": 0,
	} {
		if got := parseMemInfo(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestParseCPUMax(t *testing.T) {
	for text, want := range map[string]float64{
		"150000 100000\n": 1.5, "max 100000": 0, "": 0, "-1 100000": 0, "100000 0": 0, "1 2 3": 0,
	} {
		if got := parseCPUMax(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestParseLimit(t *testing.T) {
	for text, want := range map[string]int64{"1073741824\n": 1 << 30, "max": 0, "9223372036854771712": 0, "": 0, "0": 0} {
		if got := parseLimit(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestParseGroup(t *testing.T) {
	for text, want := range map[string]string{"0::/a/b\n": "/a/b", "12:cpu:/x\n0::/\n": "/", "12:cpu:/x\n": ""} {
		if got := parseGroup(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCPU_Threads(t *testing.T) {
	for c, want := range map[CPU]int{
		{Cores: 8, Logical: 16}: 8, {Logical: 4}: 4, {Cores: 8, Logical: 16, Quota: 2.5}: 2,
		{Cores: 4, Logical: 4, Quota: 0.5}: 1, {}: 1, {Cores: 2, Logical: 4, Quota: 64}: 2,
	} {
		if got := c.Threads(); got != want {
			t.Errorf("%+v: %d threads, want %d", c, got, want)
		}
	}
}

func TestMemory_Available(t *testing.T) {
	for m, want := range map[Memory]int64{{Total: 8}: 8, {Total: 8, Limit: 4}: 4, {Total: 8, Limit: 16}: 8, {Limit: 4}: 4, {}: 0} {
		if got := m.Available(); got != want {
			t.Errorf("%+v: %d, want %d", m, got, want)
		}
	}
}

func TestRead_ThisMachine(t *testing.T) {
	f := Read()
	if f.CPU.Logical < 1 || f.CPU.Cores < 1 || f.CPU.Cores > f.CPU.Logical || Threads() < 1 || len(f.GPUs) != 0 {
		t.Errorf("facts %+v", f)
	}
}
