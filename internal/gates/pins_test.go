package gates

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// runtimeLock is the part of build/runtime/lock.json that the gates read.
type runtimeLock struct {
	LlamaCpp  string `json:"llama_cpp"`
	Yzma      string `json:"yzma"`
	Platforms map[string]struct {
		Package string            `json:"package"`
		Files   map[string]string `json:"files"`
		Links   map[string]string `json:"links"`
		// Optional are the libraries for GPUs.
		Optional map[string]struct {
			Sources []struct {
				NPM    string   `json:"npm"`
				Pip    string   `json:"pip"`
				SHA256 string   `json:"sha256"`
				Files  []string `json:"files"`
			} `json:"sources"`
			Files map[string]string `json:"files"`
			Bytes map[string]int64  `json:"bytes"`
		} `json:"optional"`
	} `json:"platforms"`
}

// sha256Hex is a hash as sha256sum prints it.
var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func TestLlamaAndYzmaMoveTogether(t *testing.T) {
	var lock runtimeLock
	mustJSON(t, "build/runtime/lock.json", &lock)
	gomod := mustRead(t, "go.mod")
	if want := "github.com/hybridgroup/yzma " + lock.Yzma + "\n"; !strings.Contains(gomod, want) {
		t.Errorf("go.mod does not ask for yzma %s, which build/runtime/lock.json was made with: move both (docs/operations.md)", lock.Yzma)
	}
	var pinned struct {
		Packages map[string]struct {
			Version   string `json:"version"`
			Integrity string `json:"integrity"`
		} `json:"packages"`
	}
	mustJSON(t, "build/runtime/package-lock.json", &pinned)
	if len(lock.Platforms) == 0 {
		t.Fatal("build/runtime/lock.json names no platform")
	}
	for name, p := range lock.Platforms {
		if entry := pinned.Packages["node_modules/"+p.Package]; entry.Version == "" || entry.Integrity == "" {
			t.Errorf("%s: %s is not pinned in build/runtime/package-lock.json", name, p.Package)
		}
		for _, lib := range []string{"libllama", "libggml"} {
			target := p.Links[lib+".so"]
			if target != lib+"."+lock.LlamaCpp+".so" || !sha256Hex.MatchString(p.Files[target]) {
				t.Errorf("%s: %s.so points at %q, which is not a hashed file of llama.cpp %s", name, lib, target, lock.LlamaCpp)
			}
		}
		for file, sum := range p.Files {
			if !sha256Hex.MatchString(sum) {
				t.Errorf("%s: %s has no sha256", name, file)
			}
		}
	}
}

// Each optional library has one pinned source, a hash and a size, and comes from the same release as the others.
func TestOptionalLibrariesArePinned(t *testing.T) {
	var lock runtimeLock
	mustJSON(t, "build/runtime/lock.json", &lock)
	var pinned struct {
		Packages map[string]struct {
			Version   string `json:"version"`
			Integrity string `json:"integrity"`
		} `json:"packages"`
	}
	mustJSON(t, "build/runtime/package-lock.json", &pinned)
	groups := 0
	for platform, p := range lock.Platforms {
		for name, g := range p.Optional {
			groups++
			sources := map[string]int{}
			for _, s := range g.Sources {
				entry := pinned.Packages["node_modules/"+s.NPM]
				switch {
				case s.NPM != "" && (entry.Integrity == "" || entry.Version != pinned.Packages["node_modules/"+p.Package].Version):
					t.Errorf("%s: %s is not pinned in build/runtime/package-lock.json to the version of %s", platform, s.NPM, p.Package)
				case s.NPM == "" && (!regexp.MustCompile(`^[a-z0-9-]+==[0-9.]+$`).MatchString(s.Pip) || !sha256Hex.MatchString(s.SHA256)):
					t.Errorf("%s: %s: the Python package %q is not pinned", platform, name, s.Pip)
				}
				for _, file := range s.Files {
					sources[file]++
				}
			}
			if len(g.Files) == 0 || len(sources) != len(g.Files) {
				t.Errorf("%s: %s has %d files and sources for %d", platform, name, len(g.Files), len(sources))
			}
			for file, sum := range g.Files {
				if !sha256Hex.MatchString(sum) || g.Bytes[file] <= 0 || sources[file] != 1 || p.Files[file] != "" {
					t.Errorf("%s: %s: %s needs a sha256, a size and one source, and be in no other list", platform, name, file)
				}
			}
		}
	}
	if groups == 0 {
		t.Error("build/runtime/lock.json names no optional library")
	}
}

func TestGoVersionIsPinned(t *testing.T) {
	for _, path := range []string{"go.mod", "tools/go.mod"} {
		if !regexp.MustCompile(`(?m)^go 1\.26(\.\d+)?$`).MatchString(mustRead(t, path)) {
			t.Errorf("%s must say go 1.26", path)
		}
		if strings.Contains(mustRead(t, path), "\ntoolchain ") {
			t.Errorf("%s names a toolchain; GOTOOLCHAIN=local cannot fetch one", path)
		}
	}
}

// forbidden are texts that no committed file may hold. They are put together here so that this file holds none of them.
var forbidden = []struct {
	what string
	re   *regexp.Regexp
}{
	{"a registry's host: machines behind a mirror would go around it", regexp.MustCompile(
		`proxy\.golang` + `\.org|sum\.golang` + `\.org|registry\.npmjs` + `\.|registry\.yarnpkg` + `\.|pypi` + `\.org|files\.pythonhosted` + `\.|deb\.debian` + `\.org`)},
	{"a path of somebody's machine", regexp.MustCompile(`(?:^|[^A-Za-z0-9_.\-/])/(?:work|root)` + `/`)},
	{"an unpinned version", regexp.MustCompile(`@lat` + `est\b`)},
}

// unfinished marks work left behind. Only code is searched: a paper may speak about such marks.
var unfinished = regexp.MustCompile(`\b(?:TO` + `DO|FIX` + `ME|XX` + `X)\b`)

func TestNothingForbiddenIsCommitted(t *testing.T) {
	for _, path := range mustTracked(t) {
		text := strings.ReplaceAll(mustRead(t, path), "never `@lat"+"est`", "") // the advice itself
		if strings.ContainsRune(text[:min(len(text), 8000)], 0) {
			continue // a picture or a font
		}
		for _, f := range forbidden {
			if at := f.re.FindStringIndex(text); at != nil {
				t.Errorf("%s:%d holds %s: %q", path, 1+strings.Count(text[:at[0]], "\n"), f.what, text[at[0]:at[1]])
			}
		}
		if code := regexp.MustCompile(`\.(go|ts|tsx|css|sh|sql)$`); code.MatchString(path) {
			if at := unfinished.FindStringIndex(text); at != nil {
				t.Errorf("%s:%d leaves work behind: %q", path, 1+strings.Count(text[:at[0]], "\n"), text[at[0]:at[1]])
			}
		}
	}
}

// maxCommitted is the largest file worth committing, in bytes: a picture of the README. Weights and programs are larger.
const maxCommitted = 1 << 20

func TestNoProgramsOrWeightsAreCommitted(t *testing.T) {
	fetched := regexp.MustCompile(`\.(so(\.\d+)*|gguf|safetensors|whl|tgz|node|exe|dll|dylib|a|o)$`)
	for _, path := range mustTracked(t) {
		text := mustRead(t, path)
		switch {
		case strings.Contains(path, "/testdata/") && len(text) <= 1<<16:
			// Small broken model files are what some tests are about.
		case len(text) > maxCommitted:
			t.Errorf("%s has %d bytes; at most %d", path, len(text), maxCommitted)
		case fetched.MatchString(path) || strings.HasPrefix(text, "\x7fELF") || strings.HasPrefix(text, "GGUF"):
			t.Errorf("%s is a program or weights; pin and fetch it", path)
		}
	}
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	text, err := readTracked(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustJSON(t *testing.T, path string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(mustRead(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestPageLockIsWhole finds what npm left out of the lock, which makes `npm ci` fail in a fresh clone.
func TestPageLockIsWhole(t *testing.T) {
	var lock struct {
		Packages map[string]struct {
			Optional map[string]string `json:"optionalDependencies"`
		} `json:"packages"`
	}
	mustJSON(t, "frontend/package-lock.json", &lock)
	if len(lock.Packages) < 10 {
		t.Fatalf("only %d packages in frontend/package-lock.json", len(lock.Packages))
	}
	for _, parent := range sortedKeys(lock.Packages) {
		for _, name := range sortedKeys(lock.Packages[parent].Optional) {
			_, beside := lock.Packages["node_modules/"+name]
			_, inside := lock.Packages[parent+"/node_modules/"+name]
			if !beside && !inside {
				t.Errorf("frontend/package-lock.json lacks %s, which %s names: run build/setup/page-lock.sh", name, parent)
			}
		}
	}
}
