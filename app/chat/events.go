package chat

import (
	"time"

	"alcove/engine"
	"alcove/storage"
)

// Publisher tells the readers what happens. Publish returns the event's
// sequence number; it must not block on a reader.
type Publisher interface {
	Publish(event string, data any) (seq uint64)
}

// Names of the events that a Service publishes.
const (
	EventStarted             = "turn.started"
	EventStage               = "turn.stage"
	EventDelta               = "turn.delta"
	EventDone                = "turn.done"
	EventFailed              = "turn.failed"
	EventConversationChanged = "conversation.changed"
)

// TurnStarted is the data of EventStarted.
type TurnStarted struct {
	TurnID         string  `json:"turn_id"`
	ConversationID string  `json:"conversation_id"`
	Question       Message `json:"question"`
	Answer         Message `json:"answer"`
}

// TurnStage is the data of EventStage. Done and Total are tokens of the prompt.
// Place and WaitMS are of a queued turn: 1 is the next to begin, and an estimate.
type TurnStage struct {
	TurnID         string           `json:"turn_id"`
	ConversationID string           `json:"conversation_id"`
	MessageID      string           `json:"message_id"`
	Stage          engine.StageName `json:"stage"`
	Done           int              `json:"done,omitempty"`
	Total          int              `json:"total,omitempty"`
	Place          int              `json:"place,omitempty"`
	WaitMS         int64            `json:"wait_ms,omitempty"`
}

// TurnDelta is the data of EventDelta: text to append.
type TurnDelta struct {
	TurnID         string `json:"turn_id"`
	ConversationID string `json:"conversation_id"`
	MessageID      string `json:"message_id"`
	Text           string `json:"text"`
}

// TurnEnded is the data of EventDone and EventFailed.
type TurnEnded struct {
	TurnID         string  `json:"turn_id"`
	ConversationID string  `json:"conversation_id"`
	Message        Message `json:"message"`
}

// ConversationChanged is the data of EventConversationChanged.
type ConversationChanged struct {
	Conversation Conversation `json:"conversation"`
}

// Conversation is a storage.Conversation as readers see it.
type Conversation struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Collection string `json:"collection,omitempty"`
	CreatedAt  string `json:"created_at"`
	UpdatedAt  string `json:"updated_at"`
}

// Message is a storage.Message as readers see it.
type Message struct {
	ID             string         `json:"id"`
	ConversationID string         `json:"conversation_id"`
	ParentID       *string        `json:"parent_id"`
	Role           storage.Role   `json:"role"`
	Status         storage.Status `json:"status"`
	Text           string         `json:"text"`
	CreatedAt      string         `json:"created_at"`
	TurnID         string         `json:"turn_id,omitempty"`
	Figures        *Figures       `json:"figures,omitempty"`
	Error          *MessageError  `json:"error,omitempty"`

	Sources   []storage.Source   `json:"sources,omitempty"`
	Grounding *storage.Grounding `json:"grounding,omitempty"`
	Rating    string             `json:"rating,omitempty" enum:"up,down"`
}

// MessageError is why an answer failed.
type MessageError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Figures are what an answer cost; durations are milliseconds.
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

// timeFormat is RFC 3339 in UTC with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z"

func viewConversation(c storage.Conversation) Conversation {
	return Conversation{ID: c.ID, Title: c.Title, Collection: c.Collection, CreatedAt: viewTime(c.CreatedAt), UpdatedAt: viewTime(c.UpdatedAt)}
}

func viewMessage(m storage.Message) Message {
	v := Message{
		ID: m.ID, ConversationID: m.ConversationID, TurnID: m.TurnID,
		Role: m.Role, Status: m.Status, Text: m.Text, CreatedAt: viewTime(m.CreatedAt),
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
		e := MessageError(*m.Error)
		v.Error = &e
	}
	return v
}

func viewTime(t time.Time) string { return t.UTC().Format(timeFormat) }
