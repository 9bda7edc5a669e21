package documents

import (
	"strings"
	"time"

	"alcove/storage"
)

// found is a file of a watched folder as a look saw it.
type found struct {
	path     string // with "/"
	size     int64
	modified time.Time
}

// differences are what a look at a folder says about its documents.
type differences struct {
	fresh   []found            // files without a document
	changed []change           // files that are others now
	gone    []storage.Document // documents whose file is not there
	sure    map[string]bool    // those of gone, by id, for which that is no moment
}

type change struct {
	doc  storage.Document
	file found
}

// differs says whether a file is another one than a document was made of.
func differs(doc storage.Document, f found) bool {
	return f.size != doc.Size || f.modified.UnixMilli() != doc.Modified.UnixMilli()
}

// compare tells what has changed in a folder. Of unread and what is below nothing
// is known: its documents are kept. A file that could not be opened has no hash:
// it is tried again.
func compare(docs []storage.Document, files []found, unread []string) differences {
	var d differences
	byPath := make(map[string]found, len(files))
	for _, f := range files {
		byPath[f.path] = f
	}
	have := make(map[string]bool, len(docs))
	for _, doc := range docs {
		have[doc.Path] = true
		f, ok := byPath[doc.Path]
		switch {
		case ok && (differs(doc, f) || doc.SHA256 == "" && f.size <= MaxFile):
			d.changed = append(d.changed, change{doc, f})
		case !ok && !below(doc.Path, unread):
			d.gone = append(d.gone, doc)
		}
	}
	for _, f := range files {
		if !have[f.path] {
			d.fresh = append(d.fresh, f)
		}
	}
	return d
}

func below(path string, unread []string) bool {
	for _, f := range unread {
		if f == "." || f == path || strings.HasPrefix(path, f+"/") {
			return true
		}
	}
	return false
}

// settled gives the files that have not changed since an earlier look for a
// while; a file that is still written to is left for later. seen is kept from
// look to look.
func settled(seen map[string]sighting, files []found, now time.Time, rest time.Duration) (ready map[string]bool, wait bool) {
	ready = map[string]bool{}
	here := make(map[string]bool, len(files))
	for _, f := range files {
		here[f.path] = true
		s, ok := seen[f.path]
		if !ok || s.size != f.size || !s.modified.Equal(f.modified) {
			s = sighting{f.size, f.modified, now}
			seen[f.path] = s
		}
		// Its time of change may be of before it was copied: that is not asked.
		if now.Sub(s.since) >= rest {
			ready[f.path] = true
		} else {
			wait = true
		}
	}
	for path := range seen {
		if !here[path] {
			delete(seen, path)
		}
	}
	return ready, wait
}

// sighting is since when a file is as it is.
type sighting struct {
	size     int64
	modified time.Time
	since    time.Time
}

// emptied says whether a folder that shows no file is a mount point without its
// disk: it had documents, and lies on another file system than before.
func emptied(files []found, docs int, device, before uint64) bool {
	return len(files) == 0 && docs > 0 && before != 0 && device != before
}
