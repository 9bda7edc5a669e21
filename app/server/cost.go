package server

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app/operate/capacity"
	"alcove/app/operate/cost"
)

type costInput struct {
	Days int `query:"days" minimum:"1" maximum:"90" default:"30" doc:"How far back."`
}

type pricesInput struct {
	Body cost.Sheet
}

// pricesView is the sheet with what a row of it may be.
type pricesView struct {
	cost.Prices
	Classes []string `json:"gpu_classes" nullable:"false" doc:"Of cloud GPUs: those whose number can be estimated"`
}

func (s *Server) registerCost(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/cost", "getCost", "What the recorded traffic costs on this box, on cloud GPUs and at managed services"), s.getCost)
	huma.Register(api, operation(http.MethodGet, "/api/v1/prices", "getPrices", "The price sheet"), s.getPrices)
	huma.Register(api, operation(http.MethodPut, "/api/v1/prices", "setPrices", "Keep another price sheet"), s.setPrices)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/prices", "resetPrices", "Go back to the shipped price sheet"), s.resetPrices)
}

func (s *Server) getPrices(ctx context.Context, _ *struct{}) (*output[pricesView], error) {
	p, err := s.prices.Get(ctx)
	return &output[pricesView]{pricesView{p, capacity.GPUNames()}}, err
}

func (s *Server) setPrices(ctx context.Context, in *pricesInput) (*output[pricesView], error) {
	p, err := s.prices.Set(ctx, in.Body)
	return &output[pricesView]{pricesView{p, capacity.GPUNames()}}, err
}

func (s *Server) resetPrices(ctx context.Context, _ *struct{}) (*output[pricesView], error) {
	p, err := s.prices.Reset(ctx)
	return &output[pricesView]{pricesView{p, capacity.GPUNames()}}, err
}

func (s *Server) getCost(ctx context.Context, in *costInput) (*output[cost.View], error) {
	sheet, err := s.prices.Get(ctx)
	if err != nil {
		return nil, err
	}
	until := s.now().UTC()
	traffic := cost.Traffic{Since: until, Until: until, Under1: -1, Under5: -1}
	if s.traffic != nil {
		if traffic, err = s.traffic(ctx, until.Add(-time.Duration(in.Days)*24*time.Hour), until); err != nil {
			return nil, err
		}
	}
	results, err := s.capacity.Results(ctx)
	if err != nil {
		return nil, err
	}
	facts := costFacts(results)
	facts.Shipped = sheet.Shipped
	return &output[cost.View]{cost.Compare(sheet.Sheet, traffic, facts)}, nil
}

// costFacts are what the newest whole measurement says.
func costFacts(results []capacity.Result) cost.Facts {
	f := cost.Facts{Classes: map[string]cost.Class{}}
	for _, r := range results {
		if r.Status != capacity.StatusDone || len(r.Steps) == 0 {
			continue
		}
		f.FirstTokenP95 = r.Steps[0].FirstP95
		f.BoxPerHour = 60 * r.PerMinute()
		if e, ok := r.Estimate(capacity.Wanted{}); ok {
			for _, row := range e.Rows {
				if row.Group == "gpu" {
					f.Classes[row.Name] = cost.Class{Fits: row.Fits, PerHour: 60 * row.PerMinute}
				}
			}
		}
		break
	}
	return f
}
