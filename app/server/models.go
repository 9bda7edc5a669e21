package server

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app"
	"alcove/app/library"
	"alcove/engine"
)

// engineLook is how often the engine is compared with what was last told, when
// nobody says that it has changed: counts of answers do not.
const engineLook = time.Second

type hardwareBody struct {
	Facts  any           `json:"facts" doc:"What the machine is: CPU, memory, GPUs."`
	Status engine.Status `json:"status"`
}

type modelInput struct {
	ID string `path:"id" maxLength:"255"`
}

func (s *Server) registerModels(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/models", "listModels", "List models and say what the engine does"), s.listModels)
	load := operation(http.MethodPost, "/api/v1/models/{id}/load", "loadModel", "Make a model ready; engine.changed tells how it goes")
	load.DefaultStatus = http.StatusAccepted
	huma.Register(api, load, s.loadModel)
	unload := operation(http.MethodPost, "/api/v1/models/{id}/unload", "unloadModel", "Give a model's memory back after its running answers; engine.changed tells how it goes")
	unload.DefaultStatus = http.StatusAccepted
	huma.Register(api, unload, s.unloadModel)
	huma.Register(api, operation(http.MethodGet, "/api/v1/hardware", "getHardware", "What the machine is and what the engine does on it"), s.getHardware)
}

func (s *Server) listModels(ctx context.Context, _ *struct{}) (*output[engineChanged], error) {
	return &output[engineChanged]{s.engineNow(ctx)}, nil
}

// engineNow falls back on the engine's own default model when the setting
// cannot be read: the page must still show what there is.
func (s *Server) engineNow(ctx context.Context) engineChanged {
	v := engineChanged{Status: s.engine.Status()}
	var err error
	if v.Models, err = s.library.Models(ctx); err != nil {
		s.log.Warn("read what is known of the models", "err", err)
	}
	if v.Models == nil {
		v.Models = []library.Model{}
	}
	return v
}

// findModel gives a model of the folder.
func (s *Server) findModel(id string) (engine.Model, error) {
	for _, m := range s.engine.Models() {
		if m.ID == id {
			return m, nil
		}
	}
	return engine.Model{}, &app.Error{Code: engine.CodeModelNotFound}
}

// loadModel starts loading and does not wait: the request would outlive its
// time limits.
func (s *Server) loadModel(ctx context.Context, in *modelInput) (*struct{}, error) {
	m, err := s.findModel(in.ID)
	if err != nil {
		return nil, err
	}
	if !m.State.Usable() {
		return nil, &app.Error{Code: engine.CodeModelRefused, Message: m.Reason}
	}
	if e := engine.NotForChat(m.ID, m.Facts); e != nil {
		return nil, e
	}
	if e := engine.TooLarge(m.ID, m.Fit); e != nil {
		return nil, e
	}
	id := requestID(ctx)
	s.tasks.Go(func() {
		if err := s.engine.Load(s.running, m.ID); err != nil {
			s.log.Warn("load model", "request", id, "model", m.ID, "err", err)
		}
	})
	return nil, nil
}

// unloadModel does not wait either: answers may go on for minutes.
func (s *Server) unloadModel(ctx context.Context, in *modelInput) (*struct{}, error) {
	m, err := s.findModel(in.ID)
	if err != nil {
		return nil, err
	}
	id := requestID(ctx)
	s.tasks.Go(func() {
		if err := s.engine.Unload(s.running, m.ID); err != nil {
			s.log.Warn("unload model", "request", id, "model", m.ID, "err", err)
		}
	})
	return nil, nil
}

func (s *Server) getHardware(context.Context, *struct{}) (*output[hardwareBody], error) {
	return &output[hardwareBody]{hardwareBody{Facts: s.hardware(), Status: s.engine.Status()}}, nil
}

// start begins what runs beside the requests.
func (s *Server) start() {
	s.begins.Lock()
	defer s.begins.Unlock()
	if s.running.Err() != nil {
		return // shut down before it began
	}
	s.tasks.Go(func() { s.everyOr(engineLook, s.wake, s.engineTeller()) })
	s.tasks.Go(func() { s.every(undoTime/6, s.purge) })
}

// every calls f until Shutdown.
func (s *Server) every(d time.Duration, f func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-s.running.Done():
			return
		case <-tick.C:
			f()
		}
	}
}

// leastPause is the least time between two looks that somebody asked for: files
// that are copied change all the time. A look at thousands of models takes long,
// and rests ten times as long.
const leastPause = 100 * time.Millisecond

// everyOr is every, and calls f soon after each wake as well.
func (s *Server) everyOr(d time.Duration, wake <-chan struct{}, f func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-s.running.Done():
			return
		case <-wake:
			began := time.Now()
			f()
			pause := time.NewTimer(max(leastPause, 10*time.Since(began)))
			select {
			case <-s.running.Done():
			case <-pause.C:
			}
			pause.Stop()
		case <-tick.C:
			f()
		}
	}
}

// engineTeller publishes the engine's state whenever it differs from the last.
func (s *Server) engineTeller() func() {
	last := mustJSON(s.engineNow(s.running))
	return func() {
		if s.hub.readersOpen() == 0 {
			return
		}
		v := s.engineNow(s.running)
		if now := mustJSON(v); !bytes.Equal(now, last) {
			last = now
			s.hub.Publish(eventEngine, v)
		}
	}
}

// purge makes deletions final when they can no longer be undone.
func (s *Server) purge() {
	n, err := s.store.PurgeDeleted(s.running, s.now().Add(-undoTime))
	if err != nil && s.running.Err() == nil {
		s.log.Warn("purge deleted conversations", "err", err)
	}
	if n > 0 {
		s.log.Info("purged deleted conversations", "count", n)
	}
}
