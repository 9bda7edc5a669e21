package local

import (
	"os"
	"path/filepath"
	"slices"

	"alcove/engine/wire"
)

// Forget gives up what the worker has computed of text with this label, in
// memory and on disk: when a key is revoked, a document or a conversation
// deleted for good. Answers that are being written are not disturbed.
func (e *Engine) Forget(share string) {
	e.call(func(s *supervisor) { s.forget(share) })
}

// mostForgets bounds what later workers are told.
const mostForgets = 4096

// forget asks the worker. Without one that listens all saved states go, as only
// a worker can tell whose they are; they are computed again.
func (s *supervisor) forget(share string) {
	// Every later worker is told too: this one may end before it has listened, and
	// an answer that goes on elsewhere must not be saved again.
	if !slices.Contains(s.forgets, share) {
		s.forgets = append(s.forgets, share)
		s.forgets = s.forgets[max(0, len(s.forgets)-mostForgets):]
	}
	told := false
	for _, u := range s.units {
		if u.phase == phaseReady {
			u.worker.send(wire.ToWorker{Forget: &wire.Forget{Share: share}})
			told = true
		}
	}
	if told {
		return
	}
	if s.cfg.StateDir == "" {
		return
	}
	files, err := filepath.Glob(filepath.Join(s.cfg.StateDir, "*.kv"))
	if err != nil {
		s.log.Error("saved states", "error", err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil && !os.IsNotExist(err) {
			s.log.Error("delete a saved state", "error", err)
		}
	}
}

// forgetLate tells a worker that has become ready.
func (s *supervisor) forgetLate(u *unit) {
	for _, share := range s.forgets {
		u.worker.send(wire.ToWorker{Forget: &wire.Forget{Share: share}})
	}
}
