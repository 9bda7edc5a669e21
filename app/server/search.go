package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app"
	docs "alcove/app/documents/answer"
	"alcove/app/documents/index"
	"alcove/storage"
)

type searchInput struct {
	Q          string `query:"q" required:"true" maxLength:"1000" doc:"Literal text; with a collection, a question."`
	Collection string `query:"collection" maxLength:"64" doc:"Look in these documents; empty: in conversations."`
	AsOf       string `query:"as_of" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$|^$" patternDescription:"a day, such as 2026-01-31" doc:"Day whose documents hold; empty: today."`
	Limit      int    `query:"limit" minimum:"1" maximum:"50" default:"10" doc:"Passages."`
}

// searchBody has Hits; of documents also the rest, which is absent without a collection.
type searchBody struct {
	Hits      []Hit              `json:"hits" nullable:"false"`
	Passages  []FoundSource      `json:"passages,omitempty" nullable:"false"`
	Grounding *storage.Grounding `json:"grounding,omitempty"`
	Mode      string             `json:"mode,omitempty" enum:"hybrid,text" doc:"By words and by meaning, or by words alone."`
	Reason    string             `json:"reason,omitempty" doc:"Why by words alone, a sentence."`
	Terms     []string           `json:"terms,omitempty" nullable:"false" doc:"Words of the question that were looked for."`
	Coverage  float64            `json:"coverage,omitempty" doc:"Share of them that the first three passages have, by how rare they are."`
	Agreement float64            `json:"agreement,omitempty" doc:"How far words and meaning found the same, 0..1."`
	Times     *searchTimes       `json:"times,omitempty"`
}

type searchTimes struct {
	Text   float64 `json:"text_ms"`
	Embed  float64 `json:"embed_ms"`
	Vector float64 `json:"vector_ms"`
	Rerank float64 `json:"rerank_ms,omitempty"`
	Total  float64 `json:"total_ms"`
}

// FoundSource is a source with how it was found.
type FoundSource struct {
	storage.Source
	Ranks   index.Ranks  `json:"ranks" doc:"Places in the lists, from 1; absent: not in that list."`
	Signals foundSignals `json:"signals"`
}

type foundSignals struct {
	Cosine   float64 `json:"cosine"`
	BM25     float64 `json:"bm25"`
	Coverage float64 `json:"coverage"`
}

func (s *Server) registerSearch(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/search", "search", "Search titles and messages, or the documents of a collection"), s.search)
}

func (s *Server) search(ctx context.Context, in *searchInput) (*output[searchBody], error) {
	out := searchBody{Hits: []Hit{}}
	if in.Collection != "" {
		return s.searchDocuments(ctx, in)
	}
	if strings.TrimSpace(in.Q) == "" {
		return &output[searchBody]{out}, nil
	}
	hits, err := s.store.Search(ctx, in.Q, maxHits)
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		out.Hits = append(out.Hits, viewHit(h))
	}
	return &output[searchBody]{out}, nil
}

func (s *Server) searchDocuments(ctx context.Context, in *searchInput) (*output[searchBody], error) {
	if s.answers == nil {
		return nil, &app.Error{Code: app.CodeCollectionNotFound, Param: "collection"}
	}
	if in.AsOf != "" {
		if _, err := time.Parse(time.DateOnly, in.AsOf); err != nil {
			return nil, &app.Error{Code: app.CodeInvalid, Param: "as_of", Message: "as_of must be a day, such as 2026-01-31."}
		}
	}
	l, err := s.answers.Look(ctx, docs.Ask{Collection: in.Collection, Person: person(ctx), Question: in.Q, AsOf: in.AsOf}, in.Limit)
	if err != nil {
		return nil, err
	}
	f := l.Found
	out := searchBody{Hits: []Hit{}, Grounding: &l.Grounding, Mode: f.Mode, Reason: f.Reason, Terms: f.Terms, Coverage: f.Coverage, Agreement: f.Agreement,
		Times: &searchTimes{Text: inMillis(f.Text), Embed: inMillis(f.Embed), Vector: inMillis(f.Vector), Rerank: inMillis(f.Rerank), Total: inMillis(f.Took)}}
	for i, source := range l.Sources {
		p := f.Passages[i]
		out.Passages = append(out.Passages, FoundSource{Source: source, Ranks: p.Ranks,
			Signals: foundSignals{Cosine: p.Signals.Cosine, BM25: p.Signals.BM25, Coverage: p.Signals.Coverage}})
	}
	return &output[searchBody]{out}, nil
}

// inMillis gives milliseconds with two decimals.
func inMillis(d time.Duration) float64 { return float64(d.Microseconds()/10) / 100 }
