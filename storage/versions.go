package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"alcove/storage/sqlcgen"
)

// Version is what decides which document of a series holds.
type Version struct {
	ID        string
	Num       int64  // order of arrival
	Series    string // "": it is the only one of its kind
	Version   string
	Effective string // day, or "": always
}

// InForce says what holds on a day ("2026-11-28"). Of the documents of a series
// whose Effective is not after the day, the newest holds; the others are
// superseded by it. A document whose Effective is later is neither: it is not in
// force yet. Where days are equal the higher version wins, then the later
// arrival.
func InForce(list []Version, day string) (holds map[string]bool, supersededBy map[string]string) {
	holds, supersededBy = map[string]bool{}, map[string]string{}
	newest := map[string]Version{}
	for _, v := range list {
		if v.Effective > day {
			continue
		}
		if v.Series == "" {
			holds[v.ID] = true
			continue
		}
		if best, ok := newest[v.Series]; !ok || compareVersions(best, v) < 0 {
			newest[v.Series] = v
		}
	}
	for _, v := range list {
		if v.Series == "" || v.Effective > day {
			continue
		}
		if best := newest[v.Series]; best.ID == v.ID {
			holds[v.ID] = true
		} else {
			supersededBy[v.ID] = best.ID
		}
	}
	return holds, supersededBy
}

func compareVersions(a, b Version) int {
	return cmp.Or(strings.Compare(a.Effective, b.Effective), compareNatural(a.Version, b.Version), cmp.Compare(a.Num, b.Num))
}

// compareNatural compares runs of digits as numbers: "v9" is before "v10".
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x == "" || y == "" {
			if a[0] != b[0] {
				return cmp.Compare(a[0], b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		a, b = a[len(x):], b[len(y):]
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) string {
	n := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if n < 0 {
		n = len(s)
	}
	return s[:n]
}

// today is the box's own day.
func (db *DB) today() string { return db.clock().Format("2006-01-02") }

// Versions gives the documents of a collection that are found, for InForce.
func (db *DB) Versions(ctx context.Context, collection string) (list []Version, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListVersions(ctx, collection)
		for _, r := range rows {
			list = append(list, Version{ID: r.ID, Num: r.Num, Series: r.Series, Version: r.Version, Effective: r.Effective})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	return list, nil
}

// Supersede judges all versions of a collection by today's day and gives the
// ids of the documents that changed by it.
func (db *DB) Supersede(ctx context.Context, collection string) (changed []string, err error) {
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListVersions(ctx, collection)
		if err != nil {
			return err
		}
		all := make([]sqlcgen.ListSeriesRow, len(rows))
		for i, r := range rows {
			all[i] = sqlcgen.ListSeriesRow(r)
		}
		changed, err = judge(ctx, q, all, db.today())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("judge versions: %w", err)
	}
	return changed, nil
}

// supersede judges some series of a collection.
func (db *DB) supersede(ctx context.Context, q *sqlcgen.Queries, collection string, series ...string) error {
	slices.Sort(series)
	for _, name := range slices.Compact(series) {
		if name == "" {
			continue
		}
		rows, err := q.ListSeries(ctx, sqlcgen.ListSeriesParams{CollectionID: collection, Series: name})
		if err != nil {
			return err
		}
		if _, err := judge(ctx, q, rows, db.today()); err != nil {
			return err
		}
	}
	return nil
}

func judge(ctx context.Context, q *sqlcgen.Queries, rows []sqlcgen.ListSeriesRow, day string) (changed []string, err error) {
	list := make([]Version, len(rows))
	for i, r := range rows {
		list[i] = Version{ID: r.ID, Num: r.Num, Series: r.Series, Version: r.Version, Effective: r.Effective}
	}
	_, by := InForce(list, day)
	for _, r := range rows {
		if r.SupersededBy == by[r.ID] {
			continue
		}
		if err := q.SetSuperseded(ctx, sqlcgen.SetSupersededParams{ID: r.ID, SupersededBy: by[r.ID]}); err != nil {
			return nil, err
		}
		changed = append(changed, r.ID)
	}
	return changed, nil
}
