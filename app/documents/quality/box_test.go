package quality

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/app/documents"
	"alcove/app/documents/answer"
	"alcove/app/documents/extract"
	"alcove/app/documents/index"
	"alcove/engine/local"
	"alcove/examples"
	"alcove/storage"
)

const (
	root       = "../../.."
	collection = "hr"
)

// now is the day on which questions are asked: both years' versions are there,
// and all of 2026 holds.
func now() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }

// box is the part of Alcove between a file and the prompt, with the real
// parts: store, queue, sealed reader, embedder in its worker, index, decision.
type box struct {
	answers *answer.Service
	finder  *finder
	way     *documents.Service
	pages   int
	took    time.Duration   // of taking all files in
	said    time.Duration   // until their sentences had vectors too
	unread  map[string]bool // files whose format nothing here reads
}

// finder is the index; it remembers the last search whole.
type finder struct {
	*index.Index
	last  index.Found
	query index.Query
}

// Search keeps what was found, with as many passages as there may be: the rank
// of a gold passage that was not shown is looked for there.
func (f *finder) Search(ctx context.Context, q index.Query) (index.Found, error) {
	limit := q.Limit
	q.Limit = 50
	found, err := f.Index.Search(ctx, q)
	// On a busy machine a vector may come too late. Then the box answers by words
	// alone; here the figures must not depend on it.
	for range 20 {
		if err != nil || found.Mode == index.ModeHybrid || len(found.Passages) == 0 {
			break
		}
		found, err = f.Index.Search(ctx, q)
	}
	f.last, f.query = found, q
	found.Passages = found.Passages[:min(limit, len(found.Passages))]
	return found, err
}

// program builds one of Alcove's programs, or skips where it cannot run here.
func program(t testing.TB, name, pkg string, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-o", path, pkg)...)
	cmd.Env = os.Environ()
	if name == "alcove-worker" {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

// newEngine is the worker with the real embedder, on the CPU: its figures are
// the same on each machine up to rounding.
func newEngine(t testing.TB) *local.Engine {
	t.Helper()
	abs := func(rel string) string {
		path, err := filepath.Abs(filepath.Join(root, rel))
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	models, libraries := abs("build/models"), abs("build/runtime/lib")
	if m := os.Getenv("ALCOVE_MODELS"); m != "" {
		models = m
	}
	found, _ := filepath.Glob(filepath.Join(models, "*.gguf")) // the pattern is right
	if _, err := os.Stat(filepath.Join(libraries, "libllama.so")); err != nil || len(found) == 0 {
		t.Skip("the real embedder needs its libraries and its model: run `make setup`")
	}
	e, err := local.New(local.Config{WorkerPath: program(t, "alcove-worker", "alcove/engine/worker"), RuntimeDir: libraries, ModelsDir: models, DeviceOnly: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// newBox takes the sample handbook in.
func newBox(t testing.TB) *box {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	store, err := storage.Open(ctx, storage.Options{Path: filepath.Join(dir, "data", "alcove.db"), Now: now})
	must(err)
	t.Cleanup(func() { store.Close() })
	ix, err := index.New(ctx, index.Options{Store: store, Embedder: newEngine(t), Now: now})
	must(err)
	t.Cleanup(ix.Close)
	way, err := documents.Open(ctx, documents.Deps{Store: store, Dir: filepath.Join(dir, "files"), Extract: reader(t), Index: ix, Now: now})
	must(err)
	t.Cleanup(func() { way.Close() })
	_, err = way.CreateCollection(ctx, storage.EveryReader, collection, documents.CollectionChange{})
	must(err)
	b := &box{finder: &finder{Index: ix}, way: way, unread: map[string]bool{}}
	begin := time.Now()
	names, err := filepath.Glob(filepath.Join(root, examples.Folder, "*.*"))
	must(err)
	for _, name := range names {
		if strings.HasSuffix(name, ".json") {
			continue
		}
		file, err := os.Open(name)
		must(err)
		_, _, err = way.Send(ctx, storage.EveryReader, documents.Sent{Collection: collection, Name: filepath.Base(name), Size: -1}, file)
		file.Close()
		must(err)
	}
	b.wait(t, len(names)-1)
	b.took = time.Since(begin)
	for ix.Unsaid(ctx) || !ix.Measured() {
		time.Sleep(20 * time.Millisecond)
	}
	b.said = time.Since(begin)
	b.answers = answer.New(answer.Deps{Finder: b.finder, Collections: store, Now: now})
	return b
}

// wait until all files are found, or known not to be read here.
func (b *box) wait(t testing.TB, files int) {
	t.Helper()
	for {
		all, _, err := b.way.List(t.Context(), storage.EveryReader, documents.Filter{Collection: collection, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		ready, pages := 0, 0
		for _, d := range all {
			pages += d.Pages
			switch state := storage.DocumentState(d.State); {
			case state == storage.DocumentFailed && d.Reason == string(extract.Unsupported):
				b.unread[d.Name] = true
				ready++
			case state == storage.DocumentReady:
				ready++
			case state == storage.DocumentFailed, state == storage.DocumentDuplicate, state == storage.DocumentCancelled:
				t.Fatalf("%s: %s %s", d.Name, d.State, d.Reason)
			}
		}
		if ready == files {
			b.pages = pages
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the files were not all taken in")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ask puts a question after those before it.
func (b *box) ask(ctx context.Context, q examples.Question) (outcome, error) {
	o := outcome{Question: q}
	var history []answer.Turn
	for _, before := range q.Context {
		p, err := b.answers.Prepare(ctx, answer.Ask{Collection: collection, Person: storage.EveryReader, Question: before, History: history, AsOf: q.AsOf})
		if err != nil {
			return o, err
		}
		history = append(history, answer.Turn{Question: before, Refused: p.Refusal != ""})
	}
	p, err := b.answers.Prepare(ctx, answer.Ask{Collection: collection, Person: storage.EveryReader, Question: q.Question, History: history, AsOf: q.AsOf})
	if err != nil {
		return o, err
	}
	o.Score, o.Refused = p.Grounding.Score, p.Refusal != ""
	o.Features = answer.Features(b.finder.query.Text, b.finder.last)
	found := map[string]index.Passage{}
	for i, passage := range b.finder.last.Passages {
		found[passage.ID] = passage
		if x := index.Evidence(passage); x != nil {
			o.Candidates = append(o.Candidates, candidate{x, passage.Document.Name == q.File && examples.Holds(passage.Heading+"\n"+passage.Text, q.Gold)})
		}
		if !q.Answerable || passage.Document.Name != q.File || !examples.Holds(passage.Heading+"\n"+passage.Text, q.Gold) {
			continue
		}
		first := func(rank *int, place int) {
			if place > 0 && (*rank == 0 || place < *rank) {
				*rank = place
			}
		}
		first(&o.Rank, i+1)
		first(&o.Text, passage.Ranks.Text)
		first(&o.Vector, passage.Ranks.Vector)
	}
	for _, s := range p.Sources {
		if o.Refused {
			break // what was looked at is shown, but nothing is cited
		}
		o.Cited++
		if c, there := found[s.ChunkID]; there && s.Quote != "" && strings.Contains(c.Text, s.Quote) && c.Document.Name == s.Document && s.Page >= c.Page && s.Page <= max(c.Page, c.PageEnd) {
			o.CitedRight++
		}
	}
	return o, nil
}

// outcomes asks all questions.
func (b *box) outcomes(t testing.TB) []outcome {
	t.Helper()
	questions, err := examples.Questions()
	if err != nil {
		t.Fatal(err)
	}
	return b.askAll(t, questions)
}

//go:embed testdata/elsewhere.txt
var elsewhere string

// elsewhere asks about things that no handbook is about, which is easier to
// refuse than what sounds alike. Two of four may be looked at for tuning.
func (b *box) elsewhere(t testing.TB) (tuning, report []outcome) {
	t.Helper()
	var questions []examples.Question
	for line := range strings.Lines(elsewhere) {
		language, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		questions = append(questions, examples.Question{ID: fmt.Sprintf("e%03d", len(questions)+1), Question: text, Language: language, Kind: "elsewhere"})
	}
	for i, o := range b.askAll(t, questions) {
		if i%4 < 2 {
			tuning = append(tuning, o)
		} else {
			report = append(report, o)
		}
	}
	return tuning, report
}

func (b *box) askAll(t testing.TB, questions []examples.Question) []outcome {
	t.Helper()
	var all []outcome
	for _, q := range questions {
		if b.unread[q.File] {
			continue
		}
		o, err := b.ask(t.Context(), q)
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", q.ID, err))
		}
		all = append(all, o)
	}
	return all
}
