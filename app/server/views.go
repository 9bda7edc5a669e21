package server

import (
	"time"

	"alcove/app"
	"alcove/app/chat"
	"alcove/app/documents"
	"alcove/app/library"
	"alcove/app/operate/alerts"
	"alcove/app/operate/capacity"
	"alcove/engine"
	"alcove/monitor"
	"alcove/storage"
)

// Conversation is a conversation as clients see it.
type Conversation struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Collection string `json:"collection,omitempty" doc:"What its questions are asked of; absent: the model alone."`
	CreatedAt  string `json:"created_at" format:"date-time"`
	UpdatedAt  string `json:"updated_at" format:"date-time"`
}

// Message is a question or an answer as clients see it.
type Message struct {
	ID             string        `json:"id"`
	ConversationID string        `json:"conversation_id"`
	ParentID       *string       `json:"parent_id"`
	Role           string        `json:"role" enum:"user,assistant"`
	Status         string        `json:"status" enum:"writing,done,stopped,interrupted,failed"`
	Text           string        `json:"text"`
	CreatedAt      string        `json:"created_at" format:"date-time"`
	TurnID         string        `json:"turn_id,omitempty"`
	Figures        *Figures      `json:"figures,omitempty"`
	Error          *MessageError `json:"error,omitempty"`
	Seq            uint64        `json:"seq,omitempty" doc:"While writing: the event number that text includes."`

	Sources   []storage.Source   `json:"sources,omitempty" nullable:"false" doc:"The passages that it stands on, best first."`
	Grounding *storage.Grounding `json:"grounding,omitempty" doc:"Absent: documents were not asked."`
	Rating    string             `json:"rating,omitempty" enum:"up,down" doc:"What its reader thinks of it; absent: nothing was said."`
}

// Figures is what an answer cost.
type Figures struct {
	Model        string  `json:"model"`
	Device       string  `json:"device"`
	PromptTokens int     `json:"prompt_tokens"`
	CachedTokens int     `json:"cached_tokens"`
	OutputTokens int     `json:"output_tokens"`
	FirstTokenMS int64   `json:"first_token_ms"`
	TotalMS      int64   `json:"total_ms"`
	TokensPerSec float64 `json:"tokens_per_sec"`
	Finish       string  `json:"finish"`
	Restarts     int     `json:"restarts"`
}

// MessageError says why an answer failed.
type MessageError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Hit is one place where a search found its words.
type Hit struct {
	Conversation Conversation `json:"conversation"`
	MessageID    string       `json:"message_id,omitempty" doc:"Absent when the title was found."`
	Snippet      string       `json:"snippet" doc:"Hits are marked with U+0001 and U+0002."`
}

// Key is an API key without its secret.
type Key struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Prefix     string `json:"prefix"`
	CreatedAt  string `json:"created_at" format:"date-time"`
	LastUsedAt string `json:"last_used_at,omitempty" format:"date-time"`
	RevokedAt  string `json:"revoked_at,omitempty" format:"date-time"`
}

func viewConversation(c storage.Conversation) Conversation {
	return Conversation{ID: c.ID, Title: c.Title, Collection: c.Collection, CreatedAt: stamp(c.CreatedAt), UpdatedAt: stamp(c.UpdatedAt)}
}

func viewMessage(m storage.Message) Message {
	v := Message{
		ID: m.ID, ConversationID: m.ConversationID, Role: string(m.Role), Status: string(m.Status),
		Text: m.Text, CreatedAt: stamp(m.CreatedAt), TurnID: m.TurnID,
		Sources: m.Sources, Grounding: m.Grounding, Rating: m.Rating,
	}
	if m.ParentID != "" {
		v.ParentID = &m.ParentID
	}
	if m.Figures != nil {
		f := Figures(*m.Figures)
		v.Figures = &f
	}
	if m.Error != nil {
		v.Error = &MessageError{Code: m.Error.Code, Message: m.Error.Message}
	}
	return v
}

// The data of each event, for the description of the stream and for what the
// server itself publishes.
type (
	turnStarted struct {
		TurnID         string  `json:"turn_id"`
		ConversationID string  `json:"conversation_id"`
		Question       Message `json:"question"`
		Answer         Message `json:"answer"`
	}
	turnStage struct {
		TurnID         string `json:"turn_id"`
		ConversationID string `json:"conversation_id"`
		MessageID      string `json:"message_id"`
		Stage          string `json:"stage" enum:"queued,loading,prefill,decode,resuming"`
		Done           int    `json:"done,omitempty"`
		Total          int    `json:"total,omitempty"`
	}
	turnSources struct {
		TurnID         string            `json:"turn_id"`
		ConversationID string            `json:"conversation_id"`
		MessageID      string            `json:"message_id"`
		Sources        []storage.Source  `json:"sources" nullable:"false"`
		Grounding      storage.Grounding `json:"grounding"`
	}
	turnEnd struct {
		TurnID         string  `json:"turn_id"`
		ConversationID string  `json:"conversation_id"`
		Message        Message `json:"message"`
	}
	conversationChanged struct {
		Conversation Conversation `json:"conversation"`
	}
	conversationDeleted struct {
		ID string `json:"id"`
	}
	engineChanged struct {
		Status engine.Status   `json:"status"`
		Models []library.Model `json:"models" nullable:"false"`
	}
)

// eventTypes says which data each event has.
var eventTypes = []struct {
	name string
	data any
}{
	{eventHello, helloEvent{}},
	{eventReset, resetEvent{}},
	{"turn.started", turnStarted{}},
	{"turn.stage", turnStage{}},
	{chat.EventSources, turnSources{}},
	{eventDelta, delta{}},
	{"turn.done", turnEnd{}},
	{"turn.failed", turnEnd{}},
	{eventChanged, conversationChanged{}},
	{eventDeleted, conversationDeleted{}},
	{eventEngine, engineChanged{}},
	{eventMonitor, monitor.Sample{}},
	{library.EventCheck, checkChanged{}},
	{alerts.EventAlert, alerts.Alert{}},
	{alerts.EventNotice, alerts.Notice{}},
	{capacity.Event, capacity.Changed{}},
	{documents.EventDocument, documents.DocumentChanged{}},
	{documents.EventDocumentDeleted, documents.DocumentDeleted{}},
	{documents.EventCollection, documents.CollectionChanged{}},
	{documents.EventCollectionDeleted, documents.CollectionDeleted{}},
	{app.EventInbox, app.InboxChanged{}},
}

func viewHit(h storage.Hit) Hit {
	return Hit{Conversation: viewConversation(h.Conversation), MessageID: h.MessageID, Snippet: h.Snippet}
}

func viewKey(k storage.Key) Key {
	return Key{
		ID: k.ID, Name: k.Name, Prefix: k.Prefix,
		CreatedAt: stamp(k.CreatedAt), LastUsedAt: stamp(k.LastUsedAt), RevokedAt: stamp(k.RevokedAt),
	}
}

// stamp writes a time as every part of the API does: RFC 3339, UTC,
// milliseconds; "" for never.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
