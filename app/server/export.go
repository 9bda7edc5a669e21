package server

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"alcove/app"
	"alcove/app/chat/transcript"
	"alcove/storage"
)

// exportFormat is how a conversation is written.
type exportFormat struct {
	ending, mime string
	write        func(f transcript.File, w io.Writer, leaf string) error
}

var exportFormats = map[string]exportFormat{
	"markdown": {".md", "text/markdown; charset=utf-8", func(f transcript.File, w io.Writer, leaf string) error { return f.Markdown(w, leaf) }},
	"html":     {".html", "text/html; charset=utf-8", func(f transcript.File, w io.Writer, leaf string) error { return f.Page(w, leaf) }},
	"json": {".json", "application/json", func(f transcript.File, w io.Writer, _ string) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(f)
	}},
}

type exportInput struct {
	IDPath
	Format string `query:"format" enum:"markdown,html,json" default:"markdown" doc:"html is a page that prints well; json has all branches."`
	Leaf   string `query:"leaf" maxLength:"64" doc:"A message: its branch is written (markdown, html); absent: the newest at each fork."`
}

type exportAllInput struct {
	Format string `query:"format" enum:"jsonl,json,markdown,html" default:"jsonl" doc:"jsonl: one conversation a line; the others are a ZIP archive of one file a conversation."`
}

// importFileInput may have several JSON objects: huma must not look at it.
type importFileInput struct {
	RawBody []byte `contentType:"application/json"`
}

type importedBody struct {
	Conversations []Conversation `json:"conversations" nullable:"false"`
}

func (s *Server) registerExport(api huma.API) {
	text := &huma.Schema{Type: huma.TypeString}
	file := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[transcript.File](), true, "")
	one := operation(http.MethodGet, "/api/v1/conversations/{id}/export", "exportConversation", "A conversation as a file, with the sources of each answer")
	one.Responses = map[string]*huma.Response{"200": {Description: "The file, as an attachment.",
		Content: map[string]*huma.MediaType{"text/markdown": {Schema: text}, "text/html": {Schema: text}, "application/json": {Schema: file}}}}
	huma.Register(api, one, s.exportConversation)
	all := operation(http.MethodGet, "/api/v1/conversations.export", "exportConversations", "All conversations as one file")
	all.Responses = map[string]*huma.Response{"200": {Description: "The file, as an attachment.",
		Content: map[string]*huma.MediaType{"application/jsonl": {Schema: text}, "application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	huma.Register(api, all, s.exportAll)
	back := operation(http.MethodPost, "/api/v1/conversations.import", "importConversations", "Take exported conversations in (JSON, or JSONL with several): all of them or none, with new ids")
	back.DefaultStatus, back.SkipValidateBody = http.StatusCreated, true
	back.RequestBody = &huma.RequestBody{Required: true, Description: "At most 64 MiB.", Content: map[string]*huma.MediaType{"application/json": {Schema: file}, "application/jsonl": {Schema: text}}}
	huma.Register(api, back, s.importConversations)
}

// transcriptOf is a conversation as a file for a person.
func (s *Server) transcriptOf(ctx context.Context, id string) (transcript.File, error) {
	c, err := s.store.Conversation(ctx, id)
	if err != nil {
		return transcript.File{}, notFound(err, app.CodeConversationNotFound)
	}
	messages, err := s.store.Messages(ctx, id)
	if err != nil {
		return transcript.File{}, notFound(err, app.CodeConversationNotFound)
	}
	known := map[string]*string{}
	var failed error
	titles := func(collection string) (string, bool) {
		title, asked := known[collection]
		if !asked {
			c, err := s.store.Collection(ctx, person(ctx), collection)
			switch {
			case err == nil:
				title = &c.Title
			case !errors.Is(err, storage.ErrNotFound):
				failed = err
			}
			known[collection] = title
		}
		if title == nil {
			return "", false
		}
		return *title, true
	}
	f := transcript.New(c, messages, titles, s.now())
	return f, failed
}

func (s *Server) exportConversation(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	f, err := s.transcriptOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if in.Leaf != "" && !f.Has(in.Leaf) {
		return nil, &app.Error{Code: app.CodeMessageNotFound, Param: "leaf"}
	}
	format := exportFormats[in.Format]
	return s.file(transcript.FileName(f.Conversation.Title)+format.ending, format.mime, func(_ context.Context, w io.Writer, _ func()) error {
		return format.write(f, w, in.Leaf)
	}), nil
}

// file answers with an attachment: a browser saves it and shows nothing of it in
// the box's own name. write calls more before each part that takes its time.
func (s *Server) file(name, mime string, write func(ctx context.Context, w io.Writer, more func()) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		h := w.Header()
		h.Set("Content-Type", mime)
		h.Set("Content-Disposition", attachment(name))
		h.Set("Content-Security-Policy", filePolicy+"; style-src 'unsafe-inline'")
		if r.Method == http.MethodHead {
			return
		}
		more := func() {
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.answer)) //nolint:errcheck // test recorders have none
		}
		if err := write(r.Context(), w, more); err != nil {
			s.log.Debug("an export was not sent whole", "err", err)
			panic(http.ErrAbortHandler) // the client must not take half of it for all
		}
	}}
}

func (s *Server) exportAll(ctx context.Context, in *exportAllInput) (*huma.StreamResponse, error) {
	ids, err := s.store.ConversationIDs(ctx)
	if err != nil {
		return nil, err
	}
	// each gives them one by one; what is deleted meanwhile is left out.
	each := func(ctx context.Context, more func(), use func(transcript.File) error) error {
		for _, id := range ids {
			more()
			f, err := s.transcriptOf(ctx, id)
			var e *app.Error
			if errors.As(err, &e) && e.Code == app.CodeConversationNotFound {
				continue
			}
			if err == nil {
				err = use(f)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	day := s.now().UTC().Format(time.DateOnly)
	if in.Format == "jsonl" {
		return s.file("alcove-conversations-"+day+".jsonl", "application/jsonl", func(ctx context.Context, w io.Writer, more func()) error {
			return each(ctx, more, func(f transcript.File) error { return json.NewEncoder(w).Encode(f) })
		}), nil
	}
	format := exportFormats[in.Format]
	return s.file("alcove-conversations-"+day+".zip", "application/zip", func(ctx context.Context, w io.Writer, more func()) error {
		archive, taken := zip.NewWriter(w), map[string]bool{}
		err := each(ctx, more, func(f transcript.File) error {
			begun, _, _ := strings.Cut(f.Conversation.CreatedAt, "T")
			name := begun + " " + transcript.FileName(f.Conversation.Title)
			for n, first := 2, name; taken[strings.ToLower(name)]; n++ {
				name = fmt.Sprintf("%s (%d)", first, n)
			}
			taken[strings.ToLower(name)] = true
			changed, err := time.Parse(time.RFC3339, f.Conversation.UpdatedAt)
			if err != nil {
				changed = s.now()
			}
			part, err := archive.CreateHeader(&zip.FileHeader{Name: name + format.ending, Method: zip.Deflate, Modified: changed})
			if err != nil {
				return err
			}
			return format.write(f, part, "")
		})
		if err != nil {
			return err // without an end nobody takes it for a whole archive
		}
		return archive.Close()
	}), nil
}
