package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app/library"
	"alcove/app/operate/capacity"
	"alcove/engine"
)

// capacityView is what the Capacity page shows.
type capacityView struct {
	Running *capacity.Progress `json:"running,omitempty"`
	Nothing *capacity.Nothing  `json:"nothing,omitempty" doc:"How the last measurement since the program began ended, where it left no result"`
	// Result is the newest one.
	Result    *capacity.Result    `json:"result,omitempty"`
	History   []capacity.Result   `json:"history" nullable:"false" doc:"Older ones, newest first, at most 19"`
	Estimates *capacity.Estimates `json:"estimates,omitempty" doc:"What else would give, made from the newest result; absent where that does not say enough, and while a measurement runs"`
	// Models are those that may be put on other devices, by id.
	Models   []namedModel      `json:"models" nullable:"false"`
	Defaults capacity.Settings `json:"defaults"`
}

type namedModel struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type capacityStart struct {
	Body struct {
		Bound *float64 `json:"bound_seconds,omitempty"`
		Every *float64 `json:"every_minutes,omitempty"`
		Most  *int     `json:"most_people,omitempty"`
	}
}

func (s *Server) registerCapacity(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/capacity", "getCapacity", "How many people this box serves, as measured, and what else would give, as estimated"), s.getCapacity)
	start := operation(http.MethodPost, "/api/v1/capacity", "startCapacity", "Begin to measure; capacity.changed tells how it goes")
	start.DefaultStatus = http.StatusAccepted
	huma.Register(api, start, s.startCapacity)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/capacity", "stopCapacity", "Stop the measurement; the steps that are done are kept"), s.stopCapacity)
}

// newMeter makes the one that measures through the server's engine.
func (s *Server) newMeter(d Deps) *capacity.Meter {
	gate := d.Gate
	if gate == nil {
		gate = capacity.NewGate(d.Engine)
	}
	return capacity.NewMeter(capacity.Deps{
		Store: d.Store, Gate: gate, Shape: d.Shape, Publish: func(name string, data any) { d.Hub.Publish(name, data) }, Forget: d.Forget,
		OwnSeconds: d.OwnSeconds, Cores: d.Cores, Share: weightsShare, Memory: s.memoryFor, Now: d.Now, Log: d.Log,
	})
}

// weightsShare is what one token needs of a model, 0..1; 0: not known.
func weightsShare(m engine.Model) (read, active float64) {
	s, known := library.ShareOf(m, capacity.Count)
	if !known {
		return 0, 0
	}
	return s.Read, s.Active
}

// memoryFor is what models may use where the engine computes; bytes, 0: not
// known.
func (s *Server) memoryFor(device string) int64 {
	room := s.room()
	if strings.HasPrefix(device, "CPU") || room.GPU == 0 {
		return room.Memory
	}
	return room.GPU
}

type capacityInput struct {
	Model string `query:"model" maxLength:"200" doc:"The model of the folder or the catalogue that is put on other devices; without it the measured one."`
}

func (s *Server) getCapacity(ctx context.Context, in *capacityInput) (*output[capacityView], error) {
	// First what runs: when it ends meanwhile, its result is read all the same.
	v := capacityView{Running: s.capacity.Progress(), Nothing: s.capacity.Nothing(), History: []capacity.Result{}, Models: []namedModel{}, Defaults: capacity.DefaultSettings}
	results, err := s.capacity.Results(ctx)
	if err != nil {
		return nil, err
	}
	if len(results) > 0 {
		v.Result, v.History = &results[0], results[1:]
		if v.Running == nil { // else they would take time from what is measured
			candidates := s.candidates(ctx)
			for _, c := range candidates {
				v.Models = append(v.Models, namedModel{c.ID, c.Name})
			}
			if e, ok := results[0].Estimate(capacity.Wanted{Models: candidates, On: in.Model, Others: results[1:]}); ok {
				v.Estimates = &e
			}
		}
	}
	return &output[capacityView]{v}, nil
}

func (s *Server) startCapacity(ctx context.Context, in *capacityStart) (*output[capacity.Progress], error) {
	set := capacity.DefaultSettings
	if in.Body.Bound != nil {
		set.Bound = *in.Body.Bound
	}
	if in.Body.Every != nil {
		set.Every = *in.Body.Every
	}
	if in.Body.Most != nil {
		set.Most = *in.Body.Most
	}
	p, err := s.capacity.Start(ctx, set)
	return &output[capacity.Progress]{p}, err
}

func (s *Server) stopCapacity(context.Context, *struct{}) (*struct{}, error) {
	s.capacity.Stop()
	return nil, nil
}

// candidates are the models that estimates are made for: those of the folder,
// and the catalogue's that are not in it.
func (s *Server) candidates(ctx context.Context) []capacity.Candidate {
	var list []capacity.Candidate
	models, err := s.library.Models(ctx)
	if err != nil {
		s.log.Warn("read what is known of the models", "err", err) // the catalogue is there all the same
	}
	var held []library.Held
	for _, m := range models {
		held = append(held, library.Held{ID: m.ID})
		if !m.State.Usable() || !m.Writes() {
			continue
		}
		c := capacity.Candidate{ID: m.ID, Name: m.Name, Quant: m.Quant, Bytes: m.SizeBytes, Total: capacity.Count(m.Parameters)}
		c.KV = capacity.KVPerToken(m.Fit)
		read, active := weightsShare(m.Model)
		c.Read, c.Active, c.Unknown = read, active*c.Total, read <= 0
		list = append(list, c)
	}
	const conversation = 8192 // tokens of a row's CacheBytes
	for _, r := range library.ViewCatalogue(s.room(), held).Rows {
		if r.Purpose != library.PurposeChat || r.Have != "" {
			continue
		}
		list = append(list, capacity.Candidate{ID: r.ID, Name: r.Name, Quant: r.Quant, Bytes: r.Bytes, Read: float64(r.ReadPercent) / 100,
			Total: capacity.Count(r.Parameters), Active: capacity.Count(r.Active), KV: float64(r.CacheBytes) / conversation})
	}
	return list
}
