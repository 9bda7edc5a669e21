package alerts

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"alcove/app"
)

// job is one try to send a notice, with all that it needs.
type job struct {
	channel Channel
	notice  string // its id
	message json.RawMessage
	conf    Channels
	secrets secrets
	zone    *time.Location
}

// result is what became of a try.
type result struct {
	channel Channel
	notice  string
	note    string // of one that was sent: what was not quite well
	failed  string // why it was not sent; "" when it was
	progress
}

// sendTime is the limit of one try, whatever the server does.
const sendTime = 10 * time.Second

// send is the goroutine of one channel.
func (a *Alerts) send(jobs <-chan job) {
	for {
		select {
		case j := <-jobs:
			a.results <- a.attempt(a.sending, j) // the owner ends after the senders
		case <-a.sending.Done():
			return
		}
	}
}

// attempt tries once and says what became of it.
func (a *Alerts) attempt(ctx context.Context, j job) result {
	r := result{channel: j.channel, notice: j.notice}
	note, err := a.try(ctx, j, &r.progress)
	r.note = j.secrets.scrub(note)
	if err != nil {
		r.failed = reasonOf(err, j.secrets)
	}
	return r
}

// try sends one notice. Its error is a *sendError when there is a sentence.
func (a *Alerts) try(ctx context.Context, j job, p *progress) (note string, err error) {
	var s stored
	if err := json.Unmarshal(j.message, &s); err != nil {
		return "", fmt.Errorf("read a notice: %w", err)
	}
	n := s.Notice
	*p = s.progress
	ctx, cancel := context.WithTimeout(ctx, a.deps.limit)
	defer cancel()
	defer func() {
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) { // whatever it looked like
			err = failf("The server did not answer in time.")
		}
	}()
	switch j.channel {
	case Desktop:
		a.deps.Publish(EventNotice, n)
		return "", nil
	case Email:
		return a.sendEmail(ctx, j, n, p)
	case Webhook:
		return "", a.sendWebhook(ctx, j, n)
	}
	return "", a.sendSyslog(ctx, j, n)
}

// sendError is a reason in words, safe to show.
type sendError struct{ text string }

func (e *sendError) Error() string { return e.text }

func failf(format string, args ...any) error { return &sendError{fmt.Sprintf(format, args...)} }

// failure says in words why a server was not reached, or what it said.
func failure(what string, err error) error {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &certificate):
		return failf("The %s's certificate is not trusted: %s.", what, certificate.Err)
	case errors.As(err, &dns):
		return failf("The name %s was not found.", dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failf("The %s did not answer in time.", what)
	case errors.Is(err, syscall.ECONNREFUSED):
		return failf("Nothing answers at the %s's address: the connection was refused.", what)
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET):
		return failf("The %s ended the connection.", what)
	}
	return failf("The %s: %s.", what, strings.TrimSuffix(err.Error(), "."))
}

const maxReason = 300 // characters of a reason

// reasonOf gives what to show of a failed try, on one line and bounded. Secrets
// go first: one that is cut is not found.
func reasonOf(err error, s secrets) string {
	var e *sendError
	text := "It could not be sent."
	switch {
	case errors.As(err, &e):
		text = e.text
	case errors.Is(err, context.DeadlineExceeded):
		text = "The server did not answer in time."
	}
	text = strings.Join(strings.Fields(strings.Map(printable, s.scrub(text))), " ")
	if r := []rune(text); len(r) > maxReason {
		text = string(r[:maxReason]) + "…"
	}
	return text
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r == '�' {
		return ' '
	}
	return r
}

// Test sends a test message through a channel as it is set up now, on or off.
func (a *Alerts) Test(ctx context.Context, c Channel) error {
	var j job
	var checked error
	err := a.do(ctx, func(k *keeper) {
		m := testMessage(k.box, a.deps.Now())
		j = job{channel: c, notice: m.Delivery, message: encode(m), conf: k.conf, secrets: k.secrets, zone: a.deps.Zone}
		checked = k.conf.ready(c, k.secrets)
	})
	if err = errors.Join(err, checked); err != nil {
		return err
	}
	// A test ends with the program too.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.sending, cancel)()
	if r := a.attempt(ctx, j); r.note+r.failed != "" {
		return &app.Error{Code: app.CodeNotSent, Message: r.note + r.failed}
	}
	return nil
}

// ready says what a channel lacks.
func (c Channels) ready(ch Channel, s secrets) error {
	switch ch {
	case Email:
		return c.Email.check(s[secretPassword], true)
	case Webhook:
		return c.Webhook.check(true)
	case Syslog:
		return c.Syslog.check(true)
	case Desktop:
		return nil
	}
	return &app.Error{Code: app.CodeNotFound}
}
