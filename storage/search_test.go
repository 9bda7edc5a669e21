package storage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// searched is one message per row, in a conversation of its own.
var searched = []string{
	"The multi-agent system doesn't stop",
	"Version 20.04 of the NEAR(est) café",
	`He said "title:secret" OR nothing`,
	"Überstunden und Straße",
	"nul\x00byte",
	"x* AND y - z ^ {a b} : c",
}

func TestSearch_IsLiteral(t *testing.T) {
	db, _ := openNew(t)
	ids := map[string]int{}
	for i, text := range searched {
		c, _, err := db.CreateConversation(t.Context(), Conversation{Title: fmt.Sprintf("conversation%d", i)})
		if err != nil {
			t.Fatal(err)
		}
		turn := ask(t, db, c.ID, "", "ok")
		ids[answer(t, db, turn, text).ID] = i
	}
	for _, row := range []struct {
		text string
		want []int // rows of searched
	}{
		{"multi-agent", []int{0}},
		{"agent multi", []int{0}},
		{"doesn't", []int{0}},
		{"20.04", []int{1}},
		{"NEAR(", []int{1}},
		{"NEAR(est café)", []int{1}},
		{"CAFE", []int{1}},
		{"title:secret", []int{2}},
		{"text:café", nil},
		{"stop OR café", nil}, // three words, none has them all
		{"stop NOT café", nil},
		{`"title:secret" or`, []int{2}},
		{`said "`, []int{2}},
		{"uberst", []int{3}},
		{"ÜBERSTUNDEN straße", []int{3}},
		{"berstunden", nil},
		{"nul\x00byte", []int{4}},
		{"x* y", []int{5}},
		{"st*", []int{0, 3}}, // a beginning anyway
		{"-stop", []int{0}},
		{"^the", []int{0, 1}},
		{"{a b}", []int{5}},
		{"\U0001e922 multi", nil}, // a letter that the tokenizer does not know
		{"*", nil}, {"", nil}, {" \n", nil}, {`"`, nil}, {`""`, nil}, {"()", nil}, {"\x00", nil}, {"\xff\xfe", nil},
		{"stop \xff", []int{0}},
		{"'; DROP TABLE messages; --", nil},
		{"multi-agent " + strings.Repeat("stop ", 1<<18), []int{0}}, // more than 1 MB
		{strings.Repeat("a", 1<<20), nil},
		{strings.Repeat("é\"", 1<<19), nil},
	} {
		hits, err := db.Search(t.Context(), row.text, 100)
		if err != nil {
			t.Errorf("search %.40q: %v", row.text, err)
			continue
		}
		found := map[int]bool{}
		for _, h := range hits {
			if i, ok := ids[h.MessageID]; ok {
				found[i] = true
			}
		}
		same := len(found) == len(row.want)
		for _, i := range row.want {
			same = same && found[i]
		}
		if !same {
			t.Errorf("search %.40q found %v, want %v", row.text, found, row.want)
		}
	}
}

func TestSearch_NeverFails(t *testing.T) {
	db, _ := openNew(t)
	answer(t, db, ask(t, db, newConversation(t, db), "", "question"), "answer")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{`"`, `""`, "*", "NEAR(", ")", "col:", "AND", " OR ", "NOT", "-", "+", "^", "{", "}", ":", "a", "é", " ", "\x00", "\n", "'", ";", "\xff", "\U0001f642", "\U0001e922", "%", "_", "\\", "question"}
	for range 5000 / soakDivisor() {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		if _, err := db.Search(t.Context(), b.String(), 10); err != nil {
			t.Fatalf("search %q: %v", b.String(), err)
		}
	}
}

func TestSearch_TitlesFirstAndMarked(t *testing.T) {
	db, _ := openNew(t)
	id := newConversation(t, db)
	turn := ask(t, db, id, "", "How much leave do I get?")
	a := answer(t, db, turn, strings.Repeat("Some words before. ", 40)+"You get thirty days of leave a year. "+strings.Repeat("And words after. ", 40))
	if _, err := db.RenameConversation(t.Context(), id, "Leave and pay"); err != nil {
		t.Fatal(err)
	}
	hits, err := db.Search(t.Context(), "leave", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(hits) != 3 || hits[0].MessageID != "" || hits[0].Snippet != "\x01Leave\x02 and pay" {
		t.Fatalf("hits = %+v", hits)
	}
	seen := map[string]string{}
	for _, h := range hits[1:] {
		seen[h.MessageID] = h.Snippet
		if h.Conversation.ID != id || h.Conversation.Title != "Leave and pay" {
			t.Errorf("hit = %+v", h)
		}
	}
	if s := seen[turn.Question.ID]; s != "How much \x01leave\x02 do I get?" {
		t.Errorf("snippet = %q", s)
	}
	if s := seen[a.ID]; !strings.Contains(s, "thirty days of \x01leave\x02 a year") || len(s) > 300 {
		t.Errorf("snippet = %q", s)
	}
	if hits, err := db.Search(t.Context(), "how much", 10); err != nil || len(hits) != 1 {
		t.Errorf("the old title is found still: %+v, %v", hits, err)
	}
	if hits, err := db.Search(t.Context(), "leave", 2); err != nil || len(hits) != 2 {
		t.Errorf("limit: %d hits, %v", len(hits), err)
	}
}

// soakDivisor is what counts of the soak are divided by in every other run.
func soakDivisor() int {
	if soaking() {
		return 1
	}
	return 20
}
