package monitor

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPlausible(t *testing.T) {
	r := reading{
		Machine: &machine{CPU: &CPU{Percent: 101}, Memory: &Memory{Total: 1, Used: 2}, Network: &Network{Receive: -1}},
		Space:   &space{&Disk{Total: 5, Free: -1}},
		Driver:  &driver{Error: "a\x1b[31m\u202eb\xff" + strings.Repeat("é", 200), GPUs: make([]GPU, 1000)},
		Board:   &board{Battery: &Battery{Percent: 101}, Temperatures: []Temperature{{Label: "a", Celsius: -40}, {Label: " b\n", Celsius: 40, Limit: new(65261.85)}}},
	}
	r.Driver.GPUs[0] = GPU{Utilization: new(math.NaN()), Temperature: new(-1.0), Power: new(1e9), MemoryTotal: new(int64(0)), MemoryUsed: new(int64(0)), Vendor: "x"}
	r.Driver.GPUs[1] = GPU{MemoryTotal: new(int64(4)), MemoryUsed: new(int64(5)), Name: " x\n", Clock: new(0.0), Throttle: []string{"lies", ThrottlePower}, Xid: new(int64(-1)), XidCount: 3}
	r.Driver.GPUs[2] = GPU{Throttle: []string{}, Worker: new(int64(1)), MemoryTotal: new(int64(4)), Processes: []GPUProcess{{PID: -1}, {PID: 5, Memory: new(int64(5)), Worker: true}}}
	got := r.plausible()
	if m := got.Machine; m.CPU != nil || m.Memory != nil || got.Space.Disk != nil || m.Network != nil || len(got.Driver.GPUs) != maxGPUs {
		t.Errorf("%+v", got)
	}
	if e := got.Driver.Error; !strings.HasPrefix(e, "a[31mbé") || len([]rune(e)) != maxText {
		t.Errorf("text %q", e)
	}
	want := []GPU{{}, {MemoryTotal: new(int64(4)), Name: "x", Throttle: []string{ThrottlePower}}, {Throttle: []string{}, MemoryTotal: new(int64(4)), Processes: []GPUProcess{{PID: 5}}}}
	if d := cmp.Diff(want, got.Driver.GPUs[:3]); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(&board{Temperatures: []Temperature{{Label: "b", Celsius: 40}}}, got.Board); d != "" {
		t.Error(d)
	}
	good := reading{
		Machine: &machine{
			CPU:    &CPU{Percent: 100, Cores: []float64{100}, Frequency: new(3e9), Load: &Load{One: 1}, Pressure: &Pressure{CPU: new(0.0)}},
			Memory: &Memory{2, 2}, Swap: &Swap{Total: 2, Used: 1, In: new(0.0)}, Network: &Network{},
		},
		Space:  &space{&Disk{Total: 2, Write: new(1.0)}},
		Driver: &driver{GPUs: []GPU{{Utilization: new(0.0), Xid: new(int64(79)), XidCount: 1, Vendor: vendorNVIDIA}}},
		Board:  &board{Battery: &Battery{Percent: 5, State: BatteryIdle}},
	}
	if d := cmp.Diff(good, good.plausible()); d != "" {
		t.Error(d)
	}
}

// cases of readings in the property test, in soak and in a test run.
const (
	readingsInSoak = 30_000
	readingsInTest = readingsInSoak / 20
)

// Whatever a driver says, what is left is within bounds, is JSON, comes back
// from it as it was, and is not changed by being looked at again.
func TestSoakPlausible(t *testing.T) {
	n := readingsInTest
	if soaking() {
		n = readingsInSoak
	}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 7))
	for range n {
		var r reading
		scramble(rng, reflect.ValueOf(&r).Elem(), 0)
		got := r.plausible()
		checkBounds(t, reflect.ValueOf(got), "reading")
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatalf("%v: %+v", err, got)
		}
		var back reading
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		again, err := json.Marshal(back.plausible())
		if err != nil || string(again) != string(text) {
			t.Fatalf("changed by a second look (%v):\n%s\n%s", err, text, again)
		}
		if t.Failed() {
			t.Fatalf("%s", text)
		}
	}
}

// scramble fills a value with nonsense.
func scramble(rng *rand.Rand, v reflect.Value, depth int) {
	floats := []float64{0, 1, 50, 99.9, 100, 101, -1, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, 3e9}
	ints := []int64{0, 1, 4, 79, -1, math.MaxInt64, math.MinInt64, 80e9, 1 << 31, 1 << 22}
	texts := []string{"", "nvidia", "P0", "charging", "\x00\xff\u202e", strings.Repeat("é", 500), ThrottlePower, " x\n", `"\`}
	switch v.Kind() {
	case reflect.Pointer:
		if rng.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			scramble(rng, v.Elem(), depth+1)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(rng.Int64N(1e9), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			scramble(rng, v.Field(i), depth+1)
		}
	case reflect.Slice:
		n := rng.IntN(4)
		if rng.IntN(200) == 0 {
			n = 100
		}
		if n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range n {
			scramble(rng, v.Index(i), depth+1)
		}
	case reflect.String:
		v.SetString(texts[rng.IntN(len(texts))])
	case reflect.Float64:
		v.SetFloat(floats[rng.IntN(len(floats))])
	case reflect.Int, reflect.Int64:
		v.SetInt(ints[rng.IntN(len(ints))])
	case reflect.Bool:
		v.SetBool(rng.IntN(2) == 0)
	}
}

// checkBounds looks at every figure and text of what is shown.
func checkBounds(t *testing.T, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkBounds(t, v.Elem(), path)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			checkBounds(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		if v.Len() > maxCores {
			t.Errorf("%s: %d of them", path, v.Len())
		}
		for i := range v.Len() {
			checkBounds(t, v.Index(i), path+"[]")
		}
	case reflect.String:
		if s := v.String(); s != plain(s) {
			t.Errorf("%s: %q", path, s)
		}
	case reflect.Float64:
		most := maxRate
		switch {
		case strings.HasSuffix(path, "Percent"), strings.HasSuffix(path, "Utilization"), strings.Contains(path, "Cores"), strings.Contains(path, "Pressure"):
			most = 100
		case strings.Contains(path, "Temperature"):
			most = maxCelsius
		}
		if f := v.Float(); math.IsNaN(f) || f < 0 || f > most {
			t.Errorf("%s: %v", path, f)
		}
	case reflect.Int, reflect.Int64:
		if v.Int() < 0 {
			t.Errorf("%s: %d", path, v.Int())
		}
	}
}
