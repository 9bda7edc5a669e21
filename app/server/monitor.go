package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/monitor"
)

// Monitor is what the server asks of the machine's monitor.
type Monitor interface {
	// History gives the newest n samples, one a second, oldest first.
	History(n int) []monitor.Sample
}

// noMonitor is a machine that nobody watches.
type noMonitor struct{}

func (noMonitor) History(int) []monitor.Sample { return nil }

type monitorInput struct {
	Seconds int `query:"seconds" minimum:"1" maximum:"600" default:"600" doc:"How far back."`
}

type monitorBody struct {
	Samples []monitor.Sample `json:"samples" nullable:"false" doc:"One a second, oldest first; the event monitor brings the next ones."`
}

func (s *Server) registerMonitor(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/monitor", "getMonitor", "What the machine did in the last minutes"), s.getMonitor)
}

func (s *Server) getMonitor(_ context.Context, in *monitorInput) (*output[monitorBody], error) {
	b := monitorBody{Samples: s.monitor.History(in.Seconds)}
	if b.Samples == nil {
		b.Samples = []monitor.Sample{}
	}
	return &output[monitorBody]{b}, nil
}

// PublishSample tells a sample to the open streams. Without one it is not
// worth a place in the ring: GET /api/v1/monitor has it.
func (h *Hub) PublishSample(sample monitor.Sample) {
	if h.readersOpen() > 0 {
		h.Publish(eventMonitor, sample)
	}
}
