package llama

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/hybridgroup/yzma/pkg/llama"
)

// batch is the C arrays of a step, seen as Go slices once.
type batch struct {
	c      llama.Batch
	token  []llama.Token
	pos    []llama.Pos
	nSeq   []int32
	seq    []*llama.SeqId
	output []int8

	n       int
	outputs int
	place   []int32 // of a row among the outputs, -1: it has none
	scores  []float32
	waited  time.Duration // for the device, in the last Decode
	most    int           // outputs at most
	next    []int32       // for each sequence, the position after its last row
	undo    []int32       // next as of the last step that was done
	padded  int           // rows of this step that are of no use
}

func (b *batch) init(rows, seqs, outputs int) {
	b.c = llama.BatchInit(int32(rows), 0, 1)
	b.token = unsafe.Slice(b.c.Token, rows)
	b.pos = unsafe.Slice(b.c.Pos, rows)
	b.nSeq = unsafe.Slice(b.c.NSeqId, rows)
	b.seq = unsafe.Slice(b.c.SeqId, rows)
	b.output = unsafe.Slice(b.c.Logits, rows)
	b.place, b.most = make([]int32, rows), outputs
	b.next, b.undo = make([]int32, seqs), make([]int32, seqs)
}

func (b *batch) free() {
	if b.c.Token != nil {
		_ = llama.BatchFree(b.c)
	}
	*b = batch{}
}

// Add puts one row into the next step: token at position pos of sequence seq.
// Positions of a sequence follow each other without a gap. With output, its
// logits can be read after Decode under the row's number, counted from 0.
func (m *Model) Add(token, pos, seq int32, output bool) error {
	b := &m.batch
	switch {
	case b.n >= len(b.token):
		return fmt.Errorf("add row: the step already has %d rows", b.n)
	case token < 0 || int(token) >= m.size:
		return fmt.Errorf("add row: token %d is not in the vocabulary of %d", token, m.size)
	case seq < 0 || int(seq) >= len(b.next):
		return fmt.Errorf("add row: sequence %d of %d", seq, len(b.next))
	case pos != b.next[seq]:
		return fmt.Errorf("add row: position %d of sequence %d, %d is next", pos, seq, b.next[seq])
	case int(pos) >= m.info.Cells:
		return fmt.Errorf("add row: position %d is beyond the %d cells", pos, m.info.Cells)
	case output && b.outputs >= b.most:
		return fmt.Errorf("add row: more than %d outputs", b.most)
	}
	b.token[b.n], b.pos[b.n] = llama.Token(token), llama.Pos(pos)
	b.nSeq[b.n], *b.seq[b.n] = 1, llama.SeqId(seq)
	b.output[b.n], b.place[b.n] = 0, -1
	if output {
		b.output[b.n], b.place[b.n] = 1, int32(b.outputs)
		b.outputs++
	}
	b.next[seq]++
	b.n++
	return nil
}

// Pad adds rows that are of use to nobody; they are gone after the step. There
// must be cells for them.
func (m *Model) Pad(rows int) error {
	b := &m.batch
	if rows < 1 || b.n+rows > len(b.token) {
		return fmt.Errorf("pad by %d rows: the step has %d of %d", rows, b.n, len(b.token))
	}
	for range rows {
		b.token[b.n], b.pos[b.n], b.nSeq[b.n], *b.seq[b.n] = 0, llama.Pos(b.padded), 1, m.spare()
		b.output[b.n], b.place[b.n] = 0, -1
		b.padded++
		b.n++
	}
	return nil
}

// Decode computes the rows that were added, and empties the step. fits is
// false if the cache had no room for them; it is unchanged then. After an error
// the context must not be used.
func (m *Model) Decode() (fits bool, err error) {
	b := &m.batch
	if b.n == 0 {
		return true, nil
	}
	b.c.NTokens = int32(b.n)
	outputs := b.outputs
	b.n, b.outputs, b.scores, b.waited = 0, 0, nil, 0
	rc, err := llama.Decode(m.ctx, b.c)
	if b.padded > 0 {
		b.padded = 0
		m.clearSpare()
	}
	if err == nil && rc != 0 && rc != 1 {
		err = fmt.Errorf("llama_decode gave %d", rc)
	}
	if err != nil || rc == 1 {
		copy(b.next, b.undo)
		return false, err
	}
	copy(b.undo, b.next)
	// Also without outputs: a step has taken its time only when the GPU is done.
	began := time.Now()
	if err = llama.Synchronize(m.ctx); err == nil && outputs > 0 {
		b.scores, err = llama.GetLogits(m.ctx, outputs, m.size) // in the order of the rows
	}
	b.waited = time.Since(began)
	return true, err
}

// Waited is how long the last Decode waited for the device after it had given
// it all the work; about 0 on a CPU, which computes while it is given it.
func (m *Model) Waited() time.Duration { return m.batch.waited }

// Logits are the scores for the token after row i of the last step: memory of
// llama.cpp, valid until the next Decode; several goroutines may read it. Nil
// if the row had no output.
func (m *Model) Logits(row int) []float32 {
	b := &m.batch
	if row < 0 || row >= int(b.c.NTokens) || b.place[row] < 0 {
		return nil
	}
	from := int(b.place[row]) * m.size
	if len(b.scores) < from+m.size {
		return nil
	}
	return b.scores[from : from+m.size : from+m.size]
}

// Remove takes sequence seq back to its first n tokens. It is false if this
// kind of model cannot; then the sequence is emptied and n counts as 0.
func (m *Model) Remove(seq, n int32) bool {
	b := &m.batch
	if seq < 0 || int(seq) >= len(b.next) || n < 0 || n > b.undo[seq] {
		return false
	}
	if n == b.undo[seq] {
		return true
	}
	ok := false
	if n == 0 || m.info.Rewinds {
		ok, _ = llama.MemorySeqRm(m.mem, llama.SeqId(seq), llama.Pos(n), -1)
	}
	if !ok {
		n = 0
		_, _ = llama.MemorySeqRm(m.mem, llama.SeqId(seq), -1, -1)
	}
	b.next[seq], b.undo[seq] = n, n
	return ok
}
