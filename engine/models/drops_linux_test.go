package models

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// history is all that was told of one model, without repetitions.
type history struct {
	mu     sync.Mutex
	states []State
	told   []Info
}

// recorder watches a folder and keeps the history of a model.
func recorder(t *testing.T, dir, id string, o Options) (*Watcher, *history) {
	t.Helper()
	h := &history{}
	o.Changed = func(infos []Info, _ error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, m := range infos {
			if m.ID != id {
				continue
			}
			h.told = append(h.told, m)
			if n := len(h.states); n == 0 || h.states[n-1] != m.State {
				h.states = append(h.states, m.State)
			}
		}
	}
	w, err := Watch(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w, h
}

// await waits for the first time that a model is in a state.
func (h *history) await(t *testing.T, want State) (states []State, told []Info) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		h.mu.Lock()
		states, told = slices.Clone(h.states), slices.Clone(h.told)
		h.mu.Unlock()
		if slices.Contains(states, want) {
			return states, told
		}
		if time.Now().After(end) {
			t.Fatalf("it is never %s: %v", want, states)
		}
	}
}

// large is a model of some hundred kilobytes that ends with its last tensor.
func large() []byte {
	g := good()
	g.tensors = []tensor{{name: "a", dims: []uint64{1 << 17}}}
	b := g.bytes()
	return append(b[:len(b)-4096], make([]byte, 4<<17)...)
}

// A copy by a program that writes a little at a time is new, then copied with a
// percentage that grows, and ready when the program has closed it: no sooner.
func TestDrops_SlowCopy(t *testing.T) {
	dir, fifo := t.TempDir(), filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	w, h := recorder(t, dir, "slow", Options{look: 5 * time.Millisecond, pause: time.Millisecond})
	to := filepath.Join(dir, "slow.gguf")
	dd := exec.Command("dd", "if="+fifo, "of="+to, "bs=4096", "status=none")
	if err := dd.Start(); err != nil {
		t.Skip("no dd here")
	}
	defer dd.Process.Kill() //nolint:errcheck // it has ended
	pipe, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	data := large()
	for at := 0; at < len(data); at += 32 << 10 {
		if _, err := pipe.Write(data[at:min(len(data), at+32<<10)]); err != nil {
			t.Fatal(err)
		}
		if at < 64<<10 {
			continue // the header may not be whole
		}
		infos, err := w.Refresh()
		if err != nil || len(infos) != 1 || infos[0].State != StateCopying {
			t.Fatalf("%d of %d bytes: %+v, %v", at, len(data), infos, err)
		}
	}
	infos, err := w.Refresh() // all is written, and dd has it open
	if err != nil || len(infos) != 1 || infos[0].State != StateCopying {
		t.Fatalf("all is there and open: %+v, %v", infos, err)
	}
	pipe.Close()
	if err := dd.Wait(); err != nil {
		t.Fatal(err)
	}
	states, told := h.await(t, StateReady)
	if want := []State{StateNew, StateCopying, StateReady}; !slices.Equal(states, want) {
		t.Errorf("it was %v, want %v", states, want)
	}
	last, seen := 0, map[int]bool{}
	for _, m := range told {
		if m.State != StateCopying {
			continue
		}
		if m.Percent < last || m.Percent > 99 {
			t.Errorf("%d %% after %d %%", m.Percent, last)
		}
		last, seen[m.Percent] = m.Percent, true
	}
	if len(seen) < 5 {
		t.Errorf("told of %d percentages", len(seen))
	}
	if m := told[len(told)-1]; m.Size != int64(len(data)) || m.Parameters != "131K" || m.Refused != "" {
		t.Errorf("%+v", m)
	}
}

// A file that is rewritten where it is goes through checking or copying, and is
// not ready with what is half new.
func TestDrops_Rewritten(t *testing.T) {
	dir := t.TempDir()
	path := put(t, dir, "m.gguf", large())
	w, h := recorder(t, dir, "m", Options{look: 5 * time.Millisecond, pause: time.Millisecond})
	h.await(t, StateReady)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("X"), int64(len(large())-100)); err != nil {
		t.Fatal(err)
	}
	if infos, err := w.Rescan(); err != nil || infos[0].State != StateCopying {
		t.Errorf("while it is open: %+v, %v", infos, err)
	}
	f.Close()
	if infos, err := w.Rescan(); err != nil || infos[0].State != StateReady {
		t.Errorf("closed: %+v, %v", infos, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if want := []State{StateChecking, StateCopying, StateReady}; !slices.Equal(h.states[len(h.states)-3:], want) {
		t.Errorf("it was %v", h.states)
	}
}

// The programs that people copy with.
func TestDrops_Programs(t *testing.T) {
	for name, command := range map[string]func(from, to string) []string{
		"cp":             func(from, to string) []string { return []string{"cp", from, to} },
		"cp, with holes": func(from, to string) []string { return []string{"cp", "--sparse=always", from, to} },
		"cp, cloned":     func(from, to string) []string { return []string{"cp", "--reflink=auto", "-p", from, to} },
		"mv":             func(from, to string) []string { return []string{"mv", from, to} },
		"ln":             func(from, to string) []string { return []string{"ln", from, to} },
		"install":        func(from, to string) []string { return []string{"install", "-m", "600", from, to} },
		"dd":             func(from, to string) []string { return []string{"dd", "if=" + from, "of=" + to, "status=none"} },
		"dd, in place": func(from, to string) []string {
			return []string{"dd", "if=" + from, "of=" + to, "conv=notrunc", "status=none"}
		},
		"rsync":           func(from, to string) []string { return []string{"rsync", "-a", from, to} },
		"rsync, in place": func(from, to string) []string { return []string{"rsync", "-a", "--inplace", from, to} },
		"tar": func(from, to string) []string {
			return []string{"sh", "-c", `tar -cf - -C "$(dirname "$1")" m.gguf | tar -xf - -C "$(dirname "$2")"`, "sh", from, to}
		},
		"a browser": func(from, to string) []string {
			return []string{"sh", "-c", `cp "$1" "$2.part" && mv "$2.part" "$2"`, "sh", from, to}
		},
		"rsync, as it does it": func(from, to string) []string {
			return []string{"sh", "-c", `d=$(dirname "$2"); cp "$1" "$d/.m.gguf.Xa81bc" && mv "$d/.m.gguf.Xa81bc" "$2"`, "sh", from, to}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from := put(t, t.TempDir(), "m.gguf", large())
			args := command(from, filepath.Join(dir, "m.gguf"))
			if _, err := exec.LookPath(args[0]); err != nil {
				t.Skipf("no %s here", args[0])
			}
			_, h := recorder(t, dir, "m", Options{look: 5 * time.Millisecond, pause: time.Millisecond})
			if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			states, told := h.await(t, StateReady)
			if slices.Contains(states, StateRefused) || told[len(told)-1].Size != int64(len(large())) {
				t.Errorf("it was %v, at last %+v", states, told[len(told)-1])
			}
		})
	}
}

// limitName starts this test program once more, in a namespace of its own whose
// limit of watches is low: nothing of the machine is changed.
const limitName = "ALCOVE_TEST_INOTIFY_LIMIT"

// The limit of the system itself, not a pretended one: what is not told is found
// by reading, and the log says so once.
func TestDrops_SystemLimit(t *testing.T) {
	if os.Getenv(limitName) != "" {
		reachLimit(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestDrops_SystemLimit$", "-test.v")
	cmd.Env = append(os.Environ(), limitName+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}}
	out, err := cmd.CombinedOutput()
	if err != nil && !bytes.Contains(out, []byte("=== RUN")) {
		t.Skipf("no namespaces for users here: %v", err)
	}
	if bytes.Contains(out, []byte("--- SKIP")) {
		t.Skipf("%s", out)
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func reachLimit(t *testing.T) {
	const limit = 4
	if err := os.WriteFile("/proc/sys/user/max_inotify_watches", fmt.Append(nil, limit), 0); err != nil {
		t.Skipf("the limit cannot be lowered here: %v", err)
	}
	dir := t.TempDir()
	const folders = 12
	for i := range folders {
		put(t, dir, fmt.Sprintf("s%d/m%d.gguf", i, i), exact())
	}
	var log bytes.Buffer
	w := watch(t, dir, Options{poll: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for i := range folders {
		w.await(fmt.Sprintf("m%d", i), StateReady)
		put(t, dir, fmt.Sprintf("s%d/late%d.gguf", i, i), exact())
		w.await(fmt.Sprintf("late%d", i), StateReady)
	}
	if err := os.RemoveAll(filepath.Join(dir, "s11")); err != nil {
		t.Fatal(err)
	}
	w.await("late11", "")
	w.Close()
	if len(w.watched) == 0 || len(w.watched) > limit {
		t.Errorf("%d folders are watched: the limit was not reached", len(w.watched))
	}
	if n := strings.Count(log.String(), "does not tell of all changes"); n != 1 {
		t.Errorf("told %d times:\n%s", n, &log)
	}
}
