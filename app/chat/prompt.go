package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"alcove/engine"
	"alcove/storage"
)

// shareAll labels text that is the same for every reader of this box.
const shareAll = "everybody"

// ShareOfConversation labels text that only the readers of one conversation may
// share: it makes the next question of this conversation cheap.
func ShareOfConversation(id string) string { return "conversation:" + id }

// ShareOfSystem labels the system prompt that a person set: everybody on this
// box begins with it, and its state goes when it is changed. It is "" for none.
func ShareOfSystem(prompt string) string {
	if strings.TrimSpace(prompt) == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(prompt))
	return "system:" + hex.EncodeToString(sum[:8])
}

// buildPrompt turns the asked path into messages. system is what a person set
// instead of the built-in prompt, or "". Nothing in an earlier part of the
// prompt depends on a later one or on the present day, so the computed state
// of a prefix stays valid: the date stands behind each question and is that
// question's own. A draft has none yet.
func buildPrompt(path []storage.Message, system string, zone *time.Location) []engine.Message {
	if len(path) == 0 {
		return nil
	}
	shared := ShareOfSystem(system)
	if shared == "" {
		system, shared = detect(path[0].Text).prompt(), shareAll
	}
	out := []engine.Message{{Role: engine.RoleSystem, Segments: []engine.Segment{{Text: system, Share: shared}}}}
	for _, m := range path {
		if m.Text == "" { // an answer that failed before its first word
			continue
		}
		share := ShareOfConversation(m.ConversationID)
		segments := []engine.Segment{{Text: m.Text, Share: share}}
		role := engine.RoleAssistant
		if m.Role == storage.RoleUser {
			role = engine.RoleUser
			if !m.CreatedAt.IsZero() {
				date := detect(m.Text).date(m.CreatedAt.In(zone))
				segments = append(segments, engine.Segment{Text: "\n\n" + date, Share: share})
			}
		}
		last := &out[len(out)-1]
		if last.Role == role {
			// Chat templates want the speakers to alternate; a question without
			// an answer is read together with the next one.
			segments[0].Text = "\n\n" + segments[0].Text
			last.Segments = append(last.Segments, segments...)
			continue
		}
		out = append(out, engine.Message{Role: role, Segments: segments})
	}
	return out
}
