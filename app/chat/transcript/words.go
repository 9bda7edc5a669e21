package transcript

import (
	"fmt"
	"strings"
	"time"
)

// What is said about messages and sources, the same in Markdown and on the page.

const (
	notFound    = "not found in source"
	removedText = "This source was removed. Its quote is not kept."
	superseded  = "superseded: a newer version holds"
)

// shownTime is a time for people.
func shownTime(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return ""
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

// shownDay writes 2026-01-01 as people do; what is no day stays as it is.
func shownDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2 January 2006")
}

// name is what a source is called.
func (s Source) name() string {
	switch {
	case s.Title != "":
		return s.Title
	case s.Document != "":
		return s.Document
	}
	return "a document"
}

// facts are file, place, version, day and collection of a source.
func (s Source) facts() []string {
	var out []string
	add := func(ok bool, format string, args ...any) {
		if ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(s.Title != "" && s.Document != "" && s.Title != s.Document, "%s", s.Document)
	unit := s.Unit
	if unit == "" {
		unit = "page"
	}
	add(s.Page > 0 && s.PageEnd <= s.Page, "%s %d", unit, s.Page)
	add(s.Page > 0 && s.PageEnd > s.Page, "%ss %d–%d", unit, s.Page, s.PageEnd)
	add(s.Heading != "", "“%s”", oneLine(s.Heading))
	add(s.Version != "", "version %s", s.Version)
	add(s.Effective != "", "in force from %s", shownDay(s.Effective))
	collection := s.CollectionTitle
	if collection == "" {
		collection = s.Collection
	}
	add(collection != "", "collection %s", collection)
	return out
}

// marks are what is to be known of a source besides.
func (s Source) marks() []string {
	var out []string
	if s.Approved {
		out = append(out, "an answer approved by HR")
	}
	if s.SupersededBy != "" && !s.Removed {
		out = append(out, superseded)
	}
	return out
}

// quote is the sentence that proves it on one line, "" where it was removed.
func (s Source) quote() string {
	text := s.Quote
	if text == "" {
		text = s.Text
	}
	return oneLine(text)
}

// proof are the sources that an answer names, with their quotes; others are those
// beside them, without. Where it names none, the best one keeps its quote, as the
// page shows it above the answer.
func (m Message) proof() (named, others []Source) {
	best := 0
	for i, s := range m.Sources {
		if s.Cited {
			named = append(named, s)
		}
		if s.Score > m.Sources[best].Score {
			best = i
		}
	}
	for i, s := range m.Sources {
		if s.Cited {
			continue
		}
		if len(named) > 0 || i != best || m.refused() {
			s.Quote, s.Text = "", ""
		}
		others = append(others, s)
	}
	return named, others
}

func (m Message) refused() bool { return m.Grounding != nil && m.Grounding.Decision == "refused" }

// approved says that the text is HR's own.
func (m Message) approved() string {
	if m.Grounding == nil || m.Grounding.Approved == nil || !m.Grounding.Approved.Given {
		return ""
	}
	by, on := m.Grounding.Approved.By, shownDay(m.Grounding.Approved.On)
	if by == "" {
		by = "HR"
	}
	return strings.TrimSpace("answer approved by " + oneLine(by) + " " + on)
}

// ending says how an answer ended when it did not end by itself.
func (m Message) ending() string {
	switch m.Status {
	case "writing":
		return "This answer was still being written when it was exported."
	case "stopped":
		return "This answer was stopped."
	case "interrupted":
		return "This answer was interrupted: Alcove ended while it was written."
	case "failed":
		if m.Error != nil && m.Error.Message != "" {
			return m.Error.Message
		}
		return "This answer failed."
	}
	return ""
}

// about says who wrote an answer, when, and what else could stand here.
func (s step) about() string {
	parts := []string{shownTime(s.CreatedAt)}
	if s.Model != "" {
		parts = append(parts, s.Model)
	}
	if g := s.Grounding; g != nil && g.AsOf != "" {
		parts = append(parts, "documents as of "+shownDay(g.AsOf))
	}
	if a := s.approved(); a != "" {
		parts = append(parts, a)
	}
	if s.of > 1 {
		parts = append(parts, fmt.Sprintf("version %d of %d", s.nth, s.of))
	}
	return strings.Join(parts, " · ")
}

// about says of a conversation when it was, and of which documents.
func (f File) about() string {
	parts := []string{"Begun " + shownTime(f.Conversation.CreatedAt)}
	if c := f.Conversation; c.Collection != "" {
		title := c.CollectionTitle
		if title == "" {
			title = c.Collection
		}
		parts = append(parts, "documents: "+title)
	}
	return strings.Join(append(parts, "exported from Alcove "+shownTime(f.ExportedAt)), " · ")
}

func (f File) title() string {
	if t := oneLine(f.Conversation.Title); t != "" {
		return t
	}
	return "Untitled"
}

// oneLine joins the lines of a text, without what nobody sees.
func oneLine(text string) string { return strings.Join(strings.Fields(visible(text)), " ") }
