package alerts

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// sendEmail sends one mail to each recipient over one connection, so that an
// address that is refused keeps nobody else from being told. It gives a note
// when some were refused, and an error when all were.
func (a *Alerts) sendEmail(ctx context.Context, j job, n Notice) (note string, err error) {
	e := j.conf.Email
	var letters []*mail.Msg
	for _, to := range e.To {
		letter, err := letterOf(e, to, n, j.zone)
		if err != nil {
			return "", failf("The mail could not be written: %s.", err)
		}
		letters = append(letters, letter)
	}
	dial := &dialer{Alerts: a, ctx: ctx, host: e.Server, tls: e.Security == "tls"}
	defer dial.close()
	client, err := mail.NewClient(e.Server, a.mailOptions(e, j.secrets[secretPassword], n.Box, dial)...)
	if err != nil {
		return "", failf("The mail could not be sent: %s.", err)
	}
	if err := client.DialAndSendWithContext(ctx, letters...); err != nil && !anyDelivered(letters) {
		return "", failure("mail server", err)
	}
	var refused []string
	for i, l := range letters {
		if !l.IsDelivered() {
			refused = append(refused, e.To[i])
		}
	}
	if len(refused) > 0 {
		note = "Not taken for " + strings.Join(refused, ", ") + "."
	}
	return note, nil
}

func anyDelivered(letters []*mail.Msg) bool {
	for _, l := range letters {
		if l.IsDelivered() {
			return true
		}
	}
	return false
}

func (a *Alerts) mailOptions(e EmailChannel, password, box string, dial *dialer) []mail.Option {
	helo := "localhost"
	if isHost(box) {
		helo = box
	}
	options := []mail.Option{mail.WithPort(e.Port), mail.WithTimeout(a.deps.limit), mail.WithHELO(helo), mail.WithoutNoop(),
		mail.WithDialContextFunc(dial.dial), mail.WithTLSConfig(a.tlsConfig(e.Server))}
	policy := mail.TLSMandatory
	if e.Security != "starttls" {
		policy = mail.NoTLS // tls: the dialer has done it
	}
	options = append(options, mail.WithTLSPolicy(policy))
	if e.User != "" {
		ways := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin}
		if e.Security == "none" { // loopback alone, see EmailChannel.check
			ways = []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc}
		}
		options = append(options, mail.WithUsername(e.User), mail.WithPassword(password), mail.WithOpportunisticSMTPAuth(ways...))
	}
	return options
}

// letterOf writes a plain text mail. A mail that comes twice has the same id.
func letterOf(e EmailChannel, to string, n Notice, zone *time.Location) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.FromFormat("Alcove "+n.Box, e.From); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := m.To(to); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	m.Subject(fmt.Sprintf("[%s] %s: %s", n.Box, n.word(), n.Title))
	m.SetDateWithValue(n.At)
	m.SetMessageIDWithValue(n.Delivery + "@" + domainOf(e.From))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Alcove-Event", n.Event)
	m.SetGenHeader("X-Alcove-Delivery", n.Delivery)
	m.SetBodyString(mail.TypeTextPlain, n.letter(zone))
	return m, nil
}

func domainOf(address string) string { return address[strings.LastIndex(address, "@")+1:] }

// word says in one word what a notice is about.
func (n Notice) word() string {
	switch n.Event {
	case eventFired:
		return strings.ToUpper(string(n.Severity))
	case eventResolved:
		return "OVER"
	case eventSummary:
		return "SUMMARY"
	}
	return "TEST"
}

// letter is a notice as plain text.
func (n Notice) letter(zone *time.Location) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n\n", n.word(), n.Title, n.Text)
	if f := n.Alert; f != nil {
		fmt.Fprintf(&b, "Began: %s\n", longClock(f.FiredAt, zone))
		if f.ResolvedAt != nil {
			fmt.Fprintf(&b, "Over:  %s\n", longClock(*f.ResolvedAt, zone))
		}
	}
	fmt.Fprintf(&b, "Box:   %s\n\nAlcove sends this by the rules on its page, Monitor, Alerts.\n", n.Box)
	return b.String()
}

func longClock(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2 January 2006, 15:04:05 MST")
}

func (a *Alerts) tlsConfig(host string) *tls.Config {
	return &tls.Config{ServerName: host, RootCAs: a.deps.Roots, MinVersion: tls.VersionTLS12}
}

// dialer opens the connection of one mail, and closes it when the context
// ends: the client waits for a slow server by itself otherwise, and leaves the
// connection open where the conversation's beginning fails.
type dialer struct {
	*Alerts
	ctx  context.Context
	host string
	tls  bool
	conn net.Conn
	stop func() bool
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.conn = conn
	d.stop = context.AfterFunc(d.ctx, func() { conn.Close() })
	if !d.tls {
		return conn, nil
	}
	safe := tls.Client(conn, d.tlsConfig(d.host))
	if err := safe.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return safe, nil
}

func (d *dialer) close() {
	if d.conn != nil {
		d.stop()
		d.conn.Close()
	}
}
