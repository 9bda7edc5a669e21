package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

// LinkLife is how long a sign-in link can be used.
const LinkLife = 10 * time.Minute

// maxLinks bounds the links that wait; the oldest gives way.
const maxLinks = 64

// Links keeps one-time sign-in tokens in memory, hashed: a memory dump or a
// restart leaves nothing that signs anybody in.
type Links struct {
	now func() time.Time

	mu   sync.Mutex
	open []link // oldest first
}

type link struct {
	hash    [sha256.Size]byte
	expires time.Time
}

// NewLinks makes an empty Links; now is the clock.
func NewLinks(now func() time.Time) *Links { return &Links{now: now} }

// Create makes a token that Redeem takes once before it expires.
func (l *Links) Create() (token string, expires time.Time) {
	token = NewToken()
	l.mu.Lock()
	defer l.mu.Unlock()
	expires = l.now().Add(LinkLife)
	l.open = append(l.live(), link{sha256.Sum256([]byte(token)), expires})
	if len(l.open) > maxLinks {
		l.open = l.open[len(l.open)-maxLinks:]
	}
	return token, expires
}

// Redeem uses a token up. It compares with every open link in constant time.
func (l *Links) Redeem(token string) bool {
	hash := sha256.Sum256([]byte(token))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = l.live()
	found := -1
	for i := range l.open {
		if subtle.ConstantTimeCompare(hash[:], l.open[i].hash[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return false
	}
	l.open = append(l.open[:found], l.open[found+1:]...)
	return true
}

// live drops the links that have expired; the caller holds the lock.
func (l *Links) live() []link {
	now := l.now()
	kept := l.open[:0]
	for _, o := range l.open {
		if o.expires.After(now) {
			kept = append(kept, o)
		}
	}
	return kept
}

// NewToken makes 256 random bits as URL-safe text.
func NewToken() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}
