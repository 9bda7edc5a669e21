package office

import (
	"context"
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/archive"
	"alcove/app/documents/extract/draft"
)

// facts collects the texts of leaf elements by their local names.
type facts struct {
	found map[string]string
	open  string
	text  strings.Builder
	total int
}

func (f *facts) Start(e xml.StartElement) error {
	f.open = e.Name.Local
	if name := archive.Attr(e, "name"); name != "" && (f.open == "property" || f.open == "user-defined") {
		f.found["property "+name] = ""
	}
	f.text.Reset()
	return nil
}

func (f *facts) Text(s []byte) error {
	if f.total += len(s); f.total > 1<<20 {
		return archive.ErrStop
	}
	f.text.Write(s)
	return nil
}

func (f *facts) End(name xml.Name) error {
	if text := strings.TrimSpace(f.text.String()); text != "" && f.open == name.Local && len(f.found) < 1000 {
		key := name.Local
		for f.found[key] != "" {
			key += "+"
		}
		f.found[key] = text
	}
	f.text.Reset()
	return nil
}

// readFacts reads a part with metadata. What is damaged there damages nothing else.
func readFacts(ctx context.Context, a *archive.Archive, part string) (map[string]string, error) {
	f := &facts{found: map[string]string{}}
	if err := a.Walk(ctx, part, f); err != nil && isFatal(err) {
		return nil, err
	}
	return f.found, nil
}

// isFatal says whether an error in a lesser part ends the whole: bombs and time do.
func isFatal(err error) bool {
	known, ok := err.(*extract.Error)
	return !ok || known.Reason != extract.Damaged
}

// Properties reads the metadata of an Office Open XML file. It gives the
// number of pages that the program which saved it counted, 0 where it is not told.
func Properties(ctx context.Context, a *archive.Archive, d *draft.Draft) (pages int, err error) {
	core, err := readFacts(ctx, a, "docProps/core.xml")
	if err != nil {
		return 0, err
	}
	d.Doc.Title, d.Doc.Author, d.Doc.Language = core["title"], core["creator"], core["language"]
	d.Doc.Modified = dayOf(core["modified"])
	app, err := readFacts(ctx, a, "docProps/app.xml")
	if err != nil {
		return 0, err
	}
	custom, err := readFacts(ctx, a, "docProps/custom.xml")
	if err != nil {
		return 0, err
	}
	for _, found := range []map[string]string{core, app, custom} {
		for name, text := range found {
			d.Metadata("property "+name, name+" "+text)
		}
	}
	pages, _ = strconv.Atoi(app["Pages"])
	return pages, nil
}

var isoDay = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)

func dayOf(s string) string { return isoDay.FindString(s) }

// Active flags what an Office file could run or fetch.
func Active(ctx context.Context, a *archive.Archive, d *draft.Draft) error {
	for _, name := range a.Names() {
		lower := strings.ToLower(name)
		switch {
		case strings.HasSuffix(lower, "vbaproject.bin") || strings.HasPrefix(lower, "basic/") || strings.HasPrefix(lower, "scripts/"):
			d.Flag(extract.FlagActive, 0, "macros: left out")
		case strings.Contains(lower, "/embeddings/") || strings.HasPrefix(lower, "object ") && strings.HasSuffix(lower, "/content.xml"):
			d.Flag(extract.FlagActive, 0, "an embedded object: left out")
		case strings.Contains(lower, "/activex/"):
			d.Flag(extract.FlagActive, 0, "ActiveX controls: left out")
		case strings.Contains(lower, "/afchunk") || strings.HasSuffix(lower, ".mht"):
			d.Flag(extract.FlagActive, 0, "an embedded document: left out")
		case strings.HasSuffix(lower, ".rels"):
			if err := a.Walk(ctx, name, &outside{d: d}); err != nil && isFatal(err) {
				return err
			}
		}
	}
	return nil
}

// outside flags relationships that lead out of the file and are no plain links.
type outside struct{ d *draft.Draft }

func (o *outside) Start(e xml.StartElement) error {
	kind := archive.Attr(e, "Type")
	kind = kind[strings.LastIndexByte(kind, '/')+1:]
	if strings.EqualFold(archive.Attr(e, "TargetMode"), "External") && kind != "hyperlink" {
		o.d.Flag(extract.FlagActive, 0, "refers to something outside ("+kind+"): not fetched")
	}
	return nil
}

func (o *outside) End(xml.Name) error { return nil }
func (o *outside) Text([]byte) error  { return nil }

// on reads a switch of Office Open XML: present means true unless it says otherwise.
func on(e xml.StartElement) bool {
	switch archive.Attr(e, "val") {
	case "0", "false", "off", "none":
		return false
	}
	return true
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
