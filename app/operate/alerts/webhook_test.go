package alerts

import (
	"crypto/hmac"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink is a real HTTP server that takes webhooks and checks their signature.
type sink struct {
	*httptest.Server
	secret string

	mu     sync.Mutex
	got    []Notice
	at     []time.Time
	tries  int
	wrong  []string
	answer func(n int, w http.ResponseWriter, r *http.Request) bool // false: taken
}

func newSink(t *testing.T, secret string) *sink {
	t.Helper()
	s := &sink{secret: secret}
	s.Server = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(s.Close)
	return s
}

func (s *sink) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	s.tries++
	n, answer := s.tries, s.answer
	s.mu.Unlock()
	if answer != nil && answer(n, w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var notice Notice
	if err != nil || json.Unmarshal(body, &notice) != nil {
		s.wrong = append(s.wrong, "the body is no JSON")
	}
	want := "sha256=" + sign(s.secret, r.Header.Get("X-Alcove-Timestamp"), body)
	if s.secret == "" {
		want = ""
	}
	for name, value := range map[string]string{"X-Alcove-Signature": want, "X-Alcove-Event": notice.Event, "X-Alcove-Delivery": notice.Delivery, "Content-Type": "application/json"} {
		if !hmac.Equal([]byte(r.Header.Get(name)), []byte(value)) {
			s.wrong = append(s.wrong, fmt.Sprintf("%s: %q, want %q", name, r.Header.Get(name), value))
		}
	}
	s.got = append(s.got, notice)
	var at int64
	if _, err := fmt.Sscan(r.Header.Get("X-Alcove-Timestamp"), &at); err != nil {
		s.wrong = append(s.wrong, "no timestamp")
	}
	s.at = append(s.at, time.Unix(at, 0))
}

func (s *sink) setAnswer(f func(n int, w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

func (s *sink) notices() []Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Notice(nil), s.got...)
}

// times gives when the notices were sent, by the clock of the test.
func (s *sink) times() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time(nil), s.at...)
}

func (s *sink) events() []string {
	var list []string
	for _, n := range s.notices() {
		list = append(list, n.Event)
	}
	return list
}

func (s *sink) tried() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

func (s *sink) check(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wrong {
		t.Error(w)
	}
}

func (b *bench) hook(url, secret string) {
	b.t.Helper()
	b.channels(func(c *Channels) {
		c.Webhook.Enabled, c.Webhook.URL, c.Webhook.Secret = true, url, &secret
	})
}

func TestWebhookIsSigned(t *testing.T) {
	b, s := newBench(t), newSink(t, "a key of ours")
	b.hook(s.URL+"/hook?token=1", "a key of ours")
	b.only(hot())
	b.feed(warm, 61)
	until(t, "the notice", func() bool { return len(s.notices()) == 1 })
	b.idle()
	b.feed(cool, 31)
	until(t, "the recovery notice", func() bool { return len(s.notices()) == 2 })
	b.idle()
	s.check(t)
	fired, over := s.notices()[0], s.notices()[1]
	if fired.Event != eventFired || over.Event != eventResolved || fired.Alert.ID != over.Alert.ID || fired.Delivery == over.Delivery {
		t.Errorf("%+v\n%+v", fired, over)
	}
	if fired.Alert.Value != 90 || fired.Alert.Threshold != 85 || fired.Alert.Unit != "celsius" || over.Alert.ResolvedAt == nil || !strings.Contains(fired.Text, "90 °C") {
		t.Errorf("%+v", fired)
	}
	if h := b.board().History; len(h) != 1 || !reflect.DeepEqual(statuses(h[0], Webhook), []string{"alert.fired sent", "alert.resolved sent"}) {
		t.Errorf("%+v", h)
	}
}

func TestWebhookWithoutASecretIsNotSigned(t *testing.T) {
	b, s := newBench(t), newSink(t, "")
	b.hook(s.URL, "")
	if err := b.Test(t.Context(), Webhook); err != nil {
		t.Error(err)
	}
	s.check(t)
}

func TestWebhookIsTriedAgain(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	s.setAnswer(func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if n <= 3 {
			http.Error(w, strings.Repeat("secret words of the server ", 10000), http.StatusInternalServerError)
		}
		return n <= 3
	})
	b.hook(s.URL, "k")
	b.only(hot())
	b.feed(warm, 61)
	for n, wait := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		until(t, "a try", func() bool { return s.tried() == n+1 })
		b.idle()
		d := b.board().Firing[0].Deliveries[0]
		if d.Status != "waiting" || d.Error != "The server answered 500 Internal Server Error." {
			t.Errorf("%+v", d)
		}
		b.tick(wait - time.Second)
		b.idle()
		if s.tried() != n+1 {
			t.Errorf("try %d came before its time", n+2)
		}
		b.tick(time.Second)
	}
	until(t, "the notice", func() bool { return len(s.notices()) == 1 })
	b.idle()
	s.check(t)
	if d := b.board().Firing[0].Deliveries[0]; d.Status != "sent" || d.Error != "" {
		t.Errorf("%+v", d)
	}
}

func TestWebhookIsGivenUpAfterADay(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	s.setAnswer(func(_ int, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return true })
	b.hook(s.URL, "k")
	b.only(hot())
	b.feed(warm, 61)
	for range 24*4 + 10 {
		b.idle()
		b.tick(15 * time.Minute)
	}
	d := b.board().Firing[0].Deliveries[0]
	if d.Status != "failed" || !strings.Contains(d.Error, "for a day") || !strings.Contains(d.Error, "503") {
		t.Errorf("%+v", d)
	}
	before := s.tried()
	b.tick(time.Hour)
	b.idle()
	if s.tried() != before {
		t.Error("it was tried after it was given up")
	}
}

func TestWebhookFollowsNoRedirect(t *testing.T) {
	b, s, other := newBench(t), newSink(t, "k"), newSink(t, "k")
	s.setAnswer(func(_ int, w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		return true
	})
	b.hook(s.URL, "k")
	err := b.Test(t.Context(), Webhook)
	if err == nil || !strings.Contains(err.Error(), "not followed") || other.tried() != 0 {
		t.Errorf("%v, %d tries elsewhere", err, other.tried())
	}
}

// A server that hangs holds up neither other channels nor Close, and what it
// did not take comes after the restart.
func TestWebhookThatHangs(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	s.setAnswer(func(n int, _ http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}
		return n == 1
	})
	b.hook(s.URL, "k")
	b.channels(func(c *Channels) { c.Desktop.Enabled = true })
	b.only(hot())
	b.feed(warm, 61)
	until(t, "the hanging try", func() bool { return s.tried() == 1 })
	until(t, "the desktop's notice", func() bool { return len(b.named(EventNotice)) == 1 })
	b.Observe(b.clock.now(), warm)
	if len(b.Firing()) != 1 {
		t.Error("not firing")
	}
	b.restart() // Close does not wait for the server's answer
	until(t, "the notice after the restart", func() bool { return len(s.notices()) == 1 })
	b.idle()
	s.check(t)
}

func TestWebhookOverTLS(t *testing.T) {
	s := &sink{secret: "k"}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.take))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	trusting := newBench(t, func(d *Deps) {
		d.Roots = x509.NewCertPool()
		d.Roots.AddCert(s.Certificate())
	})
	trusting.hook(s.URL, "k")
	if err := trusting.Test(t.Context(), Webhook); err != nil || len(s.notices()) != 1 {
		t.Error(err)
	}
	s.check(t)
	other := newBench(t)
	other.hook(s.URL, "k")
	if err := other.Test(t.Context(), Webhook); err == nil || !strings.Contains(err.Error(), "certificate is not trusted") || len(s.notices()) != 1 {
		t.Error(err)
	}
}

func TestWebhookInTimeOut(t *testing.T) {
	b, s := newBench(t, func(d *Deps) { d.limit = 50 * time.Millisecond }), newSink(t, "k")
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	s.setAnswer(func(int, http.ResponseWriter, *http.Request) bool { <-hang; return true })
	b.hook(s.URL, "k")
	if err := b.Test(t.Context(), Webhook); err == nil || !strings.Contains(err.Error(), "did not answer in time") {
		t.Error(err)
	}
}

// Only tries count towards giving up: not a clock that is set forward, not
// the time that a notice was held or the box was off.
func TestNothingIsGivenUpUntried(t *testing.T) {
	b, s := newBench(t), newSink(t, "k") // it is 12:00
	s.setAnswer(func(_ int, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return true })
	b.hook(s.URL, "k")
	b.channels(func(c *Channels) { c.QuietHours = QuietHours{Enabled: true, From: "11:00", To: "13:30"} })
	grave := hot()
	grave.ID, grave.Severity = "grave", Critical
	b.only(hot(), grave)
	b.feed(warm, 61)
	until(t, "the critical one's try", func() bool { b.idle(); return s.tried() == 1 })
	b.close()
	b.clock.advance(100 * 24 * time.Hour)
	b.open()
	until(t, "its next try", func() bool { b.idle(); return s.tried() == 2 })
	for _, a := range b.board().Firing {
		want := []string{"alert.fired held"}
		if a.Rule == "grave" {
			want = []string{"alert.fired waiting"}
		}
		if got := statuses(a, Webhook); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v", a.Rule, got)
		}
	}
	s.setAnswer(nil)
	b.tick(2 * time.Hour)
	until(t, "both notices", func() bool { b.idle(); return len(s.notices()) == 2 })
}

func TestTriesMakeADay(t *testing.T) {
	var passed time.Duration
	for n := 1; n < maxTries; n++ {
		passed += retryAfter(n)
	}
	if passed < giveUpAfter || passed-retryAfter(maxTries-1) >= giveUpAfter {
		t.Errorf("%d tries take %s", maxTries, passed)
	}
}

// A notice that is being sent when its rule is switched off, and is not taken,
// is not tried again.
func TestARuleSwitchedOffDuringATry(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	hang := make(chan struct{})
	s.setAnswer(func(_ int, w http.ResponseWriter, _ *http.Request) bool { <-hang; w.WriteHeader(503); return true })
	b.hook(s.URL, "k")
	b.only(hot())
	b.feed(warm, 61)
	until(t, "the try", func() bool { return s.tried() == 1 })
	b.only()
	close(hang)
	b.idle()
	b.tick(lastRetry)
	b.idle()
	if d := b.board().History[0].Deliveries; s.tried() != 1 || len(d) != 1 || d[0].Status != "failed" || d[0].Error != "The rule was switched off." {
		t.Errorf("%d tries, %+v", s.tried(), d)
	}
}
