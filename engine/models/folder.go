package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Info is one model file.
type Info struct {
	ID           string // file name without .gguf; with its folder where two have the same name
	Path         string // absolute
	Name         string // general.name, else ID
	Architecture string
	Size         int64  // bytes
	Parameters   string // "135M"; empty when unknown
	Context      int    // tokens it was trained for; 0 when unknown
	Test         bool   // the bundled test model
	Refused      string // why it cannot be used, as a sentence; empty when it can
}

// Test models are for trying the box, not for answers that anybody relies on.
const testModel = "SmolLM2-135M-Instruct"

// Folder is a model folder. Its methods are safe for concurrent use.
type Folder struct {
	dir string

	mu   sync.Mutex
	seen map[string]entry // by path below dir
}

// entry is a header read earlier, valid while size and time are the same.
type entry struct {
	size    int64
	changed time.Time
	info    Info
}

// Open names a folder; List reads it. dir is made absolute.
func Open(dir string) (*Folder, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("model folder: %w", err)
	}
	return &Folder{dir: abs, seen: map[string]entry{}}, nil
}

// Dir is the folder's absolute path.
func (f *Folder) Dir() string { return f.dir }

// List reads the folder, at any depth, and returns its models sorted by ID.
// Headers are read again only when a file changed. A missing folder gives an
// error that is fs.ErrNotExist; an unusable file is listed with its reason.
func (f *Folder) List() ([]Info, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, fmt.Errorf("open model folder: %w", err)
	}
	defer root.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	found := map[string]entry{}
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == "." {
				return err
			}
			return fs.SkipDir // an unreadable folder hides its own models only
		}
		if !d.Type().IsRegular() || !strings.EqualFold(path.Ext(p), ".gguf") {
			return nil
		}
		st, err := d.Info()
		if err != nil {
			return nil // gone since the folder was read
		}
		e, ok := f.seen[p]
		if !ok || e.size != st.Size() || !e.changed.Equal(st.ModTime()) {
			e = entry{size: st.Size(), changed: st.ModTime(), info: inspect(root, f.dir, p, st.Size())}
		}
		found[p] = e
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read model folder: %w", err)
	}
	f.seen = found
	return name(found), nil
}

// name gives each model its ID: the bare file name goes to the one nearest to
// the folder's top, others of that name keep their folder in front.
func name(found map[string]entry) []Info {
	paths := make([]string, 0, len(found))
	for p := range found {
		paths = append(paths, p)
	}
	sort.Slice(paths, func(i, j int) bool {
		di, dj := strings.Count(paths[i], "/"), strings.Count(paths[j], "/")
		return di < dj || di == dj && paths[i] < paths[j]
	})
	taken := map[string]bool{}
	infos := make([]Info, 0, len(paths))
	for _, p := range paths {
		info := found[p].info
		id := strings.ToValidUTF8(strings.TrimSuffix(path.Base(p), path.Ext(p)), "_")
		if taken[id] {
			id = strings.ToValidUTF8(strings.TrimSuffix(p, path.Ext(p)), "_")
		}
		if taken[id] {
			continue // x.gguf beside x.GGUF
		}
		taken[id] = true
		info.ID = id
		if info.Name == "" {
			info.Name = id
		}
		info.Test = strings.HasPrefix(id, testModel)
		infos = append(infos, info)
	}
	sort.Slice(infos, func(i, j int) bool { return infos[i].ID < infos[j].ID })
	return infos
}

// inspect reads one file's header. It never blocks on what is not a file.
func inspect(root *os.Root, dir, p string, size int64) Info {
	info := Info{Path: filepath.Join(dir, filepath.FromSlash(p)), Size: size}
	f, err := root.OpenFile(filepath.FromSlash(p), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		info.Refused = "The file cannot be opened. Check its permissions."
		return info
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		info.Refused = "This is not a regular file."
		return info
	}
	h, err := ReadHeader(f, size)
	info.Name = strings.ToValidUTF8(strings.TrimSpace(h.Name), "\uFFFD")
	info.Architecture = h.Architecture
	info.Context = h.Context
	info.Parameters = parameters(h)
	if err != nil {
		info.Refused = refusal(err)
	}
	return info
}

// refusal is the sentence for a header error.
func refusal(err error) string {
	var incomplete *IncompleteError
	switch {
	case errors.As(err, &incomplete) && incomplete.Need == 0:
		return "The file is incomplete: it ends inside its header. Wait until the copy has ended, or copy it again."
	case errors.As(err, &incomplete):
		return fmt.Sprintf("The file is incomplete: %d of %d bytes are there. Wait until the copy has ended, or copy it again.",
			incomplete.Have, incomplete.Need)
	case errors.Is(err, ErrNotGGUF):
		return "This file is not a GGUF model."
	case errors.Is(err, ErrVersion):
		return "This GGUF version is not supported; versions 2 and 3 are."
	case errors.Is(err, ErrDamaged):
		return "The model's header is damaged. Copy the file again."
	}
	return "The file cannot be read. The disk or the permissions may be at fault."
}

// parameters is the header's own label, else the count, "135M" or "7.2B".
func parameters(h Header) string {
	n := float64(h.Elements)
	switch {
	case h.SizeLabel != "" && len(h.SizeLabel) <= 32:
		return strings.ToValidUTF8(h.SizeLabel, "\uFFFD")
	case n >= 100e9:
		return fmt.Sprintf("%.0fB", n/1e9)
	case n >= 1e9:
		return fmt.Sprintf("%.1fB", n/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.0fM", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.0fK", n/1e3)
	}
	return ""
}
