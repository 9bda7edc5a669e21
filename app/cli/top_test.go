package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alcove/engine"
)

// busyLook is an engine in the middle of its work.
func busyLook() *look {
	return &look{
		Status: engine.Status{Model: "SmolLM2-135M", Ready: true, Device: "CPU (haswell)", Library: "0.5.0", WorkerPID: 4711, Restarts: 1,
			Active: 2, Queued: 1, Cells: 8192, CellsUsed: 1024,
			Work: engine.Work{BuildUS: 10_000, DecodeUS: 1_700_000, SyncUS: 100_000, SampleUS: 60_000, EmitUS: 20_000, KeepUS: 40_000,
				PrefillRows: 1200, DecodeRows: 300, CachedTokens: 3600, Preempted: 2, Drafted: 50, Accepted: 20,
				Saved: 4, Restored: 2, Parked: 1, Pinned: 512, KeptMemory: 34_100_000, KeptDisk: 120_000_000, Threads: 2}},
		View: &engine.View{Steps: 421, UptimeMS: 3_723_400,
			Slots: []engine.Slot{
				{ID: 17, State: "decode", Class: "interactive", User: "0a1b2c", Prompt: 612, Cached: 512, Have: 640, Written: 29, Rows: 3},
				{ID: 18, State: "prefill", Class: "api", User: "ffee01", Prompt: 4096, Have: 1024, Rows: 128},
				{ID: 19, State: "queued", Class: "api", User: "ffee01", Prompt: 4100, Follows: 18},
				{ID: 20, State: "queued", Class: "batch", Prompt: 80, Place: 1},
				{ID: 21, State: "preparing"},
			}, MoreSlots: 1,
			Tree: []engine.Node{
				{Tokens: 512, Label: "everybody", Seqs: 2, InUse: true, Pinned: true},
				{Depth: 1, Tokens: 128, Label: "conversation", Seqs: 1, InUse: true},
				{Depth: 1, Tokens: 90, Label: "conversation", Seqs: 1},
				{Tokens: 1024, Label: "key", Seqs: 1, InUse: true},
			}, MoreNodes: 7},
	}
}

func TestTopShowsAll(t *testing.T) {
	now, before := busyLook(), busyLook()
	before.View.UptimeMS -= 2000
	w := &before.Status.Work
	w.BuildUS, w.DecodeUS, w.SyncUS, w.SampleUS, w.EmitUS, w.KeepUS, w.PrefillRows, w.DecodeRows = 0, 0, 0, 0, 0, 0, 200, 250
	want := `model    SmolLM2-135M
device   CPU (haswell), 2 threads, llama.cpp 0.5.0
worker   process 4711, up 1h2m3s, 421 steps, 1 restart
answers  2 active, 1 waiting, 2 pre-empted
rows/s   500.0 of prompts, 25.0 of answers, in the last 2.0 s
time     build 0%, decode 85%, sync 5%, sample 3%, emit 1%, no step 6%; keep 2%
cells    1024 of 8192 used (12%), 512 pinned, 1 sequence parked
prompts  1200 tokens computed, 3600 cached (75%)
drafts   20 of 50 right (40%)
states   34.1 MB in memory, 120.0 MB on disk; 4 saved, 2 restored, 0 damaged

    ID STATE     CLASS       USER   PROMPT CACHED   READ WRITTEN ROWS WAITS FOR
    17 decode    interactive 0a1b2c    612    512    640      29    3
    18 prefill   api         ffee01   4096      0   1024       0  128
    19 queued    api         ffee01   4100      0      0       0    0 request 18
    20 queued    batch                  80      0      0       0    0 place 1
    21 preparing                         0      0      0       0    0
       and 1 more request

TOKENS TREE: WHO MAY USE IT, SEQUENCES
   512 everybody, 2 sequences, in use, pinned
   128   conversation, 1 sequence, in use
    90   conversation, 1 sequence, parked
  1024 key, 1 sequence, in use
       and 7 more nodes
`
	got := topText(before, now)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for line := range strings.Lines(got) {
		if len(line) > 81 {
			t.Errorf("wider than 80 columns: %q", line)
		}
	}
}

// Rates are the average when there is nothing to compare with, also after the
// worker was restarted.
func TestTopWithoutAnEarlierLook(t *testing.T) {
	now, other, newer := busyLook(), busyLook(), busyLook()
	now.View.UptimeMS = 10_000
	other.Status.WorkerPID, other.View.UptimeMS = 1, 5000
	newer.View.UptimeMS = 11_000 // the same process id by chance
	for _, before := range []*look{nil, other, newer} {
		if got := topText(before, now); !strings.Contains(got, "rows/s   120.0 of prompts, 30.0 of answers, since the start\n") {
			t.Errorf("%s", got)
		}
	}
}

func TestTopWithNothingToShow(t *testing.T) {
	idle := busyLook()
	idle.View.Slots, idle.View.Tree, idle.View.MoreSlots, idle.View.MoreNodes = nil, nil, 0, 0
	if got := topText(nil, idle); !strings.HasSuffix(got, "\nNothing is running: no request is in the worker.\n\nThe cache is empty.\n") {
		t.Errorf("at rest: %s", got)
	}
	none := &look{Status: engine.Status{Reason: "No model is loaded.", Restarts: 2}}
	want := `model    none is ready. No model is loaded.
worker   none, 2 restarts
answers  0 active, 0 waiting

Nothing is running: the engine has no worker. It starts with the first question.
`
	if d := cmp.Diff(want, topText(busyLook(), none)); d != "" {
		t.Error(d)
	}
	fresh := &look{Status: engine.Status{Model: "m"}, View: &engine.View{}}
	if got := topText(nil, fresh); strings.Contains(got, "rows/s") || strings.Contains(got, "NaN") {
		t.Errorf("before the first beat: %s", got)
	}
}

// A file's name must not steer the terminal.
func TestTopPrintsNoEscapes(t *testing.T) {
	now := busyLook()
	now.Status.Model, now.Status.Device, now.View.Slots[0].User = "a\x1b[2Jb", "c\nd", "\a"
	if got := topText(nil, now); strings.ContainsAny(got, "\x1b\a") || !strings.Contains(got, "a?[2Jb\ndevice   c?d,") {
		t.Errorf("%q", got)
	}
}

func TestFrameFitsTheTerminal(t *testing.T) {
	if got, want := frame("one\ntwo two\nthree\n", 5, 3), "\x1b[Hone\x1b[K\r\ntwo …\x1b[K\r\nthree\x1b[K\x1b[J"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := frame("1\n2\n3\n4\n", 40, 3), "\x1b[H1\x1b[K\r\n2\x1b[K\r\n2 more lines do not fit\x1b[K\x1b[J"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	frame(topText(nil, busyLook()), 0, 0) // no size is no reason to end
}

func TestKeysThatEndTop(t *testing.T) {
	for keys, want := range map[string]bool{"xyzq": true, "\x03": true, "\x04": true, "Q": true, "xyz": false} {
		ended := false
		stopOnKey(strings.NewReader(keys), func() { ended = true })
		if ended != want {
			t.Errorf("%q: %v", keys, ended)
		}
	}
}

// A look without news since the last one does not make the rates 0.
func TestLooksAreOfDifferentTimes(t *testing.T) {
	first, second, third := busyLook(), busyLook(), busyLook()
	third.View.UptimeMS += 500
	var l looks
	l.add(first)
	l.add(second)
	if l.before != nil || l.now != second {
		t.Errorf("after two equal ones: %+v", l)
	}
	l.add(third)
	if l.before != second || l.now != third {
		t.Errorf("after a new one: %+v", l)
	}
}
