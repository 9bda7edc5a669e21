package server

import (
	"encoding/json"
	"net/http"

	"alcove/app"
	"alcove/engine"
)

// v1Error is OpenAI's error object.
type v1Error struct {
	Error v1ErrorBody `json:"error"`
}

type v1ErrorBody struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    string  `json:"code"`
}

func openAIError(err error) v1Error {
	code, row, message := app.Describe(err)
	b := v1ErrorBody{Message: message, Type: row.Type, Code: string(code)}
	if p := paramOf(err); p != "" {
		b.Param = &p
	}
	return v1Error{b}
}

func openAIStatus(err error) int {
	_, row, _ := app.Describe(err)
	return row.Status
}

type v1Model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

type v1Models struct {
	Object string    `json:"object"`
	Data   []v1Model `json:"data"`
}

// registerV1 adds the OpenAI-compatible routes. They are plain handlers: the
// shapes, errors and leniency are OpenAI's.
func (s *Server) registerV1(r *router) {
	r.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		list := v1Models{Object: "list", Data: []v1Model{}}
		for _, m := range s.engine.Models() {
			if usable(m) {
				list.Data = append(list.Data, s.v1Model(m))
			}
		}
		writeJSON(w, http.StatusOK, "application/json", list)
	})
	r.HandleFunc("GET /v1/models/{id}", func(w http.ResponseWriter, req *http.Request) {
		m, err := s.findModel(req.PathValue("id"))
		if err != nil || !usable(m) {
			writeError(w, req, kindV1, &app.Error{Code: engine.CodeModelNotFound, Param: "model"})
			return
		}
		writeJSON(w, http.StatusOK, "application/json", s.v1Model(m))
	})
	r.HandleFunc("POST /v1/chat/completions", s.completions)
	r.HandleFunc("POST /v1/embeddings", s.embeddings)
}

func (s *Server) v1Model(m engine.Model) v1Model {
	return v1Model{ID: m.ID, Object: "model", Created: s.began.Unix(), OwnedBy: "alcove"}
}

func usable(m engine.Model) bool {
	return m.State.Usable() && m.State != engine.ModelSetAside
}

// The answer of /v1/chat/completions. Pointers without omitempty are fields
// that OpenAI sends as null.
type (
	v1Completion struct {
		ID      string     `json:"id"`
		Object  string     `json:"object"`
		Created int64      `json:"created"`
		Model   string     `json:"model"`
		Choices []v1Choice `json:"choices"`
		Usage   *v1Usage   `json:"usage"`
		v1Documents
	}
	v1Choice struct {
		Index        int       `json:"index"`
		Message      v1Message `json:"message"`
		Logprobs     *struct{} `json:"logprobs"`
		FinishReason string    `json:"finish_reason"`
	}
	v1Message struct {
		Role    string  `json:"role"`
		Content string  `json:"content"`
		Refusal *string `json:"refusal"`
	}
	v1Chunk struct {
		ID      string          `json:"id"`
		Object  string          `json:"object"`
		Created int64           `json:"created"`
		Model   string          `json:"model"`
		Choices []v1Delta       `json:"choices"`
		Usage   json.RawMessage `json:"usage,omitempty"` // null in all chunks but the last, when asked for
		v1Documents
	}
	v1Delta struct {
		Index        int       `json:"index"`
		Delta        v1Part    `json:"delta"`
		Logprobs     *struct{} `json:"logprobs"`
		FinishReason *string   `json:"finish_reason"`
	}
	v1Part struct {
		Role    string  `json:"role,omitempty"`
		Content *string `json:"content,omitempty"`
	}
	v1Usage struct {
		PromptTokens     int             `json:"prompt_tokens"`
		CompletionTokens int             `json:"completion_tokens"`
		TotalTokens      int             `json:"total_tokens"`
		PromptDetails    v1PromptDetails `json:"prompt_tokens_details"`
	}
	v1PromptDetails struct {
		CachedTokens int `json:"cached_tokens"`
	}
)

func v1UsageOf(u engine.Usage) *v1Usage {
	return &v1Usage{
		PromptTokens: u.PromptTokens, CompletionTokens: u.OutputTokens, TotalTokens: u.PromptTokens + u.OutputTokens,
		PromptDetails: v1PromptDetails{u.CachedTokens},
	}
}

// finishReason is stop or length, OpenAI's words for a whole answer.
func finishReason(f engine.FinishReason) string {
	if f == engine.FinishLength {
		return "length"
	}
	return "stop"
}
