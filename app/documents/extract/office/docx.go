package office

import (
	"context"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/draft"
)

// Docx reads a Word document.
func Docx(ctx context.Context, in extract.Input) (extract.Document, error) {
	a, err := archive.Open(in)
	if err != nil {
		return extract.Document{}, err
	}
	d := draft.New(in)
	said, err := Properties(ctx, a, d)
	if err != nil {
		return extract.Document{}, err
	}
	if err := Active(ctx, a, d); err != nil {
		return extract.Document{}, err
	}
	part, err := wordParts(ctx, a)
	if err != nil {
		return extract.Document{}, err
	}
	styles, err := readStyles(ctx, a, part("styles"))
	if err != nil {
		return extract.Document{}, err
	}
	notes := map[string][]string{}
	for _, kind := range []string{"footnote", "endnote", "comment"} {
		s := newStory(d, styles)
		s.notes, s.noteKind = notes, kind
		if err := a.Walk(ctx, part(kind+"s"), s); err != nil && isFatal(err) {
			return extract.Document{}, err
		}
	}
	if err := edges(ctx, a, d, styles); err != nil {
		return extract.Document{}, err
	}
	s := newStory(d, styles)
	s.notes = notes
	if s.numbers, err = readNumbering(ctx, a, part("numbering")); err != nil {
		return extract.Document{}, err
	}
	if err := a.Walk(ctx, part(mainPart), s); err != nil && (isFatal(err) || len(d.Doc.Blocks) == 0) {
		return extract.Document{}, err
	} else if err != nil {
		s.end()
		d.Flag(extract.FlagTruncated, 0, "the file is damaged behind this text")
	}
	s.finish(said)
	if d.Doc.Language == "" {
		d.Doc.Language = styles.language
	}
	return d.Done(), nil
}

// mainPart is the kind of the part that holds the text.
const mainPart = "officeDocument"

// wordParts gives the name of a document's part by its kind. Most have the usual
// ones; some programs number them ("word/document2.xml").
func wordParts(ctx context.Context, a *archive.Archive) (func(kind string) string, error) {
	names := map[string]string{mainPart: "word/document.xml"}
	for _, from := range []string{"", mainPart} {
		related, err := a.Relations(ctx, names[from])
		if err != nil {
			return nil, err
		}
		for _, r := range related {
			if a.Has(r.Target) {
				names[r.Kind] = r.Target
			}
		}
	}
	return func(kind string) string {
		if name, ok := names[kind]; ok {
			return name
		}
		return "word/" + kind + ".xml"
	}, nil
}

// edges reads headers and footers: they are on every page, so they are no
// blocks, but often say from when the text holds.
func edges(ctx context.Context, a *archive.Archive, d *draft.Draft, styles *sheet) error {
	parts := append(a.Under("word/header"), a.Under("word/footer")...)
	for _, part := range parts[:min(len(parts), 100)] {
		s := newStory(d, styles)
		var lines []string
		s.sink = func(b extract.Block) {
			if !b.Hidden {
				lines = append(lines, b.Text)
			}
		}
		if err := a.Walk(ctx, part, s); err != nil && isFatal(err) {
			return err
		}
		d.Edges = append(d.Edges, lines...)
	}
	return nil
}

// finish settles what is only known at the end: pages, headings that are only
// bold, and the title.
func (s *story) finish(said int) {
	doc := &s.d.Doc
	switch {
	case s.rendered || s.page > 1 && s.page >= said || said == 1 && s.page == 1:
		doc.Pages = s.page
	default: // nothing in the file says where its pages end
		doc.Pages = 0
		for i := range doc.Blocks {
			doc.Blocks[i].Page = 0
		}
		for i := range doc.Flags {
			doc.Flags[i].Page = 0
		}
	}
	headed := false
	for _, b := range doc.Blocks {
		headed = headed || b.Kind == extract.Heading
	}
	for i := range doc.Blocks {
		if b := &doc.Blocks[i]; !headed && s.bold[i] && likeHeading(b.Text) {
			b.Kind, b.Level = extract.Heading, 2
		}
	}
	for _, b := range doc.Blocks {
		if doc.Title == "" && b.Kind == extract.Heading && b.Level == 1 && !b.Hidden {
			doc.Title = b.Text
		}
	}
}

// likeHeading tells a bold line that stands for a heading from bold prose.
func likeHeading(text string) bool {
	return len(text) <= 90 && !strings.ContainsAny(text, "\n;") && !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, ",") && !strings.HasSuffix(text, "!")
}
