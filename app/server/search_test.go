package server

import (
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
