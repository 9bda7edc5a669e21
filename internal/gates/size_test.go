package gates

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// Limits in lines. A reader holds a file of this length in the head; see docs and the measured anchors
// in the design.
const (
	maxFile     = 500 // Go file
	maxFunc     = 80  // Go function with logic
	maxTable    = 150 // Go function made of data or plain calls
	maxFrontend = 300 // file of the page
)

func TestGoFilesAreShort(t *testing.T) {
	for _, s := range mustSources(t) {
		if n := lines(s.text); n > maxFile && !s.generated() {
			t.Errorf("%s has %d lines; at most %d: split it by idea", s.path, n, maxFile)
		}
	}
}

func TestFunctionsAreShort(t *testing.T) {
	for _, s := range mustSources(t) {
		if s.generated() {
			continue
		}
		for _, decl := range s.syntax.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			limit := maxFunc
			if isTable(s.fset, f) {
				limit = maxTable
			}
			if n := span(s.fset, f); n > limit {
				t.Errorf("%s: function %s has %d lines; at most %d (tables and route lists %d)", s.fset.Position(f.Pos()), f.Name.Name, n, limit, maxTable)
			}
		}
	}
}

func TestFrontendFilesAreShort(t *testing.T) {
	for _, path := range frontendFiles(t) {
		text, err := readTracked(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := lines(text); n > maxFrontend && !frontendGenerated(text) {
			t.Errorf("%s has %d lines; at most %d: split it by idea", path, n, maxFrontend)
		}
	}
}

// isTable says whether a function is mostly data: two thirds of its lines lie in composite literals, or
// two thirds of its statements are plain calls without a function literal (a list of routes).
func isTable(fset *token.FileSet, f *ast.FuncDecl) bool {
	data := 0
	ast.Inspect(f.Body, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if ok {
			data += span(fset, lit)
		}
		return !ok // an inner literal's lines are counted with the outer one
	})
	calls := 0
	for _, stmt := range f.Body.List {
		if e, ok := stmt.(*ast.ExprStmt); ok && isPlainCall(e.X) {
			calls++
		}
	}
	return 3*data >= 2*span(fset, f) || 3*calls >= 2*len(f.Body.List)
}

// isPlainCall says whether an expression is a call that holds no logic of its own.
func isPlainCall(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	plain := true
	ast.Inspect(call, func(n ast.Node) bool {
		if _, logic := n.(*ast.FuncLit); logic {
			plain = false
		}
		return plain
	})
	return plain
}

// span counts the lines that a node covers.
func span(fset *token.FileSet, n ast.Node) int {
	return fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1
}

// frontendFiles are the page's own source files.
func frontendFiles(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, path := range mustTracked(t) {
		if !strings.HasPrefix(path, "frontend/") {
			continue
		}
		for _, ext := range []string{".ts", ".tsx", ".mts", ".js", ".mjs", ".css", ".html"} {
			if strings.HasSuffix(path, ext) {
				paths = append(paths, path)
				break
			}
		}
	}
	return paths
}

// frontendGenerated says whether a tool wrote the file: its first line forbids editing.
func frontendGenerated(text []byte) bool {
	first, _, _ := strings.Cut(string(text), "\n")
	return strings.Contains(first, "Do not edit")
}
