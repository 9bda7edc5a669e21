package local_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
	"alcove/engine/wire"
)

func card(name, backend string) wire.Device {
	return wire.Device{Name: name, Description: "A card", Backend: backend, Kind: "gpu", Total: 16 * gib, Free: 15 * gib}
}

// two has a card that CUDA and Vulkan see, and one model.
func two(t *testing.T, s fake.Script, change func(*local.Config)) (b bench, runtime string) {
	t.Helper()
	b = room(t, 16*gib, func(c *local.Config) {
		runtime = c.RuntimeDir
		fake.PutGPU(t, runtime, "cuda", card("CUDA0", "cuda"))
		fake.PutGPU(t, runtime, "vulkan", card("Vulkan0", "vulkan"))
		if change != nil {
			change(c)
		}
	})
	s.Weights = gib
	fake.Model(t, b.dir, "m", s)
	return b, runtime
}

func TestGPU_BestBackend(t *testing.T) {
	b, _ := two(t, fake.Script{Text: "hello"}, nil)
	r := b.generate(t.Context(), ask("hello"), nil)
	if r.err != nil || r.usage.Device != "cuda (fake)" {
		t.Errorf("%+v, %v", r.usage, r.err)
	}
	if st := b.Status(); st.GPUReason != "" {
		t.Errorf("status %+v", st)
	}
	m := b.model("m")
	if m.Fit == nil || m.Fit.Verdict != engine.VerdictFits || len(m.Fit.Devices) != 2 || m.Fit.Devices[0].Name != "CUDA0" {
		t.Errorf("fit %+v", m.Fit)
	}
}

// A worker that dies on a GPU costs no answer: it goes on through the next
// backend, at last on the CPU, and the reason is told.
func TestGPU_StepsDownInAnAnswer(t *testing.T) {
	long := strings.Repeat("word ", 40)
	b, runtime := two(t, fake.Script{Text: long, OnGPU: &fake.Fault{Do: fake.Kill, At: fake.AtDecode, Step: 10}}, nil)
	fake.BreakGPU(t, runtime, "vulkan")
	r := b.generate(t.Context(), ask("hello"), nil)
	if r.err != nil || r.text != long || r.usage.Restarts != 1 || r.usage.Device != "CPU (fake)" {
		t.Fatalf("%q, %+v, %v", r.text, r.usage, r.err)
	}
	st := b.Status()
	for _, part := range []string{"CUDA: ", "on the CPU", "killed"} {
		if !strings.Contains(st.GPUReason, part) {
			t.Errorf("%q does not say %q", st.GPUReason, part)
		}
	}
}

func TestGPU_StepsDownOneBackend(t *testing.T) {
	b, _ := two(t, fake.Script{Text: "hello", Faults: []fake.Fault{{Do: fake.Abort, At: fake.AtDecode, Step: 1}}}, nil)
	r := b.generate(t.Context(), ask("hello"), nil)
	if r.err != nil || r.usage.Device != "vulkan (fake)" {
		t.Fatalf("%+v, %v", r.usage, r.err)
	}
	if st := b.Status(); !strings.Contains(st.GPUReason, "CUDA: ") || !strings.Contains(st.GPUReason, "with Vulkan") {
		t.Errorf("status %+v", st)
	}
}

// A GPU that comes back is used again, without a new question.
func TestGPU_ComesBack(t *testing.T) {
	b, runtime := two(t, fake.Script{Text: "hello"}, func(c *local.Config) { c.Reprobe = 10 * time.Millisecond })
	fake.PutGPU(t, runtime, "cuda") // lost
	fake.BreakGPU(t, runtime, "vulkan")
	r := b.generate(t.Context(), ask("hello"), nil)
	if r.err != nil || r.usage.Device != "CPU (fake)" {
		t.Fatalf("%+v, %v", r.usage, r.err)
	}
	if st := b.Status(); !strings.Contains(st.GPUReason, "the driver crashed") {
		t.Errorf("status %+v", st)
	}
	fake.PutGPU(t, runtime, "vulkan", card("Vulkan0", "vulkan"))
	b.await(t, "Vulkan", func() bool { return b.Status().Device == "vulkan (fake)" })
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.usage.Device != "vulkan (fake)" {
		t.Errorf("%+v, %v", r.usage, r.err)
	}
}

// What does not fit the GPU's memory goes partly, or not at all, onto it.
func TestGPU_FullCard(t *testing.T) {
	b := room(t, 16*gib, func(c *local.Config) {
		full := card("CUDA0", "cuda")
		full.Free = gib / 4
		fake.PutGPU(t, c.RuntimeDir, "cuda", full)
	})
	fake.Model(t, b.dir, "m", fake.Script{Text: "hello", Weights: 2 * gib})
	r := b.generate(t.Context(), ask("hello"), nil)
	if r.err != nil || r.usage.Device != "CPU (fake)" {
		t.Errorf("%+v, %v", r.usage, r.err)
	}
	m := b.model("m")
	if m.Fit == nil || len(m.Fit.Rejected) == 0 || len(m.Fit.Devices) != 1 || m.Fit.Devices[0].Name != "host" {
		t.Errorf("fit %+v", m.Fit)
	}
}

// A worker that was killed because its file was cut says nothing about the GPU.
func TestGPU_NotToBlame(t *testing.T) {
	b, _ := two(t, fake.Script{Endless: true}, nil)
	running := b.begin(t.Context(), t, ask("hello"))
	path := filepath.Join(b.dir, "m.gguf")
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, st.Size()-1); err != nil {
		t.Fatal(err)
	}
	if r := <-running; r.err == nil || r.text == "" {
		t.Errorf("%+v", r.usage)
	}
	fake.Model(t, b.dir, "m", fake.Script{Text: "hello", Weights: gib})
	b.await(t, "the whole file", func() bool { return b.model("m").State.Usable() })
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.usage.Device != "cuda (fake)" || b.Status().GPUReason != "" {
		t.Errorf("%+v, %v, %s", r.usage, r.err, b.Status().GPUReason)
	}
}
