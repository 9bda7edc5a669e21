package app

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"alcove/engine"
	"alcove/storage"
)

var update = flag.Bool("update", false, "rewrite docs/errors.md")

// document is docs/errors.md.
func document() string {
	var b strings.Builder
	b.WriteString("# Errors\n\nMade from `app/errors.go`; `go test ./app -update` rewrites this page.\n" +
		"A failure may bring a sentence of its own, with numbers and names; the one here is used when it does not.\n\n" +
		"| code | status | OpenAI type | sentence |\n| --- | --- | --- | --- |\n")
	var codes []string
	for code := range Table {
		codes = append(codes, string(code))
	}
	slices.Sort(codes)
	for _, code := range codes {
		row := Table[engine.Code(code)]
		fmt.Fprintf(&b, "| `%s` | %d | %s | %s |\n", code, row.Status, row.Type, row.Message)
	}
	return b.String()
}

func TestErrorsDocument(t *testing.T) {
	file := filepath.Join("..", "docs", "errors.md")
	if *update {
		if err := os.WriteFile(file, []byte(document()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != document() {
		t.Error("docs/errors.md is not what app/errors.go says: run `go test ./app -update`")
	}
}

// Every constant of type engine.Code has a row, and every row is whole.
func TestEveryCodeHasARow(t *testing.T) {
	for _, file := range []string{"errors.go", filepath.Join("..", "engine", "errors.go")} {
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		ast.Inspect(syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
				return true
			}
			lit, ok := spec.Values[0].(*ast.BasicLit)
			if !ok {
				return true
			}
			code, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			found++
			if _, ok := Table[engine.Code(code)]; !ok {
				t.Errorf("%s: code %s has no row", file, code)
			}
			return true
		})
		if found < 10 {
			t.Errorf("%s: only %d codes were found", file, found)
		}
	}
	for code, row := range Table {
		if http.StatusText(row.Status) == "" || row.Status < 400 || !strings.HasSuffix(row.Message, ".") ||
			row.Type != "invalid_request_error" && row.Type != "server_error" || (row.Status >= 500) && row.Type != "server_error" {
			t.Errorf("%s: %+v", code, row)
		}
	}
}

func TestDescribe(t *testing.T) {
	for _, c := range []struct {
		err    error
		code   engine.Code
		status int
		says   string
	}{
		{&Error{Code: CodeConversationNotFound}, CodeConversationNotFound, 404, "does not exist"},
		{fmt.Errorf("outer: %w", &Error{Code: CodeInvalid, Message: "Too hot."}), CodeInvalid, 400, "Too hot."},
		{fmt.Errorf("outer: %w", engine.Errorf(engine.CodeContextFull, "9000 of 8192 tokens.")), engine.CodeContextFull, 400, "9000 of 8192"},
		{fmt.Errorf("write /home/anna/x.db: %w", storage.ErrReadOnly), CodeReadOnly, 503, "Make room"},
		{fmt.Errorf("x: %w", storage.ErrNotFound), CodeNotFound, 404, "nothing at this address"},
		{storage.ErrConflict, CodeConflict, 409, "Reload"},
		{storage.ErrInvalid, CodeInvalid, 400, "understood"},
		{storage.ErrClosed, engine.CodeClosed, 503, "shutting down"},
		{errors.New("SELECT * FROM keys"), engine.CodeInternal, 500, "Something went wrong"},
		{&Error{Code: "made_up", Message: "stack trace"}, engine.CodeInternal, 500, "Something went wrong"},
	} {
		code, row, message := Describe(c.err)
		if code != c.code || row.Status != c.status || !strings.Contains(message, c.says) || strings.Contains(message, "anna") {
			t.Errorf("%v: %s %d %q", c.err, code, row.Status, message)
		}
	}
}
