package plan

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"alcove/engine/hardware"
)

func drawModel(t *rapid.T) Model {
	m := Model{
		Embedding: rapid.Int64Range(0, 600).Draw(t, "embedding") * mib, Output: rapid.Int64Range(0, 600).Draw(t, "output") * mib,
		Hidden: 64 * rapid.IntRange(1, 64).Draw(t, "hidden"), FeedForward: 64 * rapid.IntRange(1, 200).Draw(t, "ff"),
		Heads: rapid.IntRange(1, 32).Draw(t, "heads"), Vocab: rapid.IntRange(256, 200000).Draw(t, "vocab"),
		Trained: rapid.IntRange(300, 40000).Draw(t, "trained"), Window: rapid.SampledFrom([]int{0, 512, 1024}).Draw(t, "window"),
	}
	for range rapid.IntRange(1, 7).Draw(t, "layers") {
		w := rapid.Int64Range(1, 900).Draw(t, "weights") * mib
		l := Layer{Weights: w, Largest: w / 3, KVHeads: rapid.IntRange(0, 16).Draw(t, "kv heads"), Sliding: rapid.Bool().Draw(t, "sliding"),
			KeyDim: rapid.SampledFrom([]int{32, 64, 128, 80}).Draw(t, "key"), ValueDim: rapid.SampledFrom([]int{32, 64, 128}).Draw(t, "value")}
		if rapid.IntRange(0, 5).Draw(t, "recurrent") == 0 {
			l.State = rapid.Int64Range(1, 8).Draw(t, "state") * mib
			l.Inner = rapid.IntRange(0, 8192).Draw(t, "inner")
		}
		m.Layers = append(m.Layers, l)
	}
	return m
}

func drawMachine(t *rapid.T) Machine {
	m := Machine{CPU: hardware.CPU{Cores: rapid.IntRange(1, 64).Draw(t, "cores")}}
	m.Memory.Total = rapid.Int64Range(200, 16000).Draw(t, "total") * mib
	m.Used = rapid.Int64Range(0, 3000).Draw(t, "used") * mib
	if rapid.Bool().Draw(t, "limited") {
		m.Memory.Limit = rapid.Int64Range(200, 16000).Draw(t, "limit") * mib
		m.GroupUsed = rapid.Int64Range(0, 500).Draw(t, "group") * mib
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "devices") {
		total := rapid.Int64Range(600, 12000).Draw(t, "gpu total") * mib
		m.Devices = append(m.Devices, Device{Name: fmt.Sprintf("GPU%d", i), Description: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "card"),
			Backend: rapid.SampledFrom([]Backend{CUDA, CUDA, Vulkan, HIP}).Draw(t, "backend"),
			Kind:    rapid.SampledFrom([]Kind{Discrete, Discrete, Discrete, Integrated, Software}).Draw(t, "kind"),
			Total:   total, Free: total * rapid.Int64Range(0, 100).Draw(t, "free") / 100})
	}
	if rapid.IntRange(0, 3).Draw(t, "all shared") == 0 { // one chip, one memory
		for i := range m.Devices {
			m.Devices[i].Kind, m.Devices[i].Total, m.Devices[i].Free = Integrated, m.Memory.Total, hostFree(m)
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "seen") {
		m.Seen = append(m.Seen, hardware.GPU{Name: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "name")})
	}
	return m
}

func drawWish(t *rapid.T) Wish {
	return Wish{Context: rapid.SampledFrom([]int{0, 0, 0, 700, 4096, 20000}).Draw(t, "context"), Users: rapid.SampledFrom([]int{0, 1, 5, 40}).Draw(t, "users"),
		Conversations: rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "conversations"),
		KV:            rapid.SampledFrom([]KVType{"", "", "", F16, Q8_0}).Draw(t, "kv"),
		Backend:       rapid.SampledFrom([]Backend{"", "", "", CPU, CUDA, Vulkan}).Draw(t, "wish")}
}

func oracleOf(m Model, p Plan) oracle {
	return oracle{m, p.Cells, p.KV, p.Seqs, p.Batch, p.Backend, p.Host.Layers, len(p.Devices)}
}

func TestProp_NeverOverMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		machine, model, wish := drawMachine(t), drawModel(t), drawWish(t)
		p := Make(machine, model, wish)
		if p.Verdict == WontFit {
			if p.Because == "" || len(p.Rejected) == 0 {
				t.Fatal("no reason")
			}
			return
		}
		o := oracleOf(model, p)
		if p.Host.Layers > 0 { // one that gets no layer is there all the same
			o.gpus = len(oracleUsable(machine, wish, p.Backend))
		}
		if o.hostNeed() != p.Host.Need() {
			t.Fatalf("host: plan %d, oracle %d", p.Host.Need(), o.hostNeed())
		}
		next, shared := p.Host.Layers, int64(0)
		for i, s := range p.Devices {
			d := machine.Devices[slices.IndexFunc(machine.Devices, func(d Device) bool { return d.Name == s.Name })]
			to := next + s.Layers
			if s.Output {
				to++
			}
			need := o.gpuNeed(next, to)
			if need != s.Need() || need > oracleBudget(machine, d) || s.Output != (i == len(p.Devices)-1) {
				t.Fatalf("%s: layers [%d,%d) need %d, plan says %d, budget %d", s.Name, next, to, need, s.Need(), oracleBudget(machine, d))
			}
			if d.Kind != Discrete {
				shared += need
			}
			next = to
		}
		if p.Backend != CPU && (next != len(model.Layers)+1 || p.GPULayers != len(model.Layers)-p.Host.Layers+1) {
			t.Fatalf("%d of %d layers are placed: %+v", next, len(model.Layers), p)
		}
		if shared+o.hostNeed() > oracleRoom(machine) {
			t.Fatalf("host and shared GPUs: %d + %d of %d", shared, o.hostNeed(), oracleRoom(machine))
		}
		if p.Cells < p.Context || p.Context < 1 || p.Slots < 1 || p.Seqs < p.Slots || p.Batch < p.Seqs || p.Threads < 1 || wish.Context > 0 && p.Context != wish.Context {
			t.Fatalf("shape: %+v", p)
		}
	})
}

// rank is the order that the package comment promises, smaller is better, made
// from what a plan says alone.
func rank(model Model, p Plan) []int {
	if p.Verdict == WontFit {
		return []int{9}
	}
	all := len(model.Layers)
	short, kv, on := 0, 0, all-p.Host.Layers
	if p.Context < min(4096, model.Trained) {
		short = 1
	}
	if p.KV == Q8_0 {
		kv = 1
	}
	backend := slices.Index([]Backend{CUDA, HIP, Metal, Vulkan, CPU}, p.Backend)
	size := []int{-p.Context, -p.Cells, kv}
	switch {
	case p.Backend == CPU:
		return append([]int{short, 6}, size...)
	case on == all:
		return append(append([]int{short, 1, backend}, size...), len(p.Devices))
	default:
		return append(append([]int{short, 5 - 4*on/all, backend}, size...), -on)
	}
}

func TestProp_MoreMemoryIsNeverWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		machine, model, wish := drawMachine(t), drawModel(t), drawWish(t)
		wish.Context = 0
		before := Make(machine, model, wish)
		more := machine
		more.Devices = slices.Clone(machine.Devices)
		extra := rapid.Int64Range(1, 9000).Draw(t, "extra") * mib
		which := rapid.IntRange(-1, len(machine.Devices)-1).Draw(t, "which")
		if which < 0 {
			more.Memory.Total += extra
			if more.Memory.Limit > 0 {
				more.Memory.Limit += extra
			}
		} else {
			more.Devices[which].Total += extra
			more.Devices[which].Free += extra
		}
		after := Make(more, model, wish)
		if slices.Compare(rank(model, after), rank(model, before)) > 0 {
			t.Fatalf("with %d more on %d: %v after %v\n%+v\n%+v", extra, which, rank(model, after), rank(model, before), after, before)
		}
		verdicts := []Verdict{Fits, FitsPartly, WontFit}
		if slices.Index(verdicts, after.Verdict) > slices.Index(verdicts, before.Verdict) {
			t.Fatalf("verdict %s after %s", after.Verdict, before.Verdict)
		}
	})
}

func TestProp_RejectedForAReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		machine, model, wish := drawMachine(t), drawModel(t), drawWish(t)
		p := Make(machine, model, wish)
		users, batch := wish.Users, 512
		if users == 0 {
			users = 16
		}
		for _, r := range p.Rejected {
			o := oracle{model, r.Cells, r.KV, sequences(model, users, batch), batch, r.Backend, len(model.Layers) - r.Layers, r.GPUs}
			if r.Sentence == "" {
				t.Fatalf("no sentence: %+v", r)
			}
			if r.Cells > 0 && o.fits(machine, oracleUsable(machine, wish, r.Backend), r.GPUs) {
				t.Fatalf("it fits: %+v", r)
			}
			if wrong := oracleReason(machine, model, wish, r, o); wrong != "" {
				t.Fatalf("%s: %+v", wrong, r)
			}
		}
	})
}

// oracleUsable are the devices of a backend that may be used.
func oracleUsable(m Machine, wish Wish, b Backend) []Device {
	var own, other []Device
	for _, d := range m.Devices {
		switch {
		case d.Backend != b || wish.Backend != "" && wish.Backend != b || d.Kind == Software && wish.Backend != b:
		case d.Kind == Discrete:
			own = append(own, d)
		default:
			other = append(other, d)
		}
	}
	if len(own) > 0 {
		return own
	}
	return other
}

// oracleReason says what is wrong with a rejection's reason and numbers.
func oracleReason(m Machine, model Model, wish Wish, r Rejection, o oracle) string {
	var device Device
	for _, d := range m.Devices {
		if d.Name == r.Device {
			device = d
		}
	}
	usable := oracleUsable(m, wish, r.Backend)
	var budgets []int64
	for _, d := range usable {
		budgets = append(budgets, oracleBudget(m, d))
	}
	slices.Sort(budgets)
	slices.Reverse(budgets)
	have := int64(0)
	for i := range min(r.GPUs, len(budgets)) {
		have += budgets[i]
	}
	gpu := int64(0)
	if r.Cells > 0 && r.Backend != CPU {
		gpu = o.gpuNeed(o.onHost, len(model.Layers)+1)
	}
	holds := false
	switch r.Code {
	case NoBackend:
		listed, seen := map[Backend]int{}, 0
		for _, g := range m.Seen {
			if g.Name == r.Device {
				seen++
			}
		}
		most := 0
		for _, d := range m.Devices {
			if d.Description == r.Device {
				listed[d.Backend]++
				most = max(most, listed[d.Backend])
			}
		}
		holds = seen > most
	case BackendMissing:
		holds = len(oracleUsable(m, wish, wish.Backend)) == 0
	case NotWished:
		holds = wish.Backend != device.Backend
	case SoftwareGPU:
		holds = device.Kind == Software
	case BesideDiscrete:
		holds = device.Kind != Discrete && !slices.ContainsFunc(usable, func(d Device) bool { return d.Name == r.Device })
	case DeviceFull:
		holds = device.Free <= 512<<20 && r.Have == device.Free && r.Need == 512<<20
	case KVBlocks:
		holds = slices.ContainsFunc(model.Layers, func(l Layer) bool { return l.KVHeads > 0 && (l.KeyDim%32 > 0 || l.ValueDim%32 > 0) })
	case GPUMemory:
		holds = gpu == r.Need && have == r.Have && gpu > have
	case HostMemory:
		holds = o.hostNeed() == r.Need && oracleRoom(m) == r.Have && r.Need > r.Have
	case SharedMemory:
		holds = gpu+o.hostNeed() == r.Need && oracleRoom(m) == r.Have && r.Need > r.Have && usable[0].Kind != Discrete
	case NoSplit:
		holds = gpu == r.Need && have == r.Have && gpu <= have // and fits was false, above
	}
	if !holds {
		return "the reason does not hold"
	}
	return ""
}

// TestProp_NothingBetterFits goes through all ways to run the model, in no
// order of the package's, and asks the oracle about each that would be better.
func TestProp_NothingBetterFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		machine, model, wish := drawMachine(t), drawModel(t), drawWish(t)
		p := Make(machine, model, wish)
		best := rank(model, p)
		for _, w := range ways(machine, model, wish) {
			if slices.Compare(rank(model, w.plan), best) >= 0 {
				continue
			}
			o := oracleOf(model, w.plan)
			if o.fits(machine, w.devices, len(w.plan.Devices)) {
				t.Fatalf("%v is better than %v and fits: %+v\nplan %+v", rank(model, w.plan), best, w.plan, p)
			}
		}
	})
}

// way is a plan without its layout, and the devices that it may use.
type way struct {
	plan    Plan
	devices []Device
}

// ways are all ways to run a model within a wish.
func ways(machine Machine, model Model, wish Wish) []way {
	contexts, users := []int{wish.Context}, wish.Users
	if users == 0 {
		users = 16
	}
	most := wish.Conversations
	if most == 0 {
		most = users
	}
	if wish.Context == 0 {
		contexts = []int{min(model.Trained, 8192)}
		for contexts[0]/2 >= 1024 {
			contexts = append([]int{contexts[0] / 2}, contexts...)
		}
	}
	var list []way
	for _, b := range []Backend{CPU, Vulkan, HIP, CUDA} {
		devices := oracleUsable(machine, wish, b)
		if len(devices) == 0 && b != CPU || b == CPU && wish.Backend != "" && wish.Backend != CPU {
			continue
		}
		for on := range len(model.Layers) + 1 {
			if (on == 0) != (b == CPU) {
				continue
			}
			room := most
			if on < len(model.Layers) || devices[0].Kind != Discrete {
				room = min(most, 4)
			}
			for _, context := range contexts {
				for _, kv := range []KVType{Q8_0, F16} {
					odd := slices.ContainsFunc(model.Layers, func(l Layer) bool { return l.KVHeads > 0 && l.KeyDim == 80 })
					if wish.KV != "" && wish.KV != kv || kv == Q8_0 && odd {
						continue
					}
					for n := room; n > 0; n /= 2 {
						for k := range max(1, len(devices)) {
							p := Plan{Verdict: Fits, Backend: b, Context: context, Cells: n * context, KV: kv, Batch: 512, Seqs: sequences(model, users, 512)}
							p.Host.Layers = len(model.Layers) - on
							p.Devices = make([]Share, k+1)
							list = append(list, way{p, devices})
						}
					}
				}
			}
		}
	}
	return list
}

func TestProp_Deterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		machine, model, wish := drawMachine(t), drawModel(t), drawWish(t)
		copied := machine
		copied.Devices, copied.Seen = slices.Clone(machine.Devices), slices.Clone(machine.Seen)
		a, b := Make(machine, model, wish), Make(machine, model, wish)
		if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(machine, copied) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

func TestBadFactsAreRefused(t *testing.T) {
	good := smol135m()
	huge := smol135m()
	huge.Layers[3].Weights = 1 << 60
	for name, p := range map[string]Plan{
		"no layers": Make(Machine{}, Model{Vocab: 300, Trained: 300}, Wish{}),
		"huge":      Make(Machine{}, huge, Wish{}),
		"context":   Make(Machine{}, good, Wish{Context: 1 << 30}),
		"users":     Make(Machine{}, good, Wish{Users: 256}),
		"kv type":   Make(Machine{}, good, Wish{KV: "q2"}),
		"cells":     Make(Machine{}, good, Wish{Cells: 1 << 30}),
		"sequences": Make(Machine{}, good, Wish{Seqs: 256}),
	} {
		if p.Verdict != WontFit || len(p.Rejected) != 1 || p.Rejected[0].Code != BadFacts {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestAskedFor: what is asked for by number stays, and the smallest way is told
// where nothing fits.
func TestAskedFor(t *testing.T) {
	p := Make(host(2, 8, 1), smol135m(), Wish{Context: 1000, Users: 3, Cells: 5000, Seqs: 9, KV: Q8_0})
	if p.Verdict != Fits || p.Context != 1000 || p.Slots != 3 || p.Cells != 5000 || p.Seqs != 9 || p.KV != Q8_0 {
		t.Errorf("%+v", p)
	}
	if p := Make(host(2, 8, 1), smol135m(), Wish{Context: 6000, Cells: 5000}); p.Cells != 6000 {
		t.Errorf("%d cells hold no conversation", p.Cells)
	}
	if p := Make(host(2, 8, 1), smol135m(), Wish{Conversations: 1}); p.Cells != 8192 || p.Context != 8192 || p.Slots != 16 || p.Seqs != 170 {
		t.Errorf("%+v", p)
	}
	p = Make(host(2, 8, 1), llama70b(), Wish{})
	last := p.Rejected[len(p.Rejected)-1]
	if p.Verdict != WontFit || p.Host.Need() != last.Need || p.Host.Free-p.Host.Reserve != last.Have || p.Host.Weights < 38<<30 {
		t.Errorf("%+v", p)
	}
}

// TestExactlyEnough: the last byte decides on a GPU with memory of its own, the
// last pages on one that shares the host's.
func TestExactlyEnough(t *testing.T) {
	model, wish := llama8b(), Wish{Context: 4096, Users: 1, KV: F16}
	whole := func(m Machine) bool { p := Make(m, model, wish); return p.Verdict == Fits && len(p.Devices) == 1 }
	one := host(8, 64, 4).cuda("A", 40, 40)
	need := Make(one, model, wish).Devices[0].Need()
	one.Devices[0].Free = need + gpuReserve
	if !whole(one) {
		t.Error("a GPU with exactly enough is not used whole")
	}
	one.Devices[0].Free--
	if whole(one) {
		t.Error("a GPU that lacks a byte is used whole")
	}

	shared := host(8, 64, 4).with(Vulkan, Integrated, "B", 64, 60)
	p := Make(shared, model, wish)
	sum := p.Devices[0].Need() + p.Host.Need()
	for shared.Used = 64*gib - sum; hostFree(shared)-hostReserve(hostFree(shared)) < sum; shared.Used -= 1 << 10 {
	}
	if !whole(shared) {
		t.Error("shared memory with exactly enough is not used whole")
	}
	shared.Used += 4 << 10
	if whole(shared) {
		t.Error("shared memory that lacks 4 KiB is used whole")
	}
}

// TestAsLlamaCppSays compares the formula with what llama.cpp 0.5.0 logged for
// SmolLM2-135M on a CPU with 16 slots (171 sequences) and 512 rows a step; the
// largest by a load without allocation, which tells no sizes of weights and
// cache. engine/local compares more with a load at the time of the test.
func TestAsLlamaCppSays(t *testing.T) {
	for cells, logged := range map[int]struct{ kv, step float64 }{8192: {180, 35.07}, 32768: {720, 45.60}, 131072: {2880, 141.79}} {
		model := smol135m()
		s := shape{8192, cells, F16, sequences(model, 16, 512), 512}
		h := hostShare(model, s, len(model.Layers), false)
		scores := float64(logits(model, s)) / float64(mib)
		step := float64(h.Compute)/float64(mib) - scores
		t.Logf("cells %d: sequences %d, KV %d, scores %.2f, step %.2f MiB", cells, s.seqs+1, h.KV/mib, scores, step)
		if float64(h.KV)/float64(mib) != logged.kv || s.seqs+1 != 171 || scores < 32.05 || scores > 32.07 || step < 0.99*logged.step || step > 1.01*logged.step {
			t.Errorf("llama.cpp logged KV %v, scores 32.06, step %v", logged.kv, logged.step)
		}
	}
}
