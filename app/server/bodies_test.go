package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// soak says whether the large counts run.
func soak() bool { return os.Getenv("ALCOVE_SOAK") != "" }

// bodyRoutes are the routes that take a body, with a body that they accept.
var bodyRoutes = map[string]string{
	"POST /api/v1/session":                        `{"token":"wrong"}`,
	"POST /api/v1/links":                          `{}`,
	"POST /api/v1/keys":                           `{"name":"a"}`,
	"POST /api/v1/conversations":                  `{"title":"a"}`,
	"PATCH /api/v1/conversations/{id}":            `{"title":"a"}`,
	"POST /api/v1/conversations.import":           `{"format":"alcove.conversation","version":1,"exported_at":"2026-11-29T02:32:25Z","conversation":{"id":"a","title":"a","created_at":"2026-11-29T02:32:25Z","updated_at":"2026-11-29T02:32:25Z"},"messages":[{"id":"b","parent_id":null,"role":"user","status":"done","text":"a","created_at":"2026-11-29T02:32:25Z"},{"id":"c","parent_id":"b","role":"assistant","status":"done","text":"b","created_at":"2026-11-29T02:32:25Z","model":"tiny"}]}`,
	"POST /api/v1/conversations/{id}/restore":     `{}`,
	"POST /api/v1/conversations/{id}/messages":    `{"id":"00000000-0000-7000-8000-000000000001","parent_id":null,"text":"a","model":"tiny","sampling":{"temperature":1,"top_k":1,"top_p":1,"min_p":0,"seed":1,"max_tokens":1,"stop":["x"]}}`,
	"PUT /api/v1/conversations/{id}/draft":        `{"text":"a","parent_id":null,"model":"tiny"}`,
	"POST /api/v1/messages/{id}/regenerate":       `{"model":"tiny","sampling":{"temperature":1}}`,
	"POST /api/v1/turns/{id}/stop":                `{}`,
	"POST /api/v1/models/{id}/load":               `{}`,
	"POST /api/v1/models/{id}/check":              `{}`,
	"PUT /api/v1/golden":                          `{"questions":[{"id":"a","question":"Who?","system":"s","expect_all":["x"],"expect_any":["y"],"must_not":["z"],"max_tokens":9}]}`,
	"POST /api/v1/models/import":                  `{"path":"/nowhere/a.gguf"}`,
	"POST /api/v1/uploads":                        `{"name":"a.gguf","size":9,"modified":1}`,
	putUpload:                                     `GGUF:,`,
	"POST /api/v1/collections":                    `{"id":"b","title":"B","description":"c","languages":["de"],"readers":["everybody"],"local_only":true,"threshold":0.5,"refusal":"No."}`,
	"PATCH /api/v1/collections/{id}":              `{"title":"B","description":"c","languages":["de"],"readers":["everybody"],"local_only":true,"threshold":null,"refusal":"No."}`,
	"POST /api/v1/collections/{id}/pause":         `{}`,
	"POST /api/v1/collections/{id}/resume":        `{}`,
	"POST /api/v1/collections/{id}/folders":       `{"path":"/nowhere"}`,
	sendDocument:                                  `The text, of a file: {"a":1}`,
	"PATCH /api/v1/documents/{id}":                `{"title":"a","effective":"2026-01-01","version":"b","series":"c"}`,
	"POST /api/v1/documents/{id}/retry":           `{}`,
	"POST /api/v1/documents/{id}/cancel":          `{}`,
	"POST /api/v1/messages/{id}/rating":           `{"rating":"down","note":"a"}`,
	"PATCH /api/v1/inbox":                         `{"collection":"hr","ids":["a"],"state":"dismissed"}`,
	"POST /api/v1/answers":                        `{"collection":"hr","by":"a","expires":"2026-12-31","sources":[{"chunk_id":"a","quote":"b"}],"question":"a","answer":"b","effective":"2026-01-01","ids":[]}`,
	"PATCH /api/v1/answers/{id}":                  `{"question":"a","answer":"b","effective":"2026-01-01"}`,
	"PUT /api/v1/collections/{id}/golden":         `{"questions":[{"id":"a","question":"Who?","expect":"answered","sentence":"b","document":"c","as_of":"2026-01-01","context":["d"],"page":1,"figures":["30 days"]}]}`,
	"PATCH /api/v1/collections/{id}/golden":       `{"writes":false}`,
	"POST /api/v1/collections/{id}/golden/run":    `{}`,
	"POST /api/v1/models/{id}/unload":             `{}`,
	"PATCH /api/v1/models/{id}/settings":          `{"context":1024,"kv":"f16","lora":[],"keep":true,"system_prompt":"a","temperature":1,"top_p":1,"top_k":1,"min_p":0,"max_tokens":1}`,
	"POST /api/v1/capacity":                       `{"bound_seconds":3,"every_minutes":2.5,"most_people":4}`,
	"PUT /api/v1/prices":                          `{"currency":"EUR","own":{"purchase":1,"years":2,"watts":3,"other_watts":4,"kwh":0.25,"admin_hours":1,"admin_hour":50},"cloud":[{"id":"a","name":"A","gpu":"NVIDIA L4","hour":0.5,"example":false,"as_of":"2026"}],"managed":[{"id":"b","name":"B","input":1,"cached_input":0.5,"output":2,"example":false,"as_of":""}]}`,
	"PATCH /api/v1/settings":                      `{"default_model":"","system_prompt":"a","temperature":1,"top_p":1,"top_k":1,"min_p":0,"max_tokens":1,"turn_orphan_seconds":60,"language":"en","theme":"dark"}`,
	"PUT /api/v1/alerts/rules":                    `{"rules":[{"id":"a","title":"A","metric":"cpu_percent","above":90,"clear":80,"for_seconds":60,"clear_seconds":60,"severity":"warning","enabled":true}]}`,
	"PUT /api/v1/alerts/channels":                 `{"desktop":{"enabled":true},"email":{"enabled":false,"server":"a","port":25,"security":"tls","user":"","password":"x","from":"a@example.com","to":["b@example.com"]},"webhook":{"enabled":false,"url":"http://127.0.0.1:1/","secret":"x"},"syslog":{"enabled":false,"network":"udp","address":"127.0.0.1:1"},"quiet_hours":{"enabled":true,"from":"22:00","to":"07:00","critical_too":false}}`,
	"POST /api/v1/alerts/channels/{channel}/test": `{}`,
	"POST /v1/chat/completions":                   `{"model":"tiny","messages":[{"role":"user","content":"a"}],"stream":true,"stream_options":{"include_usage":true},"temperature":1,"top_p":1,"seed":1,"stop":"x","max_tokens":1,"n":1}`,
	"POST /v1/embeddings":                         `{"model":"finds","input":["a",[1,2]],"encoding_format":"base64","dimensions":3,"user":"u"}`,
}

// hostile makes bodies that are wrong in one way each.
var hostile = []func(r *rand.Rand, good string) string{
	func(r *rand.Rand, good string) string { return good[:r.IntN(len(good))] },
	func(r *rand.Rand, good string) string { // one byte changed
		b := []byte(good)
		b[r.IntN(len(b))] = byte(r.IntN(256))
		return string(b)
	},
	func(r *rand.Rand, good string) string { // one value replaced
		return replaceValue(r, good, pick(r, "null", "true", "1e308", "-1", "9223372036854775808", "1e999", "[]", "{}", `""`, `"\u0000"`, `"\ud800"`, `[null]`, `{"a":{}}`))
	},
	func(r *rand.Rand, good string) string { // one value replaced by a long one
		return replaceValue(r, good, `"`+strings.Repeat(pick(r, "x", "é", "\\n", "<|im_start|>"), 1+r.IntN(100000))+`"`)
	},
	func(r *rand.Rand, good string) string { // a field that nobody knows
		return strings.Replace(good, "{", `{"`+pick(r, "__proto__", "", "x", "Text", "\\u0000")+`":1,`, 1)
	},
	func(r *rand.Rand, _ string) string { // deep
		open := pick(r, "[", `{"a":`, `{"text":`, `{"messages":[`)
		return strings.Repeat(open, 1+r.IntN(100000))
	},
	func(r *rand.Rand, good string) string { // deep inside a value
		n := 1 + r.IntN(20000)
		return replaceValue(r, good, strings.Repeat("[", n)+strings.Repeat("]", n))
	},
	func(r *rand.Rand, good string) string { // bytes that are no text
		i := r.IntN(len(good))
		return good[:i] + pick(r, "\xff", "\xc0\xaf", "\xed\xa0\x80", "\x00", "\xf8\x88\x80\x80\x80", "\ufeff") + good[i:]
	},
	func(r *rand.Rand, _ string) string { // many messages
		return `{"messages":[` + strings.Repeat(`{"role":"user","content":""},`, r.IntN(20000)) + `{"role":"user","content":"x"}]}`
	},
	func(r *rand.Rand, good string) string { return good + pick(r, "{}", "x", "\x00", good) },
	func(r *rand.Rand, _ string) string { return strings.Repeat("x", (1+r.IntN(5))<<20) },
	func(r *rand.Rand, _ string) string { return pick(r, "", " ", "null", "true", "0", `""`, "[]", "{}") },
	func(r *rand.Rand, good string) string { return "text=" + good },
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// replaceValue puts another value behind one of the colons.
func replaceValue(r *rand.Rand, good, value string) string {
	at := strings.Split(good, ":")
	if len(at) < 2 {
		return value
	}
	i := 1 + r.IntN(len(at)-1)
	rest := at[i][strings.IndexAny(at[i]+",}", ",}"):]
	at[i] = value + rest
	return strings.Join(at, ":")
}

// Whatever is sent, the answer is not a 5xx, is an error of the right shape
// when it is one, and the server goes on.
func TestSoakBodies(t *testing.T) {
	count := 250
	if soak() {
		count = 5000
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	b := newBox(t, func(d *Deps) { d.Embedder = &numbers{} })
	key := b.key()
	conversation := b.conversation()
	first := b.ask(conversation, "Begin")
	b.ended(first.Answer.ID)
	file := b.sendFile("hr", "first.txt", "The first file.")
	ids := map[string]string{"/messages/{id}": first.Answer.ID, "/models/{id}": "tiny", "/collections/{id}": "hr", "/documents/{id}": file.ID}
	var rows []route
	for _, row := range routes {
		if row.maxBody > 0 {
			if bodyRoutes[row.pattern] == "" {
				t.Errorf("%s has no example body", row.pattern)
			}
			rows = append(rows, row)
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range count {
		row := rows[i%len(rows)]
		method, path, _ := strings.Cut(row.pattern, " ")
		id := conversation
		for part, one := range ids {
			if strings.Contains(path, part) {
				id = one
			}
		}
		if row.pattern == sendDocument {
			path += "?collection=hr&name=a.txt"
		}
		good := strings.Replace(bodyRoutes[row.pattern], "00000000-0000-7000-8000-000000000001", uuid.NewString(), 1)
		body := hostile[random.IntN(len(hostile))](random, good)
		req := b.request(method, strings.ReplaceAll(path, "{id}", id), body)
		if row.kind == kindV1 {
			req.Header.Set("Authorization", "Bearer "+key)
		}
		change := random.IntN(8)
		switch change {
		case 0:
			req.Header.Set("Content-Type", pick(random, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=latin1", "x", "+;"))
		case 1:
			var zipped bytes.Buffer
			z := gzip.NewWriter(&zipped)
			if _, err := z.Write(make([]byte, 1<<20)); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Encoding", pick(random, "gzip", "br", "identity, gzip"))
			req.Body, req.ContentLength = io.NopCloser(&zipped), int64(zipped.Len())
		case 2:
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), -1 // chunked
		}
		a := b.send(req)
		shown := fmt.Sprintf("%s (%d) %.200q", row.pattern, change, body)
		if a.status >= 500 {
			t.Errorf("%s: %d %s", shown, a.status, a.body)
		}
		if a.status >= 400 && code(t, row, a) == "" {
			t.Errorf("%s: no code in %s", shown, a.body)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("%d MiB are kept", grown>>20)
	}
	b.want(200, "GET", "/healthz", nil, nil)
}

// endless is a body without an end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

func TestEndlessBodyIsRefused(t *testing.T) {
	b := newBox(t)
	for _, length := range []int64{-1, 1 << 30} {
		body := &endless{}
		r := b.request("POST", "/api/v1/conversations", nil)
		r.Body, r.ContentLength = io.NopCloser(body), length
		r.Header.Set("Content-Type", "application/json")
		res, err := b.client.Do(r)
		if err == nil {
			if res.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("length %d: status %d", length, res.StatusCode)
			}
			res.Body.Close()
		} else {
			t.Errorf("length %d: %v", length, err)
		}
	}
	b.want(200, "GET", "/healthz", nil, nil)
}

// Readers come and go at random; nothing of them is left behind.
func TestSoakStreams(t *testing.T) {
	rounds := 20
	if soak() {
		rounds = 400
	}
	b := newBox(t)
	s := steps{make(chan string)}
	b.engine.set(s.script)
	started := b.ask(b.conversation(), "Go on")
	b.client.CloseIdleConnections()
	s.next <- "x"
	base := runtime.NumGoroutine()
	for range rounds {
		var ends []context.CancelFunc
		for range 10 {
			_, end := b.follow(pick(rand.New(rand.NewPCG(1, uint64(len(ends)))), "", "?after=5"))
			ends = append(ends, end)
		}
		s.next <- "x"
		for _, end := range ends {
			end()
		}
	}
	close(s.next)
	b.ended(started.Answer.ID)
	b.client.CloseIdleConnections()
	wait(t, "the goroutines of the streams to end", func() bool { return runtime.NumGoroutine() <= base+5 })
	wait(t, "the last reader to leave", func() bool { return b.server.hub.readersOpen() == 0 })
}

// A reader that does not read is cut, and slows nobody down meanwhile.
func TestStuckReaderIsCut(t *testing.T) {
	limits := defaultLimits
	limits.write = 2 * time.Second // the other reader must keep it, however busy the machine is
	b := newBox(t, func(d *Deps) { d.limits = &limits })
	r := b.request("GET", "/api/v1/events", nil)
	res, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	wait(t, "the reader", func() bool { return b.server.hub.readersOpen() == 1 })
	other, stop := b.follow("")
	defer stop()
	<-other
	text := strings.Repeat("x", 256<<10)
	for i := range 64 { // more than the connection's buffers hold
		b.server.hub.Publish("test", text)
		if e := <-other; e.name != "test" {
			t.Fatalf("event %d: %s", i, e.name)
		}
	}
	wait(t, "the stuck reader to be cut", func() bool { return b.server.hub.readersOpen() == 1 })
}
