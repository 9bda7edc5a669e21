// Package archive reads the parts of zipped documents within limits. What the
// archive says about itself is not believed: bytes are counted while they come.
package archive

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"io"
	"slices"
	"strings"

	"alcove/app/documents/extract"
)

// maxEntries of an archive; a document with many pictures has some hundred.
const maxEntries = 20_000

// smallPart may inflate as far as it likes: white space alone does so.
const smallPart = 1 << 20

// Archive is an open zip file.
type Archive struct {
	parts    map[string]*zip.File
	names    []string
	limits   extract.Limits
	inflated int64
}

// Open reads the archive's directory.
func Open(in extract.Input) (*Archive, error) {
	r, err := zip.NewReader(in.File, in.Size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, extract.Fail(extract.Damaged, "archive: %v", err)
	}
	if len(r.File) > maxEntries {
		return nil, extract.Fail(extract.Inflates, "%d entries", len(r.File))
	}
	a := &Archive{parts: map[string]*zip.File{}, limits: in.Limits}
	r.RegisterDecompressor(zip.Deflate, a.inflate)
	for _, f := range r.File {
		if f.Flags&1 != 0 {
			return nil, extract.Fail(extract.Encrypted, "an encrypted entry")
		}
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, "\\", "/"), "/")
		if key := strings.ToLower(name); a.parts[key] == nil {
			a.parts[key] = f
			a.names = append(a.names, name)
		}
	}
	slices.Sort(a.names)
	return a, nil
}

// Names lists the parts in order.
func (a *Archive) Names() []string { return a.names }

// Has says whether a part is there; names are compared without case.
func (a *Archive) Has(name string) bool { return a.parts[strings.ToLower(name)] != nil }

// Under lists the parts whose names begin with prefix.
func (a *Archive) Under(prefix string) []string {
	var found []string
	for _, name := range a.names {
		if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			found = append(found, name)
		}
	}
	return found
}

// Open gives a part's bytes. Errors while reading are *extract.Error. It is
// nil without error where there is no such part.
func (a *Archive) Open(name string) (io.ReadCloser, error) {
	f := a.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, extract.Fail(extract.Damaged, "part: %v", err)
	}
	if f.Method != zip.Deflate { // stored: what comes out has come in, but counts
		return part{&counted{a: a, in: &raw{r: r}, stored: true}, r}, nil
	}
	return part{r, r}, nil
}

// Drain reads all parts, so that a reader which believes the archive may follow.
func (a *Archive) Drain() error {
	for _, name := range a.names {
		r, err := a.Open(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, r)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// part makes errors of reading extract's.
type part struct {
	io.Reader
	io.Closer
}

func (p part) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	var known *extract.Error
	if err != nil && err != io.EOF && !errors.As(err, &known) {
		err = extract.Fail(extract.Damaged, "part: %v", err)
	}
	return n, err
}

func (a *Archive) inflate(r io.Reader) io.ReadCloser {
	in := &raw{r: r}
	out := flate.NewReader(in)
	return part{&counted{a: a, in: in, out: out}, out}
}

// raw counts the bytes that come in.
type raw struct {
	r io.Reader
	n int64
}

func (r *raw) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	r.n += int64(n)
	return n, err
}

// counted holds what comes out to the limits.
type counted struct {
	a      *Archive
	in     *raw
	out    io.Reader
	n      int64
	stored bool
}

func (c *counted) Read(b []byte) (int, error) {
	from := c.out
	if c.stored {
		from = c.in
	}
	n, err := from.Read(b)
	c.n += int64(n)
	c.a.inflated += int64(n)
	switch l := c.a.limits; {
	case l.Inflated > 0 && c.a.inflated > l.Inflated:
		return 0, extract.Fail(extract.Inflates, "more than %d bytes inside", l.Inflated)
	case l.Ratio > 0 && c.n > smallPart && c.n > l.Ratio*max(1, c.in.n):
		return 0, extract.Fail(extract.Inflates, "%d bytes out of %d", c.n, c.in.n)
	}
	return n, err
}
