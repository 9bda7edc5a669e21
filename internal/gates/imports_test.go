package gates

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// edge is what one package of ours may import of ours. "x/..." means x and all below it.
type edge struct {
	may []string
	why string
}

// edges is the whole graph, from the top down. A package that is not named here has no place yet: give it one.
// The longest name that fits counts.
var edges = map[string]edge{
	".": {[]string{"app/...", "engine", "engine/hardware", "engine/models", "engine/local", "engine/remote", "storage", "monitor", "frontend"},
		"main only joins the parts: it is the one place that knows them all, except the worker, which is another program"},

	"app/cli":    {[]string{"app", "app/server", "app/config", "app/documents/extract", "app/operate/load", "engine"}, "commands start or call the server; they do no work of their own"},
	"app/window": {[]string{"app", "app/server", "app/config"}, "the window is a browser of the same server"},
	"app/server": {[]string{"app", "app/config", "app/access", "app/chat", "app/chat/transcript", "app/documents", "app/documents/...", "app/library", "app/operate/...", "engine", "storage", "monitor"},
		"the only transport: it stands on the product's parts and nothing below stands on it"},

	"app/chat/transcript": {[]string{"app", "storage"}, "pure: a conversation becomes a file, and a file conversations"},

	"app/chat":      {below, "a turn knows the engine by its interface and the store; a neighbour is joined by main"},
	"app/documents": {append([]string{"app/documents/extract", "app/documents/chunk", "app/documents/index", "app/documents/language", "app/documents/sentence"}, below...), "the way in: a file becomes chunks that are found"},
	"app/library":   {below, "as app/chat"},
	"app/operate":   {append([]string{"app/operate/..."}, below...), "watches: it hands figures from the sources to what decides"},
	"app/access":    {below, "as app/chat"},

	"app/operate/usage":    {[]string{"app", "engine", "storage", "monitor", "monitor/..."}, "what was done: requests, latency, roll-ups"},
	"app/operate/alerts":   {[]string{"app", "storage"}, "rules over named figures; it knows no source of them"},
	"app/operate/sentinel": {[]string{"engine", "monitor"}, "pure: samples become findings"},
	"app/operate/trace":    {[]string{"engine"}, "answers become spans; where they go is told to it"},
	"app/operate/load":     {nil, "asks any OpenAI-compatible server, as its clients would"},
	"app/operate/capacity": {[]string{"app", "app/operate/load", "engine", "storage"}, "measures this box and estimates others"},
	"app/operate/cost":     {[]string{"app", "storage"}, "traffic and a price sheet become money"},

	"app/documents/extract":     {nil, "a leaf: what a file says; it runs in a child"},
	"app/documents/extract/...": {[]string{"app/documents/extract", "app/documents/extract/..."}, "one package a family of formats"},
	"app/documents/chunk":       {[]string{"app/documents/extract", "app/documents/language", "app/documents/sentence", "storage"}, "pure: a document becomes chunks"},
	"app/documents/sentence":    {nil, "a leaf, pure: chunks, quotes and checks part sentences by the same rules"},
	"app/documents/recent":      {nil, "a leaf: a small cache by the hash of texts"},
	"app/documents/language":    {nil, "a leaf, pure: of passages and questions"},
	"app/documents/index":       {[]string{"app", "app/documents/chunk", "app/documents/extract", "app/documents/language", "app/documents/recent", "app/documents/sentence", "engine", "storage"}, "finds passages: full text and vectors, fused"},
	"app/documents/answer":      {[]string{"app", "app/documents/index", "app/documents/language", "app/documents/recent", "app/documents/sentence", "engine", "storage"}, "passages become a decision, a prompt and sources; an answer is held against them"},
	"app/documents/quality":     {nil, "tests alone: how well the sample handbook is answered"},
	"app/documents/desk":        {[]string{"app", "app/documents/answer", "app/documents/index", "engine", "examples", "storage"}, "what HR does with questions and answers"},

	"app/documents/extract/formats": {[]string{"app/documents/extract", "app/documents/extract/...", "engine/seal"}, "the child: it seals itself, tells formats apart and joins their parsers"},

	"app/config": {[]string{"app"}, "a leaf: one struct that everybody is given"},
	"app":        {[]string{"engine", "storage"}, "error codes, shared by everything in app; the engine's and the store's errors get their sentence here"},

	"engine/local":            {[]string{"engine", "engine/hardware", "engine/models", "engine/plan", "engine/wire"}, "the app's end of the wire; it joins folder, machine and plan"},
	"engine/local/fake":       {[]string{"engine/wire"}, "a worker without a model, for tests"},
	"engine/local/fakeworker": {[]string{"engine/local/fake"}, "the fake as a program, for tests of other packages"},
	"engine/remote":           {[]string{"engine"}, "a backend like engine/local, without a worker"},
	"engine":                  {[]string{"engine/hardware", "engine/models"}, "plan.go turns hardware and a GGUF header into a plan"},
	"engine/hardware":         {nil, "a leaf: facts and pure types"},
	"engine/plan":             {[]string{"engine/hardware"}, "pure: hardware and a GGUF header become a plan"},
	"engine/models":           {nil, "a leaf: the model folder"},
	"engine/wire":             {nil, "a leaf, and the standard library alone: both ends of the wire must be able to trust it"},

	"engine/seal": {nil, "a leaf: closes a process off; the worker and the child that reads documents both need it"},

	"engine/worker":        {[]string{"engine/worker/...", "engine/wire", "engine/seal"}, "another program: it meets the app on the wire only"},
	"engine/worker/...":    {[]string{"engine/worker/...", "engine/wire"}, "as engine/worker"},
	"engine/worker/llama":  {[]string{"engine/wire"}, "a leaf: yzma behind our own words"},
	"engine/worker/fail":   {nil, "a leaf: how the worker says what went wrong"},
	"engine/worker/prompt": {[]string{"engine/wire", "engine/worker/fail"}, "messages of the wire become text; no llama.cpp here"},
	"engine/worker/sample": {nil, "a leaf: pure"},
	"engine/worker/text":   {nil, "a leaf: pure"},
	"engine/worker/tiny":   {nil, "a leaf: writes model files for tests"},

	"storage":         {[]string{"storage/sqlcgen"}, "a leaf: the store knows nobody"},
	"storage/sqlcgen": {nil, "generated from the queries"},
	"monitor":         {[]string{"engine/hardware"}, "a leaf: samplers and rings"},
	"monitor/latency": {nil, "a leaf: histograms"},
	"monitor/rollup":  {[]string{"monitor/latency"}, "pure: merges histograms and gauges"},

	"frontend":                 {nil, "the built page, embedded"},
	"bench":                    {[]string{"app/operate/load"}, "measures the programs from outside, as their clients see them, with the same client and the same texts as `alcove bench`"},
	"examples":                 {nil, "the sample handbook's questions, for tests and the desk"},
	"examples/make":            {nil, "writes the sample handbook's files from its texts"},
	"internal/gates":           {nil, "reads the code, imports none of it"},
	"internal/testkit/emptydb": {[]string{"storage"}, "an empty database, copied, for tests of several packages"},
	"internal/testkit/hostile": {nil, "documents that try to steer a model, for tests of several packages"},
	"internal/testkit":         {[]string{"engine/..."}, "helpers of tests; no program imports it"},
}

// testEdges are what the tests of a package may import beyond edges.
var testEdges = map[string]edge{
	".":                     {[]string{"engine/local/fake"}, "the whole program is tested with a worker that needs no model"},
	"engine/local":          {[]string{"engine/local/fake", "engine/worker/tiny"}, "supervision is tested against real processes that need no model, plans against tiny models of each kind"},
	"engine/worker/fail":    {[]string{"engine"}, "both programs must use the same error codes"},
	"engine/worker/tiny":    {[]string{"engine/models", "engine/worker/llama"}, "the model folder must take what it writes, and llama.cpp load it"},
	"app/documents/quality": {[]string{"examples"}, "the questions and their gold sentences"},
	"app/...":               {[]string{"engine/...", "storage", "app/..."}, "real parts in tests, not mocks"},
}

// below is what the product's parts may stand on.
var below = []string{"app", "app/config", "engine", "storage", "monitor"}

// owners says which packages alone may import a module, and why. The key is a prefix of the import path.
var owners = map[string]edge{
	"github.com/wailsapp/wails":          {[]string{"app/window"}, "headless builds must not need GTK"},
	"github.com/hybridgroup/yzma":        {[]string{"engine/worker/llama"}, "it panics in init without libffi, and everything else in the worker is tested without llama.cpp"},
	"github.com/mattn/go-sqlite3":        {[]string{"storage"}, "one place speaks SQL"},
	"database/sql":                       {[]string{"storage/..."}, "one place speaks SQL"},
	"github.com/NVIDIA/go-nvml":          {[]string{"engine/hardware", "monitor"}, "a hung driver may only hurt the sensors"},
	"github.com/danielgtaylor/huma":      {[]string{"app/server"}, "one transport"},
	"github.com/spf13/cobra":             {[]string{"app/cli"}, "one command line"},
	"github.com/knadh/koanf":             {[]string{"app/config"}, "one order of flags, environment and file"},
	"github.com/wneessen/go-mail":        {[]string{"app/operate/alerts"}, "one place sends mail"},
	"go.opentelemetry.io":                {[]string{"app/operate/trace"}, "one place sends traces, and only where it was told to"},
	"github.com/fsnotify":                {[]string{"engine/models", "app/documents"}, "what watches folders: that of models, and those of documents"},
	"github.com/gpustack/gguf":           {[]string{"engine/models"}, "one reader of model files in the app"},
	"github.com/ardanlabs/jinja":         {[]string{"engine/worker/prompt"}, "templates come from model files and may be hostile: they run in the worker"},
	"github.com/blevesearch":             {[]string{"app/documents/index"}, "one place makes stems: both sides of the index must agree"},
	"github.com/openai/openai-go":        {[]string{"engine/remote"}, "only a remote engine calls out"},
	"github.com/landlock-lsm":            {[]string{"engine/worker/..."}, "children seal themselves"},
	"github.com/elastic/go-seccomp-bpf":  {[]string{"engine/worker/..."}, "children seal themselves"},
	"github.com/gabriel-vasile/mimetype": {[]string{"app/documents/extract/formats"}, "what a file is is decided in the sealed child"},
	"github.com/klippa-app/go-pdfium":    {[]string{"app/documents/extract/pdf"}, "strangers' PDFs are read in WebAssembly, in the sealed child"},
	"github.com/tetratelabs/wazero":      {[]string{"app/documents/extract/pdf"}, "as go-pdfium"},
	"github.com/HdrHistogram":            {nil, "the judge of monitor/latency in its tests: our histograms need less room and are read faster"},
	"github.com/jhillyerd/enmime":        {[]string{"app/documents/extract/mail"}, "as excelize"},
	"github.com/xuri/excelize":           {[]string{"app/documents/extract/sheet"}, "strangers' workbooks are read in the sealed child"},
	"github.com/yuin/goldmark":           {[]string{"app/documents/extract/web", "app/chat/transcript"}, "strangers' files are read in the sealed child; answers, which are bounded, become pages"},
	"golang.org/x/net":                   {[]string{"app/documents/extract/..."}, "as excelize"},
	"github.com/clipperhouse/uax29":      {[]string{"app/documents/sentence"}, "one place parts sentences"},
	"C":                                  {nil, "cgo comes in through SQLite and NVML alone"},
}

// testOwners are the imports that tests may have beyond owners: a client library as the judge of our server.
var testOwners = map[string][]string{
	"github.com/openai/openai-go": {"app/server", "."},
	"database/sql":                {"."},
	"github.com/HdrHistogram":     {"monitor/latency"},
	"golang.org/x/net":            {"app/chat/transcript"},
}

// standardOnly are packages that import the standard library alone, besides what edges allows.
var standardOnly = []string{"engine/wire", "frontend", "app/operate/load"}

func TestImportsGoDownOnly(t *testing.T) {
	for _, s := range mustSources(t) {
		rule, known := edgeOf(s.pkg)
		if !known {
			t.Errorf("%s: package %s has no place in the import table of internal/gates; give it one with its reason", s.path, s.pkg)
			continue
		}
		for _, target := range imports(s) {
			ours, isOurs := strings.CutPrefix(target, module+"/")
			switch {
			case !isOurs || ours == s.pkg:
			case s.test && (s.pkg == "." || matches([]string{"internal/testkit/..."}, ours) || matches(testMay(s.pkg), ours)):
				// Tests of the whole program reach everywhere.
			case !matches(rule.may, ours):
				t.Errorf("%s imports %s, which the table forbids (%s: %s). It may import: %v", s.path, ours, s.pkg, rule.why, rule.may)
			}
		}
	}
}

func TestModulesHaveOneOwner(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range mustSources(t) {
		if slices.Contains(buildTags(s), "keepdeps") {
			continue
		}
		for _, target := range imports(s) {
			for prefix, owner := range owners {
				if target != prefix && !strings.HasPrefix(target, prefix+"/") && !strings.HasPrefix(target, prefix+"-") {
					continue
				}
				seen[prefix] = true
				if !matches(owner.may, s.pkg) && !(s.test && matches(testOwners[prefix], s.pkg)) {
					t.Errorf("%s imports %s; only %v may: %s", s.path, target, owner.may, owner.why)
				}
			}
			if slices.Contains(standardOnly, s.pkg) && !s.test && isModule(target) && !strings.HasPrefix(target, module+"/") {
				t.Errorf("%s imports %s; %s uses the standard library alone", s.path, target, s.pkg)
			}
		}
	}
	if !seen["github.com/hybridgroup/yzma"] || !seen["database/sql"] {
		t.Errorf("nobody imports yzma or database/sql any more; the owner table is stale (seen: %v)", sortedKeys(seen))
	}
}

// TestTableIsAlive fails for a package in the table that is gone, so that the
// table cannot rot. Packages of later issues are named in planned.
func TestTableIsAlive(t *testing.T) {
	here := map[string]bool{}
	for _, s := range mustSources(t) {
		here[s.pkg] = true
	}
	for _, name := range sortedKeys(edges) {
		if !here[name] && !strings.HasSuffix(name, "/...") && !slices.Contains(planned, name) {
			t.Errorf("the import table names %s, which does not exist", name)
		}
	}
}

// planned are packages that DESIGN names and a later issue brings.
var planned = []string{"engine/remote", "internal/testkit"}

// edgeOf finds the rule of a package: its own, else the longest "x/..." above it.
func edgeOf(pkg string) (edge, bool) {
	if e, ok := edges[pkg]; ok {
		return e, true
	}
	best := ""
	for name := range edges {
		if strings.HasSuffix(name, "/...") && matches([]string{name}, pkg) && len(name) > len(best) {
			best = name
		}
	}
	e, ok := edges[best]
	return e, ok
}

// testMay lists what the tests of a package may import beyond its edges.
func testMay(pkg string) []string {
	var may []string
	for name, e := range testEdges {
		if matches([]string{name}, pkg) {
			may = append(may, e.may...)
		}
	}
	return may
}

// matches says whether one of the patterns names pkg.
func matches(patterns []string, pkg string) bool {
	for _, p := range patterns {
		tree, isTree := strings.CutSuffix(p, "/...")
		if p == pkg || isTree && (pkg == tree || strings.HasPrefix(pkg, tree+"/")) {
			return true
		}
	}
	return false
}

// imports lists a file's import paths.
func imports(s source) []string {
	var paths []string
	for _, spec := range s.syntax.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(fmt.Sprintf("%s: import %s: %v", s.path, spec.Path.Value, err)) // the parser has accepted it
		}
		paths = append(paths, path)
	}
	return paths
}

// buildTags lists the words of a file's //go:build line.
func buildTags(s source) []string {
	for _, group := range s.syntax.Comments {
		for _, c := range group.List {
			if expr, ok := strings.CutPrefix(c.Text, "//go:build "); ok {
				return strings.FieldsFunc(expr, func(r rune) bool { return strings.ContainsRune(" !&|()", r) })
			}
		}
	}
	return nil
}

// isModule says whether an import path belongs to a module and not to the standard library.
func isModule(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

// sortedKeys makes failures come in the same order each run.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
