package access

import (
	"net"
	"net/netip"
	"strings"

	"alcove/app"
)

// CheckListen refuses every listen address that is not loopback. An empty
// host means all interfaces, so it is refused too.
func CheckListen(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || !loopbackName(host) {
		return &app.Error{Code: app.CodeListen, Message: app.Table[app.CodeListen].Message}
	}
	return nil
}

// Hosts are the names that the server answers to: loopback names always, and
// those that the configuration adds. Ports do not matter: the window and the
// development server choose theirs.
type Hosts struct{ extra map[string]bool }

// NewHosts makes a Hosts that also answers to the given names (without port).
func NewHosts(names ...string) Hosts {
	h := Hosts{extra: map[string]bool{}}
	for _, n := range names {
		h.extra[strings.ToLower(strings.TrimSpace(n))] = true
	}
	return h
}

// Allow says whether a request's Host header names this server. A web page
// that has its own name resolve to 127.0.0.1 (DNS rebinding) fails here.
func (h Hosts) Allow(host string) bool {
	name, ok := hostName(host)
	return ok && (loopbackName(name) || h.extra[name])
}

// hostName strips an optional port and IPv6 brackets.
func hostName(host string) (string, bool) {
	if host == "" || strings.ContainsAny(host, "@/\\ \t%") {
		return "", false
	}
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		for _, c := range host[i+1:] {
			if c < '0' || c > '9' {
				return "", false
			}
		}
		name = host[:i]
	}
	if strings.HasPrefix(name, "[") {
		if !strings.HasSuffix(name, "]") {
			return "", false
		}
		name = name[1 : len(name)-1]
		if !strings.Contains(name, ":") {
			return "", false
		}
	} else if strings.Contains(name, ":") {
		return "", false
	}
	return strings.ToLower(name), name != ""
}

func loopbackName(name string) bool {
	if strings.EqualFold(name, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && a.Zone() == "" && a.IsLoopback()
}

// LoopbackOrigin says whether an Origin header names this machine, as the
// development server's does.
func LoopbackOrigin(origin string) bool {
	rest, ok := strings.CutPrefix(origin, "http://")
	if !ok {
		return false
	}
	name, ok := hostName(rest)
	return ok && loopbackName(name)
}
