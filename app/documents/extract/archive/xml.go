package archive

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"io"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"alcove/app/documents/extract"
)

// Handler is told what a part of XML says, in order.
type Handler interface {
	Start(e xml.StartElement) error
	End(name xml.Name) error
	Text(s []byte) error
}

// ErrStop ends a walk without being an error of it.
var ErrStop = errors.New("archive: enough")

// Walk reads a part of XML. A part that is not there is no error. Entities of
// the document's own are not known: they cannot expand.
func (a *Archive) Walk(ctx context.Context, name string, h Handler) error {
	r, err := a.Open(name)
	if err != nil || r == nil {
		return err
	}
	defer r.Close()
	return WalkXML(ctx, r, a.limits.Depth, h)
}

// WalkXML is Walk for any reader.
func WalkXML(ctx context.Context, r io.Reader, depth int, h Handler) error {
	d := xml.NewDecoder(utf8Reader(r))
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if len(label) >= 6 && (label[:6] == "utf-16" || label[:6] == "UTF-16") {
			return in, nil // decoded by its first bytes already
		}
		return charset.NewReaderLabel(label, in)
	}
	level := 0
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		token, err := d.RawToken()
		if err == io.EOF && level == 0 {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if level++; depth > 0 && level > depth {
				return extract.Fail(extract.Damaged, "elements more than %d deep", depth)
			}
			err = h.Start(t)
		case xml.EndElement:
			if level--; level < 0 {
				return extract.Fail(extract.Damaged, "an end without a start")
			}
			err = h.End(t.Name)
		case xml.CharData:
			err = h.Text(t)
		}
		switch {
		case errors.Is(err, ErrStop):
			return nil
		case err != nil:
			return err
		}
	}
}

func damaged(err error) error {
	var known *extract.Error
	if errors.As(err, &known) {
		return known
	}
	return extract.Fail(extract.Damaged, "XML: %v", err)
}

// utf8Reader decodes UTF-16, which XML may be in.
func utf8Reader(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	head, err := b.Peek(2)
	if err != nil || !(head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff) {
		return b
	}
	return transform.NewReader(b, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
}

// Attr is an attribute by its name without the name space, "" where it is not there.
func Attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
