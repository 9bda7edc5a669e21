package server

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"alcove/app/operate/usage"
)

// RangeQuery is the input of charts. It is exported because huma skips embedded
// types that are not.
type RangeQuery struct {
	Minutes int `query:"minutes" minimum:"5" maximum:"129600" default:"60" doc:"How far back."`
}

func (in RangeQuery) span() time.Duration { return time.Duration(in.Minutes) * time.Minute }

type latencyInput struct {
	RangeQuery
	Model string `query:"model" maxLength:"255"`
	Route string `query:"route" maxLength:"64"`
	Class string `query:"class" maxLength:"64"`
}

type marksBody struct {
	Marks []usage.Mark `json:"marks" nullable:"false" doc:"Oldest first."`
}

// RequestsQuery chooses rows of the request log.
type RequestsQuery struct {
	Model  string `query:"model" maxLength:"255"`
	Route  string `query:"route" maxLength:"64"`
	Class  string `query:"class" maxLength:"64"`
	Status string `query:"status" enum:"done,stopped,failed"`
	Who    string `query:"who" maxLength:"100" doc:"page, house check, or the name of an API key."`
}

func (in RequestsQuery) filter() usage.RequestFilter {
	return usage.RequestFilter{Model: in.Model, Route: in.Route, Class: in.Class, Status: in.Status, Who: in.Who}
}

type requestsInput struct {
	RequestsQuery
	Before string `query:"before" maxLength:"20" doc:"The ID that the page before ended with."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type usageInput struct {
	Days int `query:"days" minimum:"1" maximum:"90" default:"30" doc:"How far back, today among them."`
}

func (s *Server) registerUsage(api huma.API) {
	// Unknown points are null, which huma cannot see in a []float64.
	api.OpenAPI().Components.Schemas.RegisterTypeAlias(reflect.TypeFor[usage.Values](), reflect.TypeFor[[]*float64]())
	huma.Register(api, operation(http.MethodGet, "/api/v1/monitor/machine", "getMachine", "What the machine did, as charts"),
		func(ctx context.Context, in *RangeQuery) (*output[usage.MachineView], error) {
			view, err := s.usage.Machine(ctx, in.span())
			return &output[usage.MachineView]{view}, err
		})
	huma.Register(api, operation(http.MethodGet, "/api/v1/monitor/latency", "getLatency", "How long answers took, as charts"),
		func(ctx context.Context, in *latencyInput) (*output[usage.LatencyView], error) {
			view, err := s.usage.Latency(ctx, in.span(), usage.Key{Model: in.Model, Route: in.Route, Class: in.Class})
			return &output[usage.LatencyView]{view}, err
		})
	huma.Register(api, operation(http.MethodGet, "/api/v1/monitor/marks", "getMarks", "What happened, for the charts"),
		func(ctx context.Context, in *RangeQuery) (*output[marksBody], error) {
			marks, err := s.usage.Marks(ctx, in.span())
			return &output[marksBody]{marksBody{marks}}, err
		})
	huma.Register(api, operation(http.MethodGet, "/api/v1/requests", "listRequests", "The request log, without any text"),
		func(ctx context.Context, in *requestsInput) (*output[usage.RequestsView], error) {
			f := in.filter()
			f.Before = in.Before
			view, err := s.usage.Requests(ctx, f, in.Limit)
			return &output[usage.RequestsView]{view}, err
		})
	file := operation(http.MethodGet, "/api/v1/requests.csv", "exportRequests", "The request log as a file (RFC 4180)")
	file.Responses = map[string]*huma.Response{"200": {
		Description: "All rows that fit, newest first.",
		Content:     map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	huma.Register(api, file, s.exportRequests)
	huma.Register(api, operation(http.MethodGet, "/api/v1/usage", "getUsage", "What was used, by day and by model"),
		func(ctx context.Context, in *usageInput) (*output[usage.Report], error) {
			view, err := s.usage.Usage(ctx, in.Days)
			return &output[usage.Report]{view}, err
		})
}

// csvPage is how many rows are read at once.
const csvPage = 1000

func (s *Server) exportRequests(ctx context.Context, in *RequestsQuery) (*huma.StreamResponse, error) {
	first, err := s.usage.Requests(ctx, in.filter(), csvPage)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
		w.Header().Set("Content-Disposition", `attachment; filename="alcove-requests.csv"`)
		w.Header().Set("Cache-Control", "no-store")
		if r.Method == http.MethodHead {
			return
		}
		next := func(before string) (usage.RequestsView, error) {
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.answer)) //nolint:errcheck // test recorders have none
			f := in.filter()
			f.Before = before
			return s.usage.Requests(r.Context(), f, csvPage)
		}
		if err := writeRequests(w, first, next); err != nil {
			s.log.Debug("the request log was not sent whole", "err", err)
			panic(http.ErrAbortHandler) // the client must not take half of it for all
		}
	}}, nil
}

var csvHead = []string{"id", "at", "who", "model", "device", "route", "class", "status", "code", "queue_ms", "first_token_ms", "total_ms",
	"prompt_tokens", "cached_tokens", "output_tokens", "tokens_per_second", "restarts"}

// writeRequests writes pages until there is no next one.
func writeRequests(w io.Writer, page usage.RequestsView, next func(before string) (usage.RequestsView, error)) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(csvHead); err != nil {
		return err
	}
	for {
		for _, row := range page.Requests {
			if err := out.Write(csvRow(row)); err != nil {
				return err
			}
		}
		out.Flush()
		if err := out.Error(); err != nil || page.Next == "" {
			return err
		}
		var err error
		if page, err = next(page.Next); err != nil {
			return err
		}
	}
}

func csvRow(r usage.RequestRow) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	first, speed := "", ""
	if r.FirstTokenMS != nil {
		first = number(*r.FirstTokenMS)
	}
	if r.TokensPerSec != nil {
		speed = strconv.FormatFloat(*r.TokensPerSec, 'f', 2, 64)
	}
	return []string{r.ID, r.At, plainCell(r.Who), plainCell(r.Model), plainCell(r.Device), plainCell(r.Route), plainCell(r.Class),
		plainCell(r.Status), plainCell(r.Code), number(r.QueueMS), first, number(r.TotalMS),
		number(r.PromptTokens), number(r.CachedTokens), number(r.OutputTokens), speed, number(r.Restarts)}
}

// plainCell keeps a name from being taken for a formula by a spreadsheet.
func plainCell(s string) string {
	if s != "" {
		switch s[0] {
		case '=', '+', '-', '@', '\t', '\r', '\n':
			return "'" + s
		}
	}
	return s
}
