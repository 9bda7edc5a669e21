package index

import (
	"context"

	"alcove/storage"
)

// Whole gives all passages of a collection that a person may read and that hold
// on a day, in the order of the documents; nil where they are more than most.
func (ix *Index) Whole(ctx context.Context, person, collection, asOf string, most int) ([]Passage, error) {
	q := ix.completed(Query{Collection: collection, Person: person, AsOf: asOf})
	chunks, err := ix.o.Store.WholeReach(ctx, storage.Reach{Collection: q.Collection, Person: q.Person, AsOf: q.AsOf}, most)
	if err != nil || chunks == nil {
		return nil, err
	}
	out := make([]Passage, len(chunks))
	for i, c := range chunks {
		out[i] = Passage{Chunk: c.Chunk, Document: c.Document}
	}
	return out, nil
}

// Passage gives the chunk with an id, where a person may read it and it holds
// on a day ("": today); else storage.ErrNotFound.
func (ix *Index) Passage(ctx context.Context, person, collection, asOf, id string) (Passage, error) {
	q := ix.completed(Query{Collection: collection, Person: person, AsOf: asOf})
	c, err := ix.o.Store.ReachChunk(ctx, storage.Reach{Collection: q.Collection, Person: q.Person, AsOf: q.AsOf}, id)
	return Passage{Chunk: c.Chunk, Document: c.Document}, err
}
