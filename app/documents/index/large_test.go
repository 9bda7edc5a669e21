package index

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"alcove/engine"
	"alcove/storage"
)

// synthetic is an embedder of MiniLM's size that takes no time: a direction a
// topic, and a little of the text's own.
type synthetic struct{ *fake }

func (s synthetic) Embed(_ context.Context, req engine.EmbedRequest) (engine.Embedded, error) {
	out := engine.Embedded{Model: s.model, Fingerprint: s.fingerprint}
	for _, in := range req.Inputs {
		out.Vectors = append(out.Vectors, around(in.Text))
		out.Tokens = append(out.Tokens, 1)
	}
	return out, nil
}

const dimensions = 384

// around is a vector near that of the text's first word.
func around(text string) []float32 {
	topic, _, _ := strings.Cut(text, " ")
	a, b := directions(topic), directions(text)
	v := make([]float32, dimensions)
	norm := 0.0
	for i := range v {
		v[i] = float32(a.NormFloat64() + 0.7*b.NormFloat64())
		norm += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(norm))
	}
	return v
}

func directions(text string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(text))
	return rand.New(rand.NewPCG(h.Sum64(), 0))
}

// language of Zipf: word i of a vocabulary occurs as often as 1/(i+2).
type zipf struct {
	words []string
	z     *rand.Zipf
	r     *rand.Rand
}

func newZipf(seed uint64, n int) *zipf {
	r := rand.New(rand.NewPCG(seed, 1))
	syllables := strings.Fields("ba be bo da di do fa fe ga go ka ki ko la le lo ma me mi na no pa pe ra re ri sa se so ta te ti va ve vo za ze tion ber ung ter")
	z := &zipf{r: r, z: rand.NewZipf(r, 1.07, 2, uint64(n-1))}
	for i := range n {
		w := strconv.Itoa(i % 10)
		for range 2 + r.IntN(3) {
			w = syllables[r.IntN(len(syllables))] + w
		}
		z.words = append(z.words, strings.TrimRight(w, "0123456789")+string(rune('a'+i%26)))
	}
	return z
}

func (z *zipf) text(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = z.words[z.z.Uint64()]
	}
	return strings.Join(out, " ")
}

// TestMeasureRetrieval prints how long searches take among ALCOVE_RETRIEVAL
// chunks (bench: 100000). Without the variable it is a small one that only has
// to work. With ALCOVE_RETRIEVAL_DATA the index is kept there for the next run.
func TestMeasureRetrieval(t *testing.T) {
	chunks, _ := strconv.Atoi(os.Getenv("ALCOVE_RETRIEVAL"))
	measured := chunks > 0
	if !measured {
		chunks = 400
	}
	z := newZipf(1, 60000)
	store, ix := largeIndex(t, z, chunks)
	searches := 20
	if measured {
		searches = 300
	}
	<-ix.loaded
	for ix.Unsaid(t.Context()) { // the background is measured by nobody here
		time.Sleep(100 * time.Millisecond)
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	figures, err := ix.Figures(t.Context())
	if err != nil || figures.Chunks != chunks || figures.Vectors != chunks {
		t.Fatalf("figures = %+v, %v", figures, err)
	}
	fmt.Printf("retrieval chunks %d vector_mb %.1f heap_mb %.1f\n", chunks, float64(figures.VectorBytes)/1e6, float64(memory.HeapAlloc)/1e6)
	_ = store
	for _, kind := range []string{"mixed", "common", "rare"} {
		var total, text, vector []float64
		for i := range searches {
			found, err := ix.Search(t.Context(), Query{Collection: "large", Person: "owner", Text: z.question(kind, i), Language: "en"})
			if err != nil {
				t.Fatal(err)
			}
			if len(found.Passages) == 0 {
				t.Fatalf("%s: nothing was found", kind)
			}
			total, text, vector = append(total, ms(found.Took)), append(text, ms(found.Text)), append(vector, ms(found.Vector))
		}
		for _, f := range []struct {
			name  string
			times []float64
		}{{"fused", total}, {"text", text}, {"vector", vector}} {
			slices.Sort(f.times)
			fmt.Printf("retrieval %s %s p50_ms %.1f p95_ms %.1f max_ms %.1f\n", kind, f.name, f.times[len(f.times)/2], f.times[len(f.times)*95/100], f.times[len(f.times)-1])
		}
	}
}

// question of a kind: words as people would mix them, the most common ones, or
// rare ones.
func (z *zipf) question(kind string, i int) string {
	var words []string
	for j := range 7 {
		switch {
		case kind == "common":
			words = append(words, z.words[z.r.IntN(60)])
		case kind == "rare" || j < 2:
			words = append(words, z.words[500+z.r.IntN(20000)])
		default:
			words = append(words, z.words[z.z.Uint64()])
		}
	}
	return strings.Join(words, " ") + " " + z.words[i%len(z.words)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func largeIndex(t *testing.T, z *zipf, chunks int) (*storage.DB, *Index) {
	folder := os.Getenv("ALCOVE_RETRIEVAL_DATA")
	if folder == "" {
		folder = filepath.Join(t.TempDir(), "data")
	}
	store, err := storage.Open(t.Context(), storage.Options{Path: filepath.Join(folder, "alcove.db"), Now: day})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	f := synthetic{newFake()}
	f.dimensions = dimensions
	ix, err := New(t.Context(), Options{Store: store, Embedder: f, Now: day})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ix.Close)
	s := &shelf{t: t, store: store, ix: ix, fake: f.fake}
	_, there, err := store.CountIndexed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if there == 0 {
		s.collection("large", "owner")
	}
	s.next = there // names the files
	const a = 100  // chunks a document
	begin := time.Now()
	for made := there; made < chunks; made += a {
		var texts []string
		for range min(a, chunks-made) {
			texts = append(texts, z.text(4)+"\n"+z.text(90+z.r.IntN(60)))
		}
		s.put(storage.Document{CollectionID: "large"}, "en", texts...)
	}
	if there < chunks {
		fmt.Printf("retrieval built chunks_per_s %.0f\n", float64(chunks-there)/time.Since(begin).Seconds())
	}
	return store, ix
}
