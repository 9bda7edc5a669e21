package index

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"alcove/app/documents/language"
	"alcove/app/documents/recent"
	"alcove/engine"
	"alcove/storage"
)

// How many chunks of each list are looked at.
const (
	fromText   = 200 // what SQLite ranked, before it is put in order here
	fromVector = 100
	fromAny    = 1000 // where ranking would say nothing
	maxLimit   = 50
	usualLimit = 8
)

// embedWait bounds how long a question waits for its vector. After that the
// full text answers alone.
const embedWait = 5 * time.Second

// Search finds passages. A collection that does not exist, or that the person
// may not read, has none. What the text asks for in the syntax of a query
// language has no effect.
func (ix *Index) Search(ctx context.Context, q Query) (Found, error) {
	begin := time.Now()
	q = ix.completed(q)
	reach := storage.Reach{Collection: q.Collection, Person: q.Person, AsOf: q.AsOf}
	found := Found{Language: q.Language, AsOf: q.AsOf, Mode: ModeText, Passages: []Passage{}}
	nums, languages, err := ix.o.Store.ReachDocuments(ctx, reach)
	if err != nil {
		return found, err
	}
	if len(nums) == 0 {
		found.Took = time.Since(begin)
		return found, nil
	}
	var lists lists
	var side sync.WaitGroup
	side.Go(func() { lists.vector(ctx, ix, q, bitsOf(nums)) })
	err = lists.words(ctx, ix, reach, q, languages)
	side.Wait()
	if err == nil {
		err = ix.assemble(ctx, reach, q, &lists, &found)
	}
	if err != nil {
		return Found{}, err
	}
	found.Took = time.Since(begin)
	ix.figures.searched(found)
	return found, nil
}

func (ix *Index) completed(q Query) Query {
	if len(q.Text) > maxQuestion {
		q.Text = strings.ToValidUTF8(q.Text[:maxQuestion], "")
	}
	q.Text = strings.ToValidUTF8(q.Text, " ")
	if q.Language == "" {
		q.Language = language.Detect(q.Text)
	}
	if q.AsOf == "" {
		q.AsOf = ix.today()
	}
	if q.Limit <= 0 {
		q.Limit = usualLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	return q
}

// lists are what the two ways found. Each way writes its own fields.
type lists struct {
	terms []*term
	text  []textScore
	took  time.Duration

	question    []float32
	fingerprint string
	near        []near
	reason      string
	embed, scan time.Duration
}

// words looks in the full text.
func (l *lists) words(ctx context.Context, ix *Index, reach storage.Reach, q Query, documents map[string]int) error {
	begin := time.Now()
	defer func() { l.took = time.Since(begin) }()
	var err error
	if l.terms, err = ix.terms(ctx, q, documents); err != nil || len(l.terms) == 0 {
		return err
	}
	match, ranked := expression(l.terms)
	limit := fromText
	if !ranked {
		limit = fromAny
	}
	hits, err := ix.o.Store.MatchChunks(ctx, reach, match, ranked, limit)
	if err != nil {
		return err
	}
	chunks := make([]int64, len(hits))
	for i, h := range hits {
		chunks[i] = h.Num
	}
	if l.text, err = ix.score(ctx, reach, chunks, l.terms); err != nil {
		return err
	}
	slices.SortStableFunc(l.text, func(a, b textScore) int {
		if a.bm25 != b.bm25 {
			if a.bm25 > b.bm25 {
				return -1
			}
			return 1
		}
		return int(a.chunk - b.chunk)
	})
	l.text = l.text[:min(len(l.text), fromVector)]
	return nil
}

// terms are the content words of the question with their weights.
func (ix *Index) terms(ctx context.Context, q Query, documents map[string]int) ([]*term, error) {
	words := Terms(q.Text, q.Language)
	for _, extra := range q.Terms {
		for _, w := range Terms(extra, q.Language) {
			if !slices.Contains(words, w) && len(words) < maxTerms {
				words = append(words, w)
			}
		}
	}
	var spoken []string
	for code := range documents {
		if _, known := stemmers[code]; known && code != q.Language {
			spoken = append(spoken, code)
		}
	}
	known := map[string]bool{}
	if q.Language == "de" || documents["de"] > 0 {
		var err error
		if known, err = ix.o.Store.KnownWords(ctx, lookups(words)); err != nil {
			return nil, err
		}
	}
	terms := termsOf(words, q.Language, spoken, func(w string) bool { return known[w] })
	var count []string
	for _, t := range terms {
		count = append(append(append(count, t.surface), sorted(t.stems)...), sorted(t.alike)...)
	}
	counts, chunks, err := ix.counts.of(ctx, ix.o.Store, count)
	if err != nil {
		return nil, err
	}
	weigh(terms, counts, chunks)
	return terms, nil
}

// score holds the terms against chunks in reach.
func (ix *Index) score(ctx context.Context, reach storage.Reach, chunks []int64, terms []*term) ([]textScore, error) {
	if len(chunks) == 0 {
		return nil, nil
	}
	stems, err := ix.o.Store.ReachStems(ctx, reach, chunks)
	if err != nil {
		return nil, err
	}
	out := make([]textScore, 0, len(stems))
	m := newMatcher(terms)
	for _, c := range stems {
		out = append(out, m.score(c))
	}
	return out, nil
}

// vector looks among the vectors. What goes wrong here leaves the full text.
func (l *lists) vector(ctx context.Context, ix *Index, q Query, allowed bits) {
	select {
	case <-ix.loaded:
	case <-ctx.Done():
		return
	}
	begin := time.Now()
	l.question, l.fingerprint, l.reason = ix.embedQuestion(ctx, q.Text)
	l.embed = time.Since(begin)
	if l.question == nil {
		return
	}
	begin = time.Now()
	if !ix.partial.Load() {
		l.near = ix.vectors.nearest(l.question, l.fingerprint, allowed, fromVector)
	}
	l.scan = time.Since(begin)
	if len(l.near) == 0 {
		l.question, l.reason = nil, reasonNoVectors
	}
}

// Sentences of Found.Reason.
const (
	reasonNoEmbedder = "There is no embedding model on this box, so only words are looked for, not meaning. Put one into the model folder."
	reasonNoVectors  = "Not all passages have vectors of the present embedding model yet; they are being made. Until then only words are looked for."
	reasonFailed     = "The embedding model did not answer, so only words were looked for."
)

// embedQuestion gives the vector of a question, or why there is none.
func (ix *Index) embedQuestion(ctx context.Context, text string) ([]float32, string, string) {
	if ix.o.Embedder == nil {
		return nil, "", reasonNoEmbedder
	}
	info := ix.o.Embedder.Embedding()
	if info.Model == "" {
		return nil, "", reasonNoEmbedder
	}
	if strings.TrimSpace(text) == "" {
		return nil, "", ""
	}
	key := recent.Key(info.Fingerprint, text)
	if v, have := ix.asked.Get(key); have {
		return v, info.Fingerprint, ""
	}
	ctx, cancel := context.WithTimeout(ctx, embedWait)
	defer cancel()
	out, err := ix.o.Embedder.Embed(ctx, engine.EmbedRequest{Inputs: []engine.EmbedInput{{Text: prefixOf(info.Model).question + text}}, Cut: true, Class: engine.ClassInteractive})
	if err == nil && (len(out.Vectors) != 1 || !finite(out.Vectors[0])) {
		err = errors.New("not one vector of numbers")
	}
	if err != nil {
		ix.o.Log.Warn("embed a question", "err", err)
		return nil, "", reasonFailed
	}
	if out.Fingerprint == info.Fingerprint {
		ix.asked.Put(key, out.Vectors[0])
	}
	return out.Vectors[0], out.Fingerprint, ""
}

func finite(v []float32) bool {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return len(v) > 0
}

// assemble joins the lists and reads what is shown. Reading applies the reach
// again: what was removed since the lists were made is not in them.
func (ix *Index) assemble(ctx context.Context, reach storage.Reach, q Query, l *lists, found *Found) error {
	measure := ix.measureOf(q.Language)
	all := fuse(l.text, l.near, weightsOf(measure.Skill))
	if len(l.near) > 0 {
		found.Mode, found.Embedder, found.Skill = ModeHybrid, ix.o.Embedder.Embedding().Model, measure.Skill
	}
	found.Reason = l.reason
	found.Text, found.Embed, found.Vector = l.took, l.embed, l.scan
	found.Agreement = agreement(l.text, l.near)
	for _, t := range l.terms {
		found.Terms = append(found.Terms, t.written)
	}
	if err := ix.fillIn(ctx, reach, l, all); err != nil {
		return err
	}
	top := all[:min(len(all), max(q.Limit, ordered))]
	passages, err := ix.read(ctx, reach, top)
	if err != nil {
		return err
	}
	if l.question != nil {
		for i := range passages {
			passages[i].Signals.Near = measure.near(passages[i].Signals.Cosine)
		}
	}
	ix.hear(ctx, l.question, l.fingerprint, passages[:min(ordered, len(passages))])
	if l.question != nil {
		order(passages, q, measure)
	}
	if passages, err = ix.rerank(ctx, q, passages, found); err != nil {
		return err
	}
	found.Passages = passages[:min(len(passages), q.Limit)]
	judge(found, all, l.terms)
	return nil
}

// fillIn gives chunks of one list what the other one would have said.
func (ix *Index) fillIn(ctx context.Context, reach storage.Reach, l *lists, all []*fused) error {
	var noText, noVector []int64
	for _, f := range all {
		if f.ranks.Text == 0 {
			noText = append(noText, f.chunk)
		}
		if f.ranks.Vector == 0 {
			noVector = append(noVector, f.chunk)
		}
	}
	scores, err := ix.score(ctx, reach, noText, l.terms)
	if err != nil {
		return err
	}
	by := map[int64]textScore{}
	for _, s := range scores {
		by[s.chunk] = s
	}
	var cosines map[int64]float64
	if l.question != nil {
		cosines = ix.vectors.cosines(l.question, l.fingerprint, noVector)
	}
	for _, f := range all {
		if f.ranks.Text == 0 {
			f.text = by[f.chunk]
		}
		if f.ranks.Vector == 0 {
			f.cosine = cosines[f.chunk]
		}
	}
	return nil
}

// read gives the passages of fused chunks that are still in reach, in their order.
func (ix *Index) read(ctx context.Context, reach storage.Reach, top []*fused) ([]Passage, error) {
	nums := make([]int64, len(top))
	for i, f := range top {
		nums[i] = f.chunk
	}
	chunks, err := ix.o.Store.ReachChunks(ctx, reach, nums)
	if err != nil {
		return nil, err
	}
	by := map[int64]storage.FoundChunk{}
	for _, c := range chunks {
		by[c.Chunk.Num] = c
	}
	out := make([]Passage, 0, len(top))
	for _, f := range top {
		c, there := by[f.chunk]
		if !there {
			continue
		}
		out = append(out, Passage{Chunk: c.Chunk, Document: c.Document, Score: f.score, Ranks: f.ranks,
			Signals: Signals{Cosine: f.cosine, BM25: f.text.bm25, Coverage: f.text.coverage}})
	}
	return out, nil
}

// judge fills in what is said of all passages together.
func judge(found *Found, all []*fused, terms []*term) {
	has := map[int64][]float64{}
	documents := map[int64]int64{}
	together := map[int64][][]float64{}
	for _, f := range all {
		has[f.chunk] = f.text.has
		documents[f.chunk] = f.text.document
		together[f.text.document] = append(together[f.text.document], f.text.has)
	}
	for i := range found.Passages {
		p := &found.Passages[i]
		p.Signals.DocumentCoverage = covered(terms, together[documents[p.Num]]...)
	}
	var first [][]float64
	for _, p := range found.Passages[:min(3, len(found.Passages))] {
		first = append(first, has[p.Num])
	}
	found.Coverage = covered(terms, first...)
	switch {
	case len(found.Passages) == 1:
		found.Margin = 1
	case len(found.Passages) > 1 && found.Passages[0].Score > 0:
		found.Margin = max(0, 1-found.Passages[1].Score/found.Passages[0].Score)
	}
}
