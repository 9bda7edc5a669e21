package extract

import (
	"path/filepath"
	"strings"
)

// extensions are those of files that may be documents.
var extensions = map[string]bool{}

func init() {
	for _, e := range strings.Fields("pdf docx pptx odt xlsx html htm md markdown txt eml csv") {
		extensions["."+e] = true
	}
}

// IsDocument says whether a file's name is that of a kind that can be read:
// whoever takes whole folders takes these. Hidden files and the locks of office
// programs are none.
func IsDocument(name string) bool {
	base := filepath.Base(name)
	return extensions[strings.ToLower(filepath.Ext(base))] && !strings.HasPrefix(base, ".") && !strings.HasPrefix(base, "~$")
}
