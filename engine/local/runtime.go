package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"

	"alcove/engine"
)

// The pinned pair: llama.cpp's libraries and the binding the worker is built
// with. They move together; see docs/operations.md.
const (
	LibraryVersion = "v0.5.0"  // llama.cpp
	BindingVersion = "v1.28.0" // yzma
)

// lock is lock.json beside the libraries.
type lock struct {
	LlamaCpp  string                  `json:"llama_cpp"`
	Yzma      string                  `json:"yzma"`
	Platforms map[string]lockPlatform `json:"platforms"` // by GOOS/GOARCH
}

type lockPlatform struct {
	Files map[string]string `json:"files"` // name to SHA-256 in hex
	Links map[string]string `json:"links"` // link to the file it names
}

const setupHint = "Run `make setup`, or install the package again."

// CheckRuntime compares the libraries in dir with the lock.json beside them,
// byte for byte. The error is an *engine.Error, runtime_missing or
// runtime_changed, and names the file.
func CheckRuntime(dir string) error {
	return checkRuntime(dir, runtime.GOOS+"/"+runtime.GOARCH)
}

func checkRuntime(dir, platform string) error {
	data, err := os.ReadFile(filepath.Join(dir, "lock.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return &engine.Error{Code: engine.CodeRuntimeMissing, Err: err,
			Message: "The llama.cpp libraries are not there. " + setupHint}
	}
	if err != nil {
		return &engine.Error{Code: engine.CodeRuntimeMissing, Err: err,
			Message: "The llama.cpp libraries cannot be read. Check the permissions of their folder."}
	}
	var l lock
	if err := json.Unmarshal(data, &l); err != nil {
		return changed("lock.json", "cannot be read", err)
	}
	if l.LlamaCpp != LibraryVersion || l.Yzma != BindingVersion {
		return &engine.Error{Code: engine.CodeRuntimeChanged, Message: fmt.Sprintf(
			"The llama.cpp libraries are version %q for binding %q; this program needs %s and %s. %s",
			l.LlamaCpp, l.Yzma, LibraryVersion, BindingVersion, setupHint)}
	}
	p, ok := l.Platforms[platform]
	if !ok || len(p.Files) == 0 {
		return &engine.Error{Code: engine.CodeRuntimeMissing, Message: fmt.Sprintf(
			"There are no llama.cpp libraries for %s. %s", platform, setupHint)}
	}
	for _, name := range sortedKeys(p.Files) {
		if err := checkLibrary(dir, name, p.Files[name]); err != nil {
			return err
		}
	}
	for _, link := range sortedKeys(p.Links) {
		if to, err := os.Readlink(filepath.Join(dir, filepath.Base(link))); err != nil || to != p.Links[link] {
			return changed(link, "is not the link it should be", err)
		}
	}
	return nil
}

func checkLibrary(dir, name, want string) error {
	f, err := os.Open(filepath.Join(dir, filepath.Base(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return &engine.Error{Code: engine.CodeRuntimeMissing, Err: err,
			Message: fmt.Sprintf("The llama.cpp library %s is not there. %s", name, setupHint)}
	}
	if err != nil {
		return changed(name, "cannot be read", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return changed(name, "cannot be read", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != want {
		return changed(name, "is not the one that was installed", nil)
	}
	return nil
}

func changed(name, what string, err error) error {
	return &engine.Error{Code: engine.CodeRuntimeChanged, Err: err,
		Message: fmt.Sprintf("The llama.cpp library file %s %s, so the engine was not started. %s", name, what, setupHint)}
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
