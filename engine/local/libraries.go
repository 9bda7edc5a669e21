package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// This file lists the pinned libraries and installs those that are not there,
// from a folder: no network is asked.

// LibraryGroup is a set of pinned libraries that is of use only as a whole.
type LibraryGroup struct {
	Name     string // "engine" is always needed; "vulkan" and "cuda" are optional
	Optional bool
	Files    []Library
}

// Library is one pinned file.
type Library struct {
	Name    string
	Bytes   int64 // 0 where the lock does not say
	Present bool  // there, with whatever content; CheckRuntime looks at that

	sum string // SHA-256 in hex
}

// EngineGroup is the name of the group that is always needed.
const EngineGroup = "engine"

// Complete says that all files of the group are there.
func (g LibraryGroup) Complete() bool { return len(g.Missing()) == 0 }

// Missing names the files that are not there.
func (g LibraryGroup) Missing() []string {
	var names []string
	for _, f := range g.Files {
		if !f.Present {
			names = append(names, f.Name)
		}
	}
	return names
}

// Libraries lists what the lock of a runtime folder names for this machine,
// the optional groups last. Errors are those of CheckRuntime.
func Libraries(dir string) ([]LibraryGroup, error) {
	return libraries(dir, runtime.GOOS+"/"+runtime.GOARCH)
}

func libraries(dir, platform string) ([]LibraryGroup, error) {
	p, err := readLock(dir, platform)
	if err != nil {
		return nil, err
	}
	groups := []LibraryGroup{newGroup(dir, EngineGroup, lockGroup{Files: p.Files})}
	for _, name := range sortedKeys(p.Optional) {
		g := newGroup(dir, name, p.Optional[name])
		g.Optional = true
		groups = append(groups, g)
	}
	return groups, nil
}

func newGroup(dir, name string, l lockGroup) LibraryGroup {
	g := LibraryGroup{Name: name}
	for _, file := range sortedKeys(l.Files) {
		f := Library{Name: filepath.Base(file), Bytes: l.Bytes[file], sum: l.Files[file]}
		if info, err := os.Stat(filepath.Join(dir, f.Name)); err == nil {
			f.Present = true
			if f.Bytes == 0 {
				f.Bytes = info.Size()
			}
		}
		g.Files = append(g.Files, f)
	}
	// A worker that starts in between must not find a backend without what it
	// stands on.
	slices.SortStableFunc(g.Files, func(a, b Library) int {
		return strings.Compare(rank(a.Name), rank(b.Name))
	})
	return g
}

func rank(name string) string {
	if strings.HasPrefix(name, "libggml-") || strings.HasPrefix(name, "libllama") {
		return "1"
	}
	return "0"
}

// ErrNothingToInstall says that a folder holds no pinned library that is
// missing here.
var ErrNothingToInstall = errors.New("no library that is missing here is in that folder")

// InstallLibraries copies the pinned libraries that are missing in dir, or
// damaged, out of the folder from or folders below it, and gives their names.
// Everything is copied and its hash compared before anything counts; on an
// error dir is as it was. A group that would not be whole is left out.
func InstallLibraries(ctx context.Context, dir, from string) ([]string, error) {
	return installLibraries(ctx, dir, from, runtime.GOOS+"/"+runtime.GOARCH)
}

func installLibraries(ctx context.Context, dir, from, platform string) (done []string, err error) {
	groups, err := libraries(dir, platform)
	if err != nil {
		return nil, err
	}
	found, err := findLibraries(from, groups)
	if err != nil {
		return nil, err
	}
	wanted, incomplete := choose(dir, groups, found)
	if len(wanted) == 0 {
		if len(incomplete) > 0 {
			return nil, fmt.Errorf("%w: %s", ErrNothingToInstall, strings.Join(incomplete, "; "))
		}
		return nil, ErrNothingToInstall
	}
	defer func() {
		for _, f := range wanted {
			_ = os.Remove(partOf(dir, f.Name)) // gone already where all went well
		}
	}()
	for _, f := range wanted {
		if err := copyChecked(ctx, found[f.Name], partOf(dir, f.Name), f.sum); err != nil {
			return nil, err
		}
	}
	for _, f := range wanted {
		if err := os.Rename(partOf(dir, f.Name), filepath.Join(dir, f.Name)); err != nil {
			return done, fmt.Errorf("put %s in its place: %w", f.Name, err)
		}
		done = append(done, f.Name)
	}
	return done, syncFolder(dir)
}

// partOf is where a copy lies until all of them are known to be right. ggml
// does not take it for a backend.
func partOf(dir, name string) string { return filepath.Join(dir, "."+name+".part") }

// maxEntries bounds a search: somebody may name the root folder.
const maxEntries = 100_000

// findLibraries looks for the files of groups in from and below it. The first
// of each name counts, in the order of their paths.
func findLibraries(from string, groups []LibraryGroup) (map[string]string, error) {
	found, wanted := map[string]string{}, map[string]bool{}
	for _, g := range groups {
		for _, f := range g.Files {
			wanted[f.Name] = true
		}
	}
	if info, err := os.Stat(from); err != nil {
		return nil, fmt.Errorf("look into %s: %w", from, errors.Unwrap(err))
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", from)
	}
	entries := 0
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if entries++; entries > maxEntries {
			return fmt.Errorf("%s has too many files: name the folder that holds the libraries", from)
		}
		if err != nil || d.IsDir() || !wanted[d.Name()] || found[d.Name()] != "" {
			return nil // what cannot be read is as if it were not there
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() { // through links too
			found[d.Name()] = path
		}
		return nil
	})
	return found, err
}

// choose picks what is installed: the files that are missing or damaged in
// dir, of each group that is whole then. incomplete says what stands against
// the others.
func choose(dir string, groups []LibraryGroup, found map[string]string) (wanted []Library, incomplete []string) {
	for _, g := range groups {
		var take []Library
		var lacking []string
		for _, f := range g.Files {
			switch {
			case f.Present && checkLibrary(dir, f.Name, f.sum) == nil:
			case found[f.Name] != "":
				take = append(take, f)
			default:
				lacking = append(lacking, f.Name)
			}
		}
		if len(take) > 0 && len(lacking) > 0 {
			incomplete = append(incomplete, fmt.Sprintf("%s also needs %s", g.Name, strings.Join(lacking, ", ")))
			continue
		}
		wanted = append(wanted, take...)
	}
	return wanted, incomplete
}

// copyChecked copies a file whose hash must be want, and makes it durable.
func copyChecked(ctx context.Context, from, to, want string) error {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("read %s: %w", from, err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return fmt.Errorf("write into %s: %w. Nothing was changed", filepath.Dir(to), errors.Unwrap(err))
	}
	defer out.Close()
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, sum), reader{ctx, in}); err != nil {
		return fmt.Errorf("copy %s: %w. Nothing was changed", from, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != want {
		return fmt.Errorf("%s is not the pinned library: its hash differs. Nothing was changed", from)
	}
	// The service may run as another person than the one who installs.
	if err := errors.Join(out.Chmod(0o644), out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("copy %s: %w. Nothing was changed", from, err)
	}
	return nil
}

// reader stops a long copy when ctx ends.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// syncFolder makes renames durable where the system can.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
