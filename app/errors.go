package app

import (
	"errors"
	"fmt"
	"net/http"

	"alcove/engine"
	"alcove/storage"
)

// Error is a failure with a code for programs and a sentence for the user:
// what happened, what was kept, what to do. Err, if any, is for the log only.
type Error struct {
	Code    engine.Code
	Message string
	// Param names the field of the request that is wrong, if one is.
	Param string
	Err   error
}

// Error joins code, sentence and cause; it is for logs, not for users.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Row is what is fixed about a code. docs/errors.md is made from the table.
type Row struct {
	Status  int    // HTTP status
	Type    string // OpenAI's error type
	Message string // sentence used when the failure brings none of its own
}

// Codes of the app. The engine's own codes are in package engine.
const (
	CodeInvalid              engine.Code = "invalid_request"
	CodeNotFound             engine.Code = "not_found"
	CodeConversationNotFound engine.Code = "conversation_not_found"
	CodeMessageNotFound      engine.Code = "message_not_found"
	CodeCollectionNotFound   engine.Code = "collection_not_found"
	CodeCollectionExists     engine.Code = "collection_exists"
	CodeCollectionRetired    engine.Code = "collection_retired"
	CodeDocumentNotFound     engine.Code = "document_not_found"
	CodeDocumentTooLarge     engine.Code = "document_too_large"
	CodeFolderNotFound       engine.Code = "folder_not_found"
	CodeTurnNotFound         engine.Code = "turn_not_found"
	CodeSignInInvalid        engine.Code = "signin_invalid"
	CodeUnauthorized         engine.Code = "unauthorized"
	CodeForbidden            engine.Code = "forbidden"
	CodeHost                 engine.Code = "host_not_allowed"
	CodeOrigin               engine.Code = "origin_not_allowed"
	CodeTooLarge             engine.Code = "too_large"
	CodeUnsupported          engine.Code = "unsupported_parameter"
	CodeReadOnly             engine.Code = "read_only"
	CodeConflict             engine.Code = "conflict"
	CodeMethod               engine.Code = "method_not_allowed"
	CodeKeyNotFound          engine.Code = "key_not_found"
	CodeMediaType            engine.Code = "unsupported_media_type"
	CodeTooSlow              engine.Code = "request_too_slow"
	CodeTooMany              engine.Code = "too_many_attempts"
	CodeListen               engine.Code = "listen_not_local"
	CodeUploadNotFound       engine.Code = "upload_not_found"
	CodeDiskFull             engine.Code = "disk_full"
	CodeCheckRunning         engine.Code = "check_running"
	CodeNotSent              engine.Code = "not_sent"
	CodeCapacityRunning      engine.Code = "capacity_running"
	CodeImportInvalid        engine.Code = "import_invalid"
)

// Table has one row for each code that can reach a user.
var Table = map[engine.Code]Row{
	CodeInvalid:               {http.StatusBadRequest, "invalid_request_error", "The request could not be understood. Nothing was changed."},
	CodeNotFound:              {http.StatusNotFound, "invalid_request_error", "There is nothing at this address."},
	CodeConversationNotFound:  {http.StatusNotFound, "invalid_request_error", "This conversation does not exist, or it was deleted."},
	CodeMessageNotFound:       {http.StatusNotFound, "invalid_request_error", "This message does not exist, or it was deleted."},
	CodeCollectionNotFound:    {http.StatusNotFound, "invalid_request_error", "There is no such collection of documents, or it is not one that you may read."},
	CodeCollectionRetired:     {http.StatusConflict, "invalid_request_error", "A collection with this short name was deleted. Old links and programs may still mean that one, so the name is not given again. Nothing was changed. Choose another one."},
	CodeCollectionExists:      {http.StatusConflict, "invalid_request_error", "There is a collection with this short name already. Nothing was changed. Choose another one."},
	CodeDocumentNotFound:      {http.StatusNotFound, "invalid_request_error", "There is no such document, or it is not one that you may read."},
	CodeDocumentTooLarge:      {http.StatusRequestEntityTooLarge, "invalid_request_error", "This file is larger than 256 MiB. Nothing was taken. Split it, and send the parts."},
	CodeFolderNotFound:        {http.StatusNotFound, "invalid_request_error", "This folder is not watched."},
	CodeTurnNotFound:          {http.StatusNotFound, "invalid_request_error", "This answer does not exist, or it was deleted."},
	CodeSignInInvalid:         {http.StatusUnauthorized, "invalid_request_error", "This sign-in link was used already or is older than ten minutes. Run `alcove link` for a new one."},
	CodeUnauthorized:          {http.StatusUnauthorized, "invalid_request_error", "Sign in first, or send an API key. `alcove link` prints a sign-in link."},
	CodeForbidden:             {http.StatusForbidden, "invalid_request_error", "An API key cannot do this. Sign in with a link instead."},
	CodeHost:                  {http.StatusForbidden, "invalid_request_error", "This name is not one that Alcove answers to. Use 127.0.0.1 or localhost."},
	CodeOrigin:                {http.StatusForbidden, "invalid_request_error", "Another web page tried to use Alcove. It was refused and nothing was changed."},
	CodeTooLarge:              {http.StatusRequestEntityTooLarge, "invalid_request_error", "The text is too long to send. Nothing was saved. Send it in smaller parts."},
	CodeUnsupported:           {http.StatusBadRequest, "invalid_request_error", "This parameter is not supported yet."},
	CodeReadOnly:              {http.StatusServiceUnavailable, "server_error", "The disk cannot be written to. Reading still works. Make room or check the disk, then try again."},
	CodeConflict:              {http.StatusConflict, "invalid_request_error", "This has changed in the meantime. Reload and try again."},
	CodeMethod:                {http.StatusMethodNotAllowed, "invalid_request_error", "This address does not take that method."},
	CodeKeyNotFound:           {http.StatusNotFound, "invalid_request_error", "There is no such key. It may have been revoked already."},
	CodeMediaType:             {http.StatusUnsupportedMediaType, "invalid_request_error", "The request must be plain JSON (Content-Type: application/json). Nothing was changed."},
	CodeTooSlow:               {http.StatusRequestTimeout, "invalid_request_error", "The request did not arrive in time. Nothing was saved. Send it again."},
	CodeTooMany:               {http.StatusTooManyRequests, "invalid_request_error", "Too many wrong keys or links. Wait a moment, then try again."},
	CodeListen:                {http.StatusBadRequest, "invalid_request_error", "Alcove answers only on this machine for now. Sharing on the network is not there yet. Use 127.0.0.1:8484."},
	CodeCapacityRunning:       {http.StatusConflict, "invalid_request_error", "The box is being measured already. Nothing was begun. Wait for it, or stop it."},
	CodeImportInvalid:         {http.StatusUnprocessableEntity, "invalid_request_error", "This file is not a conversation that Alcove exported. Nothing was imported."},
	CodeCheckRunning:          {http.StatusConflict, "invalid_request_error", "Another model is being checked. Nothing was begun. Wait for it, or stop it."},
	CodeNotSent:               {http.StatusBadGateway, "server_error", "The message could not be sent. Nothing was changed."},
	CodeUploadNotFound:        {http.StatusNotFound, "invalid_request_error", "This file is not on its way any more: it is whole, or it was removed."},
	CodeDiskFull:              {http.StatusInsufficientStorage, "server_error", "The disk is full. What was there is kept. Make room, then go on."},
	engine.CodeContextFull:    {http.StatusBadRequest, "invalid_request_error", "This conversation is longer than the model can take. Nothing was cut or lost. Start a new conversation."},
	engine.CodeModelNotFound:  {http.StatusNotFound, "invalid_request_error", "There is no model with this name in the models folder."},
	engine.CodeModelRefused:   {http.StatusBadRequest, "invalid_request_error", "This file is not a usable model."},
	engine.CodeModelSetAside:  {http.StatusServiceUnavailable, "server_error", "This model made the engine stop three times within a minute and was set aside. Choose another model, or load it again by hand."},
	engine.CodeModelLoad:      {http.StatusServiceUnavailable, "server_error", "The model could not be loaded."},
	engine.CodeModelKept:      {http.StatusConflict, "invalid_request_error", "There is no room for this model beside one that is kept loaded. Nothing was changed. Unload that one, or choose that it is not kept, and try again."},
	engine.CodeModelTooLarge:  {http.StatusServiceUnavailable, "server_error", "This model needs more memory than this machine has free. It was not loaded. End other programs, or choose a smaller model."},
	engine.CodeNoModel:        {http.StatusServiceUnavailable, "server_error", "There is no model yet. Put a .gguf file into the models folder."},
	engine.CodeRuntimeMissing: {http.StatusServiceUnavailable, "server_error", "The engine's libraries are not there. Run `make setup`."},
	engine.CodeRuntimeChanged: {http.StatusServiceUnavailable, "server_error", "A library of the engine is not the one that this version was built for. Run `make setup` again."},
	engine.CodeWorkerFailed:   {http.StatusServiceUnavailable, "server_error", "The engine stopped twice while writing this answer. What was written is kept. Try again."},
	engine.CodeTemplate:       {http.StatusBadRequest, "invalid_request_error", "The model's chat template cannot take this conversation."},
	engine.CodeBusy:           {http.StatusTooManyRequests, "server_error", "Too many questions are waiting. Nothing was lost. Try again in a moment."},
	engine.CodeClosed:         {http.StatusServiceUnavailable, "server_error", "Alcove is shutting down. What was written is kept."},
	engine.CodeInternal:       {http.StatusInternalServerError, "server_error", "Something went wrong inside Alcove. What was saved is kept. The log has the details."},
}

// Errorf makes an Error whose sentence is formatted; "" takes the table's.
func Errorf(code engine.Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Describe turns any error into a code, a row and the sentence for the user.
// Errors without a code are internal: their text never reaches the user.
func Describe(err error) (engine.Code, Row, string) {
	code, message := engine.CodeInternal, ""
	var appErr *Error
	var engineErr *engine.Error
	switch {
	case errors.As(err, &appErr):
		code, message = appErr.Code, appErr.Message
	case errors.As(err, &engineErr):
		code, message = engineErr.Code, engineErr.Message
	default:
		code = storageCode(err)
	}
	row, ok := Table[code]
	if !ok {
		code, message = engine.CodeInternal, ""
		row = Table[code]
	}
	if message == "" {
		message = row.Message
	}
	return code, row, message
}

// storageCode gives the code of a failure that storage has a name for. Callers
// that know what was not found say so with an Error of their own.
func storageCode(err error) engine.Code {
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return CodeNotFound
	case errors.Is(err, storage.ErrReadOnly):
		return CodeReadOnly
	case errors.Is(err, storage.ErrConflict):
		return CodeConflict
	case errors.Is(err, storage.ErrInvalid):
		return CodeInvalid
	case errors.Is(err, storage.ErrClosed):
		return engine.CodeClosed
	}
	return engine.CodeInternal
}
