package llama

import (
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

// SetThreads chooses how many threads of the pool compute the next steps.
func (m *Model) SetThreads(n int) {
	n = max(1, min(n, m.threads))
	if n == m.using {
		return
	}
	m.using = n
	llama.SetNThreads(m.ctx, int32(n), int32(n))
}

// State is the computed state of a sequence as bytes. It is a copy.
func (m *Model) State(seq int32) ([]byte, error) {
	if seq < 0 || int(seq) >= len(m.batch.next) || m.batch.undo[seq] == 0 {
		return nil, fmt.Errorf("state of sequence %d: it is empty", seq)
	}
	size := llama.StateSeqGetSize(m.ctx, llama.SeqId(seq))
	if size == 0 || size > 1<<36 {
		return nil, fmt.Errorf("state of sequence %d has %d bytes", seq, size)
	}
	data := make([]byte, size)
	if got := llama.StateSeqGetData(m.ctx, data, llama.SeqId(seq)); got != size {
		return nil, fmt.Errorf("state of sequence %d: got %d of %d bytes", seq, got, size)
	}
	return data, nil
}

// SetState gives an empty sequence the n tokens whose state is in data. Data
// must be what State gave for the same model: llama.cpp does not survive
// others. After an error the context must not be used, unless fits is false:
// then there was no room and nothing has changed.
func (m *Model) SetState(seq int32, data []byte, n int32) error {
	b := &m.batch
	if seq < 0 || int(seq) >= len(b.next) || b.undo[seq] != 0 || b.n != 0 || n < 1 || len(data) == 0 {
		return fmt.Errorf("set state of sequence %d, which has %d tokens, to %d", seq, b.undo[seq], n)
	}
	if got := llama.StateSeqSetData(m.ctx, data, llama.SeqId(seq)); got != uint64(len(data)) {
		return fmt.Errorf("set state of sequence %d: read %d of %d bytes", seq, got, len(data))
	}
	if got := m.Len(seq); got != n {
		return fmt.Errorf("set state of sequence %d: it has %d tokens, not %d", seq, got, n)
	}
	b.next[seq], b.undo[seq] = n, n
	return nil
}
