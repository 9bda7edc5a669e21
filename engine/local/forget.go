package local

import (
	"os"
	"path/filepath"

	"alcove/engine/wire"
)

// Forget gives up what the worker has computed of text with this label, in
// memory and on disk: when a key is revoked, a document or a conversation
// deleted for good. Answers that are being written are not disturbed.
func (e *Engine) Forget(share string) {
	e.call(func(s *supervisor) { s.forget(share) })
}

// forget asks the worker. Without one that listens all saved states go, as only
// a worker can tell whose they are; they are computed again.
func (s *supervisor) forget(share string) {
	if s.phase == phaseReady {
		s.worker.send(wire.ToWorker{Forget: &wire.Forget{Share: share}})
		return
	}
	s.forgets = append(s.forgets, share) // a worker that loads may have seen them
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
func (s *supervisor) forgetLate() {
	for _, share := range s.forgets {
		s.worker.send(wire.ToWorker{Forget: &wire.Forget{Share: share}})
	}
	s.forgets = nil
}
