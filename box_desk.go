package main

import (
	"context"

	"alcove/app/cli"
	"alcove/app/documents"
	"alcove/app/documents/desk"
	"alcove/app/server"
	"alcove/storage"
)

// owner is the one person of a box without accounts.
const owner = "owner"

// openDesk joins HR's desk with the way in and the answers.
func (b *box) openDesk(ctx context.Context, o cli.Options, hub *server.Hub) error {
	k, err := desk.Open(ctx, desk.Deps{
		Store: b.store, Answers: b.answers, Owned: b.documents.Owned, Person: owner, Log: o.Log,
		Put: func(ctx context.Context, person string, f desk.File) (string, bool, error) {
			none := ""
			return b.documents.Write(ctx, person, documents.Sent{Collection: f.Collection, Name: f.Name, Title: &f.Title, Effective: &f.Effective, Series: &none, Version: &none}, f.Text)
		},
		Remove: b.documents.Delete,
		Collections: func(ctx context.Context) ([]string, error) {
			rows, err := b.store.AllCollections(ctx)
			ids := make([]string, len(rows))
			for i, c := range rows {
				ids[i] = c.ID
			}
			return ids, err
		},
		Models: b.goldenModels, Writer: writer{b},
		Names:   b.names,
		Publish: func(event string, data any) { hub.Publish(event, data) },
	})
	if err != nil {
		return err
	}
	b.desk.Store(k)
	return nil
}

// names are the file names of a collection's documents, of the newest 200.
func (b *box) names(ctx context.Context, collection string) []string {
	list, _, err := b.documents.List(ctx, owner, documents.Filter{Collection: collection, State: string(storage.DocumentReady), Limit: 200})
	if err != nil {
		return nil
	}
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.Name
	}
	return out
}

// documentsEnded tells the desk that what questions find may be another one.
func (b *box) documentsEnded(collection string) {
	if k := b.desk.Load(); k != nil {
		k.Changed(collection)
	}
}

// goldenBroken is how many golden answers broke.
func (b *box) goldenBroken() (int, bool) {
	k := b.desk.Load()
	if k == nil {
		return 0, false
	}
	by, known := k.Broken()
	n := 0
	for _, c := range by {
		n += c.Broken
	}
	return n, known
}
