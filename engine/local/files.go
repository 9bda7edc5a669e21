package local

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"alcove/engine"
	"alcove/engine/models"
)

// This file is what happens when a model's file changes under it.

// fate is what became of the file of a model that is in use.
type fate string

const (
	fateSame    fate = ""
	fateGone    fate = "gone"    // removed: the worker has what it needs and serves those who came before
	fateChanged fate = "changed" // replaced or rewritten: running answers end, then it is loaded again
	fateBroken  fate = "broken"  // another size in the same file: what the worker has mapped is no model any more
)

// fileChanged is why a worker with a broken file is killed.
const fileChanged = "had its model file changed under it"

// fateOf compares a model in use with the folder.
func fateOf(m models.Info, files []models.Info) fate {
	if m.Content == "" {
		return fateSame // none is in use
	}
	for _, n := range files {
		switch {
		case n.ID != m.ID:
		case n.Content == m.Content:
			return fateSame
		case n.Inode == m.Inode && n.Size != m.Size:
			return fateBroken
		default:
			return fateChanged
		}
	}
	return fateGone
}

// filesChanged tells the supervisor what the folder has. A folder that cannot
// be read for the moment changes nothing: a network share may come back.
func (e *Engine) filesChanged(files []models.Info, err error) {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		e.call(func(s *supervisor) { s.filesChanged(files) })
	}
}

// filesChanged takes the folder's new list. A model whose file has changed is
// a new one: what is remembered of its deaths is forgotten.
func (s *supervisor) filesChanged(files []models.Info) {
	now := make(map[string]models.Info, len(files))
	for _, m := range files {
		now[m.ID] = m
	}
	for _, m := range s.files {
		if now[m.ID].Content != m.Content {
			delete(s.aside, m.ID)
			delete(s.resting, m.ID)
			delete(s.records, m.ID)
			delete(s.failed, m.ID)
			delete(s.proven, m.ID)
		}
	}
	s.files = files
	s.back = present(s.back, now)
	for _, u := range slices.Clone(s.units) {
		u.evicted = present(u.evicted, now)
		if f := fateOf(u.model, files); f != u.fate {
			u.fate = f
			s.log.Info("file of the model in use", "model", u.model.ID, "fate", string(f))
		}
		if u.phase == phaseRoom && u.fate == fateGone { // nobody needs to leave for it
			s.failLoad(u, errRemoved(u.model.ID))
			s.remove(u)
		}
	}
}

// present are those of a list that are still in the folder, as they are now.
func present(list []models.Info, now map[string]models.Info) []models.Info {
	var out []models.Info
	for _, m := range list {
		if n, ok := now[m.ID]; ok {
			out = append(out, n)
		}
	}
	return out
}

// current is a model as its file is now. A worker is given no other.
func (e *Engine) current(m models.Info) (models.Info, *engine.Error) {
	if m.Refused == "" && m.Current() {
		return m, nil
	}
	infos, err := e.folder.Rescan()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return m, &engine.Error{Code: engine.CodeNoModel, Err: err,
			Message: "The model folder cannot be read. Check its permissions."}
	}
	for _, n := range infos {
		if n.ID == m.ID {
			return lookUp(infos, m.ID)
		}
	}
	return m, errRemoved(m.ID)
}

// fileState is the state of a file that cannot be used now, with its reason.
func fileState(m models.Info) (engine.ModelState, string) {
	switch m.State {
	case models.StateNew:
		return engine.ModelNew, m.Refused
	case models.StateChecking:
		return engine.ModelChecking, m.Refused
	case models.StateAdapter:
		return engine.ModelAdapter, m.Refused
	case models.StateCopying:
		if m.Percent > 0 {
			return engine.ModelCopying, fmt.Sprintf("%d %% of the file is there.", m.Percent)
		}
		return engine.ModelCopying, m.Refused
	}
	return engine.ModelRefused, m.Refused
}

// describeGone is a loaded model whose file was removed.
func (s *supervisor) describeGone(u *unit) engine.Model {
	m := s.describe(u.model, false, nil)
	m.State, m.Reason = engine.ModelDraining, "The file was removed. Answers that are being written end first."
	return m
}
