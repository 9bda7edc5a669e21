package prompt

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
)

// Tokenizer is the vocabulary, as far as a prompt needs it.
type Tokenizer interface {
	// Tokenize adds no BOS. Control tokens count only if special is set.
	Tokenize(text string, special bool) ([]int32, error)
	IsControl(token int32) bool
}

// Span is a run of tokens with one label.
type Span struct {
	Tokens   []int32
	Share    string // the segment's label; empty: nobody, or the template
	Template bool   // the template's own text, the same for everybody
	System   bool   // of a system message: other prompts will begin with it
}

// Prompt is a conversation as tokens: the spans' tokens, one after the other.
type Prompt struct {
	Tokens []int32
	Spans  []Span // slices of Tokens
}

// Known gives the tokens with which the model itself wrote a text with this
// label, nil if it did not.
type Known func(share, text string) []int32

// Build renders messages and tokenises the result. A prompt of context tokens
// or more does not fit. Known may be nil. Errors for the user are *fail.Error.
func (t *Template) Build(tok Tokenizer, messages []wire.Message, now time.Time, context int, known Known) (*Prompt, error) {
	if err := check(messages); err != nil {
		return nil, err
	}
	pieces, err := t.pieces(messages, now)
	if err != nil {
		return nil, err
	}
	if size := len(join(pieces)); size > longPrompt {
		if n, err := estimate(tok, pieces); err != nil {
			return nil, err
		} else if n > 2*context {
			return nil, tooLong("about ", n, context)
		}
	}
	p, err := t.tokens(tok, pieces, known)
	if err == nil && len(p.Tokens) >= context {
		err = tooLong("", len(p.Tokens), context)
	}
	return p, err
}

func check(messages []wire.Message) error {
	if len(messages) == 0 {
		return fail.New(fail.InvalidRequest, "The request has no message. Send at least one.")
	}
	for i, m := range messages {
		switch m.Role {
		case "system", "user", "assistant":
		default:
			return fail.New(fail.InvalidRequest, "Message %d has the role %q. Use system, user or assistant.", i+1, m.Role)
		}
	}
	return nil
}

// piece is text of the template, or of a segment.
type piece struct {
	text     string
	share    string
	template bool
	system   bool
}

// pieces renders messages as they are or, if the template raises, with fewer
// demands on it: many know no system role, and many want user and assistant
// to take turns.
func (t *Template) pieces(messages []wire.Message, now time.Time) ([]piece, error) {
	var first error
	for _, adapt := range []func([]wire.Message) []wire.Message{nil, systemIntoUser, joinSameRole} {
		if adapt != nil {
			messages = adapt(messages)
		}
		p, err := t.split(messages, now)
		if err == nil {
			return p, nil
		}
		if first == nil {
			first = err
		}
		if err == errTimeout {
			break
		}
	}
	return nil, &fail.Error{Code: fail.Template, Err: first,
		Message: "This model's chat template cannot show this conversation. Nothing was lost. Start a new conversation, or choose another model."}
}

// systemIntoUser puts system text in front of the next user message.
func systemIntoUser(in []wire.Message) []wire.Message {
	var out []wire.Message
	var system []wire.Segment
	for _, m := range in {
		switch {
		case m.Role == "system":
			system = joinSegments(system, m.Segments)
			continue
		case m.Role == "user" && system != nil:
			m.Segments = joinSegments(system, m.Segments)
			system = nil
		}
		out = append(out, m)
	}
	if system != nil {
		out = append(out, wire.Message{Role: "user", Segments: system})
	}
	return out
}

// joinSameRole makes one message of neighbours with the same role.
func joinSameRole(in []wire.Message) []wire.Message {
	var out []wire.Message
	for _, m := range in {
		if n := len(out); n > 0 && out[n-1].Role == m.Role {
			out[n-1].Segments = joinSegments(out[n-1].Segments, m.Segments)
		} else {
			out = append(out, m)
		}
	}
	return out
}

func joinSegments(a, b []wire.Segment) []wire.Segment {
	if len(a) == 0 {
		return b
	}
	gap := wire.Segment{Text: "\n\n", Share: a[len(a)-1].Share}
	return append(append(slices.Clone(a), gap), b...)
}

// split renders with a nonce for each content and cuts there.
func (t *Template) split(messages []wire.Message, now time.Time) ([]piece, error) {
	nonce := newNonce()
	turns := make([]turn, len(messages))
	for i, m := range messages {
		turns[i].role = m.Role
		if text(m) != "" { // templates ask "if message.content"
			turns[i].content = nonce + strconv.Itoa(i) + "x"
		}
	}
	marked, err := t.render(turns, now, maxOutput)
	if err != nil {
		return nil, err
	}
	parts, seen, err := cut(marked, nonce, len(messages))
	if err != nil {
		return nil, err
	}
	for i := range messages {
		if turns[i].content != "" && !seen[i] {
			return nil, fmt.Errorf("the chat template leaves out message %d (%s)", i+1, messages[i].Role)
		}
	}
	return fill(parts, t.edited(messages, parts, now)), nil
}

// part is template text, or the content of message number msg.
type part struct {
	text string
	msg  int // -1: text
}

func cut(marked, nonce string, messages int) (parts []part, seen []bool, err error) {
	seen = make([]bool, messages)
	for {
		before, after, found := strings.Cut(marked, nonce)
		if before != "" {
			parts = append(parts, part{before, -1})
		}
		if !found {
			return parts, seen, nil
		}
		number, rest, _ := strings.Cut(after, "x")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= messages {
			return nil, nil, fmt.Errorf("the chat template changes what a message says")
		}
		parts, seen[n], marked = append(parts, part{msg: n}), true, rest
	}
}

// edited finds what the template does to each content, by rendering the real
// ones: nothing, or trimming, or leaving out an answer's thoughts. If none of
// these explains its output, contents stay as they are.
func (t *Template) edited(messages []wire.Message, parts []part, now time.Time) []wire.Message {
	turns, size := make([]turn, len(messages)), maxOutput
	for i, m := range messages {
		turns[i] = turn{m.Role, text(m)}
		size += 2 * len(turns[i].content)
	}
	real, err := t.render(turns, now, size)
	if err != nil {
		return messages
	}
	out, known := slices.Clone(messages), make([]bool, len(messages))
	for i, p := range parts {
		if p.msg < 0 {
			if !strings.HasPrefix(real, p.text) {
				return messages
			}
			real = real[len(p.text):]
			continue
		}
		if !known[p.msg] {
			next := "" // the template's text behind it
			if i+1 < len(parts) && parts[i+1].msg < 0 {
				next = parts[i+1].text
			}
			m, ok := explain(messages[p.msg], real, next)
			if !ok {
				return messages
			}
			out[p.msg], known[p.msg] = m, true
		}
		if !strings.HasPrefix(real, text(out[p.msg])) {
			return messages
		}
		real = real[len(text(out[p.msg])):]
	}
	if real != "" {
		return messages
	}
	return out
}

// explain finds the edit of m with which real begins, next behind it.
func explain(m wire.Message, real, next string) (wire.Message, bool) {
	try := []wire.Message{m, trim(m)}
	if m.Role == "assistant" {
		try = append(try, dropThoughts(m), trim(dropThoughts(m)))
	}
	for _, m := range try {
		if rest, ok := strings.CutPrefix(real, text(m)); ok && strings.HasPrefix(rest, next) {
			return m, true
		}
	}
	return m, false
}

// trim takes white space from both ends, as Python's strip does.
func trim(m wire.Message) wire.Message {
	s := slices.Clone(m.Segments)
	for i := range s {
		s[i].Text = strings.TrimLeft(s[i].Text, pythonSpace)
		if s[i].Text != "" {
			break
		}
	}
	for i := len(s) - 1; i >= 0; i-- {
		s[i].Text = strings.TrimRight(s[i].Text, pythonSpace)
		if s[i].Text != "" {
			break
		}
	}
	m.Segments = s
	return m
}

const pythonSpace = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

// dropThoughts keeps of an answer only what follows its last </think>.
func dropThoughts(m wire.Message) wire.Message {
	for i := len(m.Segments) - 1; i >= 0; i-- {
		const end = "</think>"
		if at := strings.LastIndex(m.Segments[i].Text, end); at >= 0 {
			s := slices.Clone(m.Segments[i:])
			s[0].Text = strings.TrimLeft(s[0].Text[at+len(end):], "\n")
			m.Segments = s
			break
		}
	}
	return m
}

// fill puts contents in their places and joins neighbours with one label.
func fill(parts []part, messages []wire.Message) []piece {
	var out []piece
	add := func(p piece) {
		if n := len(out); n > 0 && out[n-1].template == p.template && out[n-1].share == p.share && out[n-1].system == p.system {
			out[n-1].text += p.text
		} else if p.text != "" {
			out = append(out, p)
		}
	}
	for _, p := range parts {
		if p.msg < 0 {
			add(piece{text: p.text, template: true})
			continue
		}
		for _, s := range messages[p.msg].Segments {
			add(piece{text: s.Text, share: s.Share, system: messages[p.msg].Role == "system"})
		}
	}
	return out
}

func join(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

func text(m wire.Message) string {
	var b strings.Builder
	for _, s := range m.Segments {
		b.WriteString(s.Text)
	}
	return b.String()
}

// newNonce is letters only: a template that trims or splits leaves it whole,
// and nobody can guess it and write it into a message.
func newNonce() string { return "ALC" + strings.ToUpper(rand.Text()) + "N" }
