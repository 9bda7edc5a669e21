// Package formats joins the parsers: it tells from a file's bytes what it is,
// and hands it to the parser of that format. It is what the sealed child runs.
package formats

import (
	"context"
	"errors"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/mail"
	"alcove/app/documents/extract/office"
	"alcove/app/documents/extract/pdf"
	"alcove/app/documents/extract/plain"
	"alcove/app/documents/extract/sheet"
	"alcove/app/documents/extract/web"
)

// parsers is the registry: the names are those of extract.Document.Format. A
// format that is known and has no parser yet counts as unsupported.
var parsers = map[string]extract.Parser{
	"pdf":      pdf.Parse,
	"docx":     office.Docx,
	"pptx":     office.Pptx,
	"odt":      office.ODT,
	"xlsx":     sheet.XLSX,
	"html":     web.HTML,
	"markdown": web.Markdown,
	"text":     plain.Text,
	"eml":      mail.EML,
	"csv":      sheet.CSV,
}

// Parse reads a file of any known format.
func Parse(ctx context.Context, in extract.Input) (extract.Document, error) {
	if in.Progress == nil {
		in.Progress = func(int, int) {}
	}
	if in.Limits.Bytes > 0 && in.Size > in.Limits.Bytes {
		return extract.Document{}, extract.Fail(extract.TooLarge, "%d bytes", in.Size)
	}
	in.Hint = strings.ToLower(strings.TrimPrefix(in.Hint, "."))
	format, err := Detect(in.File, in.Size, in.Hint)
	if err != nil {
		return extract.Document{}, err
	}
	parse := parsers[format]
	if parse == nil {
		return extract.Document{}, extract.Fail(extract.Unsupported, "no parser for %s", format)
	}
	in.Format = format
	doc, err := parse(ctx, in)
	if err != nil {
		return extract.Document{}, named(ctx, err)
	}
	doc.Format = format
	return finish(doc, in)
}

// named gives every error a reason.
func named(ctx context.Context, err error) error {
	var known *extract.Error
	switch {
	case errors.As(err, &known):
		return known
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return extract.Fail(extract.Damaged, "%v", err)
}
