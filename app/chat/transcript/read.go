package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"alcove/app"
	"alcove/storage"
)

// Bounds of what is read back.
const (
	maxConversations = 10_000
	maxMessages      = 20_000 // of a conversation
	maxText          = 4 << 20
	maxSources       = 200
	maxChecks        = 2000
	maxElements      = 400_000 // objects and elements of arrays in one file: "{}," is 3 bytes, as a message 160 and more
)

// Read reads conversations that were exported: one JSON object, or several after
// another (JSONL). All ids are new, by newID. What only this box may say is left
// out: figures of speed, ratings, what HR's desk has. Errors are *app.Error; with
// one, nothing was read.
func Read(raw []byte, newID func() string, now time.Time) ([]storage.Imported, error) {
	var out []storage.Imported
	if elements(raw) > maxElements {
		return nil, refused("It has more than %d parts. Split it.", maxElements)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		var f File
		err := d.Decode(&f)
		switch {
		case errors.Is(err, io.EOF) && len(out) > 0:
			return out, nil
		case errors.Is(err, io.EOF):
			return nil, refused("It is empty.")
		case err != nil:
			return nil, &app.Error{Code: app.CodeImportInvalid, Err: err, Message: "This is not a file of conversations as Alcove exports them (JSON or JSONL). Nothing was imported."}
		case len(out) == maxConversations:
			return nil, refused("It has more than %d conversations. Split it.", maxConversations)
		}
		one, err := f.imported(newID, now)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
}

// elements counts the objects and the elements of arrays in a JSON text, before
// any of them takes memory.
func elements(raw []byte) (n int) {
	var in []byte // brackets that are open
	quoted := false
	for i := 0; i < len(raw); i++ {
		switch b := raw[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			n++
			in = append(in, b)
		case (b == '}' || b == ']') && len(in) > 0:
			in = in[:len(in)-1]
		case b == ',' && len(in) > 0 && in[len(in)-1] == '[':
			n++
		}
	}
	return n
}

func refused(format string, args ...any) error {
	return &app.Error{Code: app.CodeImportInvalid, Message: "This file cannot be imported. " + fmt.Sprintf(format, args...) + " Nothing was imported."}
}

func (f File) imported(newID func() string, now time.Time) (storage.Imported, error) {
	var out storage.Imported
	switch {
	case f.Format != Format:
		return out, refused("It is not a conversation that Alcove exported: its format is not %q.", Format)
	case f.Version < 1 || f.Version > Version:
		return out, refused("It was made by a newer Alcove (version %d of the format, this one reads %d). Update Alcove.", f.Version, Version)
	case len(f.Messages) > maxMessages:
		return out, refused("A conversation has more than %d messages.", maxMessages)
	case !sound(f.Conversation.Title, 200):
		return out, refused("A title is not text, or longer than 200 characters.")
	}
	begun, err := when(f.Conversation.CreatedAt, now)
	if err != nil {
		return out, err
	}
	changed, err := when(f.Conversation.UpdatedAt, now)
	if err != nil {
		return out, err
	}
	out.Conversation = storage.Conversation{ID: newID(), Title: strings.TrimSpace(f.Conversation.Title), Collection: f.Conversation.Collection, CreatedAt: begun, UpdatedAt: changed}
	known := map[string]storage.Message{} // by the file's id
	answered := map[string]bool{}
	for _, m := range f.Messages {
		v, err := m.imported(known, now)
		if err != nil {
			return out, err
		}
		v.ID, v.ConversationID, v.TurnID = newID(), out.Conversation.ID, newID()
		if m.ParentID != nil {
			parent := known[*m.ParentID]
			v.ParentID = parent.ID
			// A question and its first answer are one turn.
			if v.Role == storage.RoleAssistant && !answered[parent.ID] {
				v.TurnID, answered[parent.ID] = parent.TurnID, true
			}
		}
		known[m.ID] = v
		out.Messages = append(out.Messages, v)
	}
	return out, nil
}

// imported checks a message. known are those before it.
func (m Message) imported(known map[string]storage.Message, now time.Time) (out storage.Message, err error) {
	_, twice := known[m.ID]
	parent, follows := storage.Message{}, false
	if m.ParentID != nil {
		parent, follows = known[*m.ParentID]
	}
	out = storage.Message{Role: storage.Role(m.Role), Status: storage.Status(m.Status), Text: m.Text}
	switch {
	case m.ID == "" || twice:
		return out, refused("A message has no id, or one that another has.")
	case out.Role != storage.RoleUser && out.Role != storage.RoleAssistant:
		return out, refused("The role of a message is neither user nor assistant.")
	case m.ParentID != nil && !follows:
		return out, refused("A message follows one that does not stand before it.")
	case m.ParentID == nil && out.Role == storage.RoleAssistant, follows && parent.Role == out.Role:
		return out, refused("A question must follow an answer, and an answer a question.")
	case len(m.Text) > maxText || !utf8.ValidString(m.Text):
		return out, refused("A message is longer than 4 MiB, or not text.")
	case out.Role == storage.RoleUser && (strings.TrimSpace(m.Text) == "" || out.Status != storage.StatusDone):
		return out, refused("A question is empty, or its status is not done.")
	}
	switch out.Status {
	case storage.StatusWriting:
		out.Status = storage.StatusInterrupted // nobody goes on writing it
	case storage.StatusDone, storage.StatusStopped, storage.StatusInterrupted:
	case storage.StatusFailed:
		out.Error = &storage.MessageError{}
		if m.Error != nil && sound(m.Error.Code, 100) && sound(m.Error.Message, 2000) {
			*out.Error = storage.MessageError(*m.Error)
		}
	default:
		return out, refused("The status of a message is none that there is.")
	}
	if out.CreatedAt, err = when(m.CreatedAt, now); err != nil || out.Role == storage.RoleUser {
		return out, err
	}
	return out, m.importSources(&out)
}

func (m Message) importSources(out *storage.Message) error {
	if m.Grounding == nil {
		if len(m.Sources) > 0 {
			return refused("An answer has sources, and no grounding.")
		}
		return nil
	}
	if err := checkGrounding(*m.Grounding); err != nil {
		return err
	}
	g := *m.Grounding
	g.Inbox, g.Approved = "", nil // HR's desk is not asked again, and a file does not speak for it
	out.Grounding = &g
	numbers := map[int]bool{}
	for _, s := range m.Sources {
		if s.N < 1 || s.N > maxSources || numbers[s.N] || !share(s.Score) || s.Page < 0 || s.PageEnd < 0 {
			return refused("A source has a number, a page or a score that cannot be.")
		}
		for _, text := range []string{s.Quote, s.Text} {
			if !sound(text, 1<<20) {
				return refused("A source is not text.")
			}
		}
		for _, text := range []string{s.ChunkID, s.DocumentID, s.Document, s.Title, s.Collection, s.Heading, s.Version, s.Effective, s.SupersededBy} {
			if !sound(text, 4096) {
				return refused("A source is not text, or has a name that is too long.")
			}
		}
		numbers[s.N] = true
		if s.DocumentID == "" { // nothing would ever take its text away
			s.Quote, s.Text, s.Removed = "", "", true
		}
		s.Approved = false // only the box says so
		out.Sources = append(out.Sources, s.Source)
	}
	return nil
}

func checkGrounding(g storage.Grounding) error {
	switch {
	case g.Decision != "answered" && g.Decision != "refused":
		return refused("An answer is neither answered nor refused by documents.")
	case !share(g.Score) || !share(g.Threshold) || g.TookMS < 0 || len(g.Checks) > maxChecks:
		return refused("The grounding of an answer has a figure that cannot be.")
	case !sound(g.Collection, 64) || !sound(g.Query, 1<<20) || !sound(g.AsOf, 10):
		return refused("The grounding of an answer is not text.")
	}
	if a := g.Approved; a != nil && (!sound(a.ID, 64) || !sound(a.By, 100) || !sound(a.On, 10)) {
		return refused("The approved answer that is named is not text.")
	}
	for _, c := range g.Checks {
		if c.Start < 0 || c.End < c.Start || c.End > 2*maxText || len(c.Sources) > maxSources || !sound(c.Note, 2000) || !sound(c.Status, 20) {
			return refused("A check of an answer has a place that cannot be.")
		}
	}
	return nil
}

// share says whether a number is a score. A sum of shares may be a hair above 1.
func share(v float64) bool { return v >= 0 && v <= 1+1e-9 && !math.IsNaN(v) }

// sound says whether a text may be stored.
func sound(text string, most int) bool {
	return len(text) <= 4*most && utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsRune(text, 0)
}

// when reads a time; one that is not there, or to come, is now.
func when(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.Year() < 1970 {
		return now, refused("A time is not one as 2026-01-31T12:00:00Z.")
	}
	if t.After(now) {
		return now, nil
	}
	return t, nil
}
