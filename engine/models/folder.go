package models

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

// Info is one model: a file, or the parts of a split one.
type Info struct {
	ID           string // file name without .gguf and part number; with its folder where two have the same name
	Path         string // absolute; of the first part
	Name         string // general.name, else ID; for people: printable and short
	Architecture string // likewise; "llama"
	Size         int64  // bytes of all parts
	Parameters   string // "135M"; empty when unknown
	Context      int    // tokens it was trained for; 0 when unknown
	Test         bool   // the bundled test model
	State        State
	Percent      int    // of a copy that is under way: 1 to 99, 0 when unknown
	Refused      string // why it cannot be used now, as a sentence; empty when it can
	Content      string // differs when a file was changed or replaced; means nothing else
	Inode        string // differs when a file was replaced, not when it was changed; means nothing else
	Shape        *Shape // of a ready model; nobody may change it
	Facts               // nobody may change its lists

	adapts adapts // of an adapter
	files  []file // for Current
	place  string // path below its folder, with /, without .gguf and part number
	base   string // name of its folder
}

// file is one file of a model as it was when it was looked at.
type file struct {
	path  string // absolute
	stamp stamp
}

// Current says whether the model's files are still what they were when it was
// listed: one stat each, without asking the owner of the folder.
func (m Info) Current() bool {
	for _, f := range m.files {
		st, err := os.Lstat(f.path)
		if err != nil || !st.Mode().IsRegular() || stampOf(st) != f.stamp {
			return false
		}
	}
	return len(m.files) > 0
}

// Test models are for trying the box, not for answers that anybody relies on.
const testModel = "SmolLM2-135M-Instruct"

// Folder is a model folder that is read when somebody asks. Its methods are
// safe for concurrent use. A Watcher keeps one up to date.
type Folder struct {
	dir    string
	settle time.Duration
	hooks  hooks

	mu     sync.Mutex
	dirs   map[string]*dirState // by path below dir, "." is dir itself
	files  map[string]*track    // by path below dir
	active map[string]bool      // files that may become something else without changing
	dirty  bool                 // the files differ from what was last built
	infos  []Info               // last built
	joins  bool                 // a split model may become something else without a change
	heads  int                  // headers read, for tests
}

// hooks are how a Watcher takes part. All may be nil.
type hooks struct {
	enter func(p string) // before a folder is read
	leave func(p string) // a folder is gone
	found func()         // files were found that are not looked into yet
}

// Open names a folder; List reads it. dir is made absolute.
func Open(dir string) (*Folder, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("model folder: %w", err)
	}
	return &Folder{dir: abs, settle: settleTime, dirs: map[string]*dirState{}, files: map[string]*track{}, active: map[string]bool{}}, nil
}

// Dir is the folder's absolute path.
func (f *Folder) Dir() string { return f.dir }

// List reads the folder, at any depth, and returns its models sorted by ID.
// Headers are read again only when a file changed. A missing folder gives an
// error that is fs.ErrNotExist; an unusable file is listed with its reason.
func (f *Folder) List() ([]Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.scan(time.Now(), true); err != nil {
		return nil, err
	}
	return f.build(time.Now()), nil
}

// build gives the models of the last scan.
func (f *Folder) build(now time.Time) []Info {
	if f.dirty || f.joins {
		f.dirty, f.joins = false, false
		f.infos = f.name(units(f.files), now)
	}
	return f.infos
}

// name gives each model its ID: the bare file name goes to the one nearest to
// the folder's top, others of that name keep their folder in front.
func (f *Folder) name(list []*unit, now time.Time) []Info {
	sort.SliceStable(list, func(i, j int) bool {
		return strings.Count(list[i].path, "/") < strings.Count(list[j].path, "/")
	})
	taken := map[string]bool{}
	infos := make([]Info, 0, len(list))
	for _, u := range list {
		id := ""
		for _, name := range []string{path.Base(u.name), u.name, strings.TrimSuffix(u.path, path.Ext(u.path))} {
			if id = strings.ToValidUTF8(name, "_"); !taken[id] {
				break
			}
		}
		if taken[id] {
			continue // x.gguf beside x.GGUF
		}
		taken[id] = true
		info := f.info(u, now)
		info.ID = id
		if info.Name == "" {
			info.Name = clean(id, maxTitle)
		}
		info.Test = strings.HasPrefix(id, testModel)
		infos = append(infos, info)
	}
	sort.Slice(infos, func(i, j int) bool { return infos[i].ID < infos[j].ID })
	match(infos)
	return infos
}

// info describes a model but for its ID.
func (f *Folder) info(u *unit, now time.Time) Info {
	h := u.first().header
	info := Info{Path: filepath.Join(f.dir, filepath.FromSlash(u.path)), Context: h.Context, Name: clean(h.Name, maxTitle),
		Architecture: clean(h.Architecture, maxLanguage), Facts: h.Facts, place: u.name, base: filepath.Base(f.dir)}
	var active bool
	info.State, info.Refused, info.Percent, active = u.judge(now, f.settle)
	f.joins = f.joins || active && u.count > 0
	h.Elements, h.Shape = 0, nil
	for no := 1; no <= max(1, u.count); no++ {
		t := u.parts[no]
		if t == nil {
			continue
		}
		p := info.Path
		if u.count > 0 {
			p = filepath.Join(f.dir, filepath.FromSlash(fmt.Sprintf("%s-%05d-of-%05d.gguf", u.name, no, u.count)))
		}
		h.Elements += t.header.Elements // a sum that wraps is only shown
		h.Shape = h.Shape.join(t.header.Shape)
		info.Size += t.stamp.size
		info.Content += fmt.Sprintf("%d:%d:%d:%d:%d ", no, t.stamp.device, t.stamp.inode, t.stamp.size, t.stamp.modified)
		info.Inode += fmt.Sprintf("%d:%d:%d ", no, t.stamp.device, t.stamp.inode)
		info.files = append(info.files, file{p, t.stamp})
	}
	info.Parameters = parameters(h)
	if info.State == StateReady {
		info.Shape = h.Shape
	}
	info.adapts = h.adapts
	return info
}

// refusal is the sentence for a header error.
func refusal(err error) string {
	var incomplete *IncompleteError
	switch {
	case errors.Is(err, errNotRegular):
		return "This is not a regular file."
	case errors.Is(err, errOpen):
		return "The file cannot be opened. Check its permissions."
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
		return clean(h.SizeLabel, 32)
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
