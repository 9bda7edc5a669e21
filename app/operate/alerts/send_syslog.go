package alerts

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// Not log/syslog: it opens connections without a limit in time, and it is not
// there on all systems.

const (
	facilityDaemon = 3 << 3
	maxSyslog      = 1000 // bytes of a message; RFC 3164 allows 1024
)

// syslogLevel gives the severity as syslog counts it.
func syslogLevel(n Notice) int {
	switch {
	case n.Event == eventResolved || n.Severity == info:
		return 5 // notice
	case n.Severity == Critical:
		return 2
	}
	return 4
}

// syslogLine is a notice as RFC 3164 has it. A local daemon knows the host.
func syslogLine(n Notice, local bool, at time.Time) string {
	host := strings.ReplaceAll(n.Box, " ", "-") + " "
	if local {
		host = ""
	}
	text := strings.Join(strings.Fields(fmt.Sprintf("%s %s: %s", n.Event, n.Title, n.Text)), " ")
	line := fmt.Sprintf("<%d>%s %salcove[%d]: %s", facilityDaemon|syslogLevel(n), at.Format(time.Stamp), host, os.Getpid(), text)
	if len(line) > maxSyslog {
		line = line[:maxSyslog]
		for !utf8.ValidString(line) {
			line = line[:len(line)-1]
		}
	}
	return line
}

// sendSyslog writes one message. Nobody confirms it: sent means that it was
// handed over, with udp to the network.
func (a *Alerts) sendSyslog(ctx context.Context, j job, n Notice) error {
	s := j.conf.Syslog
	local := s.Network == "local"
	line := syslogLine(n, local, a.deps.Now().In(j.zone))
	if !local {
		return writeLine(ctx, s.Network, s.Address, line)
	}
	paths := []string{"/dev/log", "/var/run/syslog", "/var/run/log"}
	if s.Address != "" {
		paths = []string{s.Address}
	}
	var err error
	for _, path := range paths {
		for _, network := range []string{"unixgram", "unix"} {
			if err = writeLine(ctx, network, path, line); err == nil {
				return nil
			}
		}
	}
	return failf("No syslog takes messages at %s on this machine.", paths[0])
}

func writeLine(ctx context.Context, network, address, line string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return failure("syslog server", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if network == "tcp" || network == "unix" {
		line += "\n" // ends a message in a stream
	}
	if _, err := conn.Write([]byte(line)); err != nil {
		return failure("syslog server", err)
	}
	return nil
}
