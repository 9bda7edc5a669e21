package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alcove/app/config"
)

func TestInspectTraces(t *testing.T) {
	for _, c := range []struct {
		otlp, env, text, detail string
		state                   State
	}{
		{"", "", "off: nothing is sent", "", StateOK},
		{"", "OTEL_EXPORTER_OTLP_ENDPOINT=http://sesame", "off: nothing is sent", "changes nothing here", StateOK},
		{"https://collector.example/sesame", "", "go to collector.example", "", StateOK},
		{"http://127.0.0.1:4318", "", "go to 127.0.0.1:4318", "", StateOK},
		{"http://localhost:4318", "", "go to localhost:4318", "", StateOK},
		{"http://collector.example:4318", "", "go to collector.example:4318", "unencrypted", StateNote},
	} {
		f := inspectTraces(config.Config{OTLP: c.otlp, OTLPHeaders: "Authorization=sesame"}, []string{c.env})
		all := f.Text + strings.Join(f.Details, " ")
		if f.State != c.state || !strings.HasSuffix(f.Text, c.text) || !strings.Contains(all, c.detail) || c.detail == "" && len(f.Details) > 0 || strings.Contains(all, "sesame") {
			t.Errorf("%q: %+v", c.otlp, f)
		}
	}
}

// A token in a file that others can read is told of.
func TestInspectTracesFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte("otlp_headers = \"A=sesame\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := config.Config{OTLP: "https://c", OTLPHeaders: "A=sesame", File: file, FileRead: true}
	if f := inspectTraces(c, nil); f.State != StateOK {
		t.Errorf("%+v", f)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if f := inspectTraces(c, nil); f.State != StateNote || !strings.Contains(f.Details[0], "chmod o-r "+file) {
		t.Errorf("%+v", f)
	}
	if err := os.WriteFile(file, []byte("threads = 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if f := inspectTraces(c, nil); f.State != StateOK { // they came by the environment
		t.Errorf("%+v", f)
	}
}
