package gates

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pageEdges says which folders of frontend/src may import which: views -> state -> api. parts are plain
// building blocks; they get what they show as properties.
var pageEdges = map[string][]string{
	"api":   {"api"},
	"state": {"state", "api", "messages"},
	"parts": {"parts", "messages"},
	"views": {"views", "state", "api", "parts", "messages"},
}

// pageImport finds what an import or export line of TypeScript names.
var pageImport = regexp.MustCompile(`(?m)(?:\bfrom\s+|\bimport\s+|\bimport\()["']([^"']+)["']`)

func TestPageImportsGoDownOnly(t *testing.T) {
	seen := 0
	for _, file := range frontendFiles(t) {
		inner, ok := strings.CutPrefix(file, "frontend/src/")
		folder, _, nested := strings.Cut(inner, "/")
		may, ruled := pageEdges[folder]
		if !ok || !nested || !ruled {
			continue
		}
		seen++
		for _, m := range pageImport.FindAllStringSubmatch(mustRead(t, file), -1) {
			target, inside := pageTarget(inner, m[1])
			if !inside || target == "" {
				continue
			}
			if _, known := pageEdges[target]; known && !slices.Contains(may, target) {
				t.Errorf("%s imports %s; %s may import %v", file, m[1], folder, may)
			}
		}
	}
	if seen == 0 {
		t.Error("no file of the page was checked; the folders of frontend/src have moved")
	}
}

// pageTarget names the folder of src that an import leads to.
func pageTarget(from, spec string) (folder string, inside bool) {
	switch {
	case strings.HasPrefix(spec, "@/"):
		spec = spec[2:]
	case strings.HasPrefix(spec, "."):
		spec = path.Join(path.Dir(from), spec)
	default:
		return "", false
	}
	folder, _, _ = strings.Cut(spec, "/")
	return folder, true
}
