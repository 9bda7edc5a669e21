package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"alcove/engine"
)

// look is what the server tells about its engine.
type look struct {
	Status engine.Status `json:"status"`
	View   *engine.View  `json:"view"`
}

// uptime is when the counters were taken, from the worker's start; 0 without
// a worker.
func (l *look) uptime() time.Duration {
	if l.View == nil {
		return 0
	}
	return time.Duration(l.View.UptimeMS) * time.Millisecond
}

// topText is the whole page. Rates are those since before, or since the
// worker's start if before is nil or was of another worker.
func topText(before, now *look) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-8s %s\n", name, printable(fmt.Sprintf(format, args...)))
	}
	s := now.Status
	if s.Model == "" {
		line("model", "none is ready. %s", s.Reason)
	} else {
		line("model", "%s", s.Model)
		line("device", "%s, %s, llama.cpp %s", s.Device, many(s.Work.Threads, "thread"), s.Library)
	}
	if now.View == nil {
		line("worker", "none, %s", many(s.Restarts, "restart"))
		line("answers", "%d active, %d waiting", s.Active, s.Queued)
		b.WriteString("\nNothing is running: the engine has no worker. It starts with the first question.\n")
		return b.String()
	}
	line("worker", "process %d, up %s, %s, %s", s.WorkerPID, now.uptime().Truncate(time.Second), many(int(now.View.Steps), "step"), many(s.Restarts, "restart"))
	line("answers", "%d active, %d waiting, %d pre-empted", s.Active, s.Queued, s.Work.Preempted)
	rateLines(line, before, now)
	workLines(line, s)
	slotTable(&b, now.View)
	treeList(&b, now.View)
	return b.String()
}

// rateLines says how fast it is and where the time goes.
func rateLines(line func(string, string, ...any), before, now *look) {
	took, since, old := now.uptime(), "since the start", engine.Work{}
	if before != nil && before.Status.WorkerPID == now.Status.WorkerPID && before.uptime() < took {
		took -= before.uptime()
		old = before.Status.Work
		since = fmt.Sprintf("in the last %.1f s", took.Seconds())
	}
	if took <= 0 {
		return // the worker has told nothing yet
	}
	w := now.Status.Work
	rate := func(was, is uint64) float64 { return float64(is-was) / took.Seconds() }
	line("rows/s", "%.1f of prompts, %.1f of answers, %s", rate(old.PrefillRows, w.PrefillRows), rate(old.DecodeRows, w.DecodeRows), since)
	share := func(was, is uint64) float64 { return float64(is-was) / float64(took.Microseconds()) * 100 }
	build, decode, wait := share(old.BuildUS, w.BuildUS), share(old.DecodeUS, w.DecodeUS), share(old.SyncUS, w.SyncUS)
	sample, emit := share(old.SampleUS, w.SampleUS), share(old.EmitUS, w.EmitUS)
	line("time", "build %.0f%%, decode %.0f%%, sync %.0f%%, sample %.0f%%, emit %.0f%%, no step %.0f%%; keep %.0f%%",
		build, decode, wait, sample, emit, max(0, 100-build-decode-wait-sample-emit), share(old.KeepUS, w.KeepUS))
}

// workLines says what was done and is held.
func workLines(line func(string, string, ...any), s engine.Status) {
	w := s.Work
	line("cells", "%d of %d used (%s), %d pinned, %s parked", s.CellsUsed, s.Cells, percent(uint64(s.CellsUsed), uint64(s.Cells)), w.Pinned, many(w.Parked, "sequence"))
	line("prompts", "%d tokens computed, %d cached (%s)", w.PrefillRows, w.CachedTokens, percent(w.CachedTokens, w.CachedTokens+w.PrefillRows))
	line("drafts", "%d of %d right (%s)", w.Accepted, w.Drafted, percent(w.Accepted, w.Drafted))
	line("states", "%.1f MB in memory, %.1f MB on disk; %d saved, %d restored, %d damaged",
		float64(w.KeptMemory)/1e6, float64(w.KeptDisk)/1e6, w.Saved, w.Restored, w.Damaged)
	if w.Full > 0 {
		line("faults", "%s had no room in the cache", many(int(w.Full), "step"))
	}
}

func slotTable(b *strings.Builder, v *engine.View) {
	if len(v.Slots) == 0 {
		b.WriteString("\nNothing is running: no request is in the worker.\n")
		return
	}
	fmt.Fprintf(b, "\n%6s %-9s %-11s %-6s %6s %6s %6s %7s %4s WAITS FOR\n", "ID", "STATE", "CLASS", "USER", "PROMPT", "CACHED", "READ", "WRITTEN", "ROWS")
	for _, s := range v.Slots {
		waits := ""
		switch {
		case s.Follows > 0:
			waits = fmt.Sprintf("request %d", s.Follows)
		case s.Place > 0:
			waits = fmt.Sprintf("place %d", s.Place)
		}
		row := fmt.Sprintf("%6d %-9s %-11s %-6s %6d %6d %6d %7d %4d %s", s.ID, s.State, s.Class, s.User, s.Prompt, s.Cached, s.Have, s.Written, s.Rows, waits)
		b.WriteString(strings.TrimRight(printable(row), " ") + "\n")
	}
	if v.MoreSlots > 0 {
		fmt.Fprintf(b, "%6s and %s\n", "", many(v.MoreSlots, "more request"))
	}
}

// deepest is how far the tree is indented, so that a long conversation stays
// on the screen.
const deepest = 16

func treeList(b *strings.Builder, v *engine.View) {
	if len(v.Tree) == 0 {
		b.WriteString("\nThe cache is empty.\n")
		return
	}
	fmt.Fprintf(b, "\n%6s TREE: WHO MAY USE IT, SEQUENCES\n", "TOKENS")
	for _, n := range v.Tree {
		state := "parked"
		if n.InUse {
			state = "in use"
		}
		if n.Pinned {
			state += ", pinned"
		}
		fmt.Fprintf(b, "%6d %s%s, %s, %s\n", n.Tokens, strings.Repeat("  ", min(n.Depth, deepest)), printable(n.Label), many(n.Seqs, "sequence"), state)
	}
	if v.MoreNodes > 0 {
		fmt.Fprintf(b, "%6s and %s\n", "", many(v.MoreNodes, "more node"))
	}
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func percent(part, of uint64) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d%%", part*100/of)
}

// printable keeps what a file's name may hold from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

// printableText is printable of text with lines: a document can talk a model
// into writing what steers a terminal.
func printableText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '?'
		}
		return r
	}, s)
}

// frame draws a page over the last one, cut to the terminal's size.
func frame(text string, width, height int) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if rest := len(lines) - height + 1; rest > 1 && height > 1 {
		lines = append(lines[:height-1], fmt.Sprintf("%d more lines do not fit", rest))
	}
	var b strings.Builder
	b.WriteString("\x1b[H")
	for i, l := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		if r := []rune(l); len(r) > width {
			l = string(r[:max(0, width-1)]) + "…"
		}
		b.WriteString(l + "\x1b[K")
	}
	b.WriteString("\x1b[J")
	return b.String()
}
