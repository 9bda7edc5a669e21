package llama

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Buffer is memory of one kind that ggml has taken on one device.
type Buffer struct {
	Device string // ggml's name of the buffer type: "CUDA0", "CPU_Mapped", "AMX"
	Kind   string // "model", "kv", "state", "compute", "output"
	Bytes  int64  // to about 10 KiB
}

// logBuffers are the sizes that llama.cpp has logged since the last load began.
// No function of its C interface tells them.
var logBuffers bufferLog

type bufferLog struct {
	mu   sync.Mutex
	have []Buffer
}

func (b *bufferLog) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.have = nil
}

// list is sorted by kind and device.
func (b *bufferLog) list() []Buffer {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.have)
	slices.SortFunc(list, func(x, y Buffer) int { return strings.Compare(x.Kind+" "+x.Device, y.Kind+" "+y.Device) })
	return list
}

// bufferLine is "llama_kv_cache:        CPU KV buffer size =   180.00 MiB".
var bufferLine = regexp.MustCompile(`:\s+(\S+)\s+(model|KV|RS|compute|output) buffer size\s*=\s*([0-9.]+) MiB`)

// read takes a line of the log. Weights and caches come in several buffers, and
// are added; those for computing are made anew when the graph changes, and the
// last one counts.
func (b *bufferLog) read(line []byte) {
	if !bytes.Contains(line, []byte(" buffer size")) {
		return
	}
	m := bufferLine.FindSubmatch(line)
	if m == nil {
		return
	}
	mib, err := strconv.ParseFloat(string(m[3]), 64)
	if err != nil || mib >= 1<<40 {
		return
	}
	kind := map[string]string{"KV": "kv", "RS": "state"}[string(m[2])]
	if kind == "" {
		kind = string(m[2])
	}
	size := int64(math.Round(mib * (1 << 20)))
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.have {
		h := &b.have[i]
		if h.Kind != kind || h.Device != string(m[1]) {
			continue
		}
		if kind == "compute" || kind == "output" {
			h.Bytes = size
		} else {
			h.Bytes += size
		}
		return
	}
	if len(b.have) < 256 {
		b.have = append(b.have, Buffer{string(m[1]), kind, size})
	}
}
