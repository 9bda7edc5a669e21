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
	"sync"

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
	// Optional libraries, by what they are for ("vulkan", "cuda"): each may be
	// absent, and one that is there must match.
	Optional map[string]lockGroup `json:"optional"`
}

type lockGroup struct {
	Files map[string]string `json:"files"` // name to SHA-256 in hex
	Bytes map[string]int64  `json:"bytes"` // name to size
}

const setupHint = "Run `make setup`, or install the package again."

// CheckRuntime compares the libraries in dir with the lock.json beside them,
// byte for byte. Optional ones may be absent. The error is an *engine.Error,
// runtime_missing or runtime_changed, and names the file.
func CheckRuntime(dir string) error {
	return checkRuntime(dir, runtime.GOOS+"/"+runtime.GOARCH)
}

func checkRuntime(dir, platform string) error {
	p, err := readLock(dir, platform)
	if err != nil {
		return err
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
	for _, group := range sortedKeys(p.Optional) {
		files := p.Optional[group].Files
		for _, name := range sortedKeys(files) {
			if err := checkOptional(dir, name, files[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// readLock reads what must be in dir on this platform.
func readLock(dir, platform string) (lockPlatform, error) {
	data, err := os.ReadFile(filepath.Join(dir, "lock.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return lockPlatform{}, &engine.Error{Code: engine.CodeRuntimeMissing, Err: err,
			Message: "The llama.cpp libraries are not there. " + setupHint}
	}
	if err != nil {
		return lockPlatform{}, &engine.Error{Code: engine.CodeRuntimeMissing, Err: err,
			Message: "The llama.cpp libraries cannot be read. Check the permissions of their folder."}
	}
	var l lock
	if err := json.Unmarshal(data, &l); err != nil {
		return lockPlatform{}, changed("lock.json", "cannot be read", err)
	}
	if l.LlamaCpp != LibraryVersion || l.Yzma != BindingVersion {
		return lockPlatform{}, &engine.Error{Code: engine.CodeRuntimeChanged, Message: fmt.Sprintf(
			"The llama.cpp libraries are version %q for binding %q; this program needs %s and %s. %s",
			l.LlamaCpp, l.Yzma, LibraryVersion, BindingVersion, setupHint)}
	}
	p, ok := l.Platforms[platform]
	if !ok || len(p.Files) == 0 {
		return lockPlatform{}, &engine.Error{Code: engine.CodeRuntimeMissing, Message: fmt.Sprintf(
			"There are no llama.cpp libraries for %s. %s", platform, setupHint)}
	}
	return p, nil
}

// checkOptional allows a library to be absent. CUDA's are a gigabyte: one that
// has been found right is read again only when its size, time or file is
// another, so that the restart after a crash does not wait for it.
func checkOptional(dir, name, want string) error {
	path := filepath.Join(dir, filepath.Base(name))
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if before, ok := checkedFiles.Load(path + " " + want); ok && err == nil {
		seen, isInfo := before.(os.FileInfo)
		if isInfo && os.SameFile(seen, info) && seen.Size() == info.Size() && seen.ModTime().Equal(info.ModTime()) {
			return nil
		}
	}
	if err := checkLibrary(dir, name, want); err != nil {
		var e *engine.Error
		if errors.As(err, &e) {
			e.Message += " It is an optional one: without it Alcove works too."
		}
		return err
	}
	checkedFiles.Store(path+" "+want, info)
	return nil
}

// checkedFiles holds the optional libraries that were found right by this
// process: path and hash to os.FileInfo.
var checkedFiles sync.Map

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

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
