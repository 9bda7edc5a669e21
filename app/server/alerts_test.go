package server

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"alcove/app"
	"alcove/app/operate/alerts"
)

func TestAlertsOverHTTP(t *testing.T) {
	b := newBox(t)
	events, stop := b.follow("")
	defer stop()
	var board alerts.Board
	b.want(200, "GET", "/api/v1/alerts", nil, &board)
	if !board.Shipped || len(board.Rules) < 10 || len(board.Metrics) < 20 || board.Firing == nil || board.History == nil {
		t.Errorf("%+v", board)
	}
	rule := `{"id":"busy","title":"Busy","metric":"cpu_percent","above":90,"clear":80,"for_seconds":0,"clear_seconds":10,"severity":"critical","enabled":true}`
	b.want(200, "PUT", "/api/v1/alerts/rules", `{"rules":[`+rule+`]}`, &board)
	if board.Shipped || len(board.Rules) != 1 {
		t.Errorf("%+v", board)
	}
	b.server.alerts.Observe(time.Now(), alerts.Reading{alerts.CPUPercent: 99})
	var alert alerts.Alert
	for e := range events {
		if e.name == alerts.EventAlert {
			if err := json.Unmarshal(e.data, &alert); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if alert.Rule != "busy" || alert.Severity != alerts.Critical || alert.Value != 99 || alert.Advice == "" {
		t.Errorf("%+v", alert)
	}
	b.want(200, "GET", "/api/v1/alerts?history=1", nil, &board)
	if len(board.Firing) != 1 || board.Firing[0].ID != alert.ID {
		t.Errorf("%+v", board.Firing)
	}
	b.want(200, "DELETE", "/api/v1/alerts/rules", nil, &board)
	if !board.Shipped || len(board.Firing) != 0 || len(board.History) != 1 || board.History[0].Ended != "disabled" {
		t.Errorf("%+v", board)
	}
}

func TestBadAlertRulesOverHTTP(t *testing.T) {
	b := newBox(t)
	for field, body := range map[string]string{
		"rules[0].metric":      `{"rules":[{"id":"a","title":"A","metric":"nothing","above":1,"for_seconds":0,"clear_seconds":10,"severity":"warning","enabled":true}]}`,
		"rules[0].clear":       `{"rules":[{"id":"a","title":"A","metric":"cpu_percent","above":50,"clear":60,"for_seconds":0,"clear_seconds":10,"severity":"warning","enabled":true}]}`,
		"rules[0].for_seconds": `{"rules":[{"id":"a","title":"A","metric":"cpu_percent","above":50,"for_seconds":9999999,"clear_seconds":10,"severity":"warning","enabled":true}]}`,
		"rules[0].severity":    `{"rules":[{"id":"a","title":"A","metric":"cpu_percent","above":50,"for_seconds":0,"clear_seconds":10,"severity":"dire","enabled":true}]}`,
		"rules":                `{"rules":[` + strings.TrimSuffix(strings.Repeat(`{"id":"a","title":"A","metric":"cpu_percent","above":50,"for_seconds":0,"clear_seconds":10,"severity":"warning","enabled":true},`, 101), ",") + `]}`,
	} {
		p := b.want(422, "PUT", "/api/v1/alerts/rules", body, nil).problem(t)
		if len(p.Errors) != 1 || p.Errors[0].Field != field || p.Code != string(app.CodeInvalid) {
			t.Errorf("%s: %+v", field, p)
		}
	}
	var board alerts.Board
	b.want(200, "GET", "/api/v1/alerts", nil, &board)
	if !board.Shipped {
		t.Error("something was changed")
	}
	b.want(422, "GET", "/api/v1/alerts?history=9999", nil, nil)
}

// The channels' secrets go in and are in no answer of any route.
func TestAlertChannelsOverHTTP(t *testing.T) {
	const canary = "canary-Zq7-of-the-routes"
	b := newBox(t)
	var signed string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		signed = r.Header.Get("X-Alcove-Signature")
	}))
	defer hook.Close()
	channels := `{"desktop":{"enabled":true},
		"email":{"enabled":false,"server":"mail.example.com","port":587,"security":"starttls","user":"u","password":"` + canary + `","from":"a@example.com","to":["b@example.com"]},
		"webhook":{"enabled":true,"url":"` + hook.URL + `","secret":"` + canary + `"},
		"syslog":{"enabled":false,"network":"local","address":""},
		"quiet_hours":{"enabled":true,"from":"22:00","to":"06:30","critical_too":true}}`
	answers := []answer{b.want(200, "PUT", "/api/v1/alerts/channels", channels, nil)}
	var c alerts.Channels
	got := b.want(200, "GET", "/api/v1/alerts/channels", nil, &c)
	if !c.Email.HasPass || !c.Webhook.HasSecret || !c.Desktop.Enabled || c.QuietHours.To != "06:30" {
		t.Errorf("%+v", c)
	}
	// What was read can be sent back as it is; the secrets stay.
	b.want(200, "PUT", "/api/v1/alerts/channels", got.body, &c)
	if !c.Email.HasPass || !c.Webhook.HasSecret {
		t.Errorf("%+v", c)
	}
	var sent sentBody
	answers = append(answers, got, b.want(200, "POST", "/api/v1/alerts/channels/webhook/test", nil, &sent))
	if !sent.Sent || !strings.HasPrefix(signed, "sha256=") {
		t.Errorf("%+v, signature %q", sent, signed)
	}
	hook.Close()
	failed := b.want(502, "POST", "/api/v1/alerts/channels/webhook/test", `{}`, nil)
	if p := failed.problem(t); p.Code != "not_sent" || !strings.Contains(p.Detail, "refused") {
		t.Errorf("%+v", p)
	}
	b.want(422, "POST", "/api/v1/alerts/channels/pigeon/test", nil, nil)
	bad := b.want(422, "PUT", "/api/v1/alerts/channels", strings.Replace(channels, "22:00", "later", 1), nil)
	if p := bad.problem(t); len(p.Errors) != 1 || p.Errors[0].Field != "quiet_hours.from" {
		t.Errorf("%+v", p)
	}
	answers = append(answers, failed, bad)
	for _, path := range []string{"/api/v1/settings", "/api/v1/alerts", "/api/v1/hardware", "/metrics"} {
		answers = append(answers, b.want(200, "GET", path, nil, nil))
	}
	for _, a := range answers {
		if strings.Contains(string(a.body), canary) {
			t.Errorf("a secret came out: %s", a.body)
		}
	}
}
