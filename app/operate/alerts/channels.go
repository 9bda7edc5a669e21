package alerts

import (
	"context"
	"encoding/base64"
	"net"
	"net/mail"
	"net/url"
	"strings"
)

// Channel is a way to tell people. The page is always told and is none of them.
type Channel string

// The channels.
const (
	Desktop Channel = "desktop"
	Email   Channel = "email"
	Webhook Channel = "webhook"
	Syslog  Channel = "syslog"
)

var channels = []Channel{Desktop, Email, Webhook, Syslog}

// Channels say whom to tell how, and when not. Secrets go in and never come
// out: password and secret are empty in every answer.
type Channels struct {
	Desktop    DesktopChannel `json:"desktop"`
	Email      EmailChannel   `json:"email"`
	Webhook    WebhookChannel `json:"webhook"`
	Syslog     SyslogChannel  `json:"syslog"`
	QuietHours QuietHours     `json:"quiet_hours"`
}

// DesktopChannel shows notices on the desktop of who has the page open.
type DesktopChannel struct {
	Enabled bool `json:"enabled"`
}

// EmailChannel sends plain text through an SMTP server.
type EmailChannel struct {
	Enabled  bool     `json:"enabled"`
	Server   string   `json:"server" doc:"Host name or address"`
	Port     int      `json:"port" doc:"1 to 65535; usual: 587 with starttls, 465 with tls, 25 with none"`
	Security string   `json:"security" enum:"starttls,tls,none" doc:"none: readable on the network; no password is sent then but on this machine"`
	User     string   `json:"user" doc:"Empty: no sign-in"`
	Password *string  `json:"password,omitempty" doc:"Goes in only; absent: as it was; empty: removed"`
	HasPass  bool     `json:"password_set" required:"false" doc:"Comes out only"`
	From     string   `json:"from" doc:"Sender's address"`
	To       []string `json:"to" nullable:"false" doc:"1 to 20 addresses"`
}

// WebhookChannel posts JSON, signed.
type WebhookChannel struct {
	Enabled   bool    `json:"enabled"`
	URL       string  `json:"url" doc:"https, or http where that was written"`
	Secret    *string `json:"secret,omitempty" doc:"Key of the signature; goes in only; absent: as it was; empty: removed, then nothing is signed"`
	HasSecret bool    `json:"secret_set" required:"false" doc:"Comes out only"`
}

// SyslogChannel writes RFC 3164 messages.
type SyslogChannel struct {
	Enabled bool   `json:"enabled"`
	Network string `json:"network" enum:"local,udp,tcp"`
	Address string `json:"address" doc:"host:port of udp and tcp; of local the socket's path, empty: /dev/log"`
}

// Names of secrets.
const (
	secretPassword = "email.password"
	secretWebhook  = "webhook.secret"
)

// secrets are the channels' secrets by name. It prints as nothing.
type secrets map[string]string

// String keeps secrets out of logs.
func (secrets) String() string { return "(secrets)" }

// GoString keeps secrets out of %#v.
func (secrets) GoString() string { return "(secrets)" }

// scrub takes secrets out of a text that a server has had a say in.
func (s secrets) scrub(text string) string {
	for _, secret := range s {
		if secret == "" {
			continue // it would be found between all letters
		}
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), url.QueryEscape(secret)} {
			text = strings.ReplaceAll(text, form, "(secret)")
		}
	}
	return text
}

func defaultChannels() Channels {
	return Channels{
		Email:      EmailChannel{Port: 587, Security: "starttls", To: []string{}},
		Syslog:     SyslogChannel{Network: "local"},
		QuietHours: QuietHours{From: "22:00", To: "07:00"},
	}
}

func (c Channels) enabled(ch Channel) bool {
	switch ch {
	case Desktop:
		return c.Desktop.Enabled
	case Email:
		return c.Email.Enabled
	case Webhook:
		return c.Webhook.Enabled
	}
	return c.Syslog.Enabled
}

// Bounds of channels.
const (
	maxField      = 255 // characters of a host, a user, an address
	maxURL        = 2000
	maxSecret     = 1000
	maxRecipients = 20
)

// check names what is wrong; nil when nothing is. What a channel needs must be
// there when it is on, or when it is to be tested.
func (c Channels) check(s secrets) error {
	for _, check := range []func() error{
		func() error { return c.Email.check(s[secretPassword], c.Email.Enabled) },
		func() error { return c.Webhook.check(c.Webhook.Enabled) },
		func() error { return c.Syslog.check(c.Syslog.Enabled) },
		c.QuietHours.check,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (e EmailChannel) check(password string, whole bool) error {
	switch {
	case whole && e.Server == "", e.Server != "" && !isHost(e.Server):
		return invalid("email.server", "The mail server is a host name or an address, without a port.")
	case e.Port < 1 || e.Port > 65535:
		return invalid("email.port", "A port is 1 to 65535.")
	case e.Security != "starttls" && e.Security != "tls" && e.Security != "none":
		return invalid("email.security", "The security is starttls, tls or none.")
	case e.User != "" && !isLine(e.User, maxField):
		return invalid("email.user", "The user name is too long, or has characters that it cannot have.")
	case whole && e.User != "" && password == "":
		return invalid("email.password", "The password of %s is missing.", e.User)
	case e.User != "" && e.Security == "none" && !isLoopback(e.Server):
		return invalid("email.security", "Without encryption the password could be read on the network. Choose starttls or tls, or leave the user name empty.")
	case whole && e.From == "", e.From != "" && !isAddress(e.From):
		return invalid("email.from", "The sender is an address like alcove@example.com.")
	case whole && len(e.To) == 0, len(e.To) > maxRecipients:
		return invalid("email.to", "There are 1 to %d recipients.", maxRecipients)
	}
	for _, to := range e.To {
		if !isAddress(to) {
			return invalid("email.to", "Each recipient is an address like it@example.com.")
		}
	}
	return nil
}

func (w WebhookChannel) check(whole bool) error {
	if w.URL == "" && !whole {
		return nil
	}
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || len(w.URL) > maxURL || !isLine(w.URL, maxURL) || u.Scheme != "http" && u.Scheme != "https" || !isHost(u.Hostname()):
		return invalid("webhook.url", "The address is one like https://example.com/hook.")
	case u.User != nil:
		return invalid("webhook.url", "A name and a password in the address would be shown to everybody who sees it. Use the signature instead.")
	}
	return nil
}

func (s SyslogChannel) check(whole bool) error {
	if s.Network != "local" && s.Network != "udp" && s.Network != "tcp" {
		return invalid("syslog.network", "The network is local, udp or tcp.")
	}
	if s.Address == "" && (!whole || s.Network == "local") {
		return nil
	}
	if s.Network == "local" {
		if !isLine(s.Address, 100) || !strings.HasPrefix(s.Address, "/") {
			return invalid("syslog.address", "The socket is a path like /dev/log.")
		}
		return nil
	}
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil || !isHost(host) || port == "" || !isPort(port) {
		return invalid("syslog.address", "The address is a host and a port, like log.example.com:514.")
	}
	return nil
}

func isPort(s string) bool {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 65535 {
			return false
		}
		n = n*10 + int(r-'0')
	}
	return n >= 1 && n <= 65535
}

// isHost takes names and addresses, and nothing that could be more than one.
func isHost(s string) bool {
	if s == "" || len(s) > maxField {
		return false
	}
	if net.ParseIP(s) != nil {
		return true
	}
	return !strings.HasPrefix(s, "-") && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_')
	})
}

// isLoopback says that a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isAddress takes a bare e-mail address.
func isAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && isLine(s, maxField) && !strings.ContainsAny(s, "\"<>, ")
}

// public is what may be shown: no secret, but whether there is one.
func (c Channels) public(s secrets) Channels {
	c.Email.Password, c.Webhook.Secret = nil, nil
	c.Email.HasPass, c.Webhook.HasSecret = s[secretPassword] != "", s[secretWebhook] != ""
	c.Email.To = append([]string{}, c.Email.To...)
	return c
}

// Channels gives the channels without their secrets.
func (a *Alerts) Channels(ctx context.Context) (c Channels, err error) {
	err = a.do(ctx, func(k *keeper) { c = k.conf.public(k.secrets) })
	return c, err
}

// SetChannels changes all channels, or nothing. What waits for a channel is
// tried again at once; what waits for one that is off now is given up.
func (a *Alerts) SetChannels(ctx context.Context, c Channels) (out Channels, err error) {
	doErr := a.do(ctx, func(k *keeper) {
		if err = k.setChannels(ctx, c); err == nil {
			out = k.conf.public(k.secrets)
		}
	})
	if doErr != nil {
		return Channels{}, doErr
	}
	return out, err
}

func (k *keeper) setChannels(ctx context.Context, c Channels) error {
	changes, err := changedSecrets(k.conf, c, k.secrets)
	if err != nil {
		return err
	}
	next := secrets{}
	for name, value := range k.secrets {
		next[name] = value
	}
	for name, value := range changes {
		next[name] = value
		if value == "" {
			delete(next, name)
		}
	}
	c = c.public(nil)
	if err := c.check(next); err != nil {
		return err
	}
	ctx, cancel := withStore(ctx)
	defer cancel()
	if err := k.a.deps.Store.SetAlertSetting(ctx, docChannels, encode(c), changes); err != nil {
		return err
	}
	k.conf, k.secrets = c, next
	now := k.a.deps.Now()
	for _, q := range k.queues {
		for _, n := range q.open {
			n.NextAt = now
		}
	}
	return nil
}

// changedSecrets says which secrets are to be stored anew. A password goes to
// the server that it was given for and to no other.
func changedSecrets(old, c Channels, s secrets) (map[string]string, error) {
	changes := map[string]string{}
	for name, field := range map[string]*string{secretPassword: c.Email.Password, secretWebhook: c.Webhook.Secret} {
		if field == nil {
			continue
		}
		if *field != "" && !isLine(*field, maxSecret) {
			return nil, invalid(name, "It is longer than %d characters, or has characters that it cannot have.", maxSecret)
		}
		changes[name] = *field
	}
	moved := old.Email.Server != c.Email.Server || old.Email.Port != c.Email.Port || old.Email.Security != c.Email.Security
	if moved && c.Email.Password == nil && s[secretPassword] != "" {
		if c.Email.User != "" {
			return nil, invalid(secretPassword, "The mail server is another one now: type the password again.")
		}
		changes[secretPassword] = ""
	}
	return changes, nil
}
