package server

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app"
	"alcove/app/access"
	"alcove/app/documents"
)

// person is who a request is from, in the words of rights.
func person(ctx context.Context) string {
	if c := caller(ctx); c.Kind == access.KindKey {
		return "key:" + c.ID
	}
	return owner
}

type collectionsBody struct {
	Collections []documents.Collection `json:"collections" nullable:"false"`
}

// CollectionFields are what a person sets of a collection.
type CollectionFields struct {
	Title       *string        `json:"title,omitempty" maxLength:"200"`
	Description *string        `json:"description,omitempty" maxLength:"2000"`
	Languages   *[]string      `json:"languages,omitempty" maxItems:"20"`
	Readers     *[]string      `json:"readers,omitempty" maxItems:"1000" doc:"\"everybody\", or people."`
	LocalOnly   *bool          `json:"local_only,omitempty" doc:"It never leaves this box."`
	Threshold   optionalNumber `json:"threshold,omitempty" doc:"The score from which its documents answer; null: the measured default."`
	Pinned      *string        `json:"pinned,omitempty" enum:"auto,always,never" doc:"Whether a model reads all of it with each question. always: a question whose model cannot take it all fails and says by how many tokens."`
	Refusal     *string        `json:"refusal,omitempty" maxLength:"2000" doc:"What is said when they do not; empty: the built-in sentence."`
}

func (f CollectionFields) change() documents.CollectionChange {
	return documents.CollectionChange{Title: f.Title, Description: f.Description, Languages: f.Languages, Readers: f.Readers, LocalOnly: f.LocalOnly,
		Threshold: f.Threshold.Value, HasThreshold: f.Threshold.Present, Refusal: f.Refusal, Pinned: f.Pinned}
}

// optionalNumber is a JSON field that may be absent, null or a number: three
// different wishes.
type optionalNumber struct {
	Present bool
	Value   *float64
}

// UnmarshalJSON notes that the field is there.
func (n *optionalNumber) UnmarshalJSON(b []byte) error {
	n.Present = true
	return json.Unmarshal(b, &n.Value)
}

// Schema tells huma that null is allowed.
func (n optionalNumber) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Nullable: true}
}

type newCollectionInput struct {
	Body struct {
		ID string `json:"id" minLength:"1" maxLength:"64" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" patternDescription:"small letters, digits and hyphens, such as hr-germany" doc:"A short name, chosen once."`
		CollectionFields
	}
}

type collectionInput struct {
	IDPath
	Body CollectionFields
}

type foldersBody struct {
	Folders []documents.Folder `json:"folders" nullable:"false"`
}

type folderInput struct {
	IDPath
	Body struct {
		Path string `json:"path" maxLength:"4096" doc:"The whole path of a folder of this machine."`
	}
}

type folderPath struct {
	IDPath
	Folder string `path:"folder" maxLength:"64"`
}

func (s *Server) registerCollections(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/collections", "listCollections", "List the collections of documents that you may read"),
		func(ctx context.Context, _ *struct{}) (*output[collectionsBody], error) {
			list, err := s.documents.Collections(ctx, person(ctx))
			return &output[collectionsBody]{collectionsBody{list}}, err
		})
	begin := operation(http.MethodPost, "/api/v1/collections", "createCollection", "Make a collection of documents")
	begin.DefaultStatus = http.StatusCreated
	huma.Register(api, begin, func(ctx context.Context, in *newCollectionInput) (*output[documents.Collection], error) {
		c, err := s.documents.CreateCollection(ctx, person(ctx), in.Body.ID, in.Body.change())
		return &output[documents.Collection]{c}, err
	})
	huma.Register(api, operation(http.MethodGet, "/api/v1/collections/{id}", "getCollection", "Read a collection with the figures of its documents"),
		func(ctx context.Context, in *IDPath) (*output[documents.Collection], error) {
			c, err := s.documents.Collection(ctx, person(ctx), in.ID)
			return &output[documents.Collection]{c}, err
		})
	huma.Register(api, operation(http.MethodPatch, "/api/v1/collections/{id}", "changeCollection", "Change a collection"),
		func(ctx context.Context, in *collectionInput) (*output[documents.Collection], error) {
			c, err := s.documents.ChangeCollection(ctx, person(ctx), in.ID, in.Body.change())
			return &output[documents.Collection]{c}, err
		})
	huma.Register(api, operation(http.MethodDelete, "/api/v1/collections/{id}", "deleteCollection", "Delete a collection with its documents: nothing finds them when this returns; their text and files are erased in the seconds after"),
		func(ctx context.Context, in *IDPath) (*struct{}, error) {
			return nil, s.documents.DeleteCollection(ctx, person(ctx), in.ID)
		})
	for _, p := range []struct {
		verb, id, summary string
		paused            bool
	}{{"pause", "pauseCollection", "Let a collection's queue rest; what is in work is finished", true}, {"resume", "resumeCollection", "Let a collection's queue go on", false}} {
		huma.Register(api, operation(http.MethodPost, "/api/v1/collections/{id}/"+p.verb, p.id, p.summary),
			func(ctx context.Context, in *IDPath) (*output[documents.Collection], error) {
				c, err := s.documents.Pause(ctx, person(ctx), in.ID, p.paused)
				return &output[documents.Collection]{c}, err
			})
	}
	s.registerFolders(api)
}

func (s *Server) registerFolders(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/collections/{id}/folders", "listFolders", "List the watched folders of a collection"),
		func(ctx context.Context, in *IDPath) (*output[foldersBody], error) {
			list, err := s.documents.Folders(ctx, person(ctx), in.ID)
			return &output[foldersBody]{foldersBody{list}}, err
		})
	add := operation(http.MethodPost, "/api/v1/collections/{id}/folders", "addFolder", "Watch a folder of this machine; for this machine's own programs")
	add.DefaultStatus = http.StatusCreated
	huma.Register(api, add, s.addFolder)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/collections/{id}/folders/{folder}", "removeFolder", "Stop watching a folder and remove its documents; the files stay"),
		func(ctx context.Context, in *folderPath) (*struct{}, error) {
			return nil, s.documents.RemoveFolder(ctx, person(ctx), in.ID, in.Folder)
		})
}

// addFolder reads files by their path, with the rights of this program: a page
// in a browser must not choose it.
func (s *Server) addFolder(ctx context.Context, in *folderInput) (*output[documents.Folder], error) {
	if caller(ctx).ID != localCaller {
		return nil, &app.Error{Code: app.CodeForbidden, Message: "Only Alcove's own window, or `alcove ingest --watch` on this machine, can name a folder. Nothing was changed. Send the files instead."}
	}
	f, err := s.documents.AddFolder(ctx, person(ctx), in.ID, in.Body.Path)
	return &output[documents.Folder]{f}, err
}
