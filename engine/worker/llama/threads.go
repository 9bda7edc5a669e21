package llama

import "github.com/hybridgroup/yzma/pkg/llama"

// SetThreads chooses how many threads compute the next steps, at most those of
// Options. Each count has a pool of its own: ggml wakes all threads of a pool
// for every step, also those that have nothing to do in it, and where cores are
// scarce they take time from the others. Without a pool ggml makes and joins
// threads for every step.
func (m *Model) SetThreads(n int) {
	n = max(1, min(n, m.threads))
	if n == m.using {
		return
	}
	m.using = n
	pool, known := m.pools[n]
	if !known {
		params := llama.ThreadpoolParamsDefault(int32(n))
		if made, err := llama.ThreadpoolNew(&params); err == nil {
			pool = made
		}
		if m.pools == nil {
			m.pools = map[int]llama.Threadpool{}
		}
		m.pools[n] = pool
	}
	if pool != 0 {
		llama.AttachThreadpool(m.ctx, uintptr(pool), uintptr(pool)) // the one before sleeps from now on
	} else {
		llama.DetachThreadpool(m.ctx)
	}
	llama.SetNThreads(m.ctx, int32(n), int32(n))
}

// freePools ends the threads. The context must be gone.
func (m *Model) freePools() {
	for _, p := range m.pools {
		if p != 0 {
			llama.ThreadpoolFree(p)
		}
	}
	m.pools = nil
}
