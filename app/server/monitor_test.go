package server

import (
	"encoding/json"
	"testing"
	"time"

	"alcove/monitor"
)

// recorded is a machine with a past.
type recorded []monitor.Sample

func (r recorded) History(n int) []monitor.Sample { return r[max(0, len(r)-n):] }

func TestMonitor_History(t *testing.T) {
	first := monitor.Sample{At: time.Unix(1, 0).UTC(), Memory: &monitor.Memory{Total: 4, Used: 1}}
	second := monitor.Sample{At: time.Unix(2, 0).UTC(), CPU: &monitor.CPU{Percent: 50}}
	b := newBox(t, func(d *Deps) { d.Monitor = recorded{first, second} })
	var got struct{ Samples []json.RawMessage }
	b.want(200, "GET", "/api/v1/monitor", nil, &got)
	if len(got.Samples) != 2 || string(got.Samples[0]) != `{"at":"1970-01-01T00:00:01Z","memory":{"total_bytes":4,"used_bytes":1}}` {
		t.Errorf("a figure that is not known is absent: %s", got.Samples)
	}
	b.want(200, "GET", "/api/v1/monitor?seconds=1", nil, &got)
	if len(got.Samples) != 1 || string(got.Samples[0]) != string(mustJSON(second)) {
		t.Errorf("the last second: %s", got.Samples)
	}
	for _, bad := range []string{"0", "601", "x", "-1"} {
		b.want(422, "GET", "/api/v1/monitor?seconds="+bad, nil, nil)
	}
}

func TestMonitor_NobodyWatches(t *testing.T) {
	if got := string(newBox(t).want(200, "GET", "/api/v1/monitor", nil, nil).body); got != `{"samples":[]}`+"\n" {
		t.Errorf("%q", got)
	}
}

func TestMonitor_Event(t *testing.T) {
	b := newBox(t)
	hub := b.server.hub
	before := hub.Seq()
	hub.PublishSample(monitor.Sample{})
	if hub.Seq() != before {
		t.Error("a sample took a place in the ring though nobody follows")
	}
	events, leave := b.follow("")
	defer leave()
	<-events // hello
	sample := monitor.Sample{At: time.Unix(3, 0).UTC(), CPU: &monitor.CPU{Percent: 7}}
	hub.PublishSample(sample)
	if e := <-events; e.name != eventMonitor || string(e.data) != string(mustJSON(sample)) || e.seq != before+1 {
		t.Errorf("%d %s %s", e.seq, e.name, e.data)
	}
}
