package chat

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"time"

	"alcove/engine"
	"alcove/storage"
)

func rawSettings(m map[string]string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for k, v := range m {
		out[k] = json.RawMessage(v)
	}
	return out
}

func user(text string, day int) storage.Message {
	return storage.Message{ConversationID: "c", Role: storage.RoleUser, Text: text, CreatedAt: time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC)}
}

func assistant(text string) storage.Message {
	return storage.Message{ConversationID: "c", Role: storage.RoleAssistant, Text: text}
}

func TestBuildPromptEndsQuestionsWithTheirDate(t *testing.T) {
	got := buildPrompt([]storage.Message{
		user("What is the capital of France?", 25), assistant("Paris."), user("And of Italy?", 26),
	}, "", time.UTC)
	want := []struct {
		role engine.Role
		text string
	}{
		{engine.RoleSystem, languages[0].prompt()},
		{engine.RoleUser, "What is the capital of France?\n\n(Asked on Wednesday, 25 November 2026.)"},
		{engine.RoleAssistant, "Paris."},
		{engine.RoleUser, "And of Italy?\n\n(Asked on Thursday, 26 November 2026.)"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d messages, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if got[i].Role != w.role || got[i].Text() != w.text {
			t.Errorf("message %d is %s %q, want %s %q", i, got[i].Role, got[i].Text(), w.role, w.text)
		}
	}
	if got[0].Segments[0].Share != shareAll {
		t.Errorf("the system prompt is shared by %q", got[0].Segments[0].Share)
	}
	for _, m := range got[1:] {
		for _, s := range m.Segments {
			if s.Share != "conversation:c" {
				t.Errorf("%q is shared by %q", s.Text, s.Share)
			}
		}
	}
}

// What was computed for a prompt must be good for the next question, on any
// later day.
func TestBuildPromptKeepsItsPrefix(t *testing.T) {
	path := []storage.Message{user("one", 25), assistant("1"), user("two", 25), assistant("2"), user("three", 30)}
	var before []engine.Message
	for n := 1; n <= len(path); n += 2 {
		now := buildPrompt(path[:n], "", time.UTC)
		for i, m := range before {
			if now[i].Role != m.Role || now[i].Text() != m.Text() || len(now[i].Segments) != len(m.Segments) {
				t.Errorf("question %d changed message %d from %q to %q", n, i, m.Text(), now[i].Text())
			}
		}
		before = now
	}
}

func TestBuildPromptAlternates(t *testing.T) {
	got := buildPrompt([]storage.Message{user("one", 25), assistant(""), user("two", 25)}, "", time.UTC)
	if len(got) != 2 || got[1].Role != engine.RoleUser {
		t.Fatalf("a question without an answer: %+v", got)
	}
	for _, part := range []string{"one", "\n\ntwo", "November 2026"} {
		if !strings.Contains(got[1].Text(), part) {
			t.Errorf("%q is not in %q", part, got[1].Text())
		}
	}
}

func TestEachLanguageHasPromptAndDate(t *testing.T) {
	files, err := fs.Glob(promptFiles, "prompts/*.md")
	if err != nil || len(files) != len(languages) {
		t.Errorf("%d prompt files (%v), %d languages", len(files), err, len(languages))
	}
	for _, l := range languages {
		if len(strings.Fields(l.weekdays)) != 7 || len(strings.Fields(l.months)) != 12 {
			t.Errorf("%s: weekdays or months are not complete", l.code)
		}
		if !strings.Contains(l.prompt(), "Alcove") {
			t.Errorf("%s: prompt %q", l.code, l.prompt())
		}
		date := l.date(time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC))
		if !strings.HasPrefix(date, "(") || !strings.Contains(date, "8") || !strings.HasSuffix(date, "2026.)") || strings.Contains(date, "%!") {
			t.Errorf("%s: date %q", l.code, date)
		}
	}
}

func TestDetect(t *testing.T) {
	for text, want := range map[string]string{
		"What is the capital of France?":             "en",
		"Was ist die Hauptstadt von Frankreich?":     "de",
		"Quelle est la capitale de la France ?":      "fr",
		"¿Cuál es la capital de Francia?":            "es",
		"Qual è la capitale della Francia?":          "it",
		"Qual é a capital da França e do Brasil?":    "pt",
		"Wat is de hoofdstad van het land Frankrijk": "nl",
		"42": "en",
		"":   "en",
		"Wie viele Urlaubstage habe ich im Jahr?":  "de",
		"How many vacation days do I have?":        "en",
		"Combien de jours de congé ai-je par an ?": "fr",
	} {
		if got := detect(text).code; got != want {
			t.Errorf("detect(%q) = %s, want %s", text, got, want)
		}
	}
}

// The prompt that a person set has a label of its own, that goes with it.
func TestOwnSystemPromptHasItsLabel(t *testing.T) {
	own := buildPrompt([]storage.Message{user("Hi", 25)}, "You work for Ann.", time.UTC)[0].Segments[0].Share
	other := buildPrompt([]storage.Message{user("Hi", 25)}, "You work for Bob.", time.UTC)[0].Segments[0].Share
	if own == shareAll || own == other || own != ShareOfSystem("You work for Ann.") || strings.Contains(own, "Ann") || ShareOfSystem(" \n") != "" {
		t.Errorf("%q and %q", own, other)
	}
}

// A model's preset stands before what holds for all, a question before both.
func TestPreset(t *testing.T) {
	one, half, most := 1.0, 0.5, 100
	all := settings{system: "For all.", sampling: engine.Sampling{Temperature: 0.2, TopK: 40, MaxTokens: 2048}}
	got := all.under(Preset{System: "For this model.", Sampling: Sampling{Temperature: &half, MaxTokens: &most}})
	if got.system != "For this model." || got.sampling.Temperature != 0.5 || got.sampling.MaxTokens != 100 || got.sampling.TopK != 40 {
		t.Errorf("%+v", got)
	}
	if s := (Sampling{Temperature: &one}).Over(got.sampling); s.Temperature != 1 || s.MaxTokens != 100 {
		t.Errorf("%+v", s)
	}
	if got := all.under(Preset{System: " \n"}); got.system != "For all." || got.sampling.Temperature != 0.2 {
		t.Errorf("an empty preset: %+v", got)
	}
}
