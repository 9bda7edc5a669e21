package config

import (
	"errors"
	"net/url"
	"strings"
)

// checkOTLP says what is wrong with the address of the collector. An address is
// shown; a header never is.
func checkOTLP(c Config) error {
	if c.OTLP != "" {
		u, err := url.Parse(c.OTLP)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			return errors.New("otlp must be the URL of a collector that takes OTLP over HTTP, as http://127.0.0.1:4318")
		}
		if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return errors.New("otlp must have no user, no password and no query. Put a token into otlp_headers")
		}
	}
	_, err := parseHeaders(c.OTLPHeaders)
	return err
}

// TraceHeaders are the headers for the collector.
func (c Config) TraceHeaders() map[string]string {
	headers, _ := parseHeaders(c.OTLPHeaders) // finish has refused what is wrong
	return headers
}

// parseHeaders reads "Name=value, Name=value"; in a value %2C is a comma, as
// OTEL_EXPORTER_OTLP_HEADERS has it.
func parseHeaders(list string) (map[string]string, error) {
	headers := map[string]string{}
	for part := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil || !isToken(name) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return nil, errors.New("otlp_headers must be as `Name=value, Name=value`, with %2C for a comma inside a value")
		}
		headers[name] = value
	}
	return headers, nil
}

// isToken says whether HTTP allows a name for a header.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r > '~' || r <= ' ' || strings.ContainsRune("()<>@,;:\\\"/[]?={}", r)
	})
}
