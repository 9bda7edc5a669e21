package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"alcove/engine"
)

func (b *box) conversation() string {
	b.t.Helper()
	var c Conversation
	b.want(201, "POST", "/api/v1/conversations", map[string]any{}, &c)
	return c.ID
}

func (b *box) ask(conversation, text string) startedBody {
	b.t.Helper()
	var s startedBody
	b.want(202, "POST", "/api/v1/conversations/"+conversation+"/messages", map[string]string{"text": text}, &s)
	return s
}

func (b *box) read(conversation string) conversationBody {
	b.t.Helper()
	var c conversationBody
	b.want(200, "GET", "/api/v1/conversations/"+conversation, nil, &c)
	return c
}

func (b *box) message(id string) Message {
	b.t.Helper()
	var m Message
	b.want(200, "GET", "/api/v1/messages/"+id, nil, &m)
	return m
}

func (b *box) ended(id string) Message {
	b.t.Helper()
	var m Message
	wait(b.t, "the end of an answer", func() bool {
		m = b.message(id)
		return m.Status != "writing"
	})
	return m
}

// steps is a script whose answer grows when the test says so.
type steps struct {
	next chan string // closed: the end
}

func (s steps) script(ctx context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	n := 0
	for {
		select {
		case text, ok := <-s.next:
			if !ok {
				return engine.Usage{Model: "tiny", OutputTokens: n, Finish: engine.FinishStop}, nil
			}
			n++
			if err := emit(engine.Token{Text: text, N: 1}); err != nil {
				return engine.Usage{Model: "tiny", OutputTokens: n, Finish: engine.FinishCancelled}, err
			}
		case <-ctx.Done():
			return engine.Usage{Model: "tiny", OutputTokens: n, Finish: engine.FinishCancelled}, nil
		}
	}
}

func TestAskAndFollow(t *testing.T) {
	b := newBox(t)
	events, stop := b.follow("")
	defer stop()
	if e := <-events; e.name != eventHello || !strings.Contains(string(e.data), `"instance":"test"`) {
		t.Fatalf("first event %s %s", e.name, e.data)
	}
	id := b.conversation()
	started := b.ask(id, "What is the capital of France?")
	if started.Question.Text != "What is the capital of France?" || started.Answer.Role != "assistant" || *started.Answer.ParentID != started.Question.ID || started.TurnID == "" {
		t.Errorf("started %+v", started)
	}
	text, seen, last := "", map[string]bool{}, uint64(0)
	for e := range events {
		if e.seq <= last {
			t.Errorf("%s has number %d after %d", e.name, e.seq, last)
		}
		last = e.seq
		seen[e.name] = true
		switch e.name {
		case eventDelta:
			var d delta
			if err := json.Unmarshal(e.data, &d); err != nil || d.MessageID != started.Answer.ID || d.TurnID != started.TurnID {
				t.Errorf("delta %s: %v", e.data, err)
			}
			text += d.Text
		case "turn.done":
			var end turnEnd
			if err := json.Unmarshal(e.data, &end); err != nil || end.Message.Text != "Paris is it." || end.Message.Status != "done" || end.Message.Figures.CachedTokens != 4 {
				t.Errorf("end %s: %v", e.data, err)
			}
		}
		if e.name == "turn.done" {
			break
		}
	}
	if text != "Paris is it." {
		t.Errorf("deltas make %q", text)
	}
	for _, name := range []string{"turn.started", "turn.stage", "turn.done", eventChanged} {
		if !seen[name] {
			t.Errorf("no %s", name)
		}
	}
	c := b.read(id)
	if len(c.Messages) != 2 || c.Messages[1].Text != "Paris is it." || c.Messages[1].Seq != 0 || c.Conversation.Title != "What is the capital of France?" {
		t.Errorf("conversation %+v", c)
	}
}

// Reload at any moment: the text so far, and the events after its number, are
// the whole answer.
func TestReloadInMidAnswer(t *testing.T) {
	b := newBox(t)
	s := steps{make(chan string)}
	b.engine.set(s.script)
	started := b.ask(b.conversation(), "Count")
	want := ""
	for i := range 20 {
		piece := fmt.Sprintf("%d ä", i)
		s.next <- piece
		want += piece
		m := b.message(started.Answer.ID)
		// The last piece may be on its way.
		if m.Status != "writing" || m.Seq == 0 || !strings.HasPrefix(want, m.Text) {
			t.Fatalf("after %d pieces: %+v", i+1, m)
		}
		events, stop := b.follow(fmt.Sprintf("?after=%d", m.Seq))
		s.next <- "."
		want += "."
		text := m.Text
		for text != want {
			e := <-events
			if e.name == eventDelta {
				var d delta
				if err := json.Unmarshal(e.data, &d); err != nil {
					t.Fatal(err)
				}
				text += d.Text
				if !strings.HasPrefix(want, text) {
					t.Fatalf("gap or repeat: %q, want %q", text, want)
				}
			} else if e.name == eventReset || e.name == "" {
				t.Fatalf("event %q", e.name)
			}
		}
		stop()
	}
	close(s.next)
	if m := b.ended(started.Answer.ID); m.Text != want || m.Status != "done" {
		t.Errorf("end %+v", m)
	}
}

func TestStreamResumesAndResets(t *testing.T) {
	b := newBox(t)
	var seqs []uint64
	for i := range 5 {
		seqs = append(seqs, b.server.hub.Publish("test", i))
	}
	r := b.request("GET", "/api/v1/events?after=1", nil) // the header is newer than the address
	r.Header.Set("Last-Event-ID", fmt.Sprint(seqs[2]))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	res, err := b.client.Do(r.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %q", got)
	}
	events := make(chan event, 100)
	go readEvents(res.Body, events)
	var got []string
	for range 3 {
		e := <-events
		got = append(got, fmt.Sprintf("%s %d", e.name, e.seq-seqs[0]))
	}
	if s := strings.Join(got, "|"); s != "hello 2|test 3|test 4" {
		t.Errorf("resumed with %s", s)
	}
	for _, after := range []string{"?after=12", fmt.Sprintf("?after=%d", seqs[4]+1)} {
		old, stop := b.follow(after)
		hello, reset := <-old, <-old
		if hello.name != eventHello || reset.name != eventReset || reset.seq != seqs[4] {
			t.Errorf("%s: %+v %+v", after, hello, reset)
		}
		stop()
	}
	for _, bad := range []string{"?after=x", "?after=-1", "?after=99999999999999999999"} {
		if p := b.want(422, "GET", "/api/v1/events"+bad, nil, nil).problem(t); p.Code != "invalid_request" {
			t.Errorf("%s: %+v", bad, p)
		}
	}
	if a := b.do("HEAD", "/api/v1/events", nil); a.status != 200 {
		t.Errorf("HEAD: %d", a.status)
	}
}

func TestStreamEndsWithItsSession(t *testing.T) {
	limits := defaultLimits
	limits.recheck, limits.heartbeat = 20*time.Millisecond, 10*time.Millisecond
	b := newBox(t, func(d *Deps) { d.limits = &limits })
	cookie := b.signIn()
	r := b.request("GET", "/api/v1/events", nil)
	r.Header.Del("Authorization")
	r.AddCookie(cookie)
	res, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if a := b.as(cookie, "DELETE", "/api/v1/session", nil); a.status != 204 {
		t.Fatalf("sign out: %d", a.status)
	}
	events := make(chan event, 100)
	readEvents(res.Body, events) // returns when the server ends the stream
	if e := <-events; e.name != eventHello {
		t.Errorf("first event %q", e.name)
	}
}

func TestStopRegenerateAndBranches(t *testing.T) {
	b := newBox(t)
	s := steps{make(chan string)}
	b.engine.set(s.script)
	id := b.conversation()
	first := b.ask(id, "Go on for ever")
	s.next <- "and on"
	b.want(204, "POST", "/api/v1/turns/"+first.TurnID+"/stop", nil, nil)
	if m := b.ended(first.Answer.ID); m.Status != "stopped" || m.Text != "and on" {
		t.Errorf("stopped: %+v", m)
	}
	b.want(204, "POST", "/api/v1/turns/"+first.TurnID+"/stop", map[string]any{}, nil) // again, harmless
	if p := b.want(404, "POST", "/api/v1/turns/none/stop", nil, nil).problem(t); p.Code != "turn_not_found" {
		t.Errorf("unknown turn: %+v", p)
	}
	b.engine.set(say("Another."))
	var again startedBody
	b.want(202, "POST", "/api/v1/messages/"+first.Answer.ID+"/regenerate", nil, &again)
	if *again.Answer.ParentID != first.Question.ID || again.Question.ID != first.Question.ID {
		t.Errorf("regenerated %+v", again)
	}
	b.ended(again.Answer.ID)
	b.want(202, "POST", "/api/v1/messages/"+first.Answer.ID+"/regenerate", map[string]any{"sampling": map[string]any{"seed": 7, "temperature": 0}}, &again)
	b.ended(again.Answer.ID)
	if req := b.engine.last(); req.Sampling.Seed != 7 || req.Sampling.Temperature != 0 || req.Class != engine.ClassInteractive {
		t.Errorf("request %+v", req)
	}
	path := "/api/v1/conversations/" + id + "/messages"
	var next startedBody
	b.want(202, "POST", path, map[string]any{"text": "after the first", "parent_id": first.Answer.ID}, &next)
	if *next.Question.ParentID != first.Answer.ID {
		t.Errorf("parent %v", *next.Question.ParentID)
	}
	b.ended(next.Answer.ID)
	b.want(202, "POST", path, map[string]any{"text": "a new root", "parent_id": nil}, &next)
	if next.Question.ParentID != nil {
		t.Errorf("a null parent became %v", *next.Question.ParentID)
	}
	b.ended(next.Answer.ID)
	b.want(202, "POST", path, map[string]any{"text": "the newest"}, &again)
	if again.Question.ParentID == nil || *again.Question.ParentID != next.Answer.ID {
		t.Errorf("without a parent: %v", again.Question.ParentID)
	}
	b.ended(again.Answer.ID)
}

func TestAskingAgainIsHarmless(t *testing.T) {
	b := newBox(t)
	path := "/api/v1/conversations/" + b.conversation() + "/messages"
	body := map[string]any{"id": uuid.NewString(), "text": "Once"}
	var first, second startedBody
	b.want(202, "POST", path, body, &first)
	b.ended(first.Answer.ID)
	b.want(202, "POST", path, body, &second)
	if first.TurnID != second.TurnID || first.Answer.ID != second.Answer.ID || second.Answer.Text != "Paris is it." {
		t.Errorf("first %+v\nsecond %+v", first, second)
	}
	body["text"] = "Something else"
	if p := b.want(409, "POST", path, body, nil).problem(t); p.Code != "conflict" {
		t.Errorf("another text: %+v", p)
	}
}

func TestFailedAnswerKeepsItsText(t *testing.T) {
	b := newBox(t)
	events, stop := b.follow("")
	defer stop()
	b.engine.set(func(_ context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		if err := emit(engine.Token{Text: "half", N: 1}); err != nil {
			return engine.Usage{}, err
		}
		return engine.Usage{Model: "tiny", Finish: engine.FinishFailed}, engine.Errorf(engine.CodeWorkerFailed, "")
	})
	started := b.ask(b.conversation(), "Break")
	for e := range events {
		if e.name == "turn.failed" {
			var end turnEnd
			if err := json.Unmarshal(e.data, &end); err != nil || end.Message.Error.Code != "worker_failed" || end.Message.Text != "half" {
				t.Errorf("%s: %v", e.data, err)
			}
			break
		}
	}
	if m := b.message(started.Answer.ID); m.Status != "failed" || m.Text != "half" || !strings.Contains(m.Error.Message, "kept") {
		t.Errorf("%+v", m)
	}
}

func TestConversations(t *testing.T) {
	b := newBox(t)
	id := uuid.NewString()
	var c Conversation
	b.want(201, "POST", "/api/v1/conversations", map[string]string{"id": id, "title": "Holidays"}, &c)
	b.want(200, "POST", "/api/v1/conversations", map[string]string{"id": id, "title": "Other"}, &c)
	if c.ID != id || c.Title != "Holidays" || !strings.HasSuffix(c.CreatedAt, "Z") || len(c.CreatedAt) != len("2006-01-02T15:04:05.000Z") {
		t.Errorf("made twice: %+v", c)
	}
	for range 4 {
		b.conversation()
	}
	ids, cursor := map[string]bool{}, ""
	for range 3 {
		var page conversationsBody
		b.want(200, "GET", "/api/v1/conversations?limit=2&before="+cursor, nil, &page)
		for _, c := range page.Conversations {
			ids[c.ID] = true
		}
		cursor = page.Next
	}
	if len(ids) != 5 || cursor != "" {
		t.Errorf("%d of 5 conversations, cursor %q", len(ids), cursor)
	}
	b.want(422, "GET", "/api/v1/conversations?before=x", nil, nil)
	b.want(422, "GET", "/api/v1/conversations?limit=0", nil, nil)
	b.want(200, "PATCH", "/api/v1/conversations/"+id, map[string]string{"title": "  Vacation \n"}, &c)
	if c.Title != "Vacation" {
		t.Errorf("title %q", c.Title)
	}
	b.want(422, "PATCH", "/api/v1/conversations/"+id, map[string]string{"title": " "}, nil)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		var body any
		if method == "PATCH" {
			body = map[string]string{"title": "x"}
		}
		if p := b.want(404, method, "/api/v1/conversations/none", body, nil).problem(t); p.Code != "conversation_not_found" || p.RequestID == "" {
			t.Errorf("%s of an unknown one: %+v", method, p)
		}
	}
	if p := b.want(404, "POST", "/api/v1/conversations/none/messages", map[string]string{"text": "x"}, nil).problem(t); p.Code != "conversation_not_found" {
		t.Errorf("ask in an unknown one: %+v", p)
	}
	if p := b.want(404, "GET", "/api/v1/messages/none", nil, nil).problem(t); p.Code != "message_not_found" {
		t.Errorf("unknown message: %+v", p)
	}
	if p := b.want(404, "POST", "/api/v1/messages/none/regenerate", nil, nil).problem(t); p.Code != "message_not_found" {
		t.Errorf("regenerate an unknown message: %+v", p)
	}
}

func TestSearchIsLiteral(t *testing.T) {
	b := newBox(t)
	id := b.conversation()
	b.ended(b.ask(id, "Does multi-agent cost 20.04 and don't?").Answer.ID)
	for _, q := range []string{"multi-agent", "don't", "20.04", "paris"} {
		var out searchBody
		b.want(200, "GET", "/api/v1/search?q="+q, nil, &out)
		if len(out.Hits) == 0 || out.Hits[0].Conversation.ID != id || !strings.Contains(out.Hits[0].Snippet, "\x01") {
			t.Errorf("%s: %+v", q, out)
		}
	}
	for _, q := range []string{"%22", "*", "NEAR(", "col:", "AND", "-", "%00", strings.Repeat("a%20", 300), "';DROP%20TABLE%20messages;--"} {
		b.want(200, "GET", "/api/v1/search?q="+q, nil, nil)
	}
	b.want(422, "GET", "/api/v1/search?q="+strings.Repeat("a", 2000), nil, nil)
	b.want(422, "GET", "/api/v1/search", nil, nil)
}

func TestDeleteRestoreAndPurge(t *testing.T) {
	b := newBox(t)
	s := steps{make(chan string)}
	b.engine.set(s.script)
	events, stop := b.follow("")
	defer stop()
	id := b.conversation()
	started := b.ask(id, "Forget me")
	s.next <- "soon"
	b.want(204, "DELETE", "/api/v1/conversations/"+id, nil, nil)
	b.want(404, "GET", "/api/v1/conversations/"+id, nil, nil)
	b.want(404, "GET", "/api/v1/messages/"+started.Answer.ID, nil, nil)
	for e := range events {
		if e.name == eventDeleted {
			break
		}
	}
	// What was being written in it is stopped.
	wait(t, "the turn to end", func() bool { _, _, ok := b.chat.Live(started.Answer.ID); return !ok })
	b.want(200, "POST", "/api/v1/conversations/"+id+"/restore", map[string]any{}, nil)
	if c := b.read(id); len(c.Messages) != 2 || c.Messages[1].Status != "stopped" || c.Messages[1].Text != "soon" {
		t.Errorf("restored %+v", c)
	}
	b.want(204, "DELETE", "/api/v1/conversations/"+id, nil, nil)
	b.server.purge()
	b.want(200, "POST", "/api/v1/conversations/"+id+"/restore", nil, nil) // still within the time
	b.want(204, "DELETE", "/api/v1/conversations/"+id, nil, nil)
	b.server.now = func() time.Time { return time.Now().Add(time.Minute) }
	b.server.purge()
	b.want(404, "POST", "/api/v1/conversations/"+id+"/restore", nil, nil)
}

func TestAskChecksItsFields(t *testing.T) {
	b := newBox(t)
	path := "/api/v1/conversations/" + b.conversation() + "/messages"
	for _, c := range []struct {
		body   string
		status int
		field  string
	}{
		{`{"text":""}`, 422, "text"},
		{`{"text":"   "}`, 422, "text"},
		{`{}`, 422, "text"},
		{`{"text":1}`, 422, "text"},
		{`{"text":null}`, 422, "text"},
		{`{"text":"x","id":"not-a-uuid"}`, 422, "id"},
		{`{"text":"x","sampling":{"temperature":-1}}`, 422, "temperature"},
		{`{"text":"x","sampling":{"temperature":1e308}}`, 422, "temperature"},
		{`{"text":"x","sampling":{"temperature":1e999}}`, 400, "body"},
		{`{"text":"x","sampling":{"top_p":1.1}}`, 422, "top_p"},
		{`{"text":"x","sampling":{"top_k":-1}}`, 422, "top_k"},
		{`{"text":"x","sampling":{"top_k":1.5}}`, 422, "sampling.top_k"},
		{`{"text":"x","sampling":{"seed":-1}}`, 422, "sampling.seed"},
		{`{"text":"x","sampling":{"seed":36893488147419103232}}`, 422, "sampling.seed"},
		{`{"text":"x","sampling":{"max_tokens":9223372036854775808}}`, 422, "sampling.max_tokens"},
		{`{"text":"x","sampling":{"stop":[""]}}`, 422, "stop"},
		{`{"text":"x","sampling":{"heat":1}}`, 422, "sampling.heat"},
		{`{"text":"x","surprise":1}`, 422, "surprise"},
		{`{"text":"x","parent_id":7}`, 422, "parent_id"},
		{`{"text":"x","parent_id":"none"}`, 404, ""},
		{`{"text":"x","model":"none"}`, 404, "model"},
		{`{"text":`, 400, "body"},
		{`[]`, 422, "body"},
		{`"x"`, 422, "body"},
		{``, 400, ""},
		{"{\"text\":\"\xff\"}", 400, ""},
		{`{"text":"` + strings.Repeat("x", 1<<20+1) + `"}`, 413, "text"},
		{`{"text":"` + strings.Repeat("x", 10<<20) + `"}`, 413, ""},
	} {
		a := b.do("POST", path, c.body)
		shown := c.body[:min(len(c.body), 80)]
		if a.status != c.status {
			t.Errorf("%s: %d, want %d: %s", shown, a.status, c.status, a.body)
			continue
		}
		p := a.problem(t)
		field := ""
		if len(p.Errors) > 0 {
			field = p.Errors[0].Field
		}
		if field != c.field || p.Detail == "" || strings.Contains(string(a.body), "xxxx") || strings.Contains(p.Detail, "chat.") {
			t.Errorf("%s: field %q, want %q: %s", shown, field, c.field, a.body)
		}
	}
	if c := b.read(strings.Split(path, "/")[4]); len(c.Messages) != 0 {
		t.Errorf("refused questions were saved: %+v", c.Messages)
	}
	form := b.request("POST", path, "text=x")
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	plain := b.request("POST", path, `{"text":"x"}`)
	plain.Header.Set("Content-Type", "text/plain")
	zipped := b.request("POST", path, "\x1f\x8b\x08\x00")
	zipped.Header.Set("Content-Encoding", "gzip")
	for _, r := range []*http.Request{form, plain, zipped} {
		if a := b.send(r); a.status != http.StatusUnsupportedMediaType || a.problem(t).Code != "unsupported_media_type" {
			t.Errorf("%v: %d %s", r.Header, a.status, a.body)
		}
	}
}
