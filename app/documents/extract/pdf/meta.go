package pdf

import (
	"regexp"
	"strings"
	"time"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"alcove/app/documents/extract"
)

// Bounds of an outline: a hostile one is a circle.
const (
	outlineEntries = 3000
	outlineDepth   = 6
)

// metadata reads what the document says about itself.
func (s *session) metadata(doc *extract.Document) {
	got, err := s.lib.GetMetaData(&requests.GetMetaData{Document: s.doc})
	if err != nil {
		return
	}
	for _, tag := range got.Tags {
		switch tag.Tag {
		case "Title":
			doc.Title = realTitle(tag.Value)
		case "Author":
			doc.Author = strings.TrimSpace(tag.Value)
		case "ModDate":
			doc.Modified = pdfDay(tag.Value)
		case "CreationDate":
			if doc.Modified == "" {
				doc.Modified = pdfDay(tag.Value)
			}
		}
		if extract.SpeaksToModel(tag.Value) {
			doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagMetadata, Note: tag.Tag + ": " + tag.Value})
			switch tag.Tag {
			case "Title":
				doc.Title = ""
			case "Author":
				doc.Author = ""
			}
		}
	}
	if language, err := s.lib.FPDFCatalog_GetLanguage(&requests.FPDFCatalog_GetLanguage{Document: s.doc}); err == nil {
		doc.Language, _, _ = strings.Cut(strings.ToLower(language.Language), "-")
	}
	if n, err := s.lib.FPDFDoc_GetJavaScriptActionCount(&requests.FPDFDoc_GetJavaScriptActionCount{Document: s.doc}); err == nil && n.JavaScriptActionCount > 0 {
		doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagActive, Note: "scripts"})
	}
	if n, err := s.lib.FPDFDoc_GetAttachmentCount(&requests.FPDFDoc_GetAttachmentCount{Document: s.doc}); err == nil && n.AttachmentCount > 0 {
		doc.Flags = append(doc.Flags, extract.Flag{Kind: extract.FlagActive, Note: "attached files"})
	}
}

// madeUp are titles that programs write: "Microsoft Word - leave.docx".
var madeUp = regexp.MustCompile(`(?i)^(microsoft |untitled|document\d*$|about:blank|.*\.(docx?|pptx?|xlsx?|odt|html?|pdf|md)$)`)

func realTitle(s string) string {
	if s = strings.TrimSpace(s); madeUp.MatchString(s) {
		return ""
	}
	return s
}

// pdfDay reads "D:20260131120000+01'00'".
func pdfDay(s string) string {
	s = strings.TrimPrefix(s, "D:")
	if len(s) < 8 {
		return ""
	}
	day, err := time.Parse("20060102", s[:8])
	if err != nil {
		return ""
	}
	return day.Format(time.DateOnly)
}

// outline reads the document's bookmarks: text to level. It walks them itself,
// because go-pdfium's walk does not end in a circle.
func (s *session) outline() map[string]int {
	all := map[string]int{}
	s.bookmarks(all, nil, 1)
	return all
}

func (s *session) bookmarks(all map[string]int, parent *references.FPDF_BOOKMARK, depth int) {
	child, err := s.lib.FPDFBookmark_GetFirstChild(&requests.FPDFBookmark_GetFirstChild{Document: s.doc, Bookmark: parent})
	if err != nil || depth > outlineDepth {
		return
	}
	for at := child.Bookmark; at != nil && s.handles < outlineEntries; {
		s.handles++
		if title, err := s.lib.FPDFBookmark_GetTitle(&requests.FPDFBookmark_GetTitle{Bookmark: *at}); err == nil {
			if k := key(title.Title); k != "" && all[k] == 0 {
				all[k] = depth
			}
		}
		s.bookmarks(all, at, depth+1)
		next, err := s.lib.FPDFBookmark_GetNextSibling(&requests.FPDFBookmark_GetNextSibling{Document: s.doc, Bookmark: *at})
		if err != nil {
			return
		}
		at = next.Bookmark
	}
}
