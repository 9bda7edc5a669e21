// Package fail is the worker's kind of error: a code for programs and a
// sentence for the user. The codes are engine's; a test compares them.
package fail

import (
	"errors"
	"fmt"
)

// Codes that a worker sends.
const (
	ContextFull    = "context_full"
	InvalidRequest = "invalid_request"
	Template       = "template_failed"
	Internal       = "internal_error"
	ModelRefused   = "model_refused"
	ModelLoad      = "model_load_failed"
	RuntimeMissing = "runtime_missing"
)

// Error has a sentence that says what happened, what was kept, what to do.
// Err, if any, is for logs.
type Error struct {
	Code    string
	Message string
	Err     error
}

// Error joins code, sentence and cause, for logs.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return e.Code + ": " + e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an Error whose sentence is formatted.
func New(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// From finds the Error in err, or makes an internal one of it.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: Internal, Message: "The engine made a mistake. What was written so far is kept. Try again.", Err: err}
}
