package server

import (
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Many clients that never finish a request: they are dropped, and the others
// are answered meanwhile.
func TestSoakSlowloris(t *testing.T) {
	sockets := 100
	if soak() {
		sockets = 2000
	}
	limits := defaultLimits
	limits.header, limits.body = time.Second, time.Second
	b := newBox(t, func(d *Deps) { d.limits = &limits })
	host := strings.TrimPrefix(b.base, "http://")
	starts := []string{
		"GET /healthz HTTP/1.1\r\nHost: ", "POST /api/v1/session HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 50000\r\n\r\n{",
		"POST /api/v1/session HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "G",
	}
	var dropped sync.WaitGroup
	for i := range sockets {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, starts[i%len(starts)]); err != nil {
			t.Fatal(err)
		}
		dropped.Go(func() { io.Copy(io.Discard, c) }) //nolint:errcheck // a reset is an end as well
		if i%50 == 0 {
			b.want(200, "GET", "/healthz", nil, nil)
		}
	}
	dropped.Wait() // hangs when one is kept
	b.want(200, "GET", "/healthz", nil, nil)
}

// Search takes everything as literal text: no operator, no error, and nothing
// that does not hold the words.
func TestSoakSearch(t *testing.T) {
	count := 250
	if soak() {
		count = 5000
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	b := newBox(t)
	id := b.conversation()
	b.ended(b.ask(id, "the needle in a haystack").Answer.ID)
	parts := []string{
		`"`, `*`, `(`, `)`, `:`, `^`, `-`, `+`, `'`, `;`, `--`, `%`, `_`, `\`, "\x00", "\n", " ", " ", " ", "AND", "OR", "NOT", "NEAR(", "NEAR/2", "title:", "col:",
		"' OR 1=1 --", "needle", "haystack", "zebra", "é", "中文", "\u202e", "🙂", "ﬁ", "{", "}", "rowid", "parts_fts",
	}
	for range count {
		var q strings.Builder
		for range 1 + random.IntN(12) {
			q.WriteString(parts[random.IntN(len(parts))])
		}
		a := b.do("GET", "/api/v1/search?q="+url.QueryEscape(q.String()), nil)
		if a.status != http.StatusOK {
			t.Fatalf("%q: %d %s", q.String(), a.status, a.body)
		}
		var out searchBody
		a.into(t, &out)
		if len(out.Hits) > 0 && !strings.Contains(q.String(), "needle") && !strings.Contains(q.String(), "haystack") {
			t.Errorf("%q found %+v", q.String(), out.Hits)
		}
		if strings.Contains(q.String(), "zebra") && len(out.Hits) > 0 {
			t.Errorf("%q found what does not hold a zebra: %+v", q.String(), out.Hits)
		}
	}
}
