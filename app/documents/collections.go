package documents

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"alcove/app"
	"alcove/storage"
)

// CollectionChange is what a person sets of a collection; nil: stays.
type CollectionChange struct {
	Title, Description, Refusal *string
	Pinned                      *string // storage.PinnedAuto, ...
	Languages, Readers          *[]string
	LocalOnly                   *bool
	// Threshold is set when HasThreshold; nil then is the measured default.
	Threshold    *float64
	HasThreshold bool
}

var collectionID = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

const (
	maxCollections = 1000
	maxReaders     = 1000
)

// Collections lists what a person may read.
func (s *Service) Collections(ctx context.Context, person string) ([]Collection, error) {
	rows, err := s.d.Store.Collections(ctx, person)
	out := make([]Collection, 0, len(rows))
	for _, c := range rows {
		v, err := s.withFigures(ctx, c)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, err
}

// Collection gives one that a person may read.
func (s *Service) Collection(ctx context.Context, person, id string) (Collection, error) {
	c, err := s.readable(ctx, person, id)
	if err != nil {
		return Collection{}, err
	}
	return s.withFigures(ctx, c)
}

// Readable says whether a person may ask the documents of a collection: nil, or
// the reason as *app.Error.
func (s *Service) Readable(ctx context.Context, person, id string) error {
	_, err := s.readable(ctx, person, id)
	return err
}

func (s *Service) readable(ctx context.Context, person, id string) (storage.Collection, error) {
	c, err := s.d.Store.Collection(ctx, person, id)
	if errors.Is(err, storage.ErrNotFound) {
		err = &app.Error{Code: app.CodeCollectionNotFound, Err: err}
	}
	return c, err
}

// Owned is nil where a person may change a collection.
func (s *Service) Owned(ctx context.Context, person, id string) error {
	_, err := s.owned(ctx, person, id)
	return err
}

// owned gives a collection that a person may change.
func (s *Service) owned(ctx context.Context, person, id string) (storage.Collection, error) {
	c, err := s.readable(ctx, person, id)
	if err == nil && c.Owner != person {
		err = &app.Error{Code: app.CodeForbidden, Message: "Only the owner of this collection can change it. Nothing was changed."}
	}
	return c, err
}

// CreateCollection makes a collection of a person's.
func (s *Service) CreateCollection(ctx context.Context, person, id string, c CollectionChange) (Collection, error) {
	if !collectionID.MatchString(id) {
		return Collection{}, invalid("id", "A collection's short name has 1 to 64 of a-z, 0-9 and \"-\", and does not begin or end with \"-\".")
	}
	all, err := s.d.Store.AllCollections(ctx)
	if err != nil {
		return Collection{}, err
	}
	if len(all) >= maxCollections {
		return Collection{}, app.Errorf(app.CodeTooLarge, "There are %d collections, and more are not kept. Delete one first.", maxCollections)
	}
	row := storage.Collection{ID: id, Pinned: storage.PinnedAuto, Title: id, Owner: person, Readers: []string{storage.EveryReader}}
	if err := c.apply(&row); err != nil {
		return Collection{}, err
	}
	row, err = s.d.Store.CreateCollection(ctx, row)
	if errors.Is(err, storage.ErrRetired) {
		return Collection{}, &app.Error{Code: app.CodeCollectionRetired, Param: "id", Err: err}
	}
	if errors.Is(err, storage.ErrConflict) {
		return Collection{}, &app.Error{Code: app.CodeCollectionExists, Param: "id", Err: err}
	}
	if err != nil {
		return Collection{}, err
	}
	return s.changedCollection(ctx, row)
}

// ChangeCollection sets what a person chose.
func (s *Service) ChangeCollection(ctx context.Context, person, id string, c CollectionChange) (Collection, error) {
	return s.changeCollection(ctx, person, id, c.apply)
}

// Pause lets a collection's queue rest, or go on. A document that is in work
// is finished.
func (s *Service) Pause(ctx context.Context, person, id string, paused bool) (Collection, error) {
	c, err := s.changeCollection(ctx, person, id, func(c *storage.Collection) error { c.Paused = paused; return nil })
	if err == nil {
		s.poke()
	}
	return c, err
}

func (s *Service) changeCollection(ctx context.Context, person, id string, change func(*storage.Collection) error) (Collection, error) {
	if _, err := s.owned(ctx, person, id); err != nil {
		return Collection{}, err
	}
	row, err := s.d.Store.ChangeCollection(ctx, id, change)
	if errors.Is(err, storage.ErrNotFound) {
		err = &app.Error{Code: app.CodeCollectionNotFound, Err: err}
	}
	if err != nil {
		return Collection{}, err
	}
	return s.changedCollection(ctx, row)
}

func (s *Service) changedCollection(ctx context.Context, row storage.Collection) (Collection, error) {
	v, err := s.withFigures(ctx, row)
	if err == nil {
		s.d.Publish(EventCollection, CollectionChanged{v})
	}
	return v, err
}

// DeleteCollection removes a collection with all its documents. Nothing of it is
// found any more when this returns; its text leaves the disk in the seconds after.
func (s *Service) DeleteCollection(ctx context.Context, person, id string) error {
	if _, err := s.owned(ctx, person, id); err != nil {
		return err
	}
	folders, err := s.d.Store.Folders(ctx)
	if err != nil {
		return err
	}
	for _, f := range folders {
		if f.CollectionID == id {
			s.unwatch(f.ID)
		}
	}
	if err := s.d.Store.DeleteCollection(ctx, id); err != nil {
		for _, f := range folders { // nothing was changed
			if f.CollectionID == id && f.Reason != removing {
				s.watch(f)
			}
		}
		if errors.Is(err, storage.ErrNotFound) {
			err = &app.Error{Code: app.CodeCollectionNotFound, Err: err}
		}
		return err
	}
	s.d.Publish(EventCollectionDeleted, CollectionDeleted{ID: id})
	s.wantScrub() // of one without documents
	s.tasks.Go(s.clear)
	return nil
}

// apply puts a change into a collection.
func (c CollectionChange) apply(row *storage.Collection) error {
	for _, f := range []struct {
		name string
		from *string
		to   *string
		most int
	}{{"title", c.Title, &row.Title, 200}, {"description", c.Description, &row.Description, 2000}, {"refusal", c.Refusal, &row.Refusal, 2000}} {
		if f.from == nil {
			continue
		}
		text := strings.TrimSpace(*f.from)
		if err := plainText(f.name, text, f.most); err != nil {
			return err
		}
		*f.to = text
	}
	if row.Title == "" {
		return invalid("title", "A collection needs a title.")
	}
	if c.Pinned != nil {
		if !slices.Contains([]string{storage.PinnedAuto, storage.PinnedAlways, storage.PinnedNever}, *c.Pinned) {
			return invalid("pinned", "A collection is read whole auto, always or never.")
		}
		row.Pinned = *c.Pinned
	}
	if c.LocalOnly != nil {
		row.LocalOnly = *c.LocalOnly
	}
	if c.HasThreshold {
		if c.Threshold != nil && !(*c.Threshold >= 0 && *c.Threshold <= 1) {
			return invalid("threshold", "A threshold is a number from 0 to 1.")
		}
		row.Threshold = c.Threshold
	}
	if c.Languages != nil {
		if len(*c.Languages) > 20 {
			return invalid("languages", "A collection has at most 20 languages.")
		}
		for _, l := range *c.Languages {
			if !language.MatchString(l) {
				return invalid("languages", "A language is written as \"de\" or \"pt-BR\".")
			}
		}
		row.Languages = *c.Languages
	}
	if c.Readers != nil {
		if len(*c.Readers) > maxReaders {
			return invalid("readers", fmt.Sprintf("A collection has at most %d readers.", maxReaders))
		}
		for _, r := range *c.Readers {
			if err := plainText("readers", r, 200); err != nil || strings.TrimSpace(r) == "" {
				return invalid("readers", "A reader is \"everybody\" or a person's name.")
			}
		}
		row.Readers = *c.Readers
	}
	return nil
}

var language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)

func invalid(param, sentence string) error {
	return &app.Error{Code: app.CodeInvalid, Param: param, Message: sentence + " Nothing was changed."}
}

// plainText refuses what is no text that people write into a field.
func plainText(param, text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return invalid(param, fmt.Sprintf("This is longer than %d characters.", most))
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) || !utf8.ValidString(text) {
		return invalid(param, "There are characters in it that no text has.")
	}
	return nil
}
