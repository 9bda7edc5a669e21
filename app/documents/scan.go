package documents

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"alcove/app/documents/extract"
)

const (
	maxFolderFiles = 100_000
	maxFolderDepth = 32
)

// listing is what a look at a folder sees.
type listing struct {
	files  []found
	dirs   []string // all folders, with ".", to be watched
	unread []string // folders and files that could not be looked at
	full   bool     // there are more files than are taken
	device uint64
}

// look lists the documents below a folder. Links and hidden files are left
// out, and whatever cannot be read is said. The error is that of the folder
// itself.
func look(ctx context.Context, folder string) (listing, error) {
	var l listing
	root, err := os.OpenRoot(folder)
	if err != nil {
		return l, err
	}
	defer root.Close()
	info, err := root.Stat(".")
	if err != nil {
		return l, err
	}
	l.device = deviceOf(info)
	if err := l.walk(ctx, root, ".", 0); err != nil {
		return l, err
	}
	return l, ctx.Err()
}

func (l *listing) walk(ctx context.Context, root *os.Root, dir string, depth int) error {
	if ctx.Err() != nil || l.full {
		return ctx.Err()
	}
	f, err := root.Open(dir)
	var entries []fs.DirEntry
	if err == nil {
		entries, err = f.ReadDir(-1)
		f.Close()
	}
	if err != nil {
		if dir == "." {
			return err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			l.unread = append(l.unread, dir)
		}
		return nil
	}
	l.dirs = append(l.dirs, dir)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		switch {
		case e.IsDir() && depth < maxFolderDepth:
			if err := l.walk(ctx, root, name, depth+1); err != nil {
				return err
			}
		case e.Type().IsRegular() && extract.IsDocument(e.Name()):
			info, err := root.Lstat(name)
			switch {
			case errors.Is(err, fs.ErrNotExist): // it went just now
			case err != nil: // a share that does not answer is no deletion
				l.unread = append(l.unread, name)
			case !info.Mode().IsRegular():
			case len(l.files) >= maxFolderFiles:
				l.full, l.unread = true, append(l.unread, ".") // which ones were seen is chance: nothing is gone
				return nil
			default:
				l.files = append(l.files, found{name, info.Size(), info.ModTime()})
			}
		}
	}
	return nil
}
