package transcript

import (
	"path"
	"strings"
	"time"

	"alcove/storage"
)

// Format and Version name the JSON. A reader refuses a higher version.
const (
	Format  = "alcove.conversation"
	Version = 1
)

// File is a conversation with all its branches. It is the JSON.
type File struct {
	Format       string       `json:"format"`
	Version      int          `json:"version"`
	ExportedAt   string       `json:"exported_at"` // times are RFC 3339, UTC
	Conversation Conversation `json:"conversation"`
	Messages     []Message    `json:"messages"` // the whole tree, parents before children
}

// Conversation is what is known of the whole.
type Conversation struct {
	ID              string `json:"id"`
	Title           string `json:"title"`
	Collection      string `json:"collection,omitempty"` // that its questions are asked of
	CollectionTitle string `json:"collection_title,omitempty"`
	CreatedAt       string `json:"created_at"`
	UpdatedAt       string `json:"updated_at"`
}

// Message is one node of the tree.
type Message struct {
	ID        string             `json:"id"`
	ParentID  *string            `json:"parent_id"` // null: a root
	Role      string             `json:"role"`      // "user", "assistant"
	Status    string             `json:"status"`    // as in the API
	Text      string             `json:"text"`
	CreatedAt string             `json:"created_at"`
	Model     string             `json:"model,omitempty"`
	Error     *Failure           `json:"error,omitempty"`
	Rating    string             `json:"rating,omitempty"`
	Sources   []Source           `json:"sources,omitempty"`
	Grounding *storage.Grounding `json:"grounding,omitempty"` // absent: documents were not asked
}

// Failure is why an answer failed.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Source is a passage that an answer stands on.
type Source struct {
	storage.Source
	CollectionTitle string `json:"collection_title,omitempty"`
	Unit            string `json:"unit,omitempty"` // what page counts: "page", "sheet" or "slide"
}

// Titles gives the title of a collection that the reader may read, else false:
// nothing of its documents is written then.
type Titles func(collection string) (title string, readable bool)

// New makes a File of what is stored. Of sources that were removed, or that the
// reader may not read (any more), only the number is left and the file's name
// where that was kept.
func New(c storage.Conversation, messages []storage.Message, titles Titles, now time.Time) File {
	f := File{Format: Format, Version: Version, ExportedAt: stamp(now), Messages: make([]Message, 0, len(messages)),
		Conversation: Conversation{ID: c.ID, Title: c.Title, Collection: c.Collection, CreatedAt: stamp(c.CreatedAt), UpdatedAt: stamp(c.UpdatedAt)}}
	if c.Collection != "" {
		f.Conversation.CollectionTitle, _ = titles(c.Collection)
	}
	for _, m := range messages {
		v := Message{ID: m.ID, Role: string(m.Role), Status: string(m.Status), Text: m.Text, CreatedAt: stamp(m.CreatedAt), Rating: m.Rating, Grounding: m.Grounding}
		if m.ParentID != "" {
			v.ParentID = &m.ParentID
		}
		if m.Figures != nil {
			v.Model = m.Figures.Model
		}
		if m.Error != nil {
			v.Error = &Failure{Code: m.Error.Code, Message: m.Error.Message}
		}
		for _, s := range m.Sources {
			v.Sources = append(v.Sources, sourceOf(s, titles))
		}
		f.Messages = append(f.Messages, v)
	}
	return f
}

func sourceOf(s storage.Source, titles Titles) Source {
	title, readable := titles(s.Collection)
	if !readable {
		return Source{Source: storage.Source{N: s.N, Cited: s.Cited, Score: s.Score, Removed: true}}
	}
	if s.Removed {
		s = storage.Source{N: s.N, DocumentID: s.DocumentID, Document: s.Document, Title: s.Title, Collection: s.Collection, Score: s.Score, Cited: s.Cited, Removed: true}
	}
	v := Source{Source: s, CollectionTitle: title}
	if s.Page > 0 {
		v.Unit = unitOf(s.Document)
	}
	return v
}

// unitOf says what the pages of a file are.
func unitOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".xlsx", ".xlsm", ".ods":
		return "sheet"
	case ".pptx", ".odp":
		return "slide"
	}
	return "page"
}

// step is a message of the path that is shown, with its place among those that
// could stand there.
type step struct {
	Message
	nth, of int
}

// path is one way through the tree: to leaf, and from there, as from the roots
// without a leaf, to the newest at each fork.
func (f File) path(leaf string) []step {
	children := map[string][]int{}
	parent := map[string]string{}
	for i, m := range f.Messages {
		p := ""
		if m.ParentID != nil {
			p = *m.ParentID
		}
		parent[m.ID] = p
		children[p] = append(children[p], i)
	}
	chosen := map[string]string{}
	for id, n := leaf, 0; id != "" && n <= len(f.Messages); id, n = parent[id], n+1 {
		if p, known := parent[id]; known {
			chosen[p] = id
		}
	}
	var out []step
	for at := ""; len(out) < len(f.Messages); {
		options := children[at]
		if len(options) == 0 {
			break
		}
		nth := len(options) - 1
		for i, o := range options {
			if f.Messages[o].ID == chosen[at] {
				nth = i
			}
		}
		m := f.Messages[options[nth]]
		out = append(out, step{m, nth + 1, len(options)})
		at = m.ID
	}
	return out
}

// stamp writes a time as the API does; "" for never.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// Has says whether a message is in it.
func (f File) Has(id string) bool {
	for _, m := range f.Messages {
		if m.ID == id {
			return true
		}
	}
	return false
}
