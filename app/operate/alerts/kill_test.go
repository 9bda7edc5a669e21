package alerts

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"alcove/storage"
)

// childEnv makes the test program a child that fires an alert: "DATABASE URL".
const childEnv = "ALCOVE_ALERTS_CHILD"

// child fires an alert and waits to be killed.
func child() {
	path, url, _ := strings.Cut(os.Getenv(childEnv), " ")
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	c := &clock{at: start}
	store, err := storage.Open(ctx, storage.Options{Path: path, Now: c.now})
	fail(err)
	a, err := Open(ctx, Deps{Store: store, Now: c.now})
	fail(err)
	secret := "k"
	conf := defaultChannels()
	conf.Webhook = WebhookChannel{Enabled: true, URL: url, Secret: &secret}
	_, err = a.SetChannels(ctx, conf)
	fail(err)
	fail(a.SetRules(ctx, []Rule{hot()}))
	for range 61 {
		c.advance(time.Second)
		fail(a.do(ctx, func(k *keeper) { k.observe(c.now(), warm) }))
	}
	select {}
}

// The program is killed while a notice is on its way: after the start the
// alert still fires, and the notice comes again with the same delivery.
func TestKilledWhileSending(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	b.close()
	first := make(chan string, 1)
	s.setAnswer(func(n int, _ http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			first <- r.Header.Get("X-Alcove-Delivery")
			<-r.Context().Done() // the process is gone
		}
		return n == 1
	})
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+b.path+" "+s.URL)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	delivery := <-first
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() //nolint:errcheck // it was killed
	b.clock.advance(time.Hour)
	b.open()
	if len(b.Firing()) != 1 {
		t.Error("it does not fire any more")
	}
	until(t, "the notice", func() bool { return len(s.notices()) == 1 })
	b.idle()
	s.check(t)
	if got := s.notices()[0]; got.Delivery != delivery || got.Event != eventFired {
		t.Errorf("%+v, first %s", got, delivery)
	}
	b.feed(cool, 31)
	until(t, "the recovery notice", func() bool { return len(s.notices()) == 2 })
	b.idle()
}
