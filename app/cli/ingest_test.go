package cli

import (
	"bytes"
	"strings"
	"testing"
)

// The name of a refused file is printed; what is in it does not steer the terminal.
func TestIngest_NamesArePrintable(t *testing.T) {
	var out, notes bytes.Buffer
	in := &ingestion{s: &shell{stdout: &out, stderr: &notes}}
	in.fail("a\x1b]0;title\a\x1b[2J\r\n\u202eb ä 日.pdf", "it is\x1b[31m red")
	if got := out.String() + notes.String(); strings.ContainsAny(got, "\x1b\a\r\u202e") || strings.Count(got, "\n") != 1 || !strings.Contains(got, "b ä 日.pdf: it is?[31m red") {
		t.Errorf("%q", got)
	}
	if got := printableText("a\n\tb\x1b[2J\u009b👩‍👩‍👧"); got != "a\n\tb?[2J?👩‍👩‍👧" {
		t.Errorf("%q", got)
	}
	if where := (source{Document: "\x1b[1ma.pdf", Page: 2}).where(); where != "?[1ma.pdf, page 2" {
		t.Errorf("%q", where)
	}
}
