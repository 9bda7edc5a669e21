package window

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

func TestLines(t *testing.T) {
	var b bytes.Buffer
	w := &lineWriter{w: &b}
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 50 {
				if err := w.write(report{Event: reportAt, Text: "#/c/1\n#"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	r := newLineReader(strings.NewReader("noise\n{\n" + b.String() + `{"event":"at"`))
	n := 0
	for {
		var got report
		if !r.next(&got) {
			break
		}
		if got != (report{reportAt, "#/c/1\n#"}) {
			t.Fatalf("%+v", got)
		}
		n++
	}
	if n != 400 {
		t.Errorf("%d messages", n)
	}
	if newLineReader(strings.NewReader(`{"event":"` + strings.Repeat("x", maxLine) + "\"}\n")).next(&report{}) {
		t.Error("a line without bounds was read")
	}
}
