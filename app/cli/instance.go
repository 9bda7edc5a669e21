package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"alcove/app/config"
)

// instance is the content of run/instance.json.
type instance struct {
	Base     string `json:"base"` // http://127.0.0.1:8484
	PID      int    `json:"pid"`
	Token    string `json:"token"` // counts as a session
	Instance string `json:"instance"`
	Version  string `json:"version"`
}

func instanceFile(c config.Config) string { return filepath.Join(c.Run(), "instance.json") }

// instanceID tells data folders apart: cookies of one host are shared by all
// its ports. It stays the same over restarts.
func instanceID(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:6])
}

func newToken() string { return rand.Text() }

// writeInstance replaces the file as a whole; a file that a killed process
// left there is replaced too.
func writeInstance(c config.Config, i instance) error {
	if err := config.MakeFolder(c.Run()); err != nil {
		return err
	}
	text, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return fmt.Errorf("write instance: %w", err)
	}
	temp, err := os.CreateTemp(c.Run(), "instance.*.part") // 0600
	if err != nil {
		return fmt.Errorf("write instance: %w", err)
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // it has its own name by then
	_, err = temp.Write(append(text, '\n'))
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), instanceFile(c))
	}
	if err != nil {
		return fmt.Errorf("write instance: %w", err)
	}
	return nil
}

// removeInstance removes our own file, not that of a successor.
func removeInstance(c config.Config, token string) {
	if i, err := readInstance(c); err == nil && i.Token == token {
		os.Remove(instanceFile(c)) //nolint:errcheck // a stale file is detected
	}
}

func readInstance(c config.Config) (instance, error) {
	text, err := os.ReadFile(instanceFile(c))
	if err != nil {
		return instance{}, err
	}
	var i instance
	if err := json.Unmarshal(text, &i); err != nil {
		return instance{}, fmt.Errorf("%s: %w", instanceFile(c), err)
	}
	return i, nil
}

// running finds the instance that serves this data folder. A file that a
// killed process left names a server that does not answer, or another one.
func running(ctx context.Context, c config.Config) (instance, bool) {
	i, err := readInstance(c)
	if err != nil {
		return instance{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var session struct {
		SignedIn bool   `json:"signed_in"`
		Instance string `json:"instance"`
	}
	err = newClient(i.Base, i.Token).call(ctx, "GET", "/api/v1/session", nil, &session)
	return i, err == nil && session.SignedIn && session.Instance == i.Instance
}
