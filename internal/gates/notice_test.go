package gates

import (
	"regexp"
	"strings"
	"testing"
)

// directModule finds the modules that go.mod asks for itself.
var directModule = regexp.MustCompile(`(?m)^(?:require )?\t?([a-z][\w.\-]*\.[\w.\-]+/\S+) v\S+$`)

func TestNoticeNamesEveryDependency(t *testing.T) {
	notice := mustRead(t, "NOTICE.md")
	modules := directModule.FindAllStringSubmatch(mustRead(t, "go.mod"), -1)
	if len(modules) < 10 {
		t.Fatalf("only %d direct modules found in go.mod", len(modules))
	}
	for _, m := range modules {
		path := m[1]
		if strings.HasPrefix(path, "github.com/knadh/koanf/") {
			path = "github.com/knadh/koanf/v2" // one project in many modules
		}
		if base := regexp.MustCompile(`/v\d+$`).ReplaceAllString(path, ""); !strings.Contains(notice, path) && !strings.Contains(notice, base+"`") {
			t.Errorf("NOTICE.md does not name the Go module %s and its licence", path)
		}
	}
	var page struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	mustJSON(t, "frontend/package.json", &page)
	for _, name := range sortedKeys(page.Dependencies) {
		if !strings.Contains(notice, "`"+name+"`") {
			t.Errorf("NOTICE.md does not name the npm package %s and its licence", name)
		}
	}
}
