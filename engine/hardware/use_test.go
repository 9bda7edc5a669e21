package hardware

import (
	"os"
	"runtime"
	"testing"
)

func TestParseMemUse(t *testing.T) {
	total, used, ok := parseMemUse("MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\n")
	if !ok || total != 1000<<10 || used != 600<<10 {
		t.Errorf("%d of %d, %v", used, total, ok)
	}
	for _, text := range []string{"", "MemTotal: 1000 kB\n", "MemTotal: x kB\nMemAvailable: 1 kB\n", "MemTotal: 1 kB\nMemAvailable: -4 kB\n"} {
		if _, _, ok := parseMemUse(text); ok {
			t.Errorf("%q is understood", text)
		}
	}
}

func TestParseFilePages(t *testing.T) {
	for text, want := range map[string]int64{
		"anon 7\nfile 100\nactive_file 30\ninactive_file 20\nslab 1\n": 50, "": 0, "active_file x\ninactive_file -1\n": 0,
	} {
		if got := parseFilePages(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestTightest(t *testing.T) {
	if g := tightest(nil); g.limit != 0 {
		t.Errorf("%+v", g)
	}
	// The outer one grants more, and others have taken it.
	if g := tightest([]group{{limit: 100, current: 20, files: 5}, {limit: 1000, current: 990, files: 10}}); g.limit != 1000 || g.used() != 980 {
		t.Errorf("%+v", g)
	}
}

func TestReadUse_ThisMachine(t *testing.T) {
	u, ok := ReadUse()
	if !ok {
		if runtime.GOOS == "linux" {
			t.Fatal("nothing is known")
		}
		t.Skip("not known on this system")
	}
	if u.Used <= 0 || u.Used >= u.Memory.Total || u.GroupUsed < 0 {
		t.Errorf("%+v", u)
	}
	if mine, _ := ReadUse(os.Getpid()); mine.Used > u.Used {
		t.Logf("with this process given back: %d, %d before", mine.Used, u.Used)
	}
}
