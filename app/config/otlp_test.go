package config

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

func TestOTLP(t *testing.T) {
	data := t.TempDir()
	env := []string{"ALCOVE_DATA=" + data, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "OTEL_EXPORTER_OTLP_HEADERS=a=b"}
	c, err := load(t, nil, env)
	if err != nil || c.OTLP != "" || len(c.TraceHeaders()) != 0 {
		t.Errorf("OpenTelemetry's variables switch traces on: %q, %v", c.OTLP, err)
	}
	write(t, filepath.Join(data, "config.toml"), "otlp = \"http://127.0.0.1:4318\"\notlp_headers = \"Authorization=Bearer a%2Cb, X-Scope=1=2\"\n")
	if c, err = load(t, nil, env); err != nil || c.OTLP != "http://127.0.0.1:4318" ||
		!maps.Equal(c.TraceHeaders(), map[string]string{"Authorization": "Bearer a,b", "X-Scope": "1=2"}) {
		t.Errorf("%q, %v, %v", c.OTLP, c.TraceHeaders(), err)
	}
	if c, err = load(t, []string{"--otlp", "https://c.example"}, append(env, "ALCOVE_OTLP=http://x", "ALCOVE_OTLP_HEADERS=A=b")); err != nil || c.OTLP != "https://c.example" ||
		!maps.Equal(c.TraceHeaders(), map[string]string{"A": "b"}) {
		t.Errorf("%q, %v, %v", c.OTLP, c.TraceHeaders(), err)
	}
}

// What is refused is refused in a sentence that tells no secret.
func TestOTLPRefuses(t *testing.T) {
	for _, env := range []string{
		"ALCOVE_OTLP=collector:4318", "ALCOVE_OTLP=grpc://collector", "ALCOVE_OTLP=http://", "ALCOVE_OTLP=http://me:sesame@collector", "ALCOVE_OTLP=http://c?key=sesame",
		"ALCOVE_OTLP=http://c\x00sesame", "ALCOVE_OTLP_HEADERS=sesame", "ALCOVE_OTLP_HEADERS==sesame", "ALCOVE_OTLP_HEADERS=A b=sesame", "ALCOVE_OTLP_HEADERS=A=sesame%zz", "ALCOVE_OTLP_HEADERS=A=sesame%0Ax",
	} {
		_, err := load(t, nil, []string{"ALCOVE_DATA=" + t.TempDir(), env})
		if err == nil || !strings.Contains(err.Error(), "otlp") || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%q: %v", env, err)
		}
	}
}
