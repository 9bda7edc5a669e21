package gates

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is the import path of this repository's main module.
const module = "alcove"

// source is one Go file of the main module, parsed without regard to build tags,
// so that every tag set is checked at once.
type source struct {
	path   string // from the repository's root, with slashes
	pkg    string // folder, "." for main
	test   bool
	text   []byte
	fset   *token.FileSet
	syntax *ast.File
}

// root is the repository's root folder.
var root = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "..", ".."), nil
})

// tracked are the files that git knows or would add: committed ones and new ones, never ignored ones.
var tracked = sync.OnceValues(func() ([]string, error) {
	dir, err := root()
	if err != nil {
		return nil, err
	}
	// The folder may belong to another user than the one who runs the tests, in containers for instance.
	cmd := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var files []string
	for name := range strings.SplitSeq(string(out), "\x00") {
		if info, err := os.Lstat(filepath.Join(dir, name)); name != "" && err == nil && info.Mode().IsRegular() {
			files = append(files, name)
		}
	}
	return files, nil
})

// sources are the parsed Go files of the main module.
var sources = sync.OnceValues(func() ([]source, error) {
	files, err := tracked()
	if err != nil {
		return nil, err
	}
	var all []source
	for _, path := range files {
		if !strings.HasSuffix(path, ".go") || strings.HasPrefix(path, "tools/") || strings.Contains(path, "/testdata/") {
			continue
		}
		text, err := readTracked(path)
		if err != nil {
			return nil, err
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		all = append(all, source{
			path: path, pkg: filepath.ToSlash(filepath.Dir(path)), test: strings.HasSuffix(path, "_test.go"),
			text: text, fset: fset, syntax: syntax,
		})
	}
	return all, nil
})

// readTracked reads a file of tracked by its path from the root.
func readTracked(path string) ([]byte, error) {
	dir, err := root()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
}

// mustSources fails the test when the tree cannot be read.
func mustSources(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatalf("read the source tree: %v", err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d Go files found; the gates would prove nothing", len(all))
	}
	return all
}

// mustTracked fails the test when git cannot list the files.
func mustTracked(t *testing.T) []string {
	t.Helper()
	files, err := tracked()
	if err != nil {
		t.Fatalf("list the files (git ls-files): %v", err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files found; the gates would prove nothing", len(files))
	}
	return files
}

// generated says whether a tool wrote the Go file (the mark that Go's own tools look for).
func (s source) generated() bool { return ast.IsGenerated(s.syntax) }

// lines counts lines as an editor shows them.
func lines(text []byte) int {
	n := bytes.Count(text, []byte{'\n'})
	if len(text) > 0 && text[len(text)-1] != '\n' {
		n++
	}
	return n
}
