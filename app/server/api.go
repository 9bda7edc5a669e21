package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"reflect"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app"
	"alcove/app/operate/cost"
	"alcove/engine"
	"alcove/storage"
)

// apiConfig is huma without its own pages and without anything that would put
// links to schemas into answers.
func apiConfig() huma.Config {
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	schemas.RegisterTypeAlias(reflect.TypeFor[cost.Money](), reflect.TypeFor[float64]()) // exact in here, a number outside
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Alcove", Version: "1",
				Description: "The API of Alcove's page. docs/contracts.md says what the fields mean.",
			},
			Components: &huma.Components{Schemas: schemas},
		},
		Formats:       map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat: "application/json",
	}
}

// schemaName is a type's name, and before it the package's where several
// packages have types of that name.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch path.Base(t.PkgPath()) {
	case "capacity":
		return "Capacity" + name
	case "cost":
		return "Cost" + name
	case "transcript":
		return "Transcript" + name
	}
	return name
}

// wrongType ends the message about a field whose value has another type.
const wrongType = " has the wrong type"

// unmarshal reads JSON; its errors name no Go types.
func unmarshal(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	err := json.Unmarshal(data, v)
	var mismatch *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &mismatch):
		return errors.New(mismatch.Field + wrongType)
	case errors.As(err, &syntax):
		return fmt.Errorf("not valid JSON at byte %d", syntax.Offset)
	case err != nil:
		return errors.New("not valid JSON")
	}
	return nil
}

// operation is the part that all operations share. The guard has read the
// body already, so huma's own limits are off.
func operation(method, path, id, summary string) huma.Operation {
	return huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary,
		MaxBodyBytes: -1, BodyReadTimeout: -1,
	}
}

// describeSecurity writes down what the route table enforces.
func describeSecurity(doc *huma.OpenAPI) {
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: "alcove_{instance}"},
		"bearer":  {Type: "http", Scheme: "bearer"},
	}
	doc.Security = []map[string][]string{{"session": {}}, {"bearer": {}}}
}

// notFound turns storage's "not found" into the code of what was looked for.
func notFound(err error, code engine.Code) error {
	if errors.Is(err, storage.ErrNotFound) {
		return &app.Error{Code: code, Err: err}
	}
	return err
}

// nullable is a JSON field that may be absent, null or a string: three
// different wishes.
type nullable struct {
	Present bool
	Value   *string
}

// UnmarshalJSON notes that the field is there.
func (n *nullable) UnmarshalJSON(b []byte) error {
	n.Present = true
	return json.Unmarshal(b, &n.Value)
}

// Schema tells huma that null is allowed.
func (n *nullable) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true}
}

// IDPath is the input of operations on one thing. It is exported because huma
// skips embedded types that are not.
type IDPath struct {
	ID string `path:"id" maxLength:"64"`
}

// output wraps a body for huma.
type output[T any] struct{ Body T }

// created is an answer that says whether something is new.
type created[T any] struct {
	Status int
	Body   T
}

// eventSchema describes the event stream, so that clients get its types.
func eventSchema(api huma.API) *huma.Schema {
	var oneOf []*huma.Schema
	for _, e := range eventTypes {
		oneOf = append(oneOf, &huma.Schema{
			Type: huma.TypeObject, Required: []string{"id", "event", "data"},
			Properties: map[string]*huma.Schema{
				"id":    {Type: huma.TypeInteger},
				"event": {Type: huma.TypeString, Enum: []any{e.name}},
				"data":  api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(e.data), true, ""),
			},
		})
	}
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{OneOf: oneOf}}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("marshal: %w", err)) // our own types
	}
	return b
}
