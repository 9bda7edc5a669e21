package prompt

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"alcove/engine/worker/fail"
)

// Sizes for the estimate of a long prompt, in bytes.
const (
	longPrompt = 256 << 10
	sampleSize = 16 << 10
	samples    = 8
)

// estimate counts tokens from samples: to tokenise 10 MB takes up to a minute,
// which is too long to learn that it is a hundred times too much.
func estimate(tok Tokenizer, pieces []piece) (tokens int, err error) {
	whole := join(pieces)
	bytes := 0
	for i := range samples {
		at := (len(whole) - sampleSize) / (samples - 1) * i
		s := strings.ToValidUTF8(whole[at:at+sampleSize], "")
		got, err := tok.Tokenize(s, false)
		if err != nil {
			return 0, err
		}
		tokens, bytes = tokens+len(got), bytes+len(s)
	}
	return int(float64(tokens) / float64(max(bytes, 1)) * float64(len(whole))), nil
}

// tooLong says that a conversation does not fit, with both numbers.
func tooLong(about string, tokens, most int) error {
	return fail.New(fail.ContextFull, "This conversation is %s%d tokens long, the model can take %d. "+
		"Nothing was cut or lost. Start a new conversation, or shorten your question.", about, tokens, most)
}

// tokens tokenises each piece apart.
func (t *Template) tokens(tok Tokenizer, pieces []piece, known Known) (*Prompt, error) {
	p := &Prompt{}
	var ends []int
	for _, piece := range pieces {
		var tokens []int32
		if known != nil && !piece.template {
			tokens = known(piece.share, piece.text)
		}
		if tokens == nil {
			var err error
			if tokens, err = t.tokenize(tok, piece, p.Tokens); err != nil {
				return nil, fmt.Errorf("tokenise prompt: %w", err)
			}
		}
		p.Tokens = append(p.Tokens, tokens...)
		p.Spans = append(p.Spans, Span{Share: piece.share, Template: piece.template, System: piece.system})
		ends = append(ends, len(p.Tokens))
	}
	if shift := t.fixBOS(p); shift != 0 {
		for i := range ends {
			ends[i] += shift
		}
		if len(ends) == 0 || !p.Spans[0].Template { // the BOS is the template's
			p.Spans = slices.Insert(p.Spans, 0, Span{Template: true})
			ends = slices.Insert(ends, 0, max(shift, 0))
		}
	}
	from := 0
	for i, end := range ends {
		p.Spans[i].Tokens = p.Tokens[from:end:end]
		from = end
	}
	if len(p.Tokens) == 0 {
		return nil, errors.New("the prompt is empty")
	}
	return p, nil
}

// fixBOS makes the prompt begin with one BOS if it should, and never with two
// (templates that write one, for models that also add one). It returns by how
// many tokens the prompt grew.
func (t *Template) fixBOS(p *Prompt) int {
	bos := t.special.BOSToken
	if bos < 0 {
		return 0
	}
	if t.special.AddBOS && (len(p.Tokens) == 0 || p.Tokens[0] != bos) {
		p.Tokens = slices.Insert(p.Tokens, 0, bos)
		return 1
	}
	if len(p.Tokens) > 1 && p.Tokens[0] == bos && p.Tokens[1] == bos && p.Spans[0].Template {
		p.Tokens = slices.Delete(p.Tokens, 0, 1)
		return -1
	}
	return 0
}

// tokenize is exact where the tokeniser puts a space before what it gets: only
// at the start, and after a control token, is that space meant. Elsewhere a
// newline goes in front, and its tokens are taken off again.
func (t *Template) tokenize(tok Tokenizer, p piece, before []int32) ([]int32, error) {
	if !t.special.SpaceFirst || len(before) == 0 || tok.IsControl(before[len(before)-1]) {
		return tok.Tokenize(p.text, p.template)
	}
	lead, err := tok.Tokenize("\n", false)
	if err != nil {
		return nil, err
	}
	all, err := tok.Tokenize("\n"+p.text, p.template)
	if err != nil {
		return nil, err
	}
	if len(lead) <= len(all) && slices.Equal(lead, all[:len(lead)]) {
		return all[len(lead):], nil
	}
	return tok.Tokenize(p.text, p.template)
}
