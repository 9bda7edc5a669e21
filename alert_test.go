package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"alcove/app/operate"
	"alcove/app/operate/alerts"
	"alcove/app/operate/sentinel"
	"alcove/app/operate/usage"
)

// delivery is one message that the webhook got.
type delivery struct {
	event, timestamp, signature string
	body                        []byte
}

// A GPU that is lost is told where somebody looks (the list of what needs
// attention), where somebody is told (a signed message) and where it is looked
// up later (the history, the marks beside the charts); and so is its return.
func TestALostGPUIsToldEverywhere(t *testing.T) {
	t.Parallel()
	const secret = "a secret of the test"
	got := make(chan delivery, 100)
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- delivery{r.Header.Get("X-Alcove-Event"), r.Header.Get("X-Alcove-Timestamp"), r.Header.Get("X-Alcove-Signature"), body}
	}))
	defer sink.Close()

	p, driver := drivenPlace(t)
	a := p.serve(t)
	a.ready()
	channels, err := json.Marshal(alerts.Channels{
		Email: alerts.EmailChannel{Port: 587, Security: "starttls", To: []string{}}, Syslog: alerts.SyslogChannel{Network: "local"},
		Webhook:    alerts.WebhookChannel{Enabled: true, URL: sink.URL, Secret: new(secret)},
		QuietHours: alerts.QuietHours{From: "22:00", To: "07:00"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := a.call("PUT", "/api/v1/alerts/channels", string(channels)); r.status != 200 || strings.Contains(r.body, secret) {
		t.Fatalf("%+v", r)
	}

	// The shipped rule, but it ends sooner.
	rule := `{"rules": [{"id": "gpu-lost", "title": "A GPU is lost", "metric": "gpu_lost", "above": 0.5, "clear": 0.5, "for_seconds": 0, "clear_seconds": 10, "severity": "critical", "enabled": true}]}`
	if r := a.call("PUT", "/api/v1/alerts/rules", rule); r.status != 200 {
		t.Fatalf("%+v", r)
	}

	driver("lost")
	attention := func() (out operate.Attention) { a.get("/api/v1/attention", &out); return out }
	a.until("the GPU is listed", func() bool {
		return slices.ContainsFunc(attention().Items, func(i operate.Item) bool { return i.ID == sentinel.GPULost && i.Severity == sentinel.Critical })
	})
	told := <-got
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(told.timestamp + "."))
	mac.Write(told.body)
	if told.event != "alert.fired" || told.signature != "sha256="+hex.EncodeToString(mac.Sum(nil)) || !strings.Contains(string(told.body), "gpu-lost") {
		t.Errorf("told %+v\n%s", told, told.body)
	}
	// What the sentinel says in words, the alert does not say again.
	for _, item := range attention().Items {
		if item.ID == "alert-gpu-lost" {
			t.Errorf("said twice: %+v", attention().Items)
		}
	}
	if m := a.ask(a.newConversation(), "Are you there?"); m.Status != "done" {
		t.Errorf("an answer without the GPU's sensors: %+v", m)
	}

	driver("good")
	a.until("all is well again", func() bool { return len(attention().Items) == 0 })
	if told = <-got; told.event != "alert.resolved" {
		t.Errorf("then told %+v", told)
	}
	var board alerts.Board
	a.get("/api/v1/alerts", &board)
	if len(board.Firing) != 0 || len(board.History) != 1 || board.History[0].Rule != "gpu-lost" || board.History[0].ResolvedAt == nil {
		t.Errorf("history %+v, firing %+v", board.History, board.Firing)
	}
	var marks struct{ Marks []usage.Mark }
	a.get("/api/v1/monitor/marks?minutes=60", &marks)
	var kinds []string
	for _, m := range marks.Marks {
		kinds = append(kinds, m.Kind)
	}
	for _, kind := range []string{"started", "model_loaded", "alert_fired", "alert_resolved"} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("marks %v have no %s", kinds, kind)
		}
	}
	var log usage.RequestsView
	a.get("/api/v1/requests", &log)
	if len(log.Requests) != 1 || log.Requests[0].Who != "page" || log.Requests[0].Status != "done" {
		t.Errorf("the request log: %+v", log)
	}
}
