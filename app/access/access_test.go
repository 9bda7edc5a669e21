package access

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"alcove/app"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

func TestCheckListen(t *testing.T) {
	for _, ok := range []string{"127.0.0.1:8484", "127.0.0.1:0", "[::1]:8484", "localhost:8484", "127.0.0.2:1"} {
		if err := CheckListen(ok); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, bad := range []string{"0.0.0.0:8484", ":8484", "[::]:8484", "192.168.1.2:8484", "example.com:80", "", "127.0.0.1", "8484", "[fe80::1%lo]:80"} {
		var e *app.Error
		if err := CheckListen(bad); !errors.As(err, &e) || !strings.Contains(e.Message, "Use 127.0.0.1:8484.") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestHosts(t *testing.T) {
	h := NewHosts("Box.example", " alcove.lan ")
	for _, ok := range []string{"127.0.0.1", "127.0.0.1:8484", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8484", "box.example:443", "alcove.lan"} {
		if !h.Allow(ok) {
			t.Errorf("%q is refused", ok)
		}
	}
	for _, bad := range []string{
		"", ":8484", "evil.example", "box.example.evil", "xbox.example", "127.0.0.1.evil", "localhost.", "::1", "[::1", "::1]", "[127.0.0.1]", "[localhost]", "127.0.0.1:",
		"127.0.0.1:80:80", "a@127.0.0.1", "127.0.0.1/x", "127.0.0.1 ", "0.0.0.0", "[::]", "10.0.0.1", "0x7f.1", "127.1", "[::1%25lo]", "[fe80::1]",
	} {
		if h.Allow(bad) && bad != "127.0.0.1:" { // an empty port is allowed in a Host
			t.Errorf("%q is allowed", bad)
		}
	}
}

func TestLoopbackOrigin(t *testing.T) {
	for origin, want := range map[string]bool{
		"http://localhost:5173": true, "http://127.0.0.1:5173": true, "http://[::1]:1": true,
		"https://localhost": false, "http://evil.example": false, "null": false, "": false, "http://": false, "http://localhost.evil:80": false,
	} {
		if LoopbackOrigin(origin) != want {
			t.Errorf("%q: want %v", origin, want)
		}
	}
}

func TestLinks(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := NewLinks(func() time.Time { return now })
	a, expires := l.Create()
	b, _ := l.Create()
	if a == b || len(a) < 40 || expires != now.Add(LinkLife) {
		t.Errorf("tokens %q %q until %v", a, b, expires)
	}
	if l.Redeem("") || l.Redeem(a+"x") || !l.Redeem(a) || l.Redeem(a) {
		t.Error("a link works once, and only itself")
	}
	now = now.Add(LinkLife)
	if l.Redeem(b) {
		t.Error("an expired link works")
	}
	first, _ := l.Create()
	for range maxLinks {
		l.Create()
	}
	if l.Redeem(first) || len(l.open) != maxLinks {
		t.Errorf("%d links wait", len(l.open))
	}
}

func TestGuesses(t *testing.T) {
	now := time.Unix(1e9, 0)
	g := NewGuesses(func() time.Time { return now }, 3, time.Second)
	for i := range 3 {
		if wait := g.Wrong(); wait != 0 {
			t.Errorf("guess %d waits %v", i, wait)
		}
	}
	if wait := g.Wrong(); wait != time.Second {
		t.Errorf("the fourth waits %v", wait)
	}
	now = now.Add(1500 * time.Millisecond)
	if g.Wrong() != 0 || g.Wrong() != 500*time.Millisecond {
		t.Error("one more each second")
	}
	now = now.Add(-time.Hour) // a clock that goes back locks nobody out and lets nobody in
	if g.Wrong() == 0 {
		t.Error("a clock that went back gave guesses")
	}
	now = now.Add(time.Second)
	if wait := g.Wrong(); wait != 0 {
		t.Errorf("a second later it still waits %v", wait)
	}
}

// A read-only store, a closed one: not the caller's credentials are wrong.
func TestAStoreThatFailsIsNotAWrongKey(t *testing.T) {
	db, err := storage.Open(t.Context(), storage.Options{Path: emptydb.Path(t)})
	if err != nil {
		t.Fatal(err)
	}
	g := NewGuard(db, "x", "local", time.Now)
	_, secret, err := db.CreateKey(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/models", nil)
	r.Header.Set("Authorization", "Bearer "+secret)
	if c, err := g.Authorise(r, Key); err != nil || c.Kind != KindKey || c.ID == "" {
		t.Errorf("caller %+v: %v", c, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Authorise(r, Key); err == nil || errors.Is(err, ErrWrong) {
		t.Errorf("closed store: %v", err)
	}
	r.Header.Set("Authorization", "Bearer local")
	if c, err := g.Authorise(r, Session); err != nil || c.Kind != KindSession {
		t.Errorf("the local token needs no store: %+v %v", c, err)
	}
	// Without a local token an empty one is not it.
	g = NewGuard(db, "x", "", time.Now)
	r.Header.Set("Authorization", "Bearer ")
	if c, err := g.Authorise(r, Session); err == nil {
		t.Errorf("an empty bearer is %+v", c)
	}
}
