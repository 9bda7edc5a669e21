package llama

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	runtimeDir = "../../../build/runtime/lib"
	modelPath  = "../../../build/models/SmolLM2-135M-Instruct.Q4_1.gguf"
)

func load(t testing.TB, o Options) *Model {
	t.Helper()
	for _, p := range []string{runtimeDir, modelPath} {
		if _, err := os.Stat(p); err != nil {
			t.Skip("no libraries or weights here; run: make setup")
		}
	}
	dir, err := filepath.Abs(runtimeDir)
	if err != nil {
		t.Fatal(err)
	}
	lib, err := Open(dir, AllGPUs)
	if err != nil {
		t.Fatal(err)
	}
	m, err := lib.Load(modelPath, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func TestRealModel(t *testing.T) {
	var stages []string
	m := load(t, Options{Context: 512, Slots: 2, Seqs: 2, Batch: 64, Threads: 1, DefaultContext: 8192, Progress: func(s string, _ float64) {
		if !slices.Contains(stages, s) {
			stages = append(stages, s)
		}
	}})
	info := m.Info()
	t.Logf("%+v", info)
	if !strings.HasPrefix(info.Device, "CPU (") || info.Trained != 8192 || info.Parameters < 130e6 || info.Template == "" ||
		!info.Rewinds || info.CacheBytes < 512*20000 || info.CacheBytes > 512*30000 {
		t.Errorf("info: %+v", info)
	}
	if want := []string{"model", "context", "warmup"}; !slices.Equal(stages, want) {
		t.Errorf("stages %v, want %v", stages, want)
	}
	t.Run("tokenize", func(t *testing.T) { tokenize(t, m) })
	t.Run("checks", func(t *testing.T) { checks(t, m) })
	t.Run("remove", func(t *testing.T) { remove(t, m) })
}

func tokenize(t *testing.T, m *Model) {
	special, err := m.Tokenize("<|im_start|>user\n", true)
	if err != nil || !m.IsControl(special[0]) {
		t.Fatalf("special: %v, %v", special, err)
	}
	plain, err := m.Tokenize("<|im_start|>user\n", false)
	if err != nil || len(plain) < 5 || slices.ContainsFunc(plain, m.IsControl) {
		t.Errorf("typed control token: %v, %v", plain, err)
	}
	for _, text := range []string{"", "a\x00b", "Grüße 😀\n\n", strings.Repeat("a b ", 5000), "\xff\xfe"} {
		tokens, err := m.Tokenize(text, false)
		if err != nil {
			t.Fatalf("%.20q: %v", text, err)
		}
		var back []byte
		for _, tok := range tokens {
			back = append(back, m.Piece(tok)...)
		}
		if string(back) != text && text != "\xff\xfe" { // invalid UTF-8 may come back replaced
			t.Errorf("%.20q came back as %.20q", text, back)
		}
	}
	if m.Piece(-1) != nil || m.Piece(1<<30) != nil || m.EndsAnswer(-1) || m.EndsAnswer(1<<30) {
		t.Error("a token out of range means something")
	}
}

// checks that arguments on which llama.cpp would abort never reach it.
func checks(t *testing.T, m *Model) {
	size := int32(m.VocabSize())
	for name, row := range map[string][3]int32{
		"token too large": {size, 0, 0}, "token negative": {-1, 0, 0},
		"sequence too large": {1, 0, 2}, "sequence negative": {1, 0, -1},
		"gap": {1, 1, 0}, "position negative": {1, -1, 0},
	} {
		if m.Add(row[0], row[1], row[2], false) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for i := range int32(64) {
		if err := m.Add(1, i, 0, false); err != nil {
			t.Fatal(err)
		}
	}
	if m.Add(1, 64, 0, false) == nil {
		t.Error("a row beyond the batch was accepted")
	}
	if fits, err := m.Decode(); !fits || err != nil {
		t.Fatal(fits, err)
	}
	for i := range int32(3) {
		if err := m.Add(1, 64+i, 0, true); (err != nil) != (i == 2) {
			t.Errorf("output %d: %v", i, err)
		}
	}
	if fits, err := m.Decode(); !fits || err != nil {
		t.Fatal(fits, err)
	}
	if len(m.Logits(1)) != m.VocabSize() || m.Logits(2) != nil || m.Logits(-1) != nil || m.Logits(99) != nil {
		t.Error("logits of the wrong rows")
	}
	if !m.Remove(0, 0) || m.Remove(0, 1) || m.Remove(9, 0) {
		t.Error("remove")
	}
}

// remove checks that what is left after Remove gives the same scores again.
func remove(t *testing.T, m *Model) {
	prompt, err := m.Tokenize("The capital of France is", false)
	if err != nil {
		t.Fatal(err)
	}
	run := func(from int32, tokens []int32) []float32 {
		for i, tok := range tokens {
			if err := m.Add(tok, from+int32(i), 1, i == len(tokens)-1); err != nil {
				t.Fatal(err)
			}
		}
		if fits, err := m.Decode(); !fits || err != nil {
			t.Fatal(fits, err)
		}
		return slices.Clone(m.Logits(len(tokens) - 1))
	}
	n := int32(len(prompt))
	first := run(0, prompt)
	next := int32(slices.Index(first, slices.Max(first)))
	if got := string(m.Piece(next)); got != " Paris" {
		t.Errorf("after %q comes %q", "The capital of France is", got)
	}
	run(n, []int32{next, next, next})
	if !m.Remove(1, n-1) {
		t.Fatal("cannot take back the end")
	}
	if again := run(n-1, prompt[n-1:]); int32(slices.Index(again, slices.Max(again))) != next {
		t.Error("the cache is not what it was")
	}
	m.Remove(1, 0)
}

func TestNoRoom(t *testing.T) {
	m := load(t, Options{Context: 256, Slots: 2, Seqs: 2, Batch: 256, Threads: 1})
	fill := func(seq, n int32) bool {
		for i := range n {
			if err := m.Add(1, i, seq, false); err != nil {
				t.Fatal(err)
			}
		}
		fits, err := m.Decode()
		if err != nil {
			t.Fatal(err)
		}
		return fits
	}
	if !fill(0, 200) {
		t.Fatal("200 tokens do not fit")
	}
	if fill(1, 100) {
		t.Fatalf("200 and 100 tokens fit in %d cells", m.Info().Cells)
	}
	m.Remove(0, 0)
	if !fill(1, 100) {
		t.Fatal("there is no room after a removal")
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	header := "GGUF\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"
	for name, p := range map[string]string{
		"empty":        write("empty.gguf", nil),
		"text":         write("text.gguf", []byte("This is a text file, and longer than a header.")),
		"short":        write("short.gguf", []byte(header[:10])),
		"old version":  write("old.gguf", []byte(strings.Replace(header, "\x03", "\x01", 1))),
		"no tensors":   write("none.gguf", []byte(header[:8]+"\x00"+header[9:])),
		"many tensors": write("many.gguf", []byte(header[:15]+"\x7f"+header[16:])),
		"a folder":     dir,
	} {
		if err := CheckFile(p); !errors.Is(err, ErrNotModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := CheckFile(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if err := CheckFile(write("good.gguf", []byte(header))); err != nil {
		t.Errorf("good header: %v", err)
	}
	if _, err := Open(dir, AllGPUs); !errors.Is(err, ErrLibrary) {
		t.Errorf("no libraries: %v", err)
	}
}

func TestTruncatedModel(t *testing.T) {
	m := load(t, Options{Context: 256, Slots: 1, Seqs: 1, Batch: 32, Threads: 1}) // proves the libraries work here
	data, err := os.ReadFile(modelPath)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{24, 1000, 1 << 20, len(data) / 2, len(data) - 1} {
		p := filepath.Join(t.TempDir(), "cut.gguf")
		if err := os.WriteFile(p, data[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := m.lib.Load(p, Options{Context: 256, Slots: 1, Seqs: 1, Batch: 32, Threads: 1}); !errors.Is(err, ErrLoad) {
			t.Errorf("first %d bytes: %v", n, err)
		}
	}
}

// The pin of the libraries and the version that is accepted move together.
func TestVersionIsThePinned(t *testing.T) {
	data, err := os.ReadFile("../../../build/runtime/lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		LlamaCpp string `json:"llama_cpp"`
	}
	if err := json.Unmarshal(data, &lock); err != nil || lock.LlamaCpp != "v"+Version {
		t.Errorf("the lock has %q, the worker takes %q (%v)", lock.LlamaCpp, Version, err)
	}
}
