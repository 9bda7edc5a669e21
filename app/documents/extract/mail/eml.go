// Package mail reads messages: who wrote what to whom and when, the text, and
// attached texts. Other attachments are flagged and left out.
package mail

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/jhillyerd/enmime/v2"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/draft"
	"alcove/app/documents/extract/plain"
	"alcove/app/documents/extract/web"
)

// Bounds of a message.
const (
	maxBytes       = 64 << 20
	maxAttachments = 100 // attached texts that are read
)

// EML reads a message.
func EML(ctx context.Context, in extract.Input) (extract.Document, error) {
	if in.Size > maxBytes {
		return extract.Document{}, extract.Fail(extract.TooLarge, "a message of %d bytes", in.Size)
	}
	raw, err := io.ReadAll(in.All())
	if err != nil {
		return extract.Document{}, extract.Fail(extract.Gone, "read: %v", err)
	}
	depth := in.Limits.Depth
	if depth <= 0 {
		depth = 200
	}
	// Parts are read one inside of another: their number bounds the depth.
	if n := bytes.Count(bytes.ToLower(raw), []byte("multipart/")); n > depth {
		return extract.Document{}, extract.Fail(extract.Damaged, "%d nested parts", n)
	}
	parser := enmime.NewParser(enmime.MaxStoredPartErrors(10), enmime.SkipMalformedParts(true), enmime.DisableTextConversion(true), enmime.MultipartWOBoundaryAsSinglePart(true))
	e, err := parser.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return extract.Document{}, extract.Fail(extract.Damaged, "message: %v", err)
	}
	d := draft.New(in)
	head(d, e)
	if err := body(ctx, d, in, e); err != nil {
		return extract.Document{}, err
	}
	attachments(ctx, d, in, e)
	if title := e.GetHeader("Subject"); title != "" {
		d.Doc.Title = title
	}
	return d.Done(), ctx.Err()
}

// head is what stands above a message.
func head(d *draft.Draft, e *enmime.Envelope) {
	d.Add(extract.Block{Kind: extract.Heading, Level: 1, Text: e.GetHeader("Subject")})
	var parts []string
	for _, name := range []string{"From", "To", "Cc", "Date"} {
		if v := strings.TrimSpace(e.GetHeader(name)); v != "" {
			if len(v) > 1000 {
				v = v[:1000]
			}
			parts = append(parts, name+": "+v)
		}
	}
	d.Add(extract.Block{Kind: extract.Paragraph, Text: strings.Join(parts, "; ")})
	d.Doc.Author = e.GetHeader("From")
	if date, err := e.Date(); err == nil {
		d.Doc.Modified = date.UTC().Format("2006-01-02")
	}
	if language := e.GetHeader("Content-Language"); language != "" {
		d.Doc.Language = language
	}
}

// body reads a message's text, and looks through its other half, which mail
// programs show, for what it does and hides. Where that says far more, the text
// is only a note that there is more to see.
func body(ctx context.Context, d *draft.Draft, in extract.Input, e *enmime.Envelope) error {
	text := strings.TrimSpace(e.Text)
	if e.HTML == "" {
		plain.Read(ctx, d, text)
		return ctx.Err()
	}
	page := draft.New(in)
	if err := web.Read(ctx, page, in.Limits.Depth, e.HTML); err != nil {
		return err
	}
	doc, seen := page.Done(), 0
	for _, b := range doc.Blocks {
		if !b.Hidden {
			seen += len(b.Text)
		}
	}
	if seen > 2*len(text) {
		return web.Read(ctx, d, in.Limits.Depth, e.HTML)
	}
	plain.Read(ctx, d, text)
	for _, b := range doc.Blocks {
		if b.Hidden {
			d.Add(b)
		}
	}
	for _, f := range doc.Flags {
		d.Flag(f.Kind, f.Page, f.Note)
	}
	return ctx.Err()
}

// attachments reads attached texts, each under its name, and flags the rest.
func attachments(ctx context.Context, d *draft.Draft, in extract.Input, e *enmime.Envelope) {
	read := 0
	for _, part := range slices.Concat(e.Attachments, e.Inlines, e.OtherParts) {
		if d.Full() || ctx.Err() != nil {
			return
		}
		text := strings.HasPrefix(part.ContentType, "text/") || strings.HasSuffix(strings.ToLower(part.FileName), ".md")
		if !text || read >= maxAttachments {
			if part.Disposition == "attachment" || !strings.HasPrefix(part.ContentType, "image/") {
				d.Flag(extract.FlagActive, 0, "an attached file ("+part.ContentType+"): left out")
			}
			continue
		}
		read++
		d.Add(extract.Block{Kind: extract.Heading, Level: 2, Text: part.FileName})
		if part.ContentType == "text/html" {
			_ = web.Read(ctx, d, in.Limits.Depth, string(part.Content)) // the context's end is seen above
			continue
		}
		plain.Read(ctx, d, plain.FromBytes(part.Content))
	}
}
