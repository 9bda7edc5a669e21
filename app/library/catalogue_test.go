package library

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"alcove/engine"
)

var update = flag.Bool("update", false, "rewrite docs/models.md")

func TestDocument(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "models.md")
	if *update {
		if err := os.WriteFile(file, []byte(Document()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != Document() {
		t.Error("docs/models.md is not what the catalogue says: run `go test ./app/library -run TestDocument -update`")
	}
}

var (
	sha     = regexp.MustCompile(`^([0-9a-f]{64})?$`)
	address = regexp.MustCompile(`https?:|www\.|\.(co|com|org|io|net|ai)\b`)
)

func TestCatalogue(t *testing.T) {
	rows := Catalogue()
	if len(rows) < 8 || len(rows) > 12 {
		t.Errorf("%d rows; 8 to 12 are a choice, more are a list", len(rows))
	}
	ids, files, purposes, classes := map[string]bool{}, map[string]bool{}, map[Purpose]int{}, map[int]bool{}
	for _, e := range rows {
		if ids[e.ID] || files[e.File] {
			t.Errorf("%s: there twice", e.ID)
		}
		ids[e.ID], files[e.File] = true, true
		purposes[e.Purpose]++
		if e.Purpose == PurposeChat {
			classes[e.ClassGB] = true
		}
		for name, text := range map[string]string{"name": e.Name, "family": e.Family, "parameters": e.Parameters, "architecture": e.Architecture,
			"quant": e.Quant, "site": e.Site, "languages": e.Languages, "licence": e.Licence, "note": e.Note, "source": e.Source} {
			if text == "" || address.MatchString(text) {
				t.Errorf("%s: %s is %q", e.ID, name, text)
			}
		}
		if !sha.MatchString(e.SHA256) || !strings.HasSuffix(e.File, ".gguf") || strings.Count(e.Repository, "/") != 1 {
			t.Errorf("%s: %q %q %q", e.ID, e.SHA256, e.File, e.Repository)
		}
		if e.Bytes < 50e6 || e.CacheBytes < 0 || e.Context < 4096 || e.ReadPercent < 1 || e.ReadPercent > 100 {
			t.Errorf("%s: %+v", e.ID, e)
		}
	}
	for _, class := range memoryClasses {
		if !classes[class] {
			t.Errorf("no chat model for %d GB", class)
		}
	}
	if purposes[PurposeChat] < 6 || purposes[PurposeEmbeddings] != 2 || purposes[PurposeReranker] < 1 {
		t.Errorf("purposes: %v", purposes)
	}
}

var memoryClasses = []int{4, 8, 16, 24, 48, 80}

// The class of a row is what the rule says of a GPU of that size.
func TestClassesFollowTheRule(t *testing.T) {
	for _, e := range Catalogue() {
		class := 0
		for _, c := range memoryClasses {
			if verdict, tight := (Room{GPU: int64(c) << 30, Memory: 64 << 30}).judge(e); class == 0 && verdict == engine.VerdictFits && !tight {
				class = c
			}
		}
		if class != e.ClassGB {
			t.Errorf("%s is of class %d, the rule says %d", e.ID, e.ClassGB, class)
		}
	}
}

// The pinned llama.cpp names every architecture of the catalogue.
func TestArchitecturesAreKnown(t *testing.T) {
	library, err := os.ReadFile(filepath.Join("..", "..", "build", "runtime", "lib", "libllama.so"))
	if err != nil {
		t.Skip("llama.cpp is not here: `make setup` fetches it")
	}
	for _, e := range Catalogue() {
		if !bytes.Contains(library, []byte(e.Architecture+"\x00")) {
			t.Errorf("%s: llama.cpp does not know %q", e.ID, e.Architecture)
		}
	}
}

func TestRecommended(t *testing.T) {
	const gib = 1 << 30
	for _, row := range []struct {
		name string
		room Room
		want string
	}{
		{"nothing is known", Room{}, ""},
		{"1 GB", Room{Memory: gib}, ""},
		{"4 GB without GPU: tight, and the only one", Room{Memory: 4 * gib}, "granite-4.0-micro"},
		{"8 GB without GPU", Room{Memory: 8 * gib}, "gemma-4-e4b-it"},
		{"16 GB without GPU: a larger one would be too slow", Room{Memory: 16 * gib}, "gemma-4-e4b-it"},
		{"32 GB without GPU: few parameters a token", Room{Memory: 32 * gib}, "qwen3-30b-a3b-instruct-2507"},
		{"128 GB without GPU", Room{Memory: 128 * gib}, "qwen3-next-80b-a3b-instruct"},
		{"4 GB GPU", Room{Memory: 16 * gib, GPU: 4 * gib}, "granite-4.0-micro"},
		{"8 GB GPU", Room{Memory: 16 * gib, GPU: 8 * gib}, "gemma-4-e4b-it"},
		{"16 GB GPU", Room{Memory: 32 * gib, GPU: 16 * gib}, "ministral-3-14b-instruct"},
		{"24 GB GPU", Room{Memory: 32 * gib, GPU: 24 * gib}, "qwen3-30b-a3b-instruct-2507"},
		{"48 GB GPU", Room{Memory: 64 * gib, GPU: 48 * gib}, "gemma-4-31b-it"},
		{"80 GB GPU", Room{Memory: 64 * gib, GPU: 80 * gib}, "qwen3-next-80b-a3b-instruct"},
	} {
		if got := ViewCatalogue(row.room, nil).Recommended; got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

// More memory never turns a row that fits into one that does not, and what is
// recommended fits.
func TestMoreRoomIsNeverWorse(t *testing.T) {
	rank := map[engine.Verdict]int{"": 0, engine.VerdictWont: 1, engine.VerdictPartly: 2, engine.VerdictFits: 3}
	for memory := int64(1); memory <= 256; memory *= 2 {
		before := map[string]int{}
		for gpu := int64(1); gpu <= 256; gpu++ {
			v := ViewCatalogue(Room{Memory: memory << 30, GPU: gpu << 30}, nil)
			for _, r := range v.Rows {
				if rank[r.Verdict] < before[r.ID] {
					t.Errorf("%s is %s with %d GB and a GPU of %d GB, and was better with less", r.ID, r.Verdict, memory, gpu)
				}
				before[r.ID] = rank[r.Verdict]
				if r.ID == v.Recommended && (r.Verdict == engine.VerdictWont || r.Purpose != PurposeChat) {
					t.Errorf("recommended %s, which is %s", r.ID, r.Verdict)
				}
			}
		}
	}
}

func TestHave(t *testing.T) {
	e := Catalogue()[0]
	name := strings.TrimSuffix(e.File, ".gguf")
	for _, row := range []struct {
		name string
		held []Held
		want string
	}{
		{"an empty folder", nil, ""},
		{"by its name", []Held{{ID: "other"}, {ID: strings.ToUpper(name)}}, strings.ToUpper(name)},
		{"by its hash, under another name", []Held{{ID: "boss", SHA256: strings.ToUpper(e.SHA256)}}, "boss"},
		{"its name with another content", []Held{{ID: name, SHA256: strings.Repeat("0", 64)}}, ""},
	} {
		if got := ViewCatalogue(Room{}, row.held).Rows[0].Have; got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestSuggestion(t *testing.T) {
	room := Room{Memory: 16 << 30}
	test := engine.Model{ID: "SmolLM2", State: engine.ModelLoaded, Test: true}
	broken := engine.Model{ID: "broken", State: engine.ModelRefused}
	if got := Suggestion(room, []engine.Model{test, broken}); !strings.Contains(got, "Gemma 4 E4B (Q4_K_M, 5.3 GB)") || !strings.Contains(got, "ggml-org/gemma-4-E4B-it-GGUF") {
		t.Errorf("with the test model alone: %q", got)
	}
	if got := Suggestion(room, []engine.Model{test, {ID: "real", State: engine.ModelReady}}); got != "" {
		t.Errorf("with a model: %q", got)
	}
	if got := Suggestion(Room{}, nil); got != "" {
		t.Errorf("without knowing the memory: %q", got)
	}
}

func TestRoomOf(t *testing.T) {
	devices := []engine.Device{
		{Backend: "cuda", Kind: "gpu", Total: 24}, {Backend: "cuda", Kind: "gpu", Total: 24},
		{Backend: "vulkan", Kind: "gpu", Total: 24}, {Backend: "vulkan", Kind: "igpu", Total: 99}, {Backend: "vulkan", Kind: "software", Total: 99},
	}
	if got := RoomOf(64, devices); got != (Room{Memory: 64, GPU: 48}) {
		t.Errorf("%+v", got)
	}
}
