package alerts

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// listenLog is a real syslog listener; lines come from the channel.
func listenLog(t *testing.T, network, address string) (string, <-chan string) {
	t.Helper()
	lines := make(chan string, 100)
	read := func(c net.Conn) {
		defer c.Close()
		for s := bufio.NewScanner(c); s.Scan(); {
			lines <- s.Text()
		}
	}
	if network == "udp" || network == "unixgram" {
		c, err := net.ListenPacket(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		go func() {
			b := make([]byte, 4096)
			for {
				n, _, err := c.ReadFrom(b)
				if err != nil {
					return
				}
				lines <- string(b[:n])
			}
		}()
		return c.LocalAddr().String(), lines
	}
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go read(c)
		}
	}()
	return ln.Addr().String(), lines
}

func TestSyslog(t *testing.T) {
	folder, err := os.MkdirTemp("", "log") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	for name, c := range map[string]struct{ kind, network, address, line string }{
		"udp":          {"udp", "udp", "127.0.0.1:0", `^<28>Nov 28 12:01:01 \S+ alcove\[\d+\]: alert\.fired Hot: GPU temperature: 90 °C`},
		"tcp":          {"tcp", "tcp", "127.0.0.1:0", `^<28>Nov 28 12:01:01 \S+ alcove\[\d+\]: alert\.fired Hot: GPU temperature: 90 °C`},
		"local":        {"local", "unixgram", filepath.Join(folder, "gram"), `^<28>Nov 28 12:01:01 alcove\[\d+\]: alert\.fired Hot: GPU temperature: 90 °C`},
		"local stream": {"local", "unix", filepath.Join(folder, "stream"), `^<28>Nov 28 12:01:01 alcove\[\d+\]: alert\.fired Hot: GPU temperature: 90 °C`},
	} {
		t.Run(name, func(t *testing.T) {
			address, lines := listenLog(t, c.network, c.address)
			b := newBench(t)
			b.channels(func(ch *Channels) { ch.Syslog = SyslogChannel{Enabled: true, Network: c.kind, Address: address} })
			b.only(hot())
			b.feed(warm, 61)
			if line := <-lines; !regexp.MustCompile(c.line).MatchString(line) {
				t.Error(line)
			}
			b.idle()
			b.feed(cool, 31)
			if line := <-lines; !strings.HasPrefix(line, "<29>") || !strings.Contains(line, "alert.resolved Hot: Over after 31 s.") {
				t.Error(line)
			}
			b.idle()
		})
	}
}

func TestSyslogThatIsNotThere(t *testing.T) {
	b := newBench(t)
	b.channels(func(c *Channels) { c.Syslog = SyslogChannel{Network: "local", Address: "/nowhere/log"} })
	if err := b.Test(t.Context(), Syslog); err == nil || !strings.Contains(err.Error(), "No syslog takes messages at /nowhere/log") {
		t.Error(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	b.channels(func(c *Channels) { c.Syslog = SyslogChannel{Network: "tcp", Address: ln.Addr().String()} })
	if err := b.Test(t.Context(), Syslog); err == nil || !strings.Contains(err.Error(), "connection was refused") {
		t.Error(err)
	}
}

func TestSyslogLinesAreBounded(t *testing.T) {
	n := Notice{Event: eventSummary, Severity: Critical, Title: "T", Box: "a box", Text: strings.Repeat("ä\nb ", 1000)}
	line := syslogLine(n, false, time.Now())
	if len(line) > maxSyslog || !utf8.ValidString(line) || strings.Contains(line, "\n") || !strings.HasPrefix(line, "<26>") || !strings.Contains(line, " a-box alcove[") {
		t.Error(line)
	}
}
