package alerts

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// post is a real SMTP server.
type post struct {
	t          *testing.T
	port       int
	roots      *x509.CertPool
	user, pass string          // empty: no sign-in
	mechanisms []string        // of sign-in
	refuse     map[string]bool // recipients
	busy       map[string]bool // recipients that are to be tried again
	host       string          // to listen on; "": 127.0.0.1
	says       string          // after a wrong password
	asked      func()          // runs when a password is checked

	mu    sync.Mutex
	mails []letter
}

// letter is a mail as the server got it.
type letter struct {
	from string
	to   []string
	raw  string
	tls  bool
	user string
}

func newPost(t *testing.T, security string, change ...func(*post)) *post {
	t.Helper()
	certificate, roots := ownCertificate(t)
	p := &post{t: t, roots: roots, mechanisms: []string{sasl.Plain}}
	for _, c := range change {
		c(p)
	}
	server := smtp.NewServer(p)
	server.AllowInsecureAuth = true
	server.ErrorLog = quietLog{}
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	ln, err := net.Listen("tcp", net.JoinHostPort(cmp.Or(p.host, "127.0.0.1"), "0"))
	if err != nil {
		t.Fatal(err)
	}
	p.port = ln.Addr().(*net.TCPAddr).Port
	switch security {
	case "tls":
		ln = tls.NewListener(ln, server.TLSConfig)
	case "none":
		server.TLSConfig = nil
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return p
}

type quietLog struct{}

func (quietLog) Printf(string, ...any) {}
func (quietLog) Println(...any)        {}

// NewSession begins a conversation.
func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, isTLS := c.TLSConnectionState()
	return &session{post: p, letter: letter{tls: isTLS}}, nil
}

func (p *post) got() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]letter(nil), p.mails...)
}

type session struct {
	post *post
	letter
}

// AuthMechanisms lists how one may sign in.
func (s *session) AuthMechanisms() []string {
	if s.post.user == "" {
		return nil
	}
	return s.post.mechanisms
}

// Auth signs in.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, pass string) error {
		if s.post.asked != nil {
			s.post.asked()
		}
		if user != s.post.user || pass != s.post.pass {
			return &smtp.SMTPError{Code: 535, Message: "wrong user or password " + s.post.says}
		}
		s.user = user
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, pass string) error { return check(user, pass) }), nil
}

// loginServer is the server's side of LOGIN.
type loginServer struct {
	check func(user, pass string) error
	step  int
	user  string
}

// Next takes an answer.
func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}

// Mail takes the sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.post.user != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.from, s.to = from, nil
	return nil
}

// Rcpt takes a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.post.refuse[to] {
		return &smtp.SMTPError{Code: 550, Message: "nobody of this name"}
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	if s.post.busy[to] {
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: "come again"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail.
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.raw = string(b)
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.mails = append(s.post.mails, s.letter)
	return err
}

// Reset forgets a mail that was begun.
func (s *session) Reset() {}

// Logout ends the conversation.
func (s *session) Logout() error { return nil }

// ownCertificate makes an authority and a certificate of 127.0.0.1.
func ownCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// withPost is Alerts that mail to a server.
func withPost(t *testing.T, p *post, security string, change ...func(*EmailChannel)) *bench {
	t.Helper()
	b := newBench(t, func(d *Deps) { d.Roots = p.roots })
	b.channels(func(c *Channels) {
		c.Email = EmailChannel{Enabled: true, Server: "127.0.0.1", Port: p.port, Security: security, User: p.user, From: "alcove@example.com", To: []string{"it@example.com"}}
		if p.user != "" {
			c.Email.Password = &p.pass
		}
		for _, f := range change {
			f(&c.Email)
		}
	})
	return b
}

func TestEmail(t *testing.T) {
	for name, c := range map[string]struct {
		security, mechanism, user string
		pass                      string
	}{
		"starttls, plain":             {"starttls", sasl.Plain, "alcove", "Wörter mit Zeichen"},
		"starttls, login":             {"starttls", sasl.Login, "alcove", "password-1"},
		"tls":                         {"tls", sasl.Plain, "alcove", "password-1"},
		"starttls without a sign-in":  {"starttls", "", "", ""},
		"loopback without encryption": {"none", sasl.Plain, "alcove", "password-1"},
		"loopback, login":             {"none", sasl.Login, "alcove", "password-1"},
		"nothing of it":               {"none", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, c.security, func(p *post) { p.user, p.pass, p.mechanisms = c.user, c.pass, []string{c.mechanism} })
			b := withPost(t, p, c.security)
			b.only(hot())
			b.feed(warm, 61)
			until(t, "the mail", func() bool { return len(p.got()) == 1 })
			b.idle()
			got := p.got()[0]
			if got.tls != (c.security != "none") || got.user != c.user || got.from != "alcove@example.com" || !reflect.DeepEqual(got.to, []string{"it@example.com"}) {
				t.Errorf("%+v", got)
			}
			m, err := mail.ReadMessage(strings.NewReader(got.raw))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(m.Body)
			if err != nil || !strings.Contains(string(body), "Hot") || !strings.Contains(m.Header.Get("Subject"), "WARNING: Hot") || m.Header.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("%s %v", got.raw, err)
			}
			if id := m.Header.Get("X-Alcove-Delivery"); m.Header.Get("Message-ID") != "<"+id+"@example.com>" {
				t.Error(m.Header)
			}
			if s := statuses(b.board().Firing[0], Email); !reflect.DeepEqual(s, []string{"alert.fired sent"}) {
				t.Error(s, b.board().Firing[0].Deliveries)
			}
		})
	}
}

func TestEmailToAServerThatIsNotTrusted(t *testing.T) {
	for _, security := range []string{"starttls", "tls"} {
		p := newPost(t, security)
		p.roots = x509.NewCertPool()
		b := withPost(t, p, security)
		if err := b.Test(t.Context(), Email); err == nil || !strings.Contains(err.Error(), "certificate is not trusted") || len(p.got()) != 0 {
			t.Errorf("%s: %v", security, err)
		}
	}
}

// A server that takes the encryption away gets neither mail nor password.
func TestEmailInsistsOnEncryption(t *testing.T) {
	p := newPost(t, "none", func(p *post) { p.user, p.pass = "alcove", "password-1" })
	b := withPost(t, p, "starttls")
	if err := b.Test(t.Context(), Email); err == nil || !strings.Contains(err.Error(), "STARTTLS") || len(p.got()) != 0 {
		t.Error(err)
	}
}

func TestEmailRefusedForOneReachesTheOthers(t *testing.T) {
	p := newPost(t, "starttls", func(p *post) { p.refuse = map[string]bool{"gone@example.com": true} })
	b := withPost(t, p, "starttls", func(e *EmailChannel) { e.To = []string{"gone@example.com", "a@example.com", "b@example.com"} })
	b.only(hot())
	b.feed(warm, 61)
	until(t, "two mails", func() bool { return len(p.got()) == 2 })
	b.idle()
	if d := b.board().Firing[0].Deliveries[0]; d.Status != "sent" || d.Error != "Not taken for gone@example.com." {
		t.Errorf("%+v", d)
	}
	if err := b.Test(t.Context(), Email); err == nil || !strings.Contains(err.Error(), "gone@example.com") {
		t.Error(err)
	}
	p.refuse = map[string]bool{"gone@example.com": true, "a@example.com": true, "b@example.com": true}
	if err := b.Test(t.Context(), Email); err == nil || !strings.Contains(err.Error(), "nobody of this name") {
		t.Error(err)
	}
}

// Who is refused for the moment is tried again, alone, also after a restart;
// and who is refused for good is named in the end.
func TestEmailIsTriedAgainForWhoWasNotTold(t *testing.T) {
	p := newPost(t, "starttls", func(p *post) {
		p.refuse, p.busy = map[string]bool{"gone@example.com": true}, map[string]bool{"busy@example.com": true, "old@example.com": true}
	})
	b := withPost(t, p, "starttls", func(e *EmailChannel) {
		e.To = []string{"a@example.com", "gone@example.com", "busy@example.com", "old@example.com"}
	})
	b.only(hot())
	b.feed(warm, 61)
	until(t, "the first mail", func() bool { b.idle(); return len(p.got()) == 1 })
	b.channels(func(c *Channels) { c.Email.To = c.Email.To[:3] })
	for range 3 {
		b.restart()
		b.tick(lastRetry)
		b.idle()
		d := b.board().Firing[0].Deliveries[0]
		if d.Status != "waiting" || !strings.Contains(d.Error, "Not taken yet for busy@example.com") || !strings.Contains(d.Error, "come again") || !strings.Contains(d.Error, "Not taken for gone@example.com.") {
			t.Errorf("%+v", d)
		}
	}
	p.mu.Lock()
	p.busy = nil
	p.mu.Unlock()
	b.tick(lastRetry)
	until(t, "the second mail", func() bool { b.idle(); return len(p.got()) >= 2 })
	if d := b.board().Firing[0].Deliveries[0]; d.Status != "sent" || d.Error != "Not taken for gone@example.com." {
		t.Errorf("%+v", d)
	}
	got := p.got()
	if len(got) != 2 || got[0].to[0] != "a@example.com" || got[1].to[0] != "busy@example.com" {
		t.Errorf("%+v", got)
	}
}

func TestEmailOverIPv6(t *testing.T) {
	ln, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	ln.Close()
	p := newPost(t, "none", func(p *post) { p.host = "::1" })
	b := withPost(t, p, "none", func(e *EmailChannel) { e.Server = "::1" })
	if err := b.Test(t.Context(), Email); err != nil || len(p.got()) != 1 {
		t.Error(err)
	}
}

// What a person wrote in a title can neither add a header nor a recipient.
func TestEmailHeadersCannotBeInjected(t *testing.T) {
	p := newPost(t, "none")
	b := withPost(t, p, "none")
	r := hot()
	r.Title = "Hot: =?utf-8?q?x?= <b@example.com>, Bcc: c@example.com"
	b.only(r)
	for _, title := range []string{"a\r\nBcc: c@example.com", "a\nb", "a\x00", "a\u2028b"} {
		bad := hot()
		bad.Title = title
		if err := b.SetRules(t.Context(), []Rule{bad}); err == nil {
			t.Errorf("%q was taken", title)
		}
	}
	b.feed(warm, 61)
	until(t, "the mail", func() bool { return len(p.got()) == 1 })
	m, err := mail.ReadMessage(strings.NewReader(p.got()[0].raw))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Bcc") != "" || !reflect.DeepEqual(p.got()[0].to, []string{"it@example.com"}) {
		t.Errorf("%+v", p.got()[0])
	}
}

// A mail server that says nothing holds up neither a test nor Close.
func TestEmailServerThatHangs(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	taken := make(chan struct{}, 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := ln.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			conns = append(conns, c)
			taken <- struct{}{}
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		<-done
		for _, c := range conns {
			c.Close()
		}
	})
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	p := &post{}
	if p.port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	for _, security := range []string{"none", "tls", "starttls"} {
		b := withPost(t, p, security)
		b.only(hot())
		b.feed(warm, 61)
		<-taken
		b.restart() // Close does not wait
		<-taken
		b.close()
	}
	quick := newBench(t, func(d *Deps) { d.limit = 50 * time.Millisecond })
	quick.channels(func(c *Channels) {
		c.Email = EmailChannel{Server: "127.0.0.1", Port: p.port, Security: "none", From: "a@example.com", To: []string{"b@example.com"}}
	})
	if err := quick.Test(t.Context(), Email); err == nil || !strings.Contains(err.Error(), "did not answer in time") {
		t.Error(err)
	}
}
