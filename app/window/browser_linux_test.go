package window

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSafeLink(t *testing.T) {
	for address, want := range map[string]string{
		"https://example.com/a?b=c#d":        "https://example.com/a?b=c#d",
		"http://127.0.0.1:8484/":             "http://127.0.0.1:8484/",
		"mailto:a@example.com":               "mailto:a@example.com",
		"https://bank.example@evil.example/": "https://evil.example/",
		"javascript:alert(1)":                "", "file:///etc/passwd": "", "data:text/html,x": "", "smb://host/x": "",
		"": "", "-h": "", "--help": "", "https:": "", "https:///x": "", "mailto:": "", "wails://wails/": "", "http://a b/": "",
	} {
		if got, err := safeLink(address); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
}

func TestLockedIn(t *testing.T) {
	for name, want := range map[string]bool{
		"firefox-esr.desktop\n": false, "chromium.desktop": false, "": false,
		"firefox_firefox.desktop\n": true, "org.mozilla.firefox.desktop": true,
	} {
		if lockedIn(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestNewLink(t *testing.T) {
	status, body := http.StatusCreated, `{"url":"http://127.0.0.1:1/#signin=abc"}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.URL.Path != "/api/v1/links" || r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		w.WriteHeader(status)
		w.Write([]byte(body)) //nolint:errcheck // a test
	}))
	defer s.Close()
	if link, err := newLink(t.Context(), s.URL, "t"); err != nil || link != "http://127.0.0.1:1/#signin=abc" {
		t.Errorf("%q, %v", link, err)
	}
	body = `{"url":"file:///x"}`
	if link, err := newLink(t.Context(), s.URL, "t"); err == nil {
		t.Errorf("%q was taken", link)
	}
	status, body = http.StatusForbidden, `{"detail":"no"}`
	if _, err := newLink(t.Context(), s.URL, "t"); err == nil || !strings.Contains(err.Error(), "403") {
		t.Error(err)
	}
}
