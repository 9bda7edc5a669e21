package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"alcove/engine/wire"
)

var (
	workerBin  string
	runtimeDir string
	modelPath  string
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	if mode := os.Getenv(limitName); mode != "" {
		return tryLimit(mode)
	}
	dir, err := os.MkdirTemp("", "alcove-worker-test")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	workerBin = filepath.Join(dir, "alcove-worker")
	build := exec.Command("go", "build", "-o", workerBin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the worker: %v\n%s", err, out)
		return 1
	}
	root, err := filepath.Abs("../../build")
	if err != nil {
		panic(err)
	}
	runtimeDir = filepath.Join(root, "runtime", "lib")
	modelPath = filepath.Join(root, "models", "SmolLM2-135M-Instruct.Q4_1.gguf")
	return m.Run()
}

// worker is a running alcove-worker and what it said.
type worker struct {
	t      testing.TB
	cmd    *exec.Cmd
	conn   *os.File
	hello  *wire.Hello
	ready  *wire.Ready
	log    *syncBuffer
	waited chan error

	mu    sync.Mutex
	cond  *sync.Cond
	got   map[uint64]*answer
	beats int
	beat  wire.Beat
	err   error // why reading ended
}

// answer is all that was said about one request.
type answer struct {
	ids    []int32
	text   string
	stages []wire.Stage
	end    *wire.End
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}
func (b *syncBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// spawn starts a worker that has said Hello.
func spawn(t testing.TB, rt, model string, more ...string) *worker {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.SetNonblock(fds[0], true)
	theirs := os.NewFile(uintptr(fds[1]), "worker")
	w := &worker{t: t, conn: os.NewFile(uintptr(fds[0]), "test"), log: &syncBuffer{}, got: map[uint64]*answer{}, waited: make(chan error, 1)}
	w.cond = sync.NewCond(&w.mu)
	w.cmd = exec.Command(workerBin, append([]string{"--runtime", rt, "--model", model}, more...)...)
	w.cmd.ExtraFiles = []*os.File{theirs}
	w.cmd.Stderr, w.cmd.Stdout = w.log, w.log
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	go func() { w.waited <- w.cmd.Wait() }()
	t.Cleanup(func() {
		w.conn.Close()
		w.cmd.Process.Kill()
		if t.Failed() {
			t.Logf("worker's log:\n%s", w.log)
		}
	})
	w.hello = w.read().Hello
	if w.hello == nil || w.hello.Version != wire.Version || w.hello.PID != w.cmd.Process.Pid {
		t.Fatalf("hello: %+v", w.hello)
	}
	return w
}

func (w *worker) read() wire.FromWorker {
	w.t.Helper()
	var m wire.FromWorker
	if _, err := wire.Read(w.conn, &m); err != nil {
		w.t.Fatalf("read: %v\n%s", err, w.log)
	}
	return m
}

func (w *worker) write(m wire.ToWorker) {
	w.t.Helper()
	if err := wire.Write(w.conn, m, nil); err != nil {
		w.t.Fatal(err)
	}
}

func loadMessage() *wire.Load {
	return &wire.Load{RuntimeDir: runtimeDir, ModelPath: modelPath, Context: 1024, Slots: 3, Cells: 2048, Batch: 128, Threads: 1, DeviceOnly: "cpu"}
}

// loaded starts a worker with the real model.
func loaded(t testing.TB) *worker {
	t.Helper()
	return loadedAs(t, loadMessage())
}

// loadedAs starts a worker with the real model and other settings.
func loadedAs(t testing.TB, m *wire.Load) *worker {
	t.Helper()
	for _, p := range []string{runtimeDir, modelPath} {
		if _, err := os.Stat(p); err != nil {
			t.Skip("no libraries or weights here; run: make setup")
		}
	}
	var more []string
	if m.StateDir != "" {
		more = []string{"--state", m.StateDir}
	}
	w := spawn(t, m.RuntimeDir, modelPath, more...)
	w.write(wire.ToWorker{Load: m})
	for w.ready == nil {
		m := w.read()
		if m.LoadFailed != nil {
			t.Fatalf("load failed: %+v\n%s", m.LoadFailed, w.log)
		}
		w.ready = m.Ready
	}
	go w.listen()
	return w
}

func (w *worker) listen() {
	for {
		var m wire.FromWorker
		_, err := wire.Read(w.conn, &m)
		w.mu.Lock()
		w.err = err
		if m.Beat != nil {
			w.beats++
			if m.Beat.View == nil { // as before
				m.Beat.View = w.beat.View
			}
			w.beat = *m.Beat
		}
		if s := m.Step; s != nil {
			for _, x := range s.Stages {
				w.answer(x.ID).stages = append(w.answer(x.ID).stages, x)
			}
			for _, x := range s.Tokens {
				a := w.answer(x.ID)
				a.ids, a.text = append(a.ids, x.IDs...), a.text+x.Text
			}
			for _, x := range s.Ends {
				w.answer(x.ID).end = &x
			}
		}
		w.cond.Broadcast()
		w.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (w *worker) answer(id uint64) *answer {
	a := w.got[id]
	if a == nil {
		a = &answer{}
		w.got[id] = a
	}
	return a
}

// until waits for a condition on what the worker said about id, and copies it.
func (w *worker) until(id uint64, cond func(*answer) bool) answer {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for !cond(w.answer(id)) {
		if w.err != nil {
			w.t.Fatalf("the worker is gone: %v\n%s", w.err, w.log)
		}
		w.cond.Wait()
	}
	return *w.answer(id)
}

func (w *worker) end(id uint64) answer {
	w.t.Helper()
	return w.until(id, func(a *answer) bool { return a.end != nil })
}

// exit waits for the process and gives its exit status.
func (w *worker) exit() int {
	w.t.Helper()
	select {
	case err := <-w.waited:
		w.waited <- err
		var status *exec.ExitError
		if errors.As(err, &status) {
			return status.ExitCode()
		} else if err != nil {
			w.t.Fatal(err)
		}
		return 0
	case <-time.After(30 * time.Second): // a hang, not a measure
		w.t.Fatalf("the worker did not exit\n%s", w.log)
		return -1
	}
}

func ask(id uint64, s wire.Sampling, texts ...string) wire.ToWorker {
	m := &wire.Submit{ID: id, Sampling: s, Class: "interactive", User: "u"}
	system := []wire.Segment{{Text: "You are a helpful assistant.", Share: "all"}}
	m.Messages = append(m.Messages, wire.Message{Role: "system", Segments: system})
	for i, text := range texts {
		role := []string{"user", "assistant"}[i%2]
		m.Messages = append(m.Messages, wire.Message{Role: role, Segments: []wire.Segment{{Text: text}}})
	}
	return wire.ToWorker{Submit: m}
}

func TestAnswersAboutParis(t *testing.T) {
	w := loaded(t)
	if !strings.HasPrefix(w.ready.Device, "CPU (") || w.ready.Context != 1024 || w.ready.Cells != 2048 || w.ready.Slots != 3 {
		t.Errorf("ready: %+v", w.ready)
	}
	w.write(ask(1, wire.Sampling{MaxTokens: 40}, "What is the capital of France?"))
	a := w.end(1)
	t.Logf("%q %+v", a.text, a.end)
	if !strings.Contains(a.text, "Paris") || a.end.Finish != "stop" || a.end.OutputTokens != len(a.ids) || a.end.PromptTokens == 0 {
		t.Errorf("answer %q, %+v", a.text, a.end)
	}
	var names []string
	for _, s := range a.stages {
		names = append(names, s.Name)
	}
	// How many steps the prompt takes depends on how fast the machine is just now.
	if got := slices.Compact(names); !slices.Equal(got, []string{"prefill", "decode"}) {
		t.Errorf("stages: %v", names)
	}
	w.until(1, func(*answer) bool { return w.beats > 0 })
}
