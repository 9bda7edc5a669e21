package window

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// xdg-open gets the folder itself, and nothing that is none.
func TestOpenFolder(t *testing.T) {
	tools, told := t.TempDir(), filepath.Join(t.TempDir(), "told")
	script := "#!/bin/sh\nprintf %s \"$1\" > \"" + told + ".new\" && mv \"" + told + ".new\" \"" + told + "\"\n"
	if err := os.WriteFile(filepath.Join(tools, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tools+":"+os.Getenv("PATH"))
	folder := filepath.Join(t.TempDir(), "-a b", "models")
	if err := openFolder(folder); err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if got, err := os.ReadFile(told); err == nil {
			if string(got) != folder {
				t.Errorf("opened %q", got)
			}
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if st, err := os.Stat(folder); err != nil || !st.IsDir() {
		t.Errorf("the folder: %v", err)
	}
	for _, bad := range []string{"", "models", "--help"} {
		if openFolder(bad) == nil {
			t.Errorf("%q was opened", bad)
		}
	}
}
