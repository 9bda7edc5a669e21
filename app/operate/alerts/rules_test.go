package alerts

import (
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"alcove/app"
)

// paramOf gives the field that an error names.
func paramOf(err error) string {
	var e *app.Error
	if errors.As(err, &e) && e.Code == app.CodeInvalid {
		return e.Param
	}
	return ""
}

func TestShippedRulesAreGood(t *testing.T) {
	if err := checkRules(Shipped()); err != nil {
		t.Error(err)
	}
	for _, m := range metrics {
		if m.title == "" || m.advice == "" || (m.unit == unitFlag) != (m.says != "") {
			t.Errorf("%+v", m)
		}
	}
	for _, r := range Shipped() {
		if r.Clear == nil || r.sentence(r.threshold()) == "" {
			t.Errorf("%+v", r)
		}
	}
}

func TestDocsNameTheShippedRules(t *testing.T) {
	page, err := os.ReadFile("../../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Shipped() {
		if !strings.Contains(string(page), "| "+r.Title) || metricByName[r.Metric].unit != unitFlag && !strings.Contains(string(page), number(r.threshold())) {
			t.Errorf("docs/alerts.md does not tell of %q", r.Title)
		}
	}
}

func TestBadRulesAreNamed(t *testing.T) {
	b := newBench(t)
	b.only(hot())
	for param, change := range map[string]func(*Rule){
		"rules[1].id":            func(r *Rule) { r.ID = "A b" },
		"rules[1].title":         func(r *Rule) { r.Title = "" },
		"rules[1].metric":        func(r *Rule) { r.Metric = "moon_phase" },
		"rules[1].above":         func(r *Rule) { r.Above = nil },
		"rules[1].below":         func(r *Rule) { r.Below = number64(1) },
		"rules[1].clear":         func(r *Rule) { r.Clear = number64(86) },
		"rules[1].for_seconds":   func(r *Rule) { r.ForSeconds = maxSeconds + 1 },
		"rules[1].clear_seconds": func(r *Rule) { r.ClearSeconds = 9 },
		"rules[1].severity":      func(r *Rule) { r.Severity = "awful" },
	} {
		other := hot()
		other.ID = "other"
		change(&other)
		if err := b.SetRules(t.Context(), []Rule{hot(), other}); paramOf(err) != param {
			t.Errorf("%s: %v", param, err)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1000} {
		r := hot()
		r.Above, r.Clear = &v, nil
		if err := b.SetRules(t.Context(), []Rule{r}); paramOf(err) != "rules[0].above" {
			t.Errorf("%v: %v", v, err)
		}
		r = hot()
		r.Clear = &v
		if err := b.SetRules(t.Context(), []Rule{r}); paramOf(err) != "rules[0].clear" {
			t.Errorf("clear %v: %v", v, err)
		}
	}
	low := Rule{ID: "low", Title: "Low", Metric: DiskFreePercent, Below: number64(5), Clear: number64(4), ClearSeconds: 10, Severity: Warning}
	if err := b.SetRules(t.Context(), []Rule{low}); paramOf(err) != "rules[0].clear" {
		t.Error(err)
	}
	if err := b.SetRules(t.Context(), []Rule{hot(), hot()}); paramOf(err) != "rules[1].id" {
		t.Error(err)
	}
	if err := b.SetRules(t.Context(), make([]Rule, maxRules+1)); paramOf(err) != "rules" {
		t.Error(err)
	}
	if v := b.board(); !reflect.DeepEqual(v.Rules, []Rule{hot()}) {
		t.Errorf("something was changed: %+v", v.Rules)
	}
}

func TestBadChannelsAreNamed(t *testing.T) {
	b := newBench(t)
	before, err := b.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mail := func(change func(*EmailChannel)) func(*Channels) {
		return func(c *Channels) {
			c.Email = EmailChannel{Enabled: true, Server: "mail.example.com", Port: 587, Security: "starttls", From: "a@example.com", To: []string{"b@example.com"}}
			change(&c.Email)
		}
	}
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		param  string
		change func(*Channels)
	}{
		{"email.server", mail(func(e *EmailChannel) { e.Server = "" })},
		{"email.server", mail(func(e *EmailChannel) { e.Server = "mail.example.com:25" })},
		{"email.server", mail(func(e *EmailChannel) { e.Server = "-oops" })},
		{"email.port", mail(func(e *EmailChannel) { e.Port = 70000 })},
		{"email.security", mail(func(e *EmailChannel) { e.Security = "maybe" })},
		{"email.security", mail(func(e *EmailChannel) { e.Security, e.User, e.Password = "none", "u", text("p") })},
		{"email.password", mail(func(e *EmailChannel) { e.User = "u" })},
		{"email.password", mail(func(e *EmailChannel) { e.User, e.Password = "u", text("a\r\nQUIT") })},
		{"email.user", mail(func(e *EmailChannel) { e.User, e.Password = "u\n", text("p") })},
		{"email.from", mail(func(e *EmailChannel) { e.From = "Somebody <a@example.com>" })},
		{"email.from", mail(func(e *EmailChannel) { e.From = "a@example.com\r\nBcc: c@example.com" })},
		{"email.to", mail(func(e *EmailChannel) { e.To = nil })},
		{"email.to", mail(func(e *EmailChannel) { e.To = []string{"b@example.com, c@example.com"} })},
		{"email.to", mail(func(e *EmailChannel) { e.To = strings.Split(strings.Repeat("b@example.com ", 21), " ") })},
		{"webhook.url", func(c *Channels) { c.Webhook.Enabled = true }},
		{"webhook.url", func(c *Channels) { c.Webhook.URL = "example.com/hook" }},
		{"webhook.url", func(c *Channels) { c.Webhook.URL = "file:///etc/passwd" }},
		{"webhook.url", func(c *Channels) { c.Webhook.URL = "https://u:p@example.com/" }},
		{"webhook.url", func(c *Channels) { c.Webhook.URL = "https://exa mple.com/" }},
		{"syslog.network", func(c *Channels) { c.Syslog.Network = "tls" }},
		{"syslog.address", func(c *Channels) { c.Syslog = SyslogChannel{true, "udp", ""} }},
		{"syslog.address", func(c *Channels) { c.Syslog = SyslogChannel{true, "tcp", "host"} }},
		{"syslog.address", func(c *Channels) { c.Syslog = SyslogChannel{true, "tcp", "host:99999"} }},
		{"syslog.address", func(c *Channels) { c.Syslog = SyslogChannel{true, "local", "relative"} }},
		{"quiet_hours.from", func(c *Channels) { c.QuietHours.From = "25:00" }},
		{"quiet_hours.to", func(c *Channels) { c.QuietHours.To = "7:00" }},
		{"quiet_hours.to", func(c *Channels) { c.QuietHours = QuietHours{true, "07:00", "07:00", false} }},
	} {
		next := before
		c.change(&next)
		if _, err := b.SetChannels(t.Context(), next); paramOf(err) != c.param {
			t.Errorf("%s: %v", c.param, err)
		}
	}
	after, err := b.Channels(t.Context())
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("something was changed: %+v %v", after, err)
	}
}
