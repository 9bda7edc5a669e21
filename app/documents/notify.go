package documents

import (
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// notifier tells that something happened in a folder; what that is a look
// says. Where the system gives none, or not enough, looks alone must do.
type notifier struct {
	w    *fsnotify.Watcher // nil: there is none
	dirs map[string]bool   // of the last look
	wake chan struct{}
}

func newNotifier() *notifier {
	n := &notifier{wake: make(chan struct{}, 1)}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return n
	}
	n.w = w
	go func() {
		for {
			select {
			case _, ok := <-w.Events:
				if !ok {
					return
				}
			case _, ok := <-w.Errors: // events were lost: a look finds what they were
				if !ok {
					return
				}
			}
			select {
			case n.wake <- struct{}{}:
			default:
			}
		}
	}()
	return n
}

func (n *notifier) changed() <-chan struct{} { return n.wake }

func (n *notifier) drain() {
	select {
	case <-n.wake:
	default:
	}
}

// watch makes sure that the folders tell of changes. whole: all do. fresh: some
// did not before, and what happened in them until now is seen by another look.
func (n *notifier) watch(root string, dirs []string) (whole, fresh bool) {
	if n.w == nil {
		return false, false
	}
	whole = true
	had := n.dirs
	n.dirs = make(map[string]bool, len(dirs))
	// The system forgets a folder that went, also when another one has its name
	// now, so the watches are set each time; one that is there costs nothing.
	for _, d := range dirs {
		if n.w.Add(filepath.Join(root, filepath.FromSlash(d))) != nil {
			whole = false
			continue
		}
		n.dirs[d] = true
		fresh = fresh || !had[d]
	}
	return whole, fresh
}

func (n *notifier) close() {
	if n.w != nil {
		n.w.Close()
	}
}
