package storage

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestKeys(t *testing.T) {
	db, c := openNew(t)
	k, secret, err := db.CreateKey(t.Context(), "CI")
	if err != nil {
		t.Fatal(err)
	}
	_, secret2, err := db.CreateKey(t.Context(), "CI")
	if err != nil || secret2 == secret {
		t.Fatal("second key", err)
	}
	if !strings.HasPrefix(secret, "ak-") || len(secret) != 3+43 || !strings.HasPrefix(secret, k.Prefix) || len(k.Prefix) > 9 {
		t.Errorf("secret of %d characters, prefix %q", len(secret), k.Prefix)
	}
	c.advance(time.Hour)
	if got, err := db.KeyBySecret(t.Context(), secret); err != nil || got.ID != k.ID || got.Name != "CI" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, wrong := range []string{"", secret + "x", secret[:45], strings.ToLower(secret), k.Prefix, "ak-' OR 1=1 --"} {
		if _, err := db.KeyBySecret(t.Context(), wrong); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	wait(t, "last use", func() bool {
		list, err := db.Keys(t.Context())
		return err == nil && len(list) == 2 && list[0].LastUsedAt.Equal(c.now()) && list[1].LastUsedAt.IsZero()
	})
	if err := db.RevokeKey(t.Context(), k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := db.KeyBySecret(t.Context(), secret); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked key: %v", err)
	}
	revoked := c.now()
	c.advance(time.Hour)
	if err := db.RevokeKey(t.Context(), k.ID); err != nil {
		t.Errorf("revoked again: %v", err)
	}
	if err := db.RevokeKey(t.Context(), "none"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if list, err := db.Keys(t.Context()); err != nil || !list[0].RevokedAt.Equal(revoked) || !list[1].RevokedAt.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
	noSecretIn(t, db, secret, secret2)
}

func TestSessions(t *testing.T) {
	db, c := openNew(t)
	token, err := db.CreateSession(t.Context(), c.now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s, err := db.SessionByToken(t.Context(), token)
	if err != nil || s.ID == "" || !s.ExpiresAt.Equal(c.now().Add(time.Hour)) {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := db.SessionByToken(t.Context(), token+"x"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	noSecretIn(t, db, token)
	second, err := db.CreateSession(t.Context(), c.now().Add(3*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	c.advance(time.Hour)
	if _, err := db.SessionByToken(t.Context(), token); !errors.Is(err, ErrNotFound) {
		t.Errorf("expired: %v", err)
	}
	for range 2 {
		if err := db.DeleteSession(t.Context(), second); err != nil {
			t.Error(err)
		}
	}
	if _, err := db.SessionByToken(t.Context(), second); !errors.Is(err, ErrNotFound) {
		t.Errorf("signed out: %v", err)
	}
	if _, err := db.CreateSession(t.Context(), c.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "sessions"); n != 1 {
		t.Errorf("%d sessions, the expired one was not removed", n)
	}
}

// noSecretIn looks for secrets in the files.
func noSecretIn(t *testing.T, db *DB, secrets ...string) {
	t.Helper()
	for _, name := range []string{db.path, db.path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("a secret is in %s", name)
			}
		}
	}
}

func TestSettings(t *testing.T) {
	db, _ := openNew(t)
	set := func(m map[string]string) error {
		raw := map[string]json.RawMessage{}
		for k, v := range m {
			raw[k] = json.RawMessage(v)
		}
		return db.SetSettings(t.Context(), raw)
	}
	check := func(want map[string]string) {
		t.Helper()
		raw, err := db.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for k, v := range raw {
			got[k] = string(v)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	check(map[string]string{})
	if err := set(map[string]string{"theme": `"dark"`, "top_k": `40`}); err != nil {
		t.Fatal(err)
	}
	if err := set(map[string]string{"theme": `"light"`, "top_k": `null`, "x": `{"a":[1]}`}); err != nil {
		t.Fatal(err)
	}
	check(map[string]string{"theme": `"light"`, "x": `{"a":[1]}`})
	for _, bad := range []map[string]string{{"theme": `"a"`, "y": `{`}, {"": `1`, "theme": `"a"`}, {"theme": ``}} {
		if err := set(bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	check(map[string]string{"theme": `"light"`, "x": `{"a":[1]}`})
}
