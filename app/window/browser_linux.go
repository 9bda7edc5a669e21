package window

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// safeLink gives an address in the form that may reach the system browser.
func safeLink(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("it is no address")
	}
	switch {
	case u.Scheme == "http" || u.Scheme == "https":
		if u.Host == "" {
			return "", errors.New("it names no host")
		}
	case u.Scheme == "mailto" && u.Opaque != "":
	default:
		return "", fmt.Errorf("addresses of kind %q are not opened", u.Scheme)
	}
	u.User = nil // only ever there to mislead
	return u.String(), nil
}

// openLink shows an address in the system browser.
func openLink(address string) error {
	safe, err := safeLink(address)
	if err != nil {
		return err
	}
	return systemOpen(safe)
}

// systemOpen hands an address or a file to the desktop. It never begins with a
// dash, so it cannot be an option.
func systemOpen(what string) error {
	cmd := exec.Command("xdg-open", what) //nolint:gosec // checked by the callers
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start xdg-open: %w", err)
	}
	go cmd.Wait() //nolint:errcheck // the browser may run for days
	return nil
}

// openFolder shows a folder in the file manager; it is made when it is missing,
// so that there is a place to put files.
func openFolder(path string) error {
	if !filepath.IsAbs(path) {
		return errors.New("there is no model folder")
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make the model folder: %w", err)
	}
	return systemOpen(path)
}

// openPage shows this server's page in the system browser, signed in by a
// one-time link. Others on this machine can read the arguments of a process, so
// the link goes through a file that only this person can read. Browsers that
// are locked in (snap, flatpak) cannot read it and are given the link itself.
func openPage(o Options) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	link, err := newLink(ctx, o.Base, o.Token)
	if err != nil {
		return err
	}
	name, _ := exec.CommandContext(ctx, "xdg-settings", "get", "default-web-browser").Output()
	if lockedIn(string(name)) {
		return systemOpen(link)
	}
	path := filepath.Join(o.Data, "run", "open.html")
	page := `<!doctype html><meta charset="utf-8"><title>Alcove</title><meta http-equiv="refresh" content="0; url=` + html.EscapeString(link) + `">`
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		return fmt.Errorf("write the link: %w", err)
	}
	time.AfterFunc(time.Minute, func() { os.Remove(path) }) //nolint:errcheck // the link works once and for ten minutes
	return systemOpen("file://" + (&url.URL{Path: path}).EscapedPath())
}

// lockedIn says whether a desktop file's name is that of a snap
// ("firefox_firefox.desktop") or a flatpak ("org.mozilla.firefox.desktop").
func lockedIn(desktopFile string) bool {
	name := strings.TrimSuffix(strings.TrimSpace(desktopFile), ".desktop")
	return strings.Contains(name, "_") || strings.Count(name, ".") >= 2
}

// newLink asks the server for a one-time sign-in link.
func newLink(ctx context.Context, base, token string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/links", bytes.NewReader([]byte("{}")))
	if err != nil {
		return "", fmt.Errorf("ask for a link: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Transport: &http.Transport{Proxy: nil}}).Do(r)
	if err != nil {
		return "", fmt.Errorf("ask for a link: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	var made struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxLine)).Decode(&made); err != nil || answer.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("ask for a link: the server answered %s", answer.Status)
	}
	if _, err := safeLink(made.URL); err != nil {
		return "", fmt.Errorf("ask for a link: %w", err)
	}
	return made.URL, nil
}
