package server

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alcove/app/operate/usage"
	"alcove/engine"
)

// written is a text that must be in no figure.
const written = "zebra-7731-quince"

// talk makes a script that answers with the written.
func withCanary(finish engine.FinishReason, err error) func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
	return func(_ context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		for _, e := range []engine.Event{engine.Stage{Name: engine.StagePrefill}, engine.Token{Text: written, N: 1}, engine.Token{Text: written, N: 2}} {
			if err := emit(e); err != nil {
				return engine.Usage{Model: "tiny", Finish: engine.FinishCancelled}, err
			}
		}
		model := "tiny"
		if err != nil {
			model = req.Model
		}
		return engine.Usage{Model: model, PromptTokens: 10, OutputTokens: 3, TokensPerSec: 30, Finish: finish}, err
	}
}

// Nothing that people or models wrote is in the figures, wherever it came in,
// also where it failed. /v1 keeps no text, so the whole database must be
// without it.
func TestUsage_HasNoText(t *testing.T) {
	b := newBox(t)
	key := b.key()
	ask := func(body map[string]any) {
		req := b.request("POST", "/v1/chat/completions", body)
		req.Header.Set("Authorization", "Bearer "+key)
		b.send(req)
	}
	for _, script := range []func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error){
		withCanary(engine.FinishStop, nil),
		withCanary(engine.FinishFailed, errors.New("the worker said "+written)),
		withCanary(engine.FinishFailed, engine.Errorf(engine.CodeContextFull, "too long: %s", written)),
	} {
		b.engine.set(script)
		for _, model := range []string{"", "tiny", written} {
			ask(map[string]any{"model": model, "user": written, "stop": []string{written}, "stream": false,
				"messages": []map[string]string{{"role": "system", "content": written}, {"role": "user", "content": written}}})
		}
	}
	figures := [][]byte{}
	for _, path := range []string{"/api/v1/requests", "/api/v1/requests.csv", "/api/v1/usage", "/api/v1/monitor/latency?minutes=60", "/api/v1/monitor/machine?minutes=60", "/api/v1/monitor/marks", "/metrics"} {
		figures = append(figures, b.want(http.StatusOK, "GET", path, nil, nil).body)
	}
	backup := filepath.Join(t.TempDir(), "copy.db")
	if err := errors.Join(b.usage.Close(), b.store.Backup(t.Context(), backup)); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(file, []byte("v1/chat/completions")) {
		t.Error("the test is blind: the request log is not in the file")
	}
	for i, b := range append(figures, file) {
		if bytes.Contains(b, []byte(written)) {
			t.Errorf("figures %d have the text", i)
		}
	}
}

func TestUsage_CountsWhatTheChatAsks(t *testing.T) {
	b := newBox(t)
	b.engine.set(withCanary(engine.FinishStop, nil))
	var c Conversation
	b.want(http.StatusCreated, "POST", "/api/v1/conversations", map[string]any{}, &c)
	b.want(http.StatusAccepted, "POST", "/api/v1/conversations/"+c.ID+"/messages", map[string]any{"text": written}, nil)
	var list usage.RequestsView
	wait(t, "the answer is in the log", func() bool {
		b.want(http.StatusOK, "GET", "/api/v1/requests", nil, &list)
		return len(list.Requests) > 0
	})
	if r := list.Requests[0]; r.Who != "page" || r.Route != engine.RouteChat || r.Class != "interactive" || r.Status != "done" || r.OutputTokens != 3 || r.FirstTokenMS == nil || list.Next != "" {
		t.Errorf("%+v", r)
	}
	var u usage.Report
	b.want(http.StatusOK, "GET", "/api/v1/usage?days=1", nil, &u)
	if u.Total.Requests != 1 || len(u.ByDay) != 1 || len(u.ByModel) != 1 || u.ByModel[0].Model != "tiny" || u.People != nil {
		t.Errorf("%+v", u)
	}
	var l usage.LatencyView
	b.want(http.StatusOK, "GET", "/api/v1/monitor/latency?minutes=5&route=chat", nil, &l)
	if len(l.Totals) != 1 || l.Totals[0].Requests != 1 || len(l.Series) != 6 || len(l.Series[0].P50) != len(l.Times) {
		t.Errorf("%+v", l.Totals)
	}
	b.want(http.StatusOK, "GET", "/api/v1/monitor/latency?minutes=5&route=nowhere", nil, &l)
	if len(l.Totals) != 0 {
		t.Errorf("%+v", l.Totals)
	}
}

func TestRequests_ArePaged(t *testing.T) {
	b := newBox(t)
	for i := range 25 {
		b.usage.Answer(usage.Answer{Model: fmt.Sprint("m", i%2), Status: "done", Route: "chat", Class: "interactive", User: "owner"})
	}
	var got []string
	before := ""
	for range 10 {
		var page usage.RequestsView
		b.want(http.StatusOK, "GET", "/api/v1/requests?limit=5&model=m1&before="+before, nil, &page)
		for _, r := range page.Requests {
			got = append(got, r.ID)
		}
		if before = page.Next; before == "" {
			break
		}
	}
	if want := "24 22 20 18 16 14 12 10 8 6 4 2"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	for _, bad := range []string{"before=x", "before=-1", "before=99999999999999999999", "before=%00"} {
		var page usage.RequestsView
		if b.want(http.StatusOK, "GET", "/api/v1/requests?"+bad, nil, &page); len(page.Requests) != 0 {
			t.Errorf("%s: %d rows", bad, len(page.Requests))
		}
	}
	for _, bad := range []string{"limit=0", "limit=501", "status=great", "model=" + strings.Repeat("x", 300)} {
		b.want(http.StatusUnprocessableEntity, "GET", "/api/v1/requests?"+bad, nil, nil)
	}
	for _, path := range []string{"monitor/machine?minutes=4", "monitor/latency?minutes=129601", "monitor/marks?minutes=x", "usage?days=91"} {
		b.want(http.StatusUnprocessableEntity, "GET", "/api/v1/"+path, nil, nil)
	}
}

// A name that a spreadsheet would compute is kept from it, and the file is
// read as it was meant by anybody who reads CSV.
func TestRequestsCSV(t *testing.T) {
	b := newBox(t)
	names := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", `a "quoted", name`, "two\r\nlines", "plain"}
	for _, name := range names {
		k, _, err := b.store.CreateKey(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		b.usage.Answer(usage.Answer{User: "key:" + k.ID, Status: "done", Class: "api", Model: "=cmd|'/c calc'!A0"})
	}
	// Names would say how much each key used: they are told only where that is wanted.
	for _, path := range []string{"requests.csv", "requests"} {
		if a := b.want(http.StatusOK, "GET", "/api/v1/"+path, nil, nil); bytes.Contains(a.body, []byte("plain")) || !bytes.Contains(a.body, []byte("API key")) {
			t.Errorf("%s names keys: %s", path, a.body)
		}
	}
	if a := b.want(http.StatusOK, "GET", "/api/v1/requests.csv?who=plain", nil, nil); bytes.Count(a.body, []byte("\r\n")) != 1 {
		t.Errorf("the filter tells a key apart: %s", a.body)
	}
	b.want(http.StatusOK, "PATCH", "/api/v1/settings", `{"usage_per_person": true}`, nil)
	a := b.want(http.StatusOK, "GET", "/api/v1/requests.csv", nil, nil)
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "text/csv") {
		t.Error(got)
	}
	if !bytes.Contains(a.body, []byte("\r\n")) || bytes.Count(a.body, []byte("\n")) != bytes.Count(a.body, []byte("\r\n")) {
		t.Error("lines do not end as RFC 4180 says")
	}
	rows, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) != len(names)+1 {
		t.Fatal(len(rows), err)
	}
	for i, name := range names {
		row := rows[len(rows)-1-i] // newest first
		if strings.ContainsRune("=+-@\t", rune(name[0])) {
			name = "'" + name
		}
		if want := strings.ReplaceAll(name, "\r\n", "\n"); row[2] != want || row[3] != "'=cmd|'/c calc'!A0" { // the reader makes \r\n to \n
			t.Errorf("%q, want %q", row[2:4], want)
		}
	}
	one := b.want(http.StatusOK, "GET", "/api/v1/requests.csv?who="+url.QueryEscape("=1+1"), nil, nil)
	if n := bytes.Count(one.body, []byte("\r\n")); n != 2 {
		t.Errorf("%d lines for one key: %s", n, one.body)
	}
}

// All rows come, over many pages.
func TestRequestsCSV_IsWhole(t *testing.T) {
	b := newBox(t)
	const n = 2*csvPage + 7
	for range n {
		b.usage.Answer(usage.Answer{User: "owner", Status: "done", Class: "api"})
	}
	a := b.want(http.StatusOK, "GET", "/api/v1/requests.csv", nil, nil)
	rows, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) != n+1 {
		t.Fatal(len(rows), err)
	}
	for i, row := range rows[1:] {
		if row[0] != fmt.Sprint(n-i) {
			t.Fatalf("row %d is %s", i, row[0])
		}
	}
}

func TestUsage_PeopleAreOffByDefault(t *testing.T) {
	b := newBox(t)
	for i := range 6 {
		k, _, err := b.store.CreateKey(t.Context(), fmt.Sprint("key ", i))
		if err != nil {
			t.Fatal(err)
		}
		for range i + 1 {
			b.usage.Answer(usage.Answer{User: "key:" + k.ID, Status: "done", At: b.server.now()})
		}
	}
	people := func() (n int, there bool) {
		var body map[string]json.RawMessage
		b.want(http.StatusOK, "GET", "/api/v1/usage", nil, &body)
		var list []usage.PersonUse
		raw, there := body["people"]
		if there {
			if err := json.Unmarshal(raw, &list); err != nil {
				t.Fatal(err)
			}
		}
		return len(list), there
	}
	if n, there := people(); there {
		t.Errorf("%d people are told apart", n)
	}
	b.want(http.StatusUnprocessableEntity, "PATCH", "/api/v1/settings", `{"usage_min_group": 4}`, nil)
	b.want(http.StatusOK, "PATCH", "/api/v1/settings", `{"usage_per_person": true}`, nil)
	if n, _ := people(); n != 6 {
		t.Errorf("%d people, want 6", n)
	}
	b.want(http.StatusOK, "PATCH", "/api/v1/settings", `{"usage_min_group": 7}`, nil)
	if n, _ := people(); n != 0 {
		t.Errorf("%d people in a group that is too small", n)
	}
}
