package usage

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"alcove/storage"
)

// RequestRow is one answer in the request log.
type RequestRow struct {
	ID           string   `json:"id"`
	At           string   `json:"at" format:"date-time" doc:"When it ended."`
	Who          string   `json:"who" doc:"page, house check, or API key; the key's name with the setting usage_per_person."`
	Model        string   `json:"model"`
	Device       string   `json:"device"`
	Route        string   `json:"route"`
	Class        string   `json:"class"`
	Status       string   `json:"status" enum:"done,stopped,failed"`
	Code         string   `json:"code,omitempty" doc:"Of the error."`
	QueueMS      int64    `json:"queue_ms"`
	FirstTokenMS *int64   `json:"first_token_ms,omitempty"`
	TotalMS      int64    `json:"total_ms"`
	PromptTokens int64    `json:"prompt_tokens"`
	CachedTokens int64    `json:"cached_tokens"`
	OutputTokens int64    `json:"output_tokens"`
	TokensPerSec *float64 `json:"tokens_per_second,omitempty"`
	Restarts     int64    `json:"restarts" doc:"Workers that died under it."`
}

// RequestFilter chooses requests; empty fields stand for all. Before is the ID
// of the row that the page before ended with.
type RequestFilter struct {
	Before                      string
	Model, Route, Class, Status string
	Who                         string
}

// RequestsView is a page of the request log. Next is empty on the last one.
type RequestsView struct {
	Requests []RequestRow `json:"requests" nullable:"false"`
	Next     string       `json:"next,omitempty"`
}

// Requests lists answers, newest first.
func (r *Recorder) Requests(ctx context.Context, f RequestFilter, limit int) (RequestsView, error) {
	view := RequestsView{Requests: []RequestRow{}}
	names, err := r.names(ctx)
	if err != nil {
		return view, err
	}
	s, err := r.snapshot(0)
	if err != nil {
		return view, err
	}
	filter := storage.UsageFilter{UsageKey: storage.UsageKey{Model: f.Model, Route: f.Route, Class: f.Class}, Status: f.Status}
	if f.Who != "" {
		filter.Users = names.users(f.Who)
	}
	if f.Before != "" {
		if filter.Before, err = strconv.ParseInt(f.Before, 10, 64); err != nil || filter.Before <= 0 {
			return view, nil // nothing is before what does not exist
		}
	}
	rows := s.requests(filter)
	err = r.store.ReadUsage(ctx, func(u storage.UsageReader) error {
		rows = slices.DeleteFunc(rows, func(q storage.UsageRequest) bool { return q.Num <= u.Request })
		stored, err := u.Requests(filter, limit+1)
		rows = append(rows, stored...)
		return err
	})
	if err != nil {
		return view, err
	}
	for i, row := range rows {
		if i == limit {
			view.Next = view.Requests[limit-1].ID
			break
		}
		view.Requests = append(view.Requests, rowOf(row, names))
	}
	return view, nil
}

// requests are those in memory, newest first.
func (s snapshot) requests(f storage.UsageFilter) (list []storage.UsageRequest) {
	fits := func(wanted, is string) bool { return wanted == "" || wanted == is }
	for _, p := range slices.Backward(s.parts) {
		for _, q := range slices.Backward(p.requests) {
			if (f.Before <= 0 || q.Num < f.Before) && fits(f.Model, q.Model) && fits(f.Route, q.Route) && fits(f.Class, q.Class) &&
				fits(f.Status, q.Status) && (f.Users == nil || slices.Contains(f.Users, q.User)) {
				list = append(list, q)
			}
		}
	}
	return list
}

func rowOf(q storage.UsageRequest, n names) RequestRow {
	row := RequestRow{
		ID: strconv.FormatInt(q.Num, 10), At: q.At.UTC().Format("2006-01-02T15:04:05.000Z"), Who: n.of(q.User), Model: q.Model, Device: q.Device,
		Route: q.Route, Class: q.Class, Status: q.Status, Code: q.Code, QueueMS: q.Queue.Milliseconds(), TotalMS: q.Total.Milliseconds(),
		PromptTokens: q.PromptTokens, CachedTokens: q.CachedTokens, OutputTokens: q.OutputTokens, TokensPerSec: q.TokensPerSec, Restarts: q.Restarts,
	}
	if q.FirstToken != nil {
		ms := q.FirstToken.Milliseconds()
		row.FirstTokenMS = &ms
	}
	return row
}

// Who asked, where it is no key.
const (
	WhoPage  = "page"
	WhoCheck = "house check"
	whoKey   = "API key" // one whose name is not told, or not known any more
)

// keyMark begins engine.Request.User of an API key.
const keyMark = "key:"

// names are those of the API keys, by engine.Request.User.
type names map[string]string

// names gives keys their names only while people may be told apart: with names
// the log would say how much each of them used.
func (r *Recorder) names(ctx context.Context) (names, error) {
	set, err := r.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := r.store.Keys(ctx)
	apart, _ := privacy(set)
	n := names{}
	for _, k := range keys {
		n[keyMark+k.ID] = whoKey
		if apart {
			n[keyMark+k.ID] = k.Name
		}
	}
	return n, err
}

func (n names) of(user string) string {
	switch {
	case n[user] != "":
		return n[user]
	case user == "house-check":
		return WhoCheck
	case strings.HasPrefix(user, keyMark):
		return whoKey
	}
	return WhoPage
}

// users are those whom a name may stand for; not nil.
func (n names) users(name string) []string {
	list := []string{}
	for user, is := range n {
		if is == name {
			list = append(list, user)
		}
	}
	switch name {
	case WhoPage:
		list = append(list, pageUser)
	case WhoCheck:
		list = append(list, "house-check")
	}
	return list
}

// pageUser is engine.Request.User of the page's person.
const pageUser = "owner"

// Marks are what happened in the last span, oldest first.
func (r *Recorder) Marks(ctx context.Context, span time.Duration) ([]Mark, error) {
	s, err := r.snapshot(0)
	if err != nil {
		return nil, err
	}
	from, to := s.now.Add(-span), s.now.Add(time.Minute)
	list := []Mark{}
	err = r.store.ReadUsage(ctx, func(u storage.UsageReader) error {
		stored, err := u.Marks(from, to, mostMarks)
		for _, k := range stored {
			list = append(list, Mark(k))
		}
		for _, p := range s.unstored(u.Seq) {
			for _, k := range p.marks {
				if !k.At.Before(from) && k.At.Before(to) {
					list = append(list, k)
				}
			}
		}
		return err
	})
	slices.SortStableFunc(list, func(a, b Mark) int { return a.At.Compare(b.At) })
	return list, err
}
