package llama

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/hybridgroup/yzma/pkg/llama"
)

// The one log callback of this process: callbacks are never freed. It may be
// called from any thread.
var (
	logCallback = sync.OnceValue(func() uintptr { return purego.NewCallback(logLine) })
	logLevel    atomic.Int32
	logTail     tail
)

// offloaded is in the one line of information worth a place in the log: how
// many layers a GPU has.
var offloaded = []byte(": offloaded ")

// logLine passes warnings and errors to stderr. The rest is thousands of lines
// about each load, of which the sizes of buffers are kept.
func logLine(level int32, text *byte, _ uintptr) uintptr {
	if level == int32(llama.LogLevelContinue) {
		level = logLevel.Load()
	}
	logLevel.Store(level)
	if text == nil || level < int32(llama.LogLevelInfo) {
		return 0
	}
	n := 0
	for n < 4096 && *(*byte)(unsafe.Add(unsafe.Pointer(text), n)) != 0 {
		n++
	}
	line := unsafe.Slice(text, n)
	if level < int32(llama.LogLevelWarn) {
		logBuffers.read(line)
		if !bytes.Contains(line, offloaded) {
			return 0
		}
	}
	_, _ = os.Stderr.Write(line)
	logTail.add(line)
	return 0
}

// tail keeps the end of the log, for the report of a failed load.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) add(line []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, line...)
	if over := len(t.buf) - 2048; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
		if i := bytes.IndexByte(t.buf, '\n'); i >= 0 {
			t.buf = t.buf[i+1:]
		}
	}
}

// LogTail is the end of what llama.cpp warned of.
func LogTail() string {
	logTail.mu.Lock()
	defer logTail.mu.Unlock()
	return strings.ToValidUTF8(strings.TrimSpace(string(logTail.buf)), "?")
}
