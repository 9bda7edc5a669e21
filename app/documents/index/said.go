package index

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"sync"
	"time"

	"alcove/app/documents/chunk"
	"alcove/app/documents/sentence"
	"alcove/engine"
	"alcove/storage"
)

// Vectors of sentences are made in the background, when their passage is found
// already, and kept beside its own. A search reads those of its first passages
// by key: no sentence is embedded while somebody waits.

const (
	maxSentences = 40                     // of one passage have vectors and may be quoted
	saidTogether = 8                      // passages whose sentences are embedded in one go
	saidWait     = 100 * time.Millisecond // bounds reading them for a question; then words choose
	saidFormat   = 1                      // first byte of what is stored
)

// spansOf are the sentences of a passage that are compared. A row of a table
// has its header in it and is a sentence.
func spansOf(text string) []sentence.Span {
	spans := sentence.Split(text)
	return spans[:min(len(spans), maxSentences)]
}

// sentenceInput is what the embedder reads of a sentence: it stands under the
// innermost heading of its passage.
func sentenceInput(heading, text string) string {
	if at := strings.LastIndex(heading, " > "); at >= 0 {
		heading = heading[at+len(" > "):]
	}
	return heading + "\n" + text
}

// unsaid are documents whose sentences may lack vectors; 0: any.
type unsaid struct {
	mu   sync.Mutex
	nums map[int64]bool
}

func (u *unsaid) add(num int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.nums == nil {
		u.nums = map[int64]bool{}
	}
	u.nums[num] = true
}

// next takes one out.
func (u *unsaid) next() (num int64, have bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for num = range u.nums {
		delete(u.nums, num)
		return num, true
	}
	return 0, false
}

var errLater = errors.New("something comes before sentences")

// embedSentences makes vectors of sentences until none is missing or something
// goes wrong; the next look tries again.
func (ix *Index) embedSentences(ctx context.Context) {
	fingerprint := ix.vectors.name()
	if ix.o.Embedder == nil || fingerprint == "" {
		return
	}
	for ctx.Err() == nil {
		num, have := ix.unsaid.next()
		if !have {
			return
		}
		if err := ix.embedSentencesOf(ctx, fingerprint, num); err != nil {
			ix.unsaid.add(num)
			if ctx.Err() == nil && !errors.Is(err, errLater) {
				ix.o.Log.Warn("embed sentences in the background; it is tried again", "err", err)
			}
			return
		}
	}
}

func (ix *Index) embedSentencesOf(ctx context.Context, fingerprint string, num int64) error {
	var after [32]byte
	for {
		// Passages come first, and the next look goes on.
		if ix.busy() || ix.missing.Load() {
			return errLater
		}
		if ix.o.Embedder.Embedding().Fingerprint != fingerprint || ix.vectors.name() != fingerprint {
			return errLater
		}
		texts, err := ix.o.Store.TextsWithoutSentences(ctx, fingerprint, num, after, saidTogether)
		if err != nil || len(texts) == 0 {
			return err
		}
		var inputs []engine.EmbedInput
		spans := make([][]sentence.Span, len(texts))
		for i, t := range texts {
			spans[i] = spansOf(t.Text)
			for _, s := range spans[i] {
				inputs = append(inputs, engine.EmbedInput{Text: sentenceInput(t.Heading, t.Text[s.Start:s.End])})
			}
		}
		made, err := ix.embed(ctx, fingerprint, inputs)
		if err != nil {
			return err
		}
		list := make([]storage.Sentences, len(texts))
		for i, t := range texts {
			list[i] = storage.Sentences{Hash: t.Hash, Data: packSaid(spans[i], made[:len(spans[i])])}
			made = made[len(spans[i]):]
		}
		if err := ix.o.Store.PutSentences(ctx, fingerprint, list); err != nil {
			return err
		}
		after = texts[len(texts)-1].Hash
	}
}

// Unsaid says whether passages are found whose sentences have no vectors of the
// present embedder yet.
func (ix *Index) Unsaid(ctx context.Context) bool {
	fingerprint := ix.vectors.name()
	if fingerprint == "" {
		return false
	}
	texts, err := ix.o.Store.TextsWithoutSentences(ctx, fingerprint, 0, [32]byte{}, 1)
	return err == nil && len(texts) > 0
}

// busy says whether a document is on its way in. Its passages come first.
func (ix *Index) busy() bool {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return len(ix.putting) > 0
}

// packSaid lays vectors out: the format, then for each sentence where it begins
// in the passage's text (4 bytes), its scale (4) and a byte a dimension.
func packSaid(spans []sentence.Span, vectors []storage.Vector) []byte {
	out := []byte{saidFormat}
	for i, v := range vectors {
		if i == 0 {
			out = binary.LittleEndian.AppendUint16(out, uint16(len(v.Values)))
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(spans[i].Start))
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v.Scale))
		for _, x := range v.Values {
			out = append(out, byte(x))
		}
	}
	return out
}

// heard is how near a sentence is to the question.
type heard struct {
	start  int // byte of the passage's text where it begins
	cosine float64
}

// cosinesIn compares a question with the sentences of packed data. What is not
// laid out as expected has none.
func cosinesIn(data []byte, scale float32, q []int8) []heard {
	if len(data) < 3 || data[0] != saidFormat || int(binary.LittleEndian.Uint16(data[1:])) != len(q) || len(q) == 0 {
		return nil
	}
	var out []heard
	values := make([]int8, len(q))
	for data = data[3:]; len(data) >= 8+len(q); data = data[8+len(q):] {
		for i, x := range data[8 : 8+len(q)] {
			values[i] = int8(x)
		}
		own := math.Float32frombits(binary.LittleEndian.Uint32(data[4:]))
		out = append(out, heard{int(binary.LittleEndian.Uint32(data)), float64(dot(q, values)) * float64(scale) * float64(own)})
	}
	return out
}

// hear gives passages the cosines of their sentences, where those are stored.
func (ix *Index) hear(ctx context.Context, question []float32, fingerprint string, passages []Passage) {
	if question == nil || len(passages) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, saidWait)
	defer cancel()
	hashes := make([][32]byte, len(passages))
	for i, p := range passages {
		hashes[i] = sha256.Sum256([]byte(chunk.Input(p.Chunk)))
	}
	stored, err := ix.o.Store.SentencesOf(ctx, fingerprint, hashes)
	if err != nil {
		if ctx.Err() == nil {
			ix.o.Log.Warn("read vectors of sentences", "err", err)
		}
		return
	}
	scale, q := quantize(question)
	for i, data := range stored {
		p := &passages[i]
		p.said = cosinesIn(data, scale, q)
		for _, h := range p.said {
			p.Signals.Sentence = max(p.Signals.Sentence, h.cosine)
		}
	}
}
