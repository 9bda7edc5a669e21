package window

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	pinScheme = "pbkdf2-sha256"
	pinBytes  = 32
	minPin    = 4
	maxPin    = 64
)

// pinRounds makes one try cost about a fifth of a second; tests take fewer.
var pinRounds = leastRounds * 6

const leastRounds = 100_000

// HashPIN gives the line to keep in a PIN file.
func HashPIN(pin string) (string, error) {
	if err := checkPIN(pin); err != nil {
		return "", err
	}
	salt := make([]byte, 16)
	rand.Read(salt) //nolint:errcheck // it never fails
	sum, err := pbkdf2.Key(sha256.New, pin, salt, pinRounds, pinBytes)
	if err != nil {
		return "", fmt.Errorf("hash the PIN: %w", err)
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return strings.Join([]string{pinScheme, strconv.Itoa(pinRounds), b64(salt), b64(sum)}, "$"), nil
}

// checkPIN wants digits: the kiosk's screen shows a number pad.
func checkPIN(pin string) error {
	if len(pin) < minPin || len(pin) > maxPin || strings.ContainsFunc(pin, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsDigit(r) }) {
		return fmt.Errorf("a PIN has %d to %d digits and nothing else", minPin, maxPin)
	}
	return nil
}

// ReadPIN reads a PIN file's line and checks its form, so that a typing error
// is seen at the start and not by the one who stands before the screen.
func ReadPIN(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("the PIN file cannot be read: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("others can read the PIN file %s. Run `chmod 600 %s`", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the PIN file cannot be read: %w", err)
	}
	line := strings.TrimSpace(string(text))
	if _, err := matchPIN(line, "0000"); err != nil {
		return "", fmt.Errorf("the PIN file %s: %w. Make it anew with `alcove-desktop kiosk-pin`", path, err)
	}
	return line, nil
}

// matchPIN says whether pin belongs to a line of HashPIN.
func matchPIN(line, pin string) (bool, error) {
	parts := strings.Split(line, "$")
	if len(parts) != 4 || parts[0] != pinScheme {
		return false, errors.New("its content is not a hashed PIN")
	}
	rounds, err := strconv.Atoi(parts[1])
	if err != nil || rounds < leastRounds || rounds > 10_000_000 {
		return false, errors.New("its count of rounds is out of range")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[2])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[3])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(sum) != pinBytes {
		return false, errors.New("its content is damaged")
	}
	have, err := pbkdf2.Key(sha256.New, pin, salt, rounds, pinBytes)
	if err != nil {
		return false, fmt.Errorf("hash the PIN: %w", err)
	}
	return subtle.ConstantTimeCompare(have, sum) == 1, nil
}

// Five wrong PINs, then one try a minute until a right one.
const (
	pinTries = 5
	pinPause = time.Minute
)

// pinGate decides about PINs that are typed. It lives in the host, so that a
// window that was made to crash does not reset the count.
type pinGate struct {
	line  string // of HashPIN; "" refuses everything
	now   func() time.Time
	wrong int
	until time.Time
}

// try says whether the PIN is right, and how long to wait before the next one.
func (g *pinGate) try(pin string) (ok bool, wait time.Duration) {
	if g.line == "" {
		return false, 0
	}
	if left := g.until.Sub(g.now()); left > 0 {
		return false, left
	}
	if checkPIN(pin) == nil {
		if right, err := matchPIN(g.line, pin); err == nil && right {
			g.wrong = 0
			return true, 0
		}
	}
	if g.wrong++; g.wrong >= pinTries {
		g.until = g.now().Add(pinPause)
		return false, pinPause
	}
	return false, 0
}
