package alerts

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// progress is how far a mail to several recipients has come. It stands in the
// stored body of its notice.
type progress struct {
	Left    []string `json:"left,omitempty"`    // to be tried again; none: nobody was told yet
	Refused []string `json:"refused,omitempty"` // for good
}

// stored is a notice as the database has it.
type stored struct {
	Notice
	progress
}

// with puts progress into a stored body.
func (p progress) with(body json.RawMessage) json.RawMessage {
	var s stored
	if p.Left == nil || json.Unmarshal(body, &s) != nil {
		return body
	}
	s.progress = p
	return encode(s)
}

// recipients are those who are still to be told, and are still wanted.
func (p progress) recipients(all []string) []string {
	if len(p.Left) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(p.Left), func(to string) bool { return !slices.Contains(all, to) })
}

func (p progress) note() string {
	if len(p.Refused) == 0 {
		return ""
	}
	return "Not taken for " + strings.Join(p.Refused, ", ") + "."
}

// sendEmail sends one mail to each recipient over one connection, so that an
// address that is refused keeps nobody else from being told. It gives a note
// when some were refused for good, and an error while some are to be tried
// again: those alone, as p says then.
func (a *Alerts) sendEmail(ctx context.Context, j job, n Notice, p *progress) (note string, err error) {
	e := j.conf.Email
	to := p.recipients(e.To)
	if len(to) == 0 {
		return p.note(), nil
	}
	var letters []*mail.Msg
	for _, to := range to {
		letter, err := letterOf(e, to, n, j.zone)
		if err != nil {
			return "", failf("The mail could not be written: %s.", err)
		}
		letters = append(letters, letter)
	}
	dial := &dialer{Alerts: a, ctx: ctx, host: e.Server, port: e.Port, tls: e.Security == "tls"}
	defer dial.close()
	client, err := mail.NewClient(e.Server, a.mailOptions(e, j.secrets[secretPassword], n.Box, dial)...)
	if err != nil {
		return "", failf("The mail could not be sent: %s.", err)
	}
	err = client.DialAndSendWithContext(ctx, letters...)
	if err != nil && len(p.Left) == 0 && !slices.ContainsFunc(letters, (*mail.Msg).IsDelivered) {
		return "", failure("mail server", err)
	}
	p.Left = nil
	for i, l := range letters {
		switch {
		case l.IsDelivered():
		case isFinal(l.SendError()):
			p.Refused = append(p.Refused, to[i])
		default:
			p.Left = append(p.Left, to[i])
			err = cmp.Or(l.SendError(), err) // not what it said to others
		}
	}
	if len(p.Left) > 0 {
		return "", failf("Not taken yet for %s. %s %s", strings.Join(p.Left, ", "), p.note(), failure("mail server", err))
	}
	return p.note(), nil
}

// isFinal says that a server refused a mail for good: it said 5xx.
func isFinal(err error) bool {
	var e *mail.SendError
	return errors.As(err, &e) && e.ErrorCode() >= 500
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
	port int
	tls  bool
	conn net.Conn
	stop func() bool
}

// dial takes no address from the client, which writes none of IPv6.
func (d *dialer) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(d.host, strconv.Itoa(d.port)))
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
