package extract

import (
	"sync"
	"time"
)

// watch holds a child to its limits of time and memory.
type watch struct {
	limits   Limits
	pid      int
	done     int           // pages
	last     time.Time     // when one more page was read
	spent    time.Duration // processor time then
	deadline time.Time
}

// starved is how many times Idle a child may take that gets little processor
// time, because the machine is busy: it is no fault of its file.
const starved = 5

// check says why the child must end.
func (w *watch) check(now time.Time) error {
	switch {
	case now.Sub(w.last) > w.limits.Idle && (processorTime(w.pid)-w.spent > w.limits.Idle/2 || now.Sub(w.last) > starved*w.limits.Idle):
		return Fail(Timeout, "no page for %v, after %d pages", w.limits.Idle, w.done)
	case now.After(w.deadline):
		return Fail(Timeout, "%d pages in %v", w.done, w.limits.Total)
	}
	return w.memory()
}

func (w *watch) memory() error {
	if used := resident(w.pid); used > w.limits.Memory {
		return Fail(Memory, "%d MiB", used>>20)
	}
	return nil
}

// advance takes progress; only more pages than ever count.
func (w *watch) advance(done int, now time.Time) bool {
	if done <= w.done {
		return false
	}
	w.done, w.last, w.spent = done, now, processorTime(w.pid)
	return true
}

// pause takes time that was not the child's out of the account.
func (w *watch) pause(d time.Duration) { w.last, w.deadline = w.last.Add(d), w.deadline.Add(d) }

// head keeps the beginning of what a process complains about.
type head struct {
	mu   sync.Mutex
	text []byte
}

// Write takes everything and keeps the first 2 KiB.
func (t *head) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p[:min(len(p), 2<<10-len(t.text))]...)
	return len(p), nil
}

func (t *head) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
