package local

import (
	"context"
	"io"
	"math"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

// Generate answers one request. See engine.Backend.
func (e *Engine) Generate(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	started := time.Now()
	failed := engine.Usage{Model: req.Model, Finish: engine.FinishFailed}
	if err := checkRequest(req); err != nil {
		return failed, err
	}
	infos, ferr := e.list()
	if ferr != nil {
		return failed, ferr
	}
	a, err := e.admit(req, infos, started)
	if err != nil {
		return failed, err
	}
	for {
		events, end := a.box.take()
		for _, ev := range events {
			if ctx.Err() != nil {
				return e.cancel(a), nil
			}
			if err := emit(ev); err != nil {
				return e.cancel(a), err
			}
		}
		if end != nil {
			return end.usage, end.err
		}
		select {
		case <-a.box.ready:
		case <-ctx.Done():
			return e.cancel(a), nil
		}
	}
}

func (e *Engine) admit(req engine.Request, infos []models.Info, started time.Time) (a *answer, err error) {
	fits := e.plans.list(infos)
	ok := e.call(func(s *supervisor) {
		var refused *engine.Error
		if a, refused = s.admit(req, infos, fits, started); refused != nil {
			err = refused
		}
	})
	if !ok {
		return nil, errClosed()
	}
	return a, err
}

// cancel gives up an answer. It does not wait for the worker.
func (e *Engine) cancel(a *answer) engine.Usage {
	var u engine.Usage
	if !e.call(func(s *supervisor) { u = s.cancel(a) }) {
		u = a.usage(engine.FinishCancelled, "", time.Now()) // the supervisor has ended and does not touch it any more
	}
	return u
}

// checkRequest refuses what no worker can take. The server checks ranges too,
// with the field's name; this guards callers that are not the server.
func checkRequest(req engine.Request) *engine.Error {
	s := req.Sampling
	for name, f := range map[string]float64{"temperature": s.Temperature, "top_p": s.TopP, "min_p": s.MinP} {
		if math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
			return engine.Errorf(engine.CodeInvalidRequest, "The value of %s is out of range.", name)
		}
	}
	if s.TopK < 0 || s.MaxTokens < 0 || s.TopP > 1 || s.MinP > 1 {
		return engine.Errorf(engine.CodeInvalidRequest, "A sampling value is out of range.")
	}
	if len(req.Messages) == 0 {
		return engine.Errorf(engine.CodeInvalidRequest, "The request has no message.")
	}
	// Room for the tokens that a resumed answer adds.
	const room = 2 << 20
	var size countWriter
	a := answer{req: req}
	if err := wire.Write(&size, wire.ToWorker{Submit: a.submit()}, nil); err != nil || size > wire.MaxFrame-room {
		return engine.Errorf(engine.CodeContextFull, "The conversation is too long: its text has more than %d MB. "+
			"Start a new conversation, or shorten it.", (wire.MaxFrame-room)>>20)
	}
	return nil
}

// countWriter counts bytes.
type countWriter int

var _ io.Writer = (*countWriter)(nil)

// Write never fails.
func (c *countWriter) Write(p []byte) (int, error) {
	*c += countWriter(len(p))
	return len(p), nil
}
