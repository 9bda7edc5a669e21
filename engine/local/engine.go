package local

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"alcove/engine"
	"alcove/engine/models"
)

// Engine implements engine.Backend with worker processes. Its methods are
// requests to the supervisor.
type Engine struct {
	cfg    Config
	folder *models.Folders
	plans  *planner
	calls  chan func(*supervisor)

	marks   *fingerprints
	vectors *vectorCache
	done    chan struct{} // closed when the supervisor has ended
}

var _ engine.Backend = (*Engine)(nil)

// New starts the supervisor, but no worker: the first Load or Generate does.
// Close must be called.
func New(c Config) (*Engine, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: c, plans: newPlanner(c), calls: make(chan func(*supervisor)), done: make(chan struct{}),
		marks: &fingerprints{by: map[string]known{}}, vectors: newVectorCache(vectorBytes)}
	if e.folder, err = models.WatchAll(append([]string{c.ModelsDir}, c.MoreModels...), models.Options{Changed: e.filesChanged, Log: c.Log}); err != nil {
		return nil, err
	}
	s := &supervisor{
		cfg: c, log: c.Log, plans: e.plans, spawn: newSpawner(), calls: e.calls, events: make(chan event), current: e.current,
		retry: time.NewTimer(time.Hour), settle: time.NewTimer(time.Hour), tunings: map[string]engine.Tuning{},
		records: map[string]record{}, aside: map[string]string{}, resting: map[string]time.Time{}, ladder: ladder{}, failed: map[string]string{}, proven: map[string]string{},
	}
	s.looking, s.giveUp = context.WithCancel(context.Background())
	s.retry.Stop()
	s.settle.Stop()
	go func() {
		defer close(e.done)
		s.run()
	}()
	return e, nil
}

// call runs f on the supervisor's goroutine and waits for it. It reports
// false when the engine has been closed; f has not run then.
func (e *Engine) call(f func(*supervisor)) bool {
	ran := make(chan struct{})
	select {
	case e.calls <- func(s *supervisor) { defer close(ran); f(s) }:
		<-ran
		return true
	case <-e.done:
		return false
	}
}

// list is the model folder as it is now: what was put there before the call is
// in it. A folder that is not there has no models.
func (e *Engine) list() ([]models.Info, *engine.Error) {
	infos, err := e.folder.Refresh()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &engine.Error{Code: engine.CodeNoModel, Err: err,
			Message: "The model folder is not there. Make it, put a .gguf file into it and try again."}
	}
	if err != nil {
		return nil, &engine.Error{Code: engine.CodeNoModel, Err: err,
			Message: "The model folder cannot be read. Check its permissions."}
	}
	return infos, nil
}

// Load makes a model ready and waits for it. If another one has to make room, its
// running answers end first. "" means the default model. A model that was set aside
// is tried again.
func (e *Engine) Load(ctx context.Context, model string) error {
	infos, ferr := e.list()
	if ferr != nil {
		return ferr
	}
	l := &load{done: make(chan error, 1)}
	fits := e.plans.list(infos)
	if !e.call(func(s *supervisor) { s.addLoad(l, model, infos, fits) }) {
		return errClosed()
	}
	return e.wait(ctx, l)
}

func (e *Engine) wait(ctx context.Context, l *load) error {
	select {
	case err := <-l.done:
		return err
	case <-ctx.Done():
		e.call(func(s *supervisor) { s.removeLoad(l) })
		return ctx.Err()
	}
}

// Unload ends a model's worker after its running answers, and waits for it. One
// that is still being loaded, and that nobody waits for, goes at once.
func (e *Engine) Unload(ctx context.Context, model string) error {
	l := &load{done: make(chan error, 1)}
	if !e.call(func(s *supervisor) { s.addUnload(l, model) }) {
		return errClosed()
	}
	return e.wait(ctx, l)
}

// Tune says how models shall be loaded. A loaded one for which something else is
// chosen now ends its answers and is loaded again.
func (e *Engine) Tune(tunings map[string]engine.Tuning) {
	e.call(func(s *supervisor) { s.tune(tunings) })
}

// Models lists the folder with what the supervisor knows of each model.
func (e *Engine) Models() []engine.Model {
	infos, err := e.list()
	if err != nil {
		e.cfg.Log.Warn("list models", "error", err)
		return nil
	}
	var list []engine.Model
	fits := e.plans.list(infos)
	e.call(func(s *supervisor) {
		chosen := pickDefault(infos, fits, s.cfg.DefaultModel, s.loaded())
		for _, m := range infos {
			list = append(list, s.describe(m, m.ID == chosen, fits[m.ID]))
		}
		for _, u := range s.units {
			if u.phase == phaseReady && u.fate == fateGone {
				list = append(list, s.describeGone(u))
			}
		}
	})
	return list
}

// Status says what the engine is doing now.
func (e *Engine) Status() engine.Status {
	st := engine.Status{Reason: errClosed().Message}
	e.call(func(s *supervisor) { st = s.status() })
	return st
}

// Close ends all answers and the worker, and waits until its process is gone.
func (e *Engine) Close() error {
	e.call(func(s *supervisor) { s.close() })
	<-e.done
	return e.folder.Close() // after the supervisor, whose last launch may ask it
}
