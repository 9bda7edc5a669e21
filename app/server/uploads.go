package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app"
	"alcove/app/library"
)

// localCaller is the ID of this machine's own programs: the window and the
// command line.
const localCaller = "local"

type uploadsBody struct {
	Uploads []library.Upload `json:"uploads" nullable:"false"`
}

type uploadInput struct {
	Body struct {
		Name     string `json:"name" maxLength:"1024" doc:"A plain file name that ends in .gguf."`
		Size     int64  `json:"size" doc:"Bytes."`
		Modified int64  `json:"modified,omitempty" doc:"The file's own time of change, in milliseconds. The same name, size and time go on with what was begun; another time begins anew."`
	}
}

type pieceInput struct {
	ID      string `path:"id" maxLength:"64"`
	Offset  int64  `query:"offset" required:"true" doc:"How much of the file is there already."`
	RawBody []byte `contentType:"application/octet-stream"`
}

type importInput struct {
	Body struct {
		Path string `json:"path" maxLength:"4096" doc:"Of a file on this machine."`
	}
}

type folderBody struct {
	Folders []string `json:"folders" nullable:"false" doc:"The model folders; files that are sent come into the first."`
}

func (s *Server) registerUploads(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/models/folder", "getModelFolder", "Where the models lie on this machine"), s.getModelFolder)
	begin := operation(http.MethodPost, "/api/v1/models/import", "importModel", "Copy a file of this machine into the models folder; for this machine's own programs")
	begin.DefaultStatus = http.StatusAccepted
	huma.Register(api, begin, s.importModel)
	huma.Register(api, operation(http.MethodGet, "/api/v1/uploads", "listUploads", "Files that are on their way into the models folder"), s.listUploads)
	huma.Register(api, operation(http.MethodPost, "/api/v1/uploads", "beginUpload", "Begin to send a model file, or go on with one"), s.beginUpload)
	huma.Register(api, operation(http.MethodGet, "/api/v1/uploads/{id}", "getUpload", "How much of a file is there"), s.getUpload)
	huma.Register(api, operation(http.MethodPut, "/api/v1/uploads/{id}", "sendPiece", "Send the next piece, at most 8 MiB; after the last one the file is a model"), s.sendPiece)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/uploads/{id}", "cancelUpload", "Give a file up and remove what is there of it"), s.cancelUpload)
}

func (s *Server) getModelFolder(context.Context, *struct{}) (*output[folderBody], error) {
	return &output[folderBody]{folderBody{append([]string{}, s.modelDirs...)}}, nil
}

func (s *Server) listUploads(ctx context.Context, _ *struct{}) (*output[uploadsBody], error) {
	list, err := s.uploads.List(ctx)
	return &output[uploadsBody]{uploadsBody{list}}, err
}

func (s *Server) beginUpload(ctx context.Context, in *uploadInput) (*output[library.Upload], error) {
	u, err := s.uploads.Begin(ctx, in.Body.Name, in.Body.Size, in.Body.Modified)
	return &output[library.Upload]{u}, err
}

func (s *Server) getUpload(ctx context.Context, in *IDPath) (*output[library.Upload], error) {
	u, err := s.uploads.Get(ctx, in.ID)
	return &output[library.Upload]{u}, err
}

func (s *Server) sendPiece(ctx context.Context, in *pieceInput) (*output[library.Upload], error) {
	u, err := s.uploads.Write(ctx, in.ID, in.Offset, in.RawBody)
	return &output[library.Upload]{u}, err
}

func (s *Server) cancelUpload(ctx context.Context, in *IDPath) (*struct{}, error) {
	return nil, s.uploads.Cancel(ctx, in.ID)
}

// importModel reads a file by its path, with the rights of this program: a page
// in a browser must not choose it.
func (s *Server) importModel(ctx context.Context, in *importInput) (*output[library.Upload], error) {
	if caller(ctx).ID != localCaller {
		return nil, &app.Error{Code: app.CodeForbidden, Message: "Only Alcove's own window can name a file on this machine. Nothing was taken. Send the file instead."}
	}
	u, err := s.uploads.Import(ctx, in.Body.Path)
	return &output[library.Upload]{u}, err
}
