package server

import (
	"net/http"
	"strings"
	"testing"

	"alcove/storage"
)

// A question that was refused comes into the inbox, HR answers it, and the
// answer is a document that is found.
func TestDesk(t *testing.T) {
	b := newBox(t)
	b.sendFile("hr", "first.txt", "The first file.")
	first := b.ask(b.conversation(), "May I bring my dog?")
	b.ended(first.Answer.ID)
	if err := b.store.Rate(t.Context(), first.Answer.ID, false, ""); err != nil {
		t.Fatal(err)
	}
	var inbox inboxBody
	b.want(200, "GET", "/api/v1/inbox?collection=hr", nil, &inbox)
	if len(inbox.Items) != 0 {
		t.Errorf("an answer that is not from documents is in the inbox: %+v", inbox)
	}
	var kept Message
	b.want(http.StatusNoContent, "POST", "/api/v1/messages/"+first.Answer.ID+"/rating", `{"rating":"up"}`, nil)
	if b.want(200, "GET", "/api/v1/messages/"+first.Answer.ID, nil, &kept); kept.Rating != "up" {
		t.Errorf("a rating is not in its message: %q", kept.Rating)
	}
	var a ApprovedAnswer
	b.want(http.StatusCreated, "POST", "/api/v1/answers", `{"collection":"hr","question":"May I bring my dog?","answer":"Yes, on Fridays."}`, &a)
	b.document(a.DocumentID, "ready")
	type passages struct {
		Passages []storage.Source `json:"passages"`
	}
	var found, left passages
	b.want(200, "GET", "/api/v1/search?collection=hr&q=dog", nil, &found)
	if len(found.Passages) != 1 || !found.Passages[0].Approved || !strings.Contains(found.Passages[0].Text, "Fridays") {
		t.Errorf("found: %+v", found)
	}
	b.want(http.StatusOK, "PUT", "/api/v1/collections/hr/golden", `{"questions":[{"id":"a","question":"May I bring my dog?","expect":"answered","sentence":"Yes, on Fridays."}]}`, nil)
	b.want(http.StatusAccepted, "POST", "/api/v1/collections/hr/golden/run", `{}`, nil)
	var runs goldenRuns
	wait(t, "the golden run's end", func() bool {
		runs = goldenRuns{} // what is absent stays as it was
		b.want(200, "GET", "/api/v1/collections/hr/golden/runs", nil, &runs)
		return len(runs.Runs) == 1 && runs.Running == nil
	})
	if r := runs.Runs[0]; r.Total != 1 || r.Reason != "manual" && r.Reason != "documents" || r.Results[0].Rank != 1 {
		t.Errorf("run: %+v", r)
	}
	same := `{"question":"May I bring my dog?","answer":"Yes, on Fridays.","effective":"2999-01-01"}`
	b.want(200, "PATCH", "/api/v1/answers/"+a.ID, same, nil)
	b.want(200, "GET", "/api/v1/search?collection=hr&q=dog", nil, &left)
	if len(left.Passages) != 0 {
		t.Errorf("an answer that does not hold yet is found: %+v", left)
	}
	b.want(http.StatusNoContent, "DELETE", "/api/v1/answers/"+a.ID, nil, nil)
	b.want(200, "GET", "/api/v1/search?collection=hr&q=dog", nil, &left)
	if len(left.Passages) != 0 {
		t.Errorf("a deleted answer is found: %+v", left)
	}
	for _, path := range []string{"/api/v1/inbox?collection=no", "/api/v1/gaps?collection=no", "/api/v1/answers?collection=no", "/api/v1/collections/no/golden", "/api/v1/collections/no/golden/runs"} {
		if a := b.do("GET", path, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}
