package cli

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"alcove/app/config"
)

func TestReadEvents(t *testing.T) {
	stream := ": a comment\n\nid: 7\nevent: turn.delta\ndata: {\"text\":\ndata:  \"a\"}\n\nid:8\r\nevent:hello\r\ndata:{}\r\n\r\nid: 9\nevent: half"
	var got []event
	err := readEvents(strings.NewReader(stream), func(e event) bool {
		got = append(got, e)
		return true
	})
	if err == nil {
		t.Error("a stream that breaks off is no error")
	}
	if len(got) != 2 || got[0].id != "7" || got[0].name != "turn.delta" || string(got[0].data) != `{"text": "a"}` || got[1].id != "8" || string(got[1].data) != "{}" {
		t.Errorf("events %+v", got)
	}
	n := 0
	if err := readEvents(strings.NewReader(stream), func(event) bool { n++; return false }); err != nil || n != 1 {
		t.Errorf("a reader that has enough gets %d events and %v", n, err)
	}
}

func TestInstanceFile(t *testing.T) {
	c := config.Config{Data: t.TempDir()}
	if _, ok := running(context.Background(), c); ok {
		t.Error("an instance runs without a file")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.Write([]byte(`{"signed_in": false, "instance": "abc"}`))
			return
		}
		w.Write([]byte(`{"signed_in": true, "instance": "abc"}`))
	}))
	want := instance{Base: server.URL, PID: 1, Token: "secret", Instance: "abc", Version: "v"}
	if err := writeInstance(c, want); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(instanceFile(c))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("instance.json: %v, %v", info.Mode(), err)
	}
	if got, ok := running(context.Background(), c); !ok || got != want {
		t.Errorf("running: %+v, %v", got, ok)
	}
	removeInstance(c, "another")
	if _, err := readInstance(c); err != nil {
		t.Errorf("the file of a successor was removed: %v", err)
	}
	// The address belongs to somebody else now: the token is wrong there.
	other := want
	other.Token = "old"
	if err := writeInstance(c, other); err != nil {
		t.Fatal(err)
	}
	if _, ok := running(context.Background(), c); ok {
		t.Error("a server that does not know the token counts as running")
	}
	server.Close()
	if err := writeInstance(c, want); err != nil {
		t.Fatal(err)
	}
	if _, ok := running(context.Background(), c); ok {
		t.Error("a server that is gone counts as running")
	}
	removeInstance(c, "secret")
	if left, _ := filepath.Glob(filepath.Join(c.Run(), "*")); len(left) != 0 {
		t.Errorf("left in the run folder: %v", left)
	}
}

func TestInstanceIDIsOfTheFolder(t *testing.T) {
	first, again := instanceID("/a"), instanceID("/a")
	if first != again || first == instanceID("/b") {
		t.Error("an instance id must stay the same for a folder and differ between folders")
	}
}

func TestExplainListen(t *testing.T) {
	alcove := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`{"signed_in": false, "instance": "abc"}`))
	}))
	defer alcove.Close()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	for url, want := range map[string]string{alcove.URL: "an Alcove with another data folder", other.URL: "another program uses"} {
		addr := strings.TrimPrefix(url, "http://")
		_, err := net.Listen("tcp", addr)
		if got := explainListen(context.Background(), addr, err).Error(); !strings.Contains(got, want) || !strings.Contains(got, addr) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := explainListen(context.Background(), "127.0.0.1:80", syscall.EACCES).Error(); !strings.Contains(got, "cannot listen on 127.0.0.1:80") {
		t.Errorf("a port that is not allowed: %q", got)
	}
}

func TestClientSaysWhatTheServerSays(t *testing.T) {
	status, body := 404, `{"code": "not_found", "detail": "There is no such key."}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}))
	defer server.Close()
	c := newClient(server.URL, "t")
	if err := c.call(context.Background(), "DELETE", "/x", nil, nil); err == nil || err.Error() != "There is no such key." {
		t.Errorf("error %v", err)
	}
	status, body = 502, "<html>"
	if err := c.call(context.Background(), "GET", "/x", nil, nil); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("error %v", err)
	}
	server.Close()
	if err := c.call(context.Background(), "GET", "/x", nil, nil); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("error %v", err)
	}
}
