package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app/documents/desk"
	"alcove/storage"
)

type ratingInput struct {
	IDPath
	Body struct {
		Rating string `json:"rating" enum:"up,down"`
		Note   string `json:"note,omitempty" maxLength:"2000" doc:"What was wrong; HR reads it, without who wrote it."`
	}
}

type inboxInput struct {
	Collection string `query:"collection" required:"true" maxLength:"64"`
	State      string `query:"state" enum:"open,answered,dismissed" default:"open"`
}

type inboxBody struct {
	Items  []desk.InboxItem `json:"items" nullable:"false" doc:"Of the newest 500 answers; the same question is one item."`
	Counts map[string]int   `json:"counts" doc:"Answers by state."`
}

type inboxChange struct {
	Body struct {
		Collection string   `json:"collection" maxLength:"64"`
		IDs        []string `json:"ids" minItems:"1" maxItems:"500"`
		State      string   `json:"state" enum:"open,dismissed"`
	}
}

// ApprovedAnswer is an answer that HR wrote.
type ApprovedAnswer struct {
	ID         string                   `json:"id"`
	Collection string                   `json:"collection"`
	DocumentID string                   `json:"document_id" doc:"What questions find: its state says whether it is indexed yet."`
	Question   string                   `json:"question"`
	Answer     string                   `json:"answer"`
	Effective  string                   `json:"effective,omitempty" doc:"The day from which it holds."`
	Expires    string                   `json:"expires,omitempty" doc:"The last day on which it holds."`
	By         string                   `json:"by,omitempty" doc:"Who signs it."`
	Outdated   bool                     `json:"outdated" doc:"Nothing is answered from it any more: its last day has passed, or a passage that it stands on is not found as it was."`
	Sources    []storage.ApprovedSource `json:"sources,omitempty" doc:"The passages that it stands on."`
	CreatedAt  string                   `json:"created_at"`
	UpdatedAt  string                   `json:"updated_at"`
}

// AnswerPassage names a passage that an approved answer stands on.
type AnswerPassage struct {
	ChunkID string `json:"chunk_id" maxLength:"128"`
	Quote   string `json:"quote,omitempty" maxLength:"4000" doc:"The sentence that counts, literally from the passage."`
}

// AnswerFields are what is written.
type AnswerFields struct {
	Question  string          `json:"question" maxLength:"500"`
	Answer    string          `json:"answer" maxLength:"20000"`
	Effective string          `json:"effective,omitempty" maxLength:"10" doc:"A day as 2026-01-31; absent: always."`
	Expires   string          `json:"expires,omitempty" maxLength:"10" doc:"The last day on which it is given; absent: it does not end."`
	By        string          `json:"by,omitempty" maxLength:"100" doc:"Who signs it, as readers see it."`
	Sources   []AnswerPassage `json:"sources,omitempty" maxItems:"8" doc:"Passages that it stands on. It is given while each of them is found as it is now."`
	IDs       []string        `json:"ids,omitempty" maxItems:"500" doc:"The items of the inbox that it answers."`
}

func (f AnswerFields) draft() desk.Draft {
	d := desk.Draft{Question: f.Question, Answer: f.Answer, Effective: f.Effective, Expires: f.Expires, By: f.By, Answers: f.IDs}
	for _, s := range f.Sources {
		d.Sources = append(d.Sources, desk.Passage{Chunk: s.ChunkID, Quote: s.Quote})
	}
	return d
}

type newAnswerInput struct {
	Body struct {
		Collection string `json:"collection" maxLength:"64"`
		AnswerFields
	}
}

type answerInput struct {
	IDPath
	Body AnswerFields
}

type answersBody struct {
	Answers []ApprovedAnswer `json:"answers" nullable:"false"`
}

type ofCollection struct {
	Collection string `query:"collection" required:"true" maxLength:"64"`
}

type gapsBody struct {
	Gaps []desk.Gap `json:"gaps" nullable:"false" doc:"Most asked first."`
}

type goldenQuestions struct {
	IDPath
	Body struct {
		Questions []desk.GoldenQuestion `json:"questions" maxItems:"500"`
	}
}

type goldenChange struct {
	IDPath
	Body struct {
		Writes bool `json:"writes"`
	}
}

type goldenRuns struct {
	Runs    []desk.GoldenRun     `json:"runs" nullable:"false" doc:"Newest first."`
	Running *desk.GoldenProgress `json:"running,omitempty"`
}

func (s *Server) registerDesk(api huma.API) {
	huma.Register(api, operation(http.MethodPost, "/api/v1/messages/{id}/rating", "rateMessage", "Say what you think of an answer; a thumb down for one from documents comes into HR's inbox, without your name"),
		func(ctx context.Context, in *ratingInput) (*struct{}, error) {
			return nil, s.desk.Rate(ctx, in.ID, in.Body.Rating, in.Body.Note)
		})
	huma.Register(api, operation(http.MethodGet, "/api/v1/inbox", "getInbox", "Questions that the documents of a collection did not answer well"), s.getInbox)
	huma.Register(api, operation(http.MethodPatch, "/api/v1/inbox", "changeInbox", "Dismiss questions of the inbox, or open them again"),
		func(ctx context.Context, in *inboxChange) (*struct{}, error) {
			return nil, s.desk.Move(ctx, person(ctx), in.Body.Collection, in.Body.IDs, in.Body.State)
		})
	huma.Register(api, operation(http.MethodGet, "/api/v1/gaps", "getGaps", "Topics of the open questions"),
		func(ctx context.Context, in *ofCollection) (*output[gapsBody], error) {
			list, err := s.desk.Gaps(ctx, person(ctx), in.Collection)
			return &output[gapsBody]{gapsBody{list}}, err
		})
	s.registerApproved(api)
	s.registerGoldenAnswers(api)
}

func (s *Server) getInbox(ctx context.Context, in *inboxInput) (*output[inboxBody], error) {
	items, counts, err := s.desk.Inbox(ctx, person(ctx), in.Collection, in.State)
	return &output[inboxBody]{inboxBody{items, counts}}, err
}

func (s *Server) registerApproved(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/answers", "listAnswers", "Answers that HR wrote for a collection"),
		func(ctx context.Context, in *ofCollection) (*output[answersBody], error) {
			rows, err := s.desk.Answered(ctx, person(ctx), in.Collection)
			list := []ApprovedAnswer{}
			for _, a := range rows {
				list = append(list, viewApproved(a))
			}
			return &output[answersBody]{answersBody{list}}, err
		})
	write := operation(http.MethodPost, "/api/v1/answers", "writeAnswer", "Write an answer: it is found and cited from then on")
	write.DefaultStatus = http.StatusCreated
	huma.Register(api, write, func(ctx context.Context, in *newAnswerInput) (*output[ApprovedAnswer], error) {
		a, err := s.desk.Answer(ctx, person(ctx), in.Body.Collection, in.Body.draft())
		return &output[ApprovedAnswer]{viewApproved(a)}, err
	})
	huma.Register(api, operation(http.MethodPatch, "/api/v1/answers/{id}", "changeAnswer", "Write an approved answer anew"),
		func(ctx context.Context, in *answerInput) (*output[ApprovedAnswer], error) {
			a, err := s.desk.ChangeAnswer(ctx, person(ctx), in.ID, in.Body.draft())
			return &output[ApprovedAnswer]{viewApproved(a)}, err
		})
	huma.Register(api, operation(http.MethodDelete, "/api/v1/answers/{id}", "deleteAnswer", "Delete an approved answer; the questions that it answered are open again"),
		func(ctx context.Context, in *IDPath) (*struct{}, error) {
			return nil, s.desk.RemoveAnswer(ctx, person(ctx), in.ID)
		})
}

func (s *Server) registerGoldenAnswers(api huma.API) {
	const path = "/api/v1/collections/{id}/golden"
	huma.Register(api, operation(http.MethodGet, path, "getGoldenAnswers", "The questions of a collection whose answers must stay"),
		func(ctx context.Context, in *IDPath) (*output[desk.GoldenSet], error) {
			g, err := s.desk.Golden(ctx, person(ctx), in.ID)
			return &output[desk.GoldenSet]{g}, err
		})
	huma.Register(api, operation(http.MethodPut, path, "setGoldenAnswers", "Choose a collection's golden questions"),
		func(ctx context.Context, in *goldenQuestions) (*output[desk.GoldenSet], error) {
			if in.Body.Questions == nil {
				in.Body.Questions = []desk.GoldenQuestion{}
			}
			g, err := s.desk.SetGolden(ctx, person(ctx), in.ID, in.Body.Questions)
			return &output[desk.GoldenSet]{g}, err
		})
	huma.Register(api, operation(http.MethodDelete, path, "resetGoldenAnswers", "Go back to the shipped questions, of the sample handbook, or none"),
		func(ctx context.Context, in *IDPath) (*output[desk.GoldenSet], error) {
			g, err := s.desk.SetGolden(ctx, person(ctx), in.ID, nil)
			return &output[desk.GoldenSet]{g}, err
		})
	huma.Register(api, operation(http.MethodPatch, path, "changeGoldenAnswers", "Say whether the model that answers is asked the golden questions too"),
		func(ctx context.Context, in *goldenChange) (*output[desk.GoldenSet], error) {
			g, err := s.desk.SetWrites(ctx, person(ctx), in.ID, in.Body.Writes)
			return &output[desk.GoldenSet]{g}, err
		})
	run := operation(http.MethodPost, path+"/run", "runGoldenAnswers", "Ask the golden questions now; golden.changed tells how it goes")
	run.DefaultStatus = http.StatusAccepted
	huma.Register(api, run, func(ctx context.Context, in *IDPath) (*struct{}, error) {
		return nil, s.desk.StartGolden(ctx, person(ctx), in.ID)
	})
	huma.Register(api, operation(http.MethodGet, path+"/runs", "getGoldenRuns", "How the golden questions went"),
		func(ctx context.Context, in *IDPath) (*output[goldenRuns], error) {
			runs, running, err := s.desk.Runs(ctx, person(ctx), in.ID)
			return &output[goldenRuns]{goldenRuns{runs, running}}, err
		})
}

func viewApproved(a storage.Approved) ApprovedAnswer {
	return ApprovedAnswer{ID: a.ID, Collection: a.Collection, DocumentID: a.DocumentID, Question: a.Question, Answer: a.Answer, Effective: a.Effective,
		Expires: a.Expires, By: a.By, Outdated: a.Outdated, Sources: a.Sources, CreatedAt: stamp(a.CreatedAt), UpdatedAt: stamp(a.UpdatedAt)}
}
