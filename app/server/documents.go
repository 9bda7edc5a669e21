package server

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"alcove/app"
	"alcove/app/documents"
	"alcove/app/documents/extract"
	"alcove/storage"
)

type documentsInput struct {
	Collection string `query:"collection" maxLength:"64" doc:"Empty: all that you may read."`
	State      string `query:"state" enum:"waiting,reading,indexing,ready,failed,duplicate,cancelled"`
	Q          string `query:"q" maxLength:"200" doc:"Part of a name, a title or a path."`
	Limit      int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Before     string `query:"before" maxLength:"200" doc:"The cursor of the page before: its next."`
}

type documentsBody struct {
	Documents []documents.Document `json:"documents" nullable:"false"`
	Next      string               `json:"next" doc:"Cursor of the next page; empty on the last."`
}

type sendDocumentInput struct {
	Collection string `query:"collection" required:"true" maxLength:"64"`
	Name       string `query:"name" required:"true" maxLength:"1024" doc:"The file's name; folders before it are kept as its path."`
	Modified   int64  `query:"modified" minimum:"0" maximum:"32503680000000" doc:"The file's own time of change, in milliseconds."`
	Title      string `query:"title" maxLength:"200"`
	Effective  string `query:"effective" maxLength:"10" doc:"The day from which it holds; absent: what the file says."`
	Version    string `query:"version" maxLength:"40"`
	Series     string `query:"series" maxLength:"200" doc:"Documents of one series are versions of one text; absent: guessed from the name."`

	body   io.Reader
	length int64
}

// Resolve takes the body as it comes.
func (in *sendDocumentInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	in.length = -1
	if n, err := strconv.ParseInt(ctx.Header("Content-Length"), 10, 64); err == nil {
		in.length = n
	}
	return nil
}

type documentChangeInput struct {
	IDPath
	Body struct {
		Title     *string `json:"title,omitempty" maxLength:"200"`
		Effective *string `json:"effective,omitempty" maxLength:"10" doc:"A day as 2026-01-31; empty: always."`
		Version   *string `json:"version,omitempty" maxLength:"40"`
		Series    *string `json:"series,omitempty" maxLength:"200" doc:"Empty: no other document is a version of it."`
	}
}

type documentTextInput struct {
	IDPath
	Chunk string `query:"chunk" maxLength:"128" doc:"The passage to show: its place comes with the text."`
	From  int    `query:"from" minimum:"0" maximum:"100000000" doc:"The first block."`
	Limit int    `query:"limit" minimum:"1" maximum:"5000" default:"5000" doc:"Blocks at most; with a passage that lies after them, the blocks around it."`
}

// DocumentBlock is a piece of a document's text.
type DocumentBlock struct {
	Seq    int               `json:"seq" doc:"Its place, from 0."`
	Kind   extract.BlockKind `json:"kind" enum:"heading,paragraph,item,row,note"`
	Level  int               `json:"level,omitempty"`
	Text   string            `json:"text"`
	Page   int               `json:"page,omitempty"`
	Table  int               `json:"table,omitempty" doc:"Rows with the same number are one table."`
	Cells  []string          `json:"cells,omitempty"`
	Head   bool              `json:"head,omitempty"`
	Hidden bool              `json:"hidden,omitempty" doc:"A reader of the file does not see it; it is in no index."`
}

type chunkPlace struct {
	ID   string `json:"id"`
	From int    `json:"from" doc:"The first block of the passage."`
	To   int    `json:"to" doc:"The last one, inclusive."`
	Page int    `json:"page,omitempty"`
}

type documentTextBody struct {
	Document documents.Document `json:"document"`
	Blocks   []DocumentBlock    `json:"blocks" nullable:"false"`
	Next     int                `json:"next,omitempty" doc:"The from of what follows; absent: this is the end."`
	Chunk    *chunkPlace        `json:"chunk,omitempty" doc:"Absent too where the document has no such passage any more."`
}

type compareInput struct {
	IDPath
	With string `query:"with" required:"true" maxLength:"64" doc:"The document to compare with: the one before."`
}

type compareBody struct {
	Changes []documents.Change `json:"changes" nullable:"false"`
}

func (s *Server) registerDocuments(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/documents", "listDocuments", "List documents, newest first"), s.listDocuments)
	take := operation(http.MethodPost, "/api/v1/documents", "sendDocument", "Send a file into a collection: 202 when it was kept (queued, or a duplicate of a watched file), 200 when the same bytes were sent before")
	take.DefaultStatus = http.StatusAccepted
	take.RequestBody = &huma.RequestBody{Required: true, Description: "The file, at most 256 MiB.",
		Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	huma.Register(api, take, s.sendDocument)
	huma.Register(api, operation(http.MethodGet, "/api/v1/documents/{id}", "getDocument", "Read what is known of a document"),
		func(ctx context.Context, in *IDPath) (*output[documents.Document], error) {
			d, err := s.documents.Get(ctx, person(ctx), in.ID)
			return &output[documents.Document]{d}, err
		})
	huma.Register(api, operation(http.MethodPatch, "/api/v1/documents/{id}", "changeDocument", "Set a document's title, day, version or series"),
		func(ctx context.Context, in *documentChangeInput) (*output[documents.Document], error) {
			d, err := s.documents.Change(ctx, person(ctx), in.ID, storage.DocumentChange{Title: in.Body.Title, Effective: in.Body.Effective, Version: in.Body.Version, Series: in.Body.Series})
			return &output[documents.Document]{d}, err
		})
	huma.Register(api, operation(http.MethodDelete, "/api/v1/documents/{id}", "deleteDocument", "Delete a document: nothing finds it when this returns; its file, text, passages and vectors are erased in the seconds after"),
		func(ctx context.Context, in *IDPath) (*struct{}, error) {
			return nil, s.documents.Delete(ctx, person(ctx), in.ID)
		})
	huma.Register(api, operation(http.MethodPost, "/api/v1/documents/{id}/retry", "retryDocument", "Read a document again"),
		func(ctx context.Context, in *IDPath) (*output[documents.Document], error) {
			d, err := s.documents.Retry(ctx, person(ctx), in.ID)
			return &output[documents.Document]{d}, err
		})
	huma.Register(api, operation(http.MethodPost, "/api/v1/documents/{id}/cancel", "cancelDocument", "Give a document in the queue up; what was found of it before stays"),
		func(ctx context.Context, in *IDPath) (*output[documents.Document], error) {
			d, err := s.documents.Cancel(ctx, person(ctx), in.ID)
			return &output[documents.Document]{d}, err
		})
	huma.Register(api, operation(http.MethodGet, "/api/v1/documents/{id}/text", "getDocumentText", "Read a document's text"), s.getDocumentText)
	huma.Register(api, operation(http.MethodGet, "/api/v1/documents/{id}/diff", "compareDocuments", "What changed from another document, most often the version before, to this one"),
		func(ctx context.Context, in *compareInput) (*output[compareBody], error) {
			list, err := s.documents.Diff(ctx, person(ctx), in.With, in.ID)
			return &output[compareBody]{compareBody{list}}, err
		})
	file := operation(http.MethodGet, "/api/v1/documents/{id}/file", "getDocumentFile", "The file itself, always as an attachment")
	file.Responses = map[string]*huma.Response{"200": {Description: "The file.",
		Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	huma.Register(api, file, s.getDocumentFile)
}

func (s *Server) listDocuments(ctx context.Context, in *documentsInput) (*output[documentsBody], error) {
	list, next, err := s.documents.List(ctx, person(ctx), documents.Filter{Collection: in.Collection, State: in.State, Text: in.Q, Before: in.Before, Limit: in.Limit})
	return &output[documentsBody]{documentsBody{list, next}}, err
}

func (s *Server) sendDocument(ctx context.Context, in *sendDocumentInput) (*created[documents.Document], error) {
	f := documents.Sent{Collection: in.Collection, Name: in.Name, Size: in.length}
	if in.Modified > 0 {
		f.Modified = time.UnixMilli(in.Modified)
	}
	for _, v := range []struct {
		from string
		to   **string
	}{{in.Title, &f.Title}, {in.Effective, &f.Effective}, {in.Version, &f.Version}, {in.Series, &f.Series}} {
		if v.from != "" {
			*v.to = &v.from
		}
	}
	d, isNew, err := s.documents.Send(ctx, person(ctx), f, in.body)
	if err != nil {
		// A client that is still sending sees the answer.
		io.Copy(io.Discard, io.LimitReader(in.body, drainMax)) //nolint:errcheck // the answer is the same
		return nil, err
	}
	out := &created[documents.Document]{Status: http.StatusOK, Body: d}
	if isNew {
		out.Status = http.StatusAccepted
	}
	return out, nil
}

func (s *Server) getDocumentText(ctx context.Context, in *documentTextInput) (*output[documentTextBody], error) {
	out := documentTextBody{Blocks: []DocumentBlock{}}
	first := in.From
	if in.Chunk != "" {
		place, err := s.documents.Place(ctx, person(ctx), in.ID, in.Chunk)
		switch {
		case err == nil:
			out.Chunk = &chunkPlace{ID: place.ID, From: place.BlockFrom, To: place.BlockTo, Page: place.Page}
			if place.BlockTo >= first+in.Limit {
				first = max(0, place.BlockFrom-in.Limit/2)
			}
		case !errors.Is(err, storage.ErrNotFound):
			return nil, err
		}
	}
	d, blocks, err := s.documents.Text(ctx, person(ctx), in.ID, first, first+in.Limit) // one more, to know of it
	if err != nil {
		return nil, err
	}
	if len(blocks) > in.Limit {
		blocks, out.Next = blocks[:in.Limit], first+in.Limit
	}
	for _, b := range blocks {
		out.Blocks = append(out.Blocks, DocumentBlock{Seq: b.Seq, Kind: extract.BlockKind(b.Kind), Level: b.Level, Text: b.Text, Page: b.Page, Table: b.Table, Cells: b.Cells, Head: b.Head, Hidden: b.Hidden})
	}
	out.Document = d
	return &output[documentTextBody]{out}, nil
}

// getDocumentFile gives the bytes that somebody sent. They may be hostile, so a
// browser only ever saves them: it does not guess what they are.
func (s *Server) getDocumentFile(ctx context.Context, in *IDPath) (*huma.StreamResponse, error) {
	f, d, err := s.documents.File(ctx, person(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer f.Close()
		r, w := humago.Unwrap(hctx)
		info, err := f.Stat()
		if err != nil {
			writeError(w, r, kindAPI, &app.Error{Code: app.CodeDocumentNotFound, Err: err})
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", attachment(d.Name))
		h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
		h.Set("Content-Security-Policy", filePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodHead {
			return
		}
		rc := http.NewResponseController(w)
		for {
			rc.SetWriteDeadline(time.Now().Add(s.limits.answer)) //nolint:errcheck // test recorders have none
			n, err := io.CopyN(w, f, 1<<20)
			if err != nil || n == 0 {
				break
			}
		}
	}}, nil
}

// attachment is the header for a file name, whatever is in it.
func attachment(name string) string {
	if v := mime.FormatMediaType("attachment", map[string]string{"filename": name}); v != "" && !strings.ContainsAny(v, "\r\n") {
		return v
	}
	return "attachment"
}
