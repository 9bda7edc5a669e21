package cli

import (
	"bytes"
	"net"
	"net/url"
	"os"
	"strings"

	"alcove/app/config"
)

// inspectTraces says whether traces leave this process, and to which host. It
// tells neither the rest of the address nor a header.
func inspectTraces(c config.Config, environ []string) Finding {
	f := Finding{Name: "Traces", State: StateOK, Text: "off: nothing is sent"}
	if c.OTLP == "" {
		for _, v := range environ {
			if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, "OTEL_EXPORTER_OTLP_") && strings.HasSuffix(name, "ENDPOINT") && value != "" {
				f.Details = []string{name + " is set and changes nothing here: name the collector with --otlp"}
				break
			}
		}
		return f
	}
	u, err := url.Parse(c.OTLP)
	if err != nil { // config has refused it
		return Finding{Name: "Traces", State: StateProblem, Text: "the address of the collector cannot be read"}
	}
	f.Text = "figures of answers, without their text, go to " + u.Host
	ip := net.ParseIP(u.Hostname())
	if local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback(); u.Scheme == "http" && !local {
		f.State, f.Details = StateNote, []string{"they go there unencrypted: use https"}
	}
	if readableSecret(c) {
		f.State, f.Details = StateNote, append(f.Details, "others can read "+c.File+", which may hold a token: run `chmod o-r "+c.File+"`")
	}
	return f
}

// readableSecret says whether headers for the collector lie in a file that others can read.
func readableSecret(c config.Config) bool {
	if !c.FileRead || c.OTLPHeaders == "" {
		return false
	}
	info, err := os.Stat(c.File)
	if err != nil || info.Mode().Perm()&0o004 == 0 {
		return false
	}
	text, err := os.ReadFile(c.File)
	return err == nil && bytes.Contains(text, []byte("otlp_headers"))
}
