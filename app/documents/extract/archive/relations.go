package archive

import (
	"context"
	"encoding/xml"
	"errors"
	"strings"

	"alcove/app/documents/extract"
)

// Relations reads a part's relationships by id. What is damaged there is left out.
func (a *Archive) Relations(ctx context.Context, part string) (map[string]Relation, error) {
	slash := strings.LastIndexByte(part, '/')
	r := &relationReader{folder: part[:slash+1], found: map[string]Relation{}}
	err := a.Walk(ctx, part[:slash+1]+"_rels/"+part[slash+1:]+".rels", r)
	var known *extract.Error
	if errors.As(err, &known) && known.Reason == extract.Damaged {
		err = nil
	}
	return r.found, err
}

// Relation is a relationship of Office Open XML to another part.
type Relation struct {
	Kind   string // the last word of its type: "slide"
	Target string // the part's name in the archive
}

type relationReader struct {
	folder string
	found  map[string]Relation
}

func (r *relationReader) Start(e xml.StartElement) error {
	if e.Name.Local != "Relationship" || strings.EqualFold(Attr(e, "TargetMode"), "External") || len(r.found) > 50_000 {
		return nil
	}
	kind := Attr(e, "Type")
	r.found[Attr(e, "Id")] = Relation{kind[strings.LastIndexByte(kind, '/')+1:], resolve(r.folder, Attr(e, "Target"))}
	return nil
}

func (r *relationReader) End(xml.Name) error { return nil }
func (r *relationReader) Text([]byte) error  { return nil }

// resolve makes a relationship's target a name in the archive.
func resolve(folder, target string) string {
	if absolute, ok := strings.CutPrefix(target, "/"); ok {
		return absolute
	}
	parts := strings.Split(strings.Trim(folder, "/"), "/")
	for part := range strings.SplitSeq(target, "/") {
		switch part {
		case ".", "":
		case "..":
			parts = parts[:max(0, len(parts)-1)]
		default:
			parts = append(parts, part)
		}
	}
	return strings.TrimPrefix(strings.Join(parts, "/"), "/")
}
