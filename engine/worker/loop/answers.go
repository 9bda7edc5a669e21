package loop

import (
	"hash/maphash"
	"sync"

	"alcove/engine/worker/text"
)

// answers remembers the tokens of answers that were given, by label and text.
// When a conversation goes on its answers come back as text; tokenised again
// they may be other tokens, and nothing computed from there on could be used.
type answers struct {
	piece      func(token int32) []byte
	spaceFirst bool
	most       int // tokens

	mu     sync.Mutex
	seed   maphash.Seed
	tokens map[uint64][]int32
	labels map[uint64]uint64 // of the same keys: a hash of the label
	order  []uint64          // oldest first
	held   int
}

func newAnswers(m Model, cfg Config) *answers {
	return &answers{piece: m.Piece, spaceFirst: cfg.SpaceFirst, most: 4 * cfg.Cells,
		seed: maphash.MakeSeed(), tokens: map[uint64][]int32{}, labels: map[uint64]uint64{}}
}

// read gives the text of an answer.
func (a *answers) read(tokens []int32) string {
	t := text.New(nil)
	if a.spaceFirst {
		t.DropSpace()
	}
	var out []byte
	for _, token := range tokens {
		out, _ = t.Append(out, a.piece(token))
	}
	return string(append(out, t.Flush()...))
}

func (a *answers) key(label, text string) uint64 {
	var h maphash.Hash
	h.SetSeed(a.seed)
	h.WriteString(label)
	h.WriteByte(0)
	h.WriteString(text)
	return h.Sum64()
}

// put remembers an answer.
func (a *answers) put(label string, tokens []int32) {
	if len(tokens) == 0 || len(tokens) > a.most {
		return
	}
	k := a.key(label, a.read(tokens))
	a.mu.Lock()
	defer a.mu.Unlock()
	if old, has := a.tokens[k]; has {
		a.held -= len(old)
	} else {
		a.order = append(a.order, k)
	}
	a.tokens[k], a.labels[k] = append([]int32(nil), tokens...), a.key(label, "")
	for a.held += len(tokens); a.held > a.most; a.order = a.order[1:] {
		a.held -= len(a.tokens[a.order[0]])
		delete(a.tokens, a.order[0])
		delete(a.labels, a.order[0])
	}
}

// forget gives up the answers that have a label.
func (a *answers) forget(label string) {
	of := a.key(label, "")
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, l := range a.labels {
		if l == of {
			a.held -= len(a.tokens[k])
			delete(a.tokens, k)
			delete(a.labels, k)
		}
	}
}

// get finds the tokens with which this text was given; nil if it was not.
func (a *answers) get(label, text string) []int32 {
	k := a.key(label, text)
	a.mu.Lock()
	tokens := a.tokens[k]
	a.mu.Unlock()
	if tokens == nil || a.read(tokens) != text {
		return nil
	}
	return tokens
}
