package fake

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"alcove/engine/wire"
)

// Script is what the worker does with one model.
type Script struct {
	Text        string        `json:"text"`            // the answer, cut into tokens of Cut bytes; "": a default
	Cut         int           `json:"cut"`             // 0: 5
	Endless     bool          `json:"endless"`         // the answer begins again at its end
	IgnoreLimit bool          `json:"ignore_limit"`    // writes beyond max_tokens and the context
	Pause       time.Duration `json:"pause"`           // between steps; 0: 1 ms
	Prefill     int           `json:"prefill"`         // steps of reading the prompt
	Context     int           `json:"context"`         // tokens (prompt words and answer); 0: 4096
	Weights     int64         `json:"weights"`         // bytes of the one layer of a model that can be planned; 0: none, it cannot
	Faults      []Fault       `json:"faults"`          // of the first, second, ... process; later ones have none
	Always      *Fault        `json:"always,omitzero"` // of every process without one of its own
	Probe       Act           `json:"probe"`           // of a process that tries the model: Refuse, Kill, Abort, Freeze or ExitZero
	OnGPU       *Fault        `json:"on_gpu,omitzero"` // of every process that is to use a GPU
	Finds       bool          `json:"finds"`           // it gives vectors
	Ranks       bool          `json:"ranks"`           // it gives scores
}

// Fault is what goes wrong in one process.
type Fault struct {
	Do   Act    `json:"do"`
	At   Moment `json:"at"`
	Step int    `json:"step"` // for AtPrefill and AtDecode: steps of the loop before it
}

// Moment is when a fault happens.
type Moment string

// Moments in a worker's life.
const (
	AtStart   Moment = "start"   // before Hello
	AtLoad    Moment = "load"    // in answer to Load
	AtPrefill Moment = "prefill" // while a prompt is read
	AtDecode  Moment = "decode"  // while an answer is written
	AtVector  Moment = "vector"  // after so many vectors
)

// Act is what a fault does.
type Act string

// Acts.
const (
	Kill      Act = "kill"      // SIGKILL
	Abort     Act = "abort"     // SIGABRT
	ExitZero  Act = "exit0"     // a clean exit in the middle
	Freeze    Act = "freeze"    // SIGSTOP: no beat, no end of file
	Stall     Act = "stall"     // beats, but the loop stands still
	Spin      Act = "spin"      // beats and steps that bring nothing
	BadFrame  Act = "badframe"  // a head that is not JSON
	BadLength Act = "badlength" // a frame of 4 GiB
	Untimely  Act = "untimely"  // a second Ready
	Version   Act = "version"   // AtStart: Hello of another version
	Refuse    Act = "refuse"    // AtLoad: LoadFailed
	Slow      Act = "slow"      // AtLoad: never ends, with progress
	Short     Act = "short"     // AtVector: fewer bytes than were announced
	NoNumber  Act = "nonumber"  // AtVector: a number that is none
	Foreign   Act = "foreign"   // AtVector: of an input that there is not
	Early     Act = "early"     // AtVector: an end before all is there
)

// body is what each library of the fake holds.
var body = []byte("a library in name only")

// Backend is the optional library of a Runtime. It is not there until
// PutBackend puts it into a folder.
const Backend = "libggml-vulkan.so"

// PutBackend puts Backend into a folder.
func PutBackend(t testing.TB, dir string) {
	t.Helper()
	write(t, filepath.Join(dir, Backend), body)
}

// PutGPU puts a GPU backend, "vulkan" or "cuda", into a folder of libraries, with
// what it finds there: none is a lost GPU.
func PutGPU(t testing.TB, dir, backend string, devices ...wire.Device) {
	t.Helper()
	list, err := json.Marshal(map[string]any{"devices": devices})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "libggml-"+backend+".so"), body)
	write(t, devicesFile(dir, backend), list)
}

// BreakGPU lets the driver of a backend crash when it is tried.
func BreakGPU(t testing.TB, dir, backend string) {
	t.Helper()
	if err := os.Remove(devicesFile(dir, backend)); err != nil {
		t.Fatal(err)
	}
}

func devicesFile(dir, backend string) string { return filepath.Join(dir, "devices-"+backend+".json") }

// Runtime makes a folder that passes local.CheckRuntime for the two versions.
func Runtime(t testing.TB, library, binding string) string {
	t.Helper()
	dir := t.TempDir()
	sum := sha256.Sum256(body)
	lock, err := json.Marshal(map[string]any{
		"llama_cpp": library, "yzma": binding,
		"platforms": map[string]any{runtime.GOOS + "/" + runtime.GOARCH: map[string]any{
			"files":    map[string]string{"libllama.so.0": hex.EncodeToString(sum[:])},
			"links":    map[string]string{"libllama.so": "libllama.so.0"},
			"optional": map[string]any{"vulkan": optional("vulkan"), "cuda": optional("cuda")},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "libllama.so.0"), body)
	write(t, filepath.Join(dir, "lock.json"), lock)
	if err := os.Symlink("libllama.so.0", filepath.Join(dir, "libllama.so")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// optional is a group of the lock with one library.
func optional(backend string) map[string]any {
	sum, name := sha256.Sum256(body), "libggml-"+backend+".so"
	return map[string]any{"files": map[string]string{name: hex.EncodeToString(sum[:])}, "bytes": map[string]int{name: len(body)}}
}

// Model puts a GGUF file without weights, and its script, into dir.
func Model(t testing.TB, dir, id string, s Script) {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, id+".gguf")
	write(t, path+".json", data)
	values := map[string]any{
		"general.architecture": "fake", "general.name": "Fake " + id, "general.size_label": "0M", "fake.context_length": uint32(4096),
	}
	if s.Weights > 0 {
		for k, v := range map[string]uint32{"block_count": 1, "embedding_length": 64, "attention.head_count": 4, "vocab_size": 1000} {
			values["fake."+k] = v
		}
	}
	if s.Finds {
		values["fake.pooling_type"] = uint32(1)
	}
	if s.Ranks {
		values["fake.pooling_type"] = uint32(4)
	}
	data = header(values, s.Weights)
	write(t, path, data)
	if s.Weights > 0 { // they are a hole in the file
		if err := os.Truncate(path, int64(len(data)+31)/32*32+s.Weights); err != nil {
			t.Fatal(err)
		}
	}
}

// Starts is how many processes a model has had.
func Starts(t testing.TB, dir, id string) int {
	t.Helper()
	st, err := os.Stat(filepath.Join(dir, id+".gguf.starts"))
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return int(st.Size())
}

// Header is a GGUF file of version 3 with texts and uint32 values, no tensors.
func Header(values map[string]any) []byte { return header(values, 0) }

// header describes a layer of so many bytes too, if there are any.
func header(values map[string]any, weights int64) []byte {
	le := binary.LittleEndian
	b := append([]byte("GGUF"), 3, 0, 0, 0)
	b = le.AppendUint64(b, uint64(min(weights, 1)))
	b = le.AppendUint64(b, uint64(len(values)))
	for k, v := range values {
		b = le.AppendUint64(b, uint64(len(k)))
		b = append(b, k...)
		switch v := v.(type) {
		case string:
			b = le.AppendUint32(b, 8)
			b = le.AppendUint64(b, uint64(len(v)))
			b = append(b, v...)
		case uint32:
			b = le.AppendUint32(b, 4)
			b = le.AppendUint32(b, v)
		default:
			panic("fake: a GGUF value is a string or a uint32")
		}
	}
	if weights > 0 {
		const name, int8s = "blk.0.attn_k.weight", 24
		b = le.AppendUint64(b, uint64(len(name)))
		b = append(b, name...)
		b = le.AppendUint32(b, 1)
		b = le.AppendUint64(b, uint64(weights))
		b = le.AppendUint32(b, int8s)
		b = le.AppendUint64(b, 0)
	}
	return b
}

// write holds off forks: a child that another test starts meanwhile has the file
// open for writing until it executes its program, and the watcher of the folder
// would see a file that is still being written.
func write(t testing.TB, path string, data []byte) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
