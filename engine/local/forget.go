package local

import (
	"os"
	"path/filepath"
	"slices"

	"alcove/engine/wire"
)

// Forget gives up what the worker has computed of text with this label, in
// memory and on disk: when a key is revoked, a document or a conversation
// deleted for good. Answers that are being written are not disturbed. Which
// vectors are of that text is not known: all are computed again when they are
// wanted.
func (e *Engine) Forget(share string) {
	e.vectors.clear()
	told := true
	e.call(func(s *supervisor) { told = s.forget(share) })
	if !told {
		e.cfg.forgetSaved()
	}
}

// mostForgets bounds what later workers are told.
const mostForgets = 4096

// forget asks the workers. It reports false if there is none that listens.
func (s *supervisor) forget(share string) (told bool) {
	// Every later worker is told too: this one may end before it has listened, and
	// an answer that goes on elsewhere must not be saved again.
	if !slices.Contains(s.forgets, share) {
		s.forgets = append(s.forgets, share)
		s.forgets = s.forgets[max(0, len(s.forgets)-mostForgets):]
	}
	for _, u := range s.units {
		if u.phase == phaseReady && !u.beside() {
			u.worker.send(wire.ToWorker{Forget: &wire.Forget{Share: share}})
			told = true
		}
	}
	return told
}

// forgetSaved deletes all saved states, as only a worker can tell whose they are;
// they are computed again. One that begins meanwhile is told what to forget.
func (c Config) forgetSaved() {
	if c.StateDir == "" {
		return
	}
	files, err := filepath.Glob(filepath.Join(c.StateDir, "*.kv"))
	if err != nil {
		c.Log.Error("saved states", "error", err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil && !os.IsNotExist(err) {
			c.Log.Error("delete a saved state", "error", err)
		}
	}
}

// forgetLate tells a worker that has become ready.
func (s *supervisor) forgetLate(u *unit) {
	for _, share := range s.forgets {
		u.worker.send(wire.ToWorker{Forget: &wire.Forget{Share: share}})
	}
}
