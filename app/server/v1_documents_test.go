package server

import (
	"context"
	"strings"
	"testing"

	"alcove/app"
	docs "alcove/app/documents/answer"
	"alcove/app/documents/index"
	"alcove/engine"
	"alcove/storage"
)

// paper is a collection "hr" for everybody and "board" for the owner, with one
// passage that answers what has "leave" in it.
type paper struct{ asked []index.Query }

func (p *paper) Search(_ context.Context, q index.Query) (index.Found, error) {
	p.asked = append(p.asked, q)
	if !strings.Contains(q.Text, "leave") {
		return index.Found{Mode: index.ModeText}, nil
	}
	return index.Found{Mode: index.ModeText, Coverage: 1, Margin: 1, Passages: []index.Passage{{
		Chunk:    storage.Chunk{ID: "c", DocumentID: "d", Page: 3, Text: "Employees receive 30 days of annual leave."},
		Document: storage.Document{ID: "d", CollectionID: "hr", Name: "leave.pdf"},
		Score:    1, Signals: index.Signals{Coverage: 1, BM25: 1},
	}}}, nil
}

func (*paper) Best(_ context.Context, _ index.Query, p index.Passage) index.Sentence {
	return index.Sentence{Text: p.Text}
}

func (*paper) Whole(context.Context, string, string, string, int) ([]index.Passage, error) {
	return nil, nil
}

func (*paper) Collection(_ context.Context, person, id string) (storage.Collection, error) {
	switch {
	case id == "hr":
		return storage.Collection{ID: id, LocalOnly: true}, nil
	case id == "board" && person == "owner":
		return storage.Collection{ID: id}, nil
	}
	return storage.Collection{}, storage.ErrNotFound
}

func (*paper) ReachApproved(context.Context, storage.Reach) ([]storage.Standing, error) {
	return []storage.Standing{{ID: "a", DocumentID: "h", Question: "How much leave do employees get per year?", Holds: true}}, nil
}

func (*paper) GiveApproved(context.Context, storage.Reach, string) (storage.Approved, []storage.FoundChunk, error) {
	return storage.Approved{ID: "a", Answer: "30 days, says HR."}, []storage.FoundChunk{{Chunk: storage.Chunk{ID: "x", DocumentID: "h", Text: "30 days, says HR."}, Document: storage.Document{ID: "h", Approved: true}}}, nil
}

func newPaperBox(t *testing.T) (*box, *paper) {
	p := &paper{}
	b := newBox(t)
	b.server.answers = docs.New(docs.Deps{Finder: p, Collections: p})
	b.engine.set(say("You receive 30 days", " of annual leave [1]", "[4]."))
	return b, p
}

func asking(question string, more map[string]any) map[string]any {
	body := map[string]any{"model": "tiny", "collection": "hr", "messages": []map[string]string{
		{"role": "system", "content": "Be polite."}, {"role": "user", "content": question},
	}}
	for k, v := range more {
		body[k] = v
	}
	return body
}

func TestV1AnswersFromDocuments(t *testing.T) {
	b, p := newPaperBox(t)
	a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("How much annual leave?", map[string]any{"as_of": "2026-01-31"}))
	var got v1Completion
	a.into(t, &got)
	if a.status != 200 || got.Choices[0].Message.Content != "You receive 30 days of annual leave [1]." {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if len(got.Sources) != 1 || !got.Sources[0].Cited || got.Sources[0].Page != 3 || got.Grounding.Decision != "answered" || len(got.Grounding.Checks) != 1 {
		t.Errorf("sources %+v, grounding %+v", got.Sources, got.Grounding)
	}
	if p.asked[0].AsOf != "2026-01-31" || !strings.HasPrefix(p.asked[0].Person, "key:") {
		t.Errorf("looked for %+v", p.asked[0])
	}
	sent := b.engine.requests[len(b.engine.requests)-1]
	system := sent.Messages[0].Text()
	if len(sent.Messages) != 2 || !strings.Contains(system, "30 days") || !strings.HasSuffix(system, "Be polite.") || !sent.LocalOnly {
		t.Errorf("prompt %+v", sent.Messages)
	}
}

// Numbers in the answers that a client sends back are of other prompts.
func TestV1ForgetsEarlierNumbers(t *testing.T) {
	b, _ := newPaperBox(t)
	talk := []map[string]string{{"role": "user", "content": "How much annual leave?"}, {"role": "assistant", "content": "30 days [2], see [1, 3]."}, {"role": "user", "content": "How much annual leave in Cork?"}}
	a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("", map[string]any{"messages": talk}))
	if sent := b.engine.last().Messages; a.status != 200 || len(sent) != 4 || sent[2].Text() != "30 days, see." {
		t.Errorf("%d, sent %+v", a.status, sent)
	}
}

func TestV1GivesApprovedAnswers(t *testing.T) {
	b, p := newPaperBox(t)
	b.server.answers = docs.New(docs.Deps{Finder: p, Collections: p, Approved: p})
	for _, stream := range []bool{false, true} {
		a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("how much leave do employees get per year", map[string]any{"stream": stream}))
		if a.status != 200 || len(b.engine.requests) != 0 || !strings.Contains(string(a.body), `30 days, says HR [1].`) || !strings.Contains(string(a.body), `"given":true`) || !strings.Contains(string(a.body), `"finish_reason":"stop"`) {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("How much leave do employees get per year?", map[string]any{"by_model": true}))
	if len(b.engine.requests) != 1 || !strings.Contains(string(a.body), `"given":false`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestV1StreamsSourcesFirst(t *testing.T) {
	b, _ := newPaperBox(t)
	a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("How much annual leave?", map[string]any{"stream": true}))
	lines := strings.Split(strings.TrimSpace(string(a.body)), "\n\n")
	if !strings.Contains(lines[0], `"leave.pdf"`) || strings.Contains(lines[0], `"checks"`) {
		t.Errorf("the first chunk: %s", lines[0])
	}
	last := lines[len(lines)-2]
	if !strings.Contains(last, `"checks"`) || !strings.Contains(last, `"cited":true`) || !strings.Contains(last, `"finish_reason":"stop"`) {
		t.Errorf("the last chunk: %s", last)
	}
	if strings.Contains(string(a.body), "[4]") {
		t.Errorf("a number without a source was sent: %s", a.body)
	}
}

func TestV1EndsAnAnswerThatRepeatsItself(t *testing.T) {
	b, _ := newPaperBox(t)
	b.engine.set(func(_ context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		for {
			if err := emit(engine.Token{Text: "Nobody knows it here. ", N: 5}); err != nil {
				return engine.Usage{Model: "tiny", Finish: engine.FinishCancelled}, err
			}
		}
	})
	for _, stream := range []bool{false, true} {
		a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("How much annual leave?", map[string]any{"stream": stream}))
		if n := strings.Count(string(a.body), "Nobody knows"); a.status != 200 || n != 2 || !strings.Contains(string(a.body), `"finish_reason":"stop"`) {
			t.Errorf("%d times: %d %s", n, a.status, a.body)
		}
	}
	sent := b.engine.requests[len(b.engine.requests)-1]
	if sent.Sampling.MaxTokens != docs.MaxTokens {
		t.Errorf("at most %d tokens", sent.Sampling.MaxTokens)
	}
	b.v1(b.key(), "POST", "/v1/chat/completions", asking("How much annual leave?", map[string]any{"max_tokens": 5}))
	if sent = b.engine.requests[len(b.engine.requests)-1]; sent.Sampling.MaxTokens != 5 {
		t.Errorf("5 were chosen, %d sent", sent.Sampling.MaxTokens)
	}
}

func TestV1RefusesWithoutAModel(t *testing.T) {
	b, _ := newPaperBox(t)
	b.engine.set(func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
		t.Error("a model was asked")
		return engine.Usage{}, nil
	})
	for _, stream := range []bool{false, true} {
		a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("What is the capital of France?", map[string]any{"stream": stream}))
		if a.status != 200 || !strings.Contains(string(a.body), "I did not find an answer") || !strings.Contains(string(a.body), `"refused"`) {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

func TestV1DoesNotTellWhatAKeyMayNotRead(t *testing.T) {
	b, _ := newPaperBox(t)
	var first string
	for i, name := range []string{"board", "nothing"} {
		a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("How much annual leave?", map[string]any{"collection": name}))
		var e v1Error
		a.into(t, &e)
		if a.status != 404 || e.Error.Code != string(app.CodeCollectionNotFound) || e.Error.Param == nil || *e.Error.Param != "collection" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if i == 0 {
			first = e.Error.Message
		} else if e.Error.Message != first {
			t.Errorf("%q and %q tell the two apart", first, e.Error.Message)
		}
	}
	if a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("How much annual leave?", map[string]any{"as_of": ""})); a.status != 200 {
		t.Errorf("no day is today: %d %s", a.status, a.body)
	}
	for field, value := range map[string]any{"as_of": "soon", "collection": 7} {
		if a := b.v1(b.key(), "POST", "/v1/chat/completions", asking("x", map[string]any{field: value})); a.status != 400 || !strings.Contains(string(a.body), `"param":"`+field) {
			t.Errorf("%s: %d %s", field, a.status, a.body)
		}
	}
}
