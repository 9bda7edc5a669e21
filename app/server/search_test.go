package server

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

func TestSearchDocuments(t *testing.T) {
	b := newBox(t)
	d := b.sendFile("hr", "leave.txt", "Employees receive sixteen weeks of paid parental leave.\nThe garage opens at six.")
	b.document(d.ID, "ready")
	search := func(collection, q string) searchBody {
		var got searchBody
		b.want(200, "GET", "/api/v1/search?"+url.Values{"collection": {collection}, "q": {q}}.Encode(), nil, &got)
		return got
	}
	got := search("hr", "How many weeks of parental leave are there?")
	if len(got.Hits) != 0 || len(got.Passages) != 1 || got.Grounding.Decision != "answered" || got.Mode != "text" || got.Reason == "" || got.Times == nil {
		t.Fatalf("%+v", got)
	}
	if p := got.Passages[0]; p.Document != "leave.txt" || p.Ranks.Text != 1 || p.Signals.Coverage != 1 || !strings.Contains(p.Quote, "sixteen weeks") || strings.Contains(p.Quote, "garage") {
		t.Errorf("%+v", p)
	}
	if got := search("hr", "Who repairs the coffee machine?"); got.Grounding.Decision != "refused" {
		t.Errorf("%+v", got)
	}
	for _, q := range []string{`" OR stem:*`, "NEAR(", "\x00", strings.Repeat("a ", 490), " "} {
		search("hr", q)
	}
	b.want(404, "GET", "/api/v1/search?collection=none&q=x", nil, nil)
	b.want(422, "GET", "/api/v1/search?collection=hr&q=x&as_of=tomorrow", nil, nil)
	b.want(422, "GET", "/api/v1/search?collection=hr&q=x&limit=1000", nil, nil)
	b.want(422, "GET", "/api/v1/search?collection=hr&q=x&as_of=2026-02-30", nil, nil)
	b.want(204, "DELETE", "/api/v1/documents/"+d.ID, nil, nil)
	if got := search("hr", "parental leave"); len(got.Passages) != 0 || got.Grounding.Decision != "refused" {
		t.Errorf("found after it was deleted: %+v", got)
	}
}

// What a person reads of a wrong field says what it must be, in words.
func TestWrongFieldsAreToldInWords(t *testing.T) {
	b := newBox(t)
	for _, c := range []struct{ method, path, body, want string }{
		{"POST", "/api/v1/conversations/" + b.conversation() + "/messages", `{"text":"x","as_of":"yesterday"}`, "as_of: must be a day, such as 2026-01-31. Nothing was changed."},
		{"POST", "/api/v1/conversations/" + b.conversation() + "/messages", `{"text":""}`, "text: is empty, or has fewer than 1 characters. Nothing was changed."},
		{"GET", "/api/v1/search?q=x&as_of=today", "", "query.as_of: must be a day, such as 2026-01-31. Nothing was changed."},
		{"GET", "/api/v1/search?q=x&limit=51", "", "query.limit: must be 50 at most. Nothing was changed."},
		{"POST", "/api/v1/collections", `{"id":"Bad Name"}`, "id: must be small letters, digits and hyphens, such as hr-germany. Nothing was changed."},
		{"POST", "/api/v1/messages/x/rating", `{"rating":"sideways"}`, `rating: must be one of "up, down". Nothing was changed.`},
	} {
		var in any
		if c.body != "" {
			in = c.body
		}
		var p struct{ Detail string }
		if a := b.do(c.method, c.path, in); a.status != 422 || json.Unmarshal(a.body, &p) != nil || p.Detail != c.want {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
		}
	}
}
