package engine

import (
	"fmt"
	"time"
)

// Code identifies a failure for programs. Each one has a row in app/errors.go.
type Code string

// Codes that the engine returns.
const (
	CodeContextFull    Code = "context_full"    // the conversation is longer than the context
	CodeModelNotFound  Code = "model_not_found" // no such model in the folder
	CodeModelRefused   Code = "model_refused"   // the file is not a usable model
	CodeModelSetAside  Code = "model_set_aside" // died three times in a minute
	CodeModelLoad      Code = "model_load_failed"
	CodeModelTooLarge  Code = "model_too_large" // the plan says that it will not fit; it was not loaded
	CodeModelKept      Code = "model_kept"      // there is no room beside a model that is kept loaded
	CodeNoModel        Code = "no_model"        // the folder is empty
	CodeRuntimeMissing Code = "runtime_missing" // llama.cpp libraries are not there
	CodeRuntimeChanged Code = "runtime_changed" // a library is not the pinned one
	CodeWorkerFailed   Code = "worker_failed"   // died twice under one answer
	CodeTemplate       Code = "template_failed" // the model's chat template cannot render this
	CodeInvalidRequest Code = "invalid_request" // a field is out of range
	CodeBusy           Code = "busy"            // the queue is full
	CodeClosed         Code = "engine_closed"   // shutting down
	CodeInternal       Code = "internal_error"  // a bug; the log has the rest
)

// Error is a failure with a code for programs and a sentence for the user:
// what happened, what was kept, what to do. Err, if any, is for the log only.
type Error struct {
	Code    Code
	Message string
	Err     error
	// After is when it is worth trying again, of CodeBusy; 0: not known.
	After time.Duration
}

// Error joins code, sentence and cause; it is for logs, not for users.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error whose sentence is formatted.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
