package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/llama"
)

// TestSealFromInside is the proof on the real program: a file beside the model
// folder (as the database is) and a listener of this test are out of reach. The
// seal's own tests show that both are in reach without it.
func TestSealFromInside(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	secret := filepath.Join(t.TempDir(), "alcove.db")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(secret); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(workerBin, "--runtime", runtimeDir, "--model", modelPath, "--probe-seal", secret, listener.Addr().String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Seal          wire.Seal
		Read, Connect string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", got)
	if !got.Seal.NoNewPrivileges || !got.Seal.NoCoreDumps {
		t.Errorf("seal: %+v", got.Seal)
	}
	if got.Seal.LandlockABI > 0 && !strings.Contains(got.Read, "permission denied") {
		t.Errorf("the file: %q", got.Read)
	}
	if (got.Seal.LandlockABI >= 4 || got.Seal.Seccomp) && got.Connect == "" {
		t.Error("the listener was reached")
	}
}

func TestTwoAtOnce(t *testing.T) {
	w := loaded(t)
	alone := map[uint64]string{}
	for id, q := range map[uint64]string{1: "Name a colour.", 2: "Count to five."} {
		w.write(ask(id, wire.Sampling{MaxTokens: 24}, q))
		alone[id] = w.end(id).text
	}
	w.write(ask(11, wire.Sampling{MaxTokens: 24}, "Name a colour."))
	w.write(ask(12, wire.Sampling{MaxTokens: 24}, "Count to five."))
	a, b := w.end(11), w.end(12)
	if a.text == "" || b.text == "" || a.end.Finish == "failed" || b.end.Finish == "failed" {
		t.Fatalf("%+v, %+v", a, b)
	}
	// Beside others the order of additions differs, so a close call may fall
	// the other way; the first words must agree.
	for id, got := range map[uint64]string{1: a.text, 2: b.text} {
		if first, _, _ := strings.Cut(alone[id], " "); !strings.HasPrefix(got, first) {
			t.Errorf("together %q, alone %q", got, alone[id])
		}
	}
}

func TestSameSeedSameText(t *testing.T) {
	w := loaded(t)
	s := wire.Sampling{Temperature: 0.9, TopP: 0.95, TopK: 50, Seed: 7, MaxTokens: 24}
	w.write(ask(1, s, "Tell me a story."))
	first := w.end(1)
	if first.end.CachedTokens != 0 {
		t.Fatalf("%+v", first.end)
	}
	s.Seed = 8
	w.write(ask(2, s, "Tell me a story."))
	if other := w.end(2); other.text == first.text {
		t.Errorf("another seed, same text %q", other.text)
	} else if other.end.CachedTokens == 0 {
		t.Error("the same question again was computed again")
	}
	again := loaded(t)
	s.Seed = 7
	again.write(ask(1, s, "Tell me a story."))
	if got := again.end(1); got.text != first.text || !slices.Equal(got.ids, first.ids) {
		t.Errorf("same seed: %q and %q", first.text, got.text)
	}
}

// A worker is killed in mid answer; the next one goes on with the same words.
func TestResumeAfterKill(t *testing.T) {
	for name, s := range map[string]wire.Sampling{
		"greedy": {MaxTokens: 32},
		"seeded": {MaxTokens: 32, Temperature: 0.8, TopP: 0.9, Seed: 42},
	} {
		t.Run(name, func(t *testing.T) {
			w := loaded(t)
			w.write(ask(1, s, "Write three sentences about the sea."))
			got := w.until(1, func(a *answer) bool { return len(a.ids) >= 7 })
			whole := w.end(1)

			w.write(ask(2, s, "Write three sentences about the sea."))
			w.until(2, func(a *answer) bool { return len(a.ids) > 0 })
			if err := w.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}

			next := loaded(t)
			m := ask(1, s, "Write three sentences about the sea.")
			m.Submit.Resume, m.Submit.SentBytes = got.ids, len(got.text)
			next.write(m)
			rest := next.end(1)
			if got.text+rest.text != whole.text || rest.end.OutputTokens != whole.end.OutputTokens || rest.end.Finish != whole.end.Finish {
				t.Errorf("%d tokens, then %+v\n got %q\nwant %q", len(got.ids), rest.end, got.text+rest.text, whole.text)
			}
		})
	}
}

func TestTypedControlToken(t *testing.T) {
	w := loaded(t)
	lib, err := llama.Open(runtimeDir, llama.AllGPUs)
	if err != nil {
		t.Fatal(err)
	}
	m, err := lib.Load(modelPath, llama.Options{Context: 256, Slots: 1, Batch: 32, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	typed, err := m.Tokenize("<|im_start|>", false)
	if err != nil {
		t.Fatal(err)
	}
	real, err := m.Tokenize("<|im_start|>", true)
	if err != nil {
		t.Fatal(err)
	}
	// The worker's count shows which of the two it made of it.
	w.write(ask(1, wire.Sampling{MaxTokens: 1}, "x"))
	w.write(ask(2, wire.Sampling{MaxTokens: 1}, "x\n<|im_start|>"))
	more := w.end(2).end.PromptTokens - w.end(1).end.PromptTokens
	if want := len(typed) + 1; more != want || len(real) != 1 || len(typed) < 4 {
		t.Errorf("a typed control token made %d tokens, want %d", more, want)
	}
}

func TestCancelAndContext(t *testing.T) {
	w := loaded(t)
	w.write(ask(1, wire.Sampling{Temperature: 1, Seed: 3}, "Write a very long story about a ship."))
	w.until(1, func(a *answer) bool { return len(a.ids) > 2 })
	w.write(wire.ToWorker{Cancel: &wire.Cancel{ID: 1}})
	if a := w.end(1); a.end.Finish != "cancelled" || a.end.OutputTokens < 3 {
		t.Errorf("cancelled: %+v", a.end)
	}
	w.write(ask(2, wire.Sampling{}, strings.Repeat("All work and no play. ", 300)))
	if e := w.end(2).end; e.Code != fail.ContextFull || !strings.Contains(e.Message, "1024") {
		t.Errorf("too long: %+v", e)
	}
	m := ask(3, wire.Sampling{MaxTokens: 50, Stop: []string{"Paris"}}, "What is the capital of France?")
	w.write(m)
	if a := w.end(3); a.end.Finish != "stop" || strings.Contains(a.text, "Paris") || !strings.HasPrefix(a.text, "The capital") {
		t.Errorf("stop string: %q %+v", a.text, a.end)
	}
	m = ask(4, wire.Sampling{Temperature: -1}, "x")
	w.write(m)
	if e := w.end(4).end; e.Code != fail.InvalidRequest {
		t.Errorf("temperature -1: %+v", e)
	}
}

func TestEndOfSocketDuringDecode(t *testing.T) {
	w := loaded(t)
	w.write(ask(1, wire.Sampling{Temperature: 1, Seed: 3}, strings.Repeat("word ", 700)))
	w.until(1, func(a *answer) bool { return len(a.stages) > 1 }) // in prefill
	if err := unix.Shutdown(int(w.conn.Fd()), unix.SHUT_RDWR); err != nil {
		t.Fatal(err)
	}
	if code := w.exit(); code != exitOK {
		t.Errorf("exit status %d", code)
	}
	w = loaded(t)
	w.write(wire.ToWorker{Stop: &wire.Stop{}})
	if code := w.exit(); code != exitOK {
		t.Errorf("exit status %d after Stop", code)
	}
}

func TestLoadFailures(t *testing.T) {
	dir := t.TempDir()
	notModel := filepath.Join(dir, "text.gguf")
	if err := os.WriteFile(notModel, []byte("this is a text file, not a model"), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.gguf")
	for name, tc := range map[string]struct {
		rt, model string
		spoil     func(*wire.Load)
		code      string
	}{
		"not a GGUF":      {runtimeDir, notModel, nil, fail.ModelRefused},
		"missing model":   {runtimeDir, missing, nil, fail.ModelLoad},
		"no libraries":    {dir, modelPath, nil, fail.RuntimeMissing},
		"another model":   {runtimeDir, modelPath, func(l *wire.Load) { l.ModelPath = notModel }, fail.Internal},
		"another library": {runtimeDir, modelPath, func(l *wire.Load) { l.RuntimeDir = dir }, fail.Internal},
		"no threads":      {runtimeDir, modelPath, func(l *wire.Load) { l.Threads = 0 }, fail.ModelLoad},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat(runtimeDir); err != nil {
				t.Skip("no libraries here; run: make setup")
			}
			w := spawn(t, tc.rt, tc.model)
			l := loadMessage()
			l.RuntimeDir, l.ModelPath = tc.rt, tc.model
			if tc.spoil != nil {
				tc.spoil(l)
			}
			w.write(wire.ToWorker{Load: l})
			for {
				m := w.read()
				if m.Ready != nil {
					t.Fatal("it was loaded")
				}
				if f := m.LoadFailed; f != nil {
					if f.Code != tc.code || f.Message == "" {
						t.Errorf("%+v", f)
					}
					return
				}
			}
		})
	}
}

func TestBadFramesEndTheWorker(t *testing.T) {
	for name, send := range map[string][]byte{
		"garbage":   bytes.Repeat([]byte{0xff}, 64),
		"not Load":  frame(t, wire.ToWorker{Cancel: &wire.Cancel{ID: 1}}),
		"not JSON":  {4, 0, 0, 0, 4, 0, 0, 0, 'n', 'u', 'l', 'l'},
		"cut short": {100, 0, 0, 0, 50},
	} {
		w := spawn(t, runtimeDir, modelPath)
		if _, err := w.conn.Write(send); err != nil {
			t.Fatal(err)
		}
		if err := unix.Shutdown(int(w.conn.Fd()), unix.SHUT_WR); err != nil {
			t.Fatal(err)
		}
		if code := w.exit(); code != exitUsage {
			t.Errorf("%s: exit status %d", name, code)
		}
	}
}

func frame(t *testing.T, m wire.ToWorker) []byte {
	var b bytes.Buffer
	if err := wire.Write(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWithoutASocket(t *testing.T) {
	out, err := exec.Command(workerBin, "--runtime", runtimeDir, "--model", modelPath).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "started by alcove") {
		t.Errorf("%v: %s", err, out)
	}
	if err := exec.Command(workerBin, "--no-such-flag").Run(); err == nil || err.(*exec.ExitError).ExitCode() != exitUsage {
		t.Errorf("unknown flag: %v", err)
	}
}

// No word of a conversation is in the log.
func TestLogHasNoText(t *testing.T) {
	w := loaded(t)
	w.write(ask(1, wire.Sampling{MaxTokens: 8}, "CANARYWORD is a secret."))
	w.end(1)
	w.conn.Close()
	w.exit()
	if strings.Contains(w.log.String(), "CANARY") {
		t.Errorf("the log:\n%s", w.log)
	}
}

// limitName makes this test program try what a probe's limit of memory allows.
const limitName = "ALCOVE_WORKER_TEST_LIMIT"

// tryLimit takes memory that it may write, or maps a file that is larger than
// the limit and reads it.
func tryLimit(mode string) int {
	const limit = 512 << 20
	limitMemory(limit)
	if mode == "write" {
		b, err := unix.Mmap(-1, 0, 2*limit, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil {
			return 3
		}
		return int(b[0])
	}
	f, err := os.CreateTemp("", "large")
	if err != nil {
		return 1
	}
	defer os.Remove(f.Name())
	if err := f.Truncate(2 * limit); err != nil {
		return 1
	}
	b, err := unix.Mmap(int(f.Fd()), 0, 2*limit, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return 3
	}
	return int(b[2*limit-1])
}

// The limit of a probe is on what it writes; a model that is mapped may be of
// any size.
func TestLimitMemory(t *testing.T) {
	for mode, want := range map[string]int{"write": 3, "read": 0} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), limitName+"="+mode)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%s: exit status %d, want %d: %.500s", mode, got, want, out)
		}
	}
}
