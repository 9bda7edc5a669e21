package llama

import (
	"errors"
	"fmt"

	"github.com/hybridgroup/yzma/pkg/llama"
)

// Copy makes sequence to, which must be empty, share the first n tokens of
// from. No state is copied: cells then belong to both.
func (m *Model) Copy(from, to, n int32) error {
	b := &m.batch
	switch {
	case from < 0 || int(from) >= len(b.next) || to < 0 || int(to) >= len(b.next) || from == to:
		return fmt.Errorf("copy sequence %d to %d of %d", from, to, len(b.next))
	case b.undo[to] != 0 || b.n != 0:
		return fmt.Errorf("copy to sequence %d, which has %d tokens, beside %d rows", to, b.undo[to], b.n)
	case n < 1 || n > b.undo[from] || (n < b.undo[from] && !m.info.Rewinds):
		return fmt.Errorf("copy %d of %d tokens", n, b.undo[from])
	}
	if err := llama.MemorySeqCp(m.mem, llama.SeqId(from), llama.SeqId(to), 0, llama.Pos(n)); err != nil {
		return fmt.Errorf("copy sequence: %w", err)
	}
	b.next[to], b.undo[to] = n, n
	return nil
}

// Len is how many tokens llama.cpp itself says that a sequence has. It is for
// tests: the model keeps its own count.
func (m *Model) Len(seq int32) int32 {
	first, err := llama.MemorySeqPosMin(m.mem, llama.SeqId(seq))
	if err != nil || first < 0 {
		return 0
	}
	last, _ := llama.MemorySeqPosMax(m.mem, llama.SeqId(seq))
	return int32(last) + 1
}

// State copies what was computed for tokens from to to of a sequence into
// memory that alloc gives. It belongs to this model, its kind of cache and this
// version of llama.cpp.
func (m *Model) State(seq, from, to int32, alloc func(bytes int) []byte) ([]byte, error) {
	b := &m.batch
	if seq < 0 || int(seq) >= len(b.next) || from < 0 || from >= to || to > b.undo[seq] || b.n != 0 || !m.info.Rewinds {
		return nil, fmt.Errorf("state of tokens %d to %d of sequence %d", from, to, seq)
	}
	spare := m.spare()
	if err := llama.MemorySeqCp(m.mem, llama.SeqId(seq), spare, llama.Pos(from), llama.Pos(to)); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	defer m.clearSpare()
	size := llama.StateSeqGetSize(m.ctx, spare)
	if size == 0 || size > 1<<36 {
		return nil, fmt.Errorf("state of sequence %d has %d bytes", seq, size)
	}
	data := alloc(int(size))
	if uint64(len(data)) != size {
		return nil, fmt.Errorf("no memory for a state of %d bytes", size)
	}
	if got := llama.StateSeqGetData(m.ctx, data, spare); got != size {
		return nil, fmt.Errorf("state of sequence %d: got %d of %d bytes", seq, got, size)
	}
	return data, nil
}

// ErrState says that a state could not be put back. The whole cache is suspect
// then; see Reset.
var ErrState = errors.New("a saved state could not be put back")

// Restore gives a sequence of from tokens the next ones up to to, out of the
// state of tokens start to end. Data must be what State gave: llama.cpp is
// known not to survive others. There must be room for all of data.
func (m *Model) Restore(seq int32, data []byte, start, end, from, to int32) error {
	b := &m.batch
	if seq < 0 || int(seq) >= len(b.next) || b.undo[seq] != from || b.n != 0 || len(data) == 0 || !m.info.Rewinds ||
		start < 0 || start > from || from >= to || to > end {
		return fmt.Errorf("restore tokens %d to %d of sequence %d out of %d to %d", from, to, seq, start, end)
	}
	spare := m.spare()
	defer m.clearSpare()
	if got := llama.StateSeqSetData(m.ctx, data, spare); got != uint64(len(data)) {
		return fmt.Errorf("%w: read %d of %d bytes", ErrState, got, len(data))
	}
	first, _ := llama.MemorySeqPosMin(m.mem, spare)
	last, _ := llama.MemorySeqPosMax(m.mem, spare)
	if int32(first) != start || int32(last) != end-1 {
		return fmt.Errorf("%w: it has tokens %d to %d, not %d to %d", ErrState, first, last+1, start, end)
	}
	if err := llama.MemorySeqCp(m.mem, spare, llama.SeqId(seq), llama.Pos(from), llama.Pos(to)); err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	b.next[seq], b.undo[seq] = to, to
	return nil
}

// spare is a sequence id that only this file uses.
func (m *Model) spare() llama.SeqId { return llama.SeqId(len(m.batch.next)) }

func (m *Model) clearSpare() { _, _ = llama.MemorySeqRm(m.mem, m.spare(), -1, -1) }

// Reset empties all sequences, and the memory itself.
func (m *Model) Reset() error {
	if err := llama.MemoryClear(m.mem, true); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	b := &m.batch
	b.n, b.outputs = 0, 0
	clear(b.next)
	clear(b.undo)
	return nil
}
