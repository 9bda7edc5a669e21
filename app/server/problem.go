package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"alcove/app"
	"alcove/engine"
)

// Problem is the body of an error answer of /api/v1 (RFC 9457).
type Problem struct {
	Type      string       `json:"type" doc:"Always about:blank."`
	Title     string       `json:"title" doc:"The status in words."`
	Status    int          `json:"status"`
	Code      string       `json:"code" doc:"What programs look at; docs/errors.md lists them."`
	Detail    string       `json:"detail" doc:"The sentence for the user."`
	RequestID string       `json:"request_id,omitempty" doc:"Finds the request in the log."`
	Errors    []FieldError `json:"errors,omitempty" doc:"The fields that are wrong."`
}

// FieldError names one wrong field.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error gives the sentence.
func (p *Problem) Error() string { return p.Detail }

// GetStatus gives the HTTP status; huma asks for it.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes the answer problem+json; huma asks for it.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problem turns an error into what the user sees of it.
func problem(ctx context.Context, err error) *Problem {
	code, row, message := app.Describe(err)
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(row.Status), Status: row.Status,
		Code: string(code), Detail: message, RequestID: requestID(ctx),
	}
	var e *app.Error
	if errors.As(err, &e) && e.Param != "" {
		p.Errors = []FieldError{{Field: e.Param, Message: message}}
		// A field out of range is well formed: 422, as huma answers it.
		if e.Code == app.CodeInvalid {
			p.Status, p.Title = http.StatusUnprocessableEntity, http.StatusText(http.StatusUnprocessableEntity)
		}
	}
	return p
}

// humaError replaces huma's error model by ours. huma calls it with the error
// of a handler, or with what its own checks found.
func humaError(hctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
	ctx := context.Background()
	if hctx != nil {
		ctx = hctx.Context()
	}
	if len(errs) == 1 {
		if _, isField := errs[0].(huma.ErrorDetailer); !isField {
			logFailure(ctx, errs[0])
			return problem(ctx, errs[0])
		}
	}
	code := app.CodeInvalid
	switch status {
	case http.StatusUnsupportedMediaType:
		code = app.CodeMediaType
	case http.StatusInternalServerError:
		code = engine.CodeInternal
	}
	p := problem(ctx, &app.Error{Code: code})
	for _, e := range errs {
		var d huma.ErrorDetailer
		if errors.As(e, &d) {
			p.Errors = append(p.Errors, fieldError(d.ErrorDetail()))
		}
	}
	if status == http.StatusUnprocessableEntity || status == http.StatusBadRequest {
		p.Status, p.Title = status, http.StatusText(status)
		switch {
		case len(p.Errors) > 0 && p.Errors[0].Field == "body":
			p.Detail = "The request is not the JSON that this address takes. Nothing was changed."
		case len(p.Errors) > 0:
			p.Detail = fmt.Sprintf("%s: %s. Nothing was changed.", p.Errors[0].Field, p.Errors[0].Message)
		case msg != "":
			p.Detail = "The request has no body. Nothing was changed."
		}
	}
	return p
}

// Sentences for people in place of huma's, which name RFCs and schemas.
var _ = func() bool {
	validation.MsgExpectedRFC3339Date = "must be a day, such as 2026-01-31"
	validation.MsgExpectedMinLength = "is empty, or has fewer than %d characters"
	validation.MsgExpectedMaxLength = "must have %d characters at most"
	validation.MsgExpectedMinItems = "must have %d entries or more"
	validation.MsgExpectedMaxItems = "must have %d entries at most"
	validation.MsgExpectedMinimumNumber = "must be %v or more"
	validation.MsgExpectedMaximumNumber = "must be %v at most"
	validation.MsgExpectedOneOf = "must be one of \"%s\""
	validation.MsgExpectedBePattern = "must be %s"
	return true
}()

// fieldError names the field that huma's message is about. The value is left
// out: it may be what somebody wrote.
func fieldError(d *huma.ErrorDetail) FieldError {
	f := FieldError{Field: strings.TrimPrefix(d.Location, "body."), Message: d.Message}
	if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name, _ = strings.CutSuffix(name, " to be present")
		if f.Field == "body" {
			f.Field = name
		} else {
			f.Field += "." + name
		}
		f.Message = "is missing"
	}
	if name, ok := strings.CutSuffix(d.Message, wrongType); ok && f.Field == "body" && name != "" {
		f.Field, f.Message = name, strings.TrimSpace(wrongType)
	}
	return f
}

// writeError answers an error in the shape of the route's kind.
func writeError(w http.ResponseWriter, r *http.Request, k kind, err error) {
	p := problem(r.Context(), err)
	var wait *waitError
	if errors.As(err, &wait) {
		maps.Copy(w.Header(), wait.GetHeaders())
	} else if p.Status == http.StatusTooManyRequests {
		after := time.Second
		var e *engine.Error
		if errors.As(err, &e) {
			after = max(after, e.After)
		}
		w.Header().Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Del("Content-Length")
	if k == kindV1 {
		writeJSON(w, openAIStatus(err), "application/json", openAIError(err))
		return
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

// waitError says how long to wait before the next try.
type waitError struct {
	err   error
	after time.Duration
}

func (e *waitError) Error() string { return e.err.Error() }
func (e *waitError) Unwrap() error { return e.err }

// GetHeaders gives Retry-After in whole seconds; huma asks for it.
func (e *waitError) GetHeaders() http.Header {
	return http.Header{"Retry-After": {strconv.Itoa(int(e.after/time.Second) + 1)}}
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("marshal answer: %w", err)) // a bug: every body is our own type
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(append(b, '\n')) //nolint:errcheck // the client may be gone
}
