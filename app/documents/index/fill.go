package index

import (
	"context"
	"slices"
	"time"

	"alcove/app/documents/chunk"
	"alcove/engine"
	"alcove/storage"
)

// fill is the work in the background: it removes what a crash left, reads the
// vectors of the present embedder, and makes those that are missing: after a
// failure of the embedder, or for all texts when another embedder is there.
func (ix *Index) fill(ctx context.Context, leftovers []int64) {
	ix.adopt(ctx)
	close(ix.loaded)
	for _, num := range leftovers {
		if err := ix.dropOld(ctx, num); err != nil {
			ix.o.Log.Warn("remove what an interrupted document left in the index", "err", err)
		}
	}
	tick := time.NewTicker(ix.o.Look)
	defer tick.Stop()
	for {
		ix.adopt(ctx)
		ix.embedMissing(ctx)
		ix.measure(ctx)
		ix.embedSentences(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ix.poke:
		case <-tick.C:
		}
	}
}

// few is the share of passages, one of so many, that may be without a vector
// before only words are looked for: one text that cannot be embedded must not end
// the looking for meaning.
const few = 20

// weighMissing says whether more passages than that have no vector.
func (ix *Index) weighMissing(ctx context.Context) {
	rows, _ := ix.vectors.count()
	left, err := ix.o.Store.TextsWithoutVector(ctx, ix.vectors.name(), [32]byte{}, rows/few+1)
	ix.partial.Store(err != nil || len(left) > rows/few)
}

// Filling says whether some passages have no vector of the present embedder yet:
// what is found now is not what will be.
func (ix *Index) Filling() bool {
	return ix.partial.Load() && ix.o.Embedder != nil && ix.o.Embedder.Embedding().Model != ""
}

// wake has the background look at once.
func (ix *Index) wake() {
	select {
	case ix.poke <- struct{}{}:
	default:
	}
}

func (s *vectors) name() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.fingerprint
}

// adopt changes over to the vectors of the present embedder. Where there is
// none for the moment, those of before stay: they are not used, and it may come back.
func (ix *Index) adopt(ctx context.Context) {
	if ix.o.Embedder == nil {
		return
	}
	info := ix.o.Embedder.Embedding()
	if info.Model == "" || info.Fingerprint == ix.vectors.name() {
		return
	}
	ix.partial.Store(true)
	ix.vectors.reset(info.Fingerprint)
	ix.missing.Store(true)
	ix.unsaid.add(0)
	const block = 1024 // rows at a time, so that no lock is held for long
	var list []storage.ChunkVector
	err := ix.o.Store.EachVector(ctx, info.Fingerprint, 0, func(v storage.ChunkVector) {
		if list = append(list, v); len(list) == block {
			ix.vectors.put(info.Fingerprint, list)
			list = list[:0]
		}
	})
	ix.vectors.put(info.Fingerprint, list)
	if err == nil {
		err = ix.settle(ctx, ix.vectors.all())
	}
	ix.weighMissing(ctx) // after a start there is none: questions need not wait for the background
	if err != nil && ctx.Err() == nil {
		ix.o.Log.Error("read the vectors of the index; only words are looked for", "err", err)
		ix.vectors.reset("")
	}
}

// embedMissing makes vectors until none is missing or something goes wrong; the
// next look tries again. Then the vectors of other embedders go.
func (ix *Index) embedMissing(ctx context.Context) {
	fingerprint := ix.vectors.name()
	if ix.o.Embedder == nil || fingerprint == "" || !ix.missing.Swap(false) {
		return
	}
	done := false
	defer func() {
		if !done {
			ix.missing.Store(true)
		}
	}()
	var after [32]byte
	made, unfit := false, map[[32]byte]bool{}
	for ctx.Err() == nil && ix.o.Embedder.Embedding().Fingerprint == fingerprint {
		texts, err := ix.o.Store.TextsWithoutVector(ctx, fingerprint, after, together)
		if err != nil {
			ix.o.Log.Warn("look for passages without a vector", "err", err)
			return
		}
		if len(texts) == 0 && made { // some may have come behind us
			after, made = [32]byte{}, false
			continue
		}
		if len(texts) == 0 {
			done = true
			ix.partial.Store(false)
			if ix.missing.Load() { // a document came without vectors meanwhile
				ix.weighMissing(ctx)
			}
			ix.forgetOthers(ctx, fingerprint)
			return
		}
		after = texts[len(texts)-1].Hash
		texts = slices.DeleteFunc(texts, func(t storage.UnembeddedText) bool { return unfit[t.Hash] })
		if len(texts) == 0 {
			continue
		}
		if err := ix.embedTexts(ctx, fingerprint, texts); err != nil {
			err = ix.embedApart(ctx, fingerprint, texts, unfit)
			if err != nil && ctx.Err() == nil {
				ix.o.Log.Warn("embed passages in the background; it is tried again", "err", err)
				ix.weighMissing(ctx)
			}
			if err != nil {
				return
			}
		}
		made = true
	}
}

// embedApart embeds texts that failed together one by one and notes which of
// them cannot be: one must not leave all that come after it without vectors. An
// error is the embedder's own.
func (ix *Index) embedApart(ctx context.Context, fingerprint string, texts []storage.UnembeddedText, unfit map[[32]byte]bool) error {
	never := []engine.EmbedInput{{Text: "Alcove " + time.Now().String()}} // no cache has it
	if _, err := ix.embed(ctx, fingerprint, never); err != nil {
		return err
	}
	for _, t := range texts {
		if err := ix.embedTexts(ctx, fingerprint, []storage.UnembeddedText{t}); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			unfit[t.Hash] = true
			ix.o.Log.Warn("a passage cannot be embedded; it is found by its words", "err", err)
		}
	}
	return nil
}

func (ix *Index) embedTexts(ctx context.Context, fingerprint string, texts []storage.UnembeddedText) error {
	inputs := make([]engine.EmbedInput, len(texts))
	hashes := make([][32]byte, len(texts))
	for i, t := range texts {
		inputs[i].Text, hashes[i] = chunk.Input(storage.Chunk{Heading: t.Heading, Text: t.Text}), t.Hash
	}
	made, err := ix.embed(ctx, fingerprint, inputs)
	if err != nil {
		return err
	}
	for i := range made {
		made[i].Hash = hashes[i]
	}
	if err := ix.o.Store.PutVectors(ctx, fingerprint, made); err != nil {
		return err
	}
	list, err := ix.o.Store.VectorsOfTexts(ctx, fingerprint, hashes)
	if err != nil {
		return err
	}
	ix.vectors.put(fingerprint, list)
	nums := make([]int64, len(list))
	for i, v := range list {
		nums[i] = v.DocumentNum
	}
	return ix.settle(ctx, nums)
}

// forgetOthers removes the vectors of embedders that are not used any more.
func (ix *Index) forgetOthers(ctx context.Context, fingerprint string) {
	for {
		n, err := ix.o.Store.DropOtherVectors(ctx, fingerprint, 1000)
		if err != nil {
			ix.o.Log.Warn("remove vectors of other embedders", "err", err)
		}
		if err != nil || n == 0 {
			return
		}
	}
}
