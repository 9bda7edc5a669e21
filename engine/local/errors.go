package local

import (
	"errors"
	"time"

	"alcove/engine"
	"alcove/engine/wire"
)

// fromWorker are the codes a worker may give. Anything else from it is a bug.
var fromWorker = map[engine.Code]bool{
	engine.CodeContextFull: true, engine.CodeModelRefused: true, engine.CodeModelLoad: true,
	engine.CodeRuntimeMissing: true, engine.CodeRuntimeChanged: true, engine.CodeTemplate: true,
	engine.CodeInvalidRequest: true, engine.CodeBusy: true, engine.CodeInternal: true,
}

// maxSentence bounds a sentence from the worker, in bytes.
const maxSentence = 1000

// workerError makes a worker's failure one for users. fallback is the code
// where the worker's own is unknown.
func workerError(code, message, detail string, fallback engine.Code) *engine.Error {
	e := &engine.Error{Code: engine.Code(code), Message: message}
	if detail != "" {
		e.Err = errors.New(detail)
	}
	if !fromWorker[e.Code] || message == "" || len(message) > maxSentence {
		e.Code = fallback
		e.Message = "The engine failed. What was written is kept. Try again; the log has the reason."
	}
	return e
}

func loadError(f *wire.LoadFailed) *engine.Error {
	return workerError(f.Code, f.Message, f.Detail, engine.CodeModelLoad)
}

// toError gives err as an *engine.Error.
func toError(err error) *engine.Error {
	var e *engine.Error
	if errors.As(err, &e) {
		return e
	}
	return &engine.Error{Code: engine.CodeInternal, Err: err,
		Message: "The engine could not be started. The log has the reason."}
}

func errRemoved(model string) *engine.Error {
	return engine.Errorf(engine.CodeModelNotFound, "The file of the model %.100q was removed. What was written is kept. Choose another model.", model)
}

func errClosed() *engine.Error {
	return engine.Errorf(engine.CodeClosed, "Alcove is shutting down. What was written is kept.")
}

// closedEnding ends an answer because the engine is closed.
func closedEnding(a *answer, device string) ending {
	return ending{a.usage(engine.FinishFailed, device, time.Now()), errClosed()}
}

// knownStage says whether a worker may report this stage.
func knownStage(name string) bool {
	switch engine.StageName(name) {
	case engine.StageQueued, engine.StagePrefill, engine.StageDecode:
		return true
	}
	return false
}
