package models

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// le puts numbers and texts behind each other, as a GGUF file has them.
func le(parts ...any) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case []byte:
			b.Write(p)
		default:
			_ = binary.Write(&b, binary.LittleEndian, p)
		}
	}
	return b.Bytes()
}

// begin is the fixed part of a header.
func begin(tensors, keys uint64) []byte { return le("GGUF", uint32(3), tensors, keys) }

// oneKey is a header with one key, whose value the test writes.
func oneKey(key string, rest ...any) []byte {
	return append(begin(0, 1), le(append([]any{uint64(len(key)), key}, rest...)...)...)
}

// of makes a header with other tensors.
func of(tensors ...tensor) []byte {
	g := good()
	g.tensors = tensors
	return g.bytes()
}

// without takes a key away.
func without(key string) []byte {
	g := good()
	for i := range g.keys {
		if g.keys[i].key == key {
			g.keys = append(g.keys[:i:i], g.keys[i+1:]...)
			break
		}
	}
	return g.bytes()
}

func with(k kv) []byte { return good().set(k).bytes() }

func array(key string, elem uint32, vals ...any) kv {
	return kv{key: key, typ: typeArray, elem: elem, vals: vals}
}

// Sentences that a user reads.
const (
	saysNoModel    = "This file is not a GGUF model."
	saysVersion    = "version is not supported"
	saysDamaged    = "The model's header is damaged. Copy the file again."
	saysCut        = "it ends inside its header"
	saysIncomplete = "bytes are there"
)

// badFiles are files that llama.cpp must never see, with a part of the sentence
// for each. Those of engine/models/upstream_test.go come on top.
func badFiles() map[string]struct {
	data []byte
	want string
} {
	whole := good().bytes()
	version := func(v uint32) []byte { b := bytes.Clone(whole); binary.LittleEndian.PutUint32(b[4:], v); return b }
	tokens := good().keys[5].vals
	nested := []any{uint32(typeArray)}
	for range 5 {
		nested = append(nested, uint32(typeArray), uint64(1))
	}
	twice := good()
	twice.keys = append(twice.keys, number("llama.block_count", 30))
	long := strings.Repeat("k", 1<<16+1)
	return map[string]struct {
		data []byte
		want string
	}{
		"empty":                           {nil, saysNoModel},
		"a text":                          {[]byte("This is a text, and a long one."), saysNoModel},
		"the magic of another order":      {le("FUGG", uint32(3), uint64(0), uint64(0)), saysNoModel},
		"a pickle":                        {le("PK\x03\x04", make([]byte, 100)), saysNoModel},
		"zeros":                           {make([]byte, 4096), saysNoModel},
		"the magic alone":                 {[]byte("GGUF"), saysCut},
		"cut in the version":              {whole[:6], saysCut},
		"cut in the counts":               {whole[:20], saysCut},
		"cut in a key's length":           {whole[:28], saysCut},
		"cut in a key":                    {whole[:36], saysCut},
		"cut in a value":                  {whole[:60], saysCut},
		"cut in the vocabulary":           {whole[:2000], saysCut},
		"cut in a tensor":                 {whole[:len(whole)-4096-32], saysCut},
		"cut in the weights":              {of(tensor{name: "a", dims: []uint64{1024}})[:len(of(tensor{name: "a", dims: []uint64{1024}}))-1], saysIncomplete},
		"weights far beyond the end":      {of(tensor{name: "a", dims: []uint64{64}, offset: 1 << 40}), saysIncomplete},
		"version 0":                       {version(0), saysVersion},
		"version 1":                       {version(1), saysVersion},
		"version 4":                       {version(4), saysVersion},
		"of a big-endian machine":         {version(3 << 24), saysVersion},
		"too many tensors":                {begin(maxTensors+1, 0), saysDamaged},
		"tensors without end":             {begin(math.MaxUint64, 0), saysDamaged},
		"too many keys":                   {begin(0, maxKeys+1), saysDamaged},
		"keys without end":                {begin(0, math.MaxUint64), saysDamaged},
		"a key without end":               {append(begin(0, 1), le(uint64(math.MaxUint64))...), saysDamaged},
		"a key too long":                  {oneKey(long, uint32(typeUint8), uint8(0)), saysDamaged},
		"an empty key":                    {oneKey("", uint32(typeUint8), uint8(0)), saysDamaged},
		"the same key twice":              {twice.bytes(), saysDamaged},
		"a value of no type":              {oneKey("a.b", uint32(13), uint64(0)), saysDamaged},
		"a value of a negative type":      {oneKey("a.b", uint32(math.MaxUint32), uint64(0)), saysDamaged},
		"a text without end":              {oneKey("a.b", uint32(typeString), uint64(math.MaxUint64)), saysDamaged},
		"a text with a negative length":   {oneKey("a.b", uint32(typeString), int64(-1)), saysDamaged},
		"a text longer than the file":     {oneKey("a.b", uint32(typeString), uint64(1<<20), "x"), saysCut},
		"a name without end":              {oneKey("general.name", uint32(typeString), uint64(1<<40)), saysDamaged},
		"a licence without end":           {oneKey("general.license", uint32(typeString), uint64(1<<40)), saysDamaged},
		"a template longer than it":       {oneKey("tokenizer.chat_template", uint32(typeString), uint64(1<<20), "x"), saysCut},
		"a template without end":          {oneKey("tokenizer.chat_template", uint32(typeString), uint64(1<<40)), saysDamaged},
		"languages without end":           {oneKey("general.languages", uint32(typeArray), uint32(typeString), uint64(1<<40)), saysDamaged},
		"an array without end":            {oneKey("a.b", uint32(typeArray), uint32(typeUint8), uint64(math.MaxUint64)), saysDamaged},
		"an array longer than the file":   {oneKey("a.b", uint32(typeArray), uint32(typeUint8), uint64(1<<20)), saysCut},
		"an array of no type":             {oneKey("a.b", uint32(typeArray), uint32(99), uint64(1)), saysDamaged},
		"arrays in arrays":                {oneKey("a.b", nested...), saysDamaged},
		"an array whose size wraps":       {oneKey("a.b", uint32(typeArray), uint32(typeUint64), uint64(1<<61+1)), saysDamaged},
		"no architecture":                 {without("general.architecture"), saysDamaged},
		"an architecture that is no text": {with(number("general.architecture", 3)), saysDamaged},
		"alignment 0":                     {with(number("general.alignment", 0)), saysDamaged},
		"alignment 24":                    {with(number("general.alignment", 24)), saysDamaged},
		"alignment of 2 GiB":              {with(number("general.alignment", 1<<31)), saysDamaged},
		"alignment of another type":       {with(kv{key: "general.alignment", typ: typeUint64, vals: []any{uint64(32)}}), saysDamaged},
		"513 layers":                      {with(number("llama.block_count", 513)), saysDamaged},
		"layers of another type":          {with(kv{key: "llama.block_count", typ: typeString, vals: []any{"30"}}), saysDamaged},
		"a part number of another type":   {with(number("split.no", 1)), saysDamaged},
		"a part count of another type":    {with(number("split.count", 3)), saysDamaged},
		"tokens that are numbers":         {with(array("tokenizer.ggml.tokens", typeUint32, uint32(1), uint32(2))), saysDamaged},
		"a token without end":             {oneKey("tokenizer.ggml.tokens", uint32(typeArray), uint32(typeString), uint64(1), uint64(1<<40)), saysDamaged},
		"too many tokens":                 {oneKey("tokenizer.ggml.tokens", uint32(typeArray), uint32(typeString), uint64(maxVocab+1)), saysDamaged},
		"three tokens":                    {with(array("tokenizer.ggml.tokens", typeString, "a", "b", "c")), saysDamaged},
		"a token twice":                   {with(array("tokenizer.ggml.tokens", typeString, append([]any{"t9"}, tokens...)...)), saysDamaged},
		"scores of another type":          {with(array("tokenizer.ggml.scores", typeString, "a")), saysDamaged},
		"kinds of tokens, another type":   {with(array("tokenizer.ggml.token_type", typeFloat32, float32(1))), saysDamaged},
		"an end beyond the vocabulary":    {with(number("tokenizer.ggml.bos_token_id", 300)), saysDamaged},
		"a charsmap of one byte":          {with(array("tokenizer.ggml.precompiled_charsmap", typeUint8, uint8(1))), saysDamaged},
		"five dimensions":                 {of(tensor{name: "a", dims: []uint64{1, 1, 1, 1, 1}}), saysDamaged},
		"a tensor without end":            {of(tensor{name: "a", dims: []uint64{math.MaxUint64}}), saysDamaged},
		"dimensions whose product wraps":  {of(tensor{name: "a", dims: []uint64{1 << 32, 1 << 32}}), saysDamaged},
		"a size that wraps when padded":   {of(tensor{name: "a", dims: []uint64{1<<61 - 1}}), saysDamaged},
		"rows that are no blocks":         {of(tensor{name: "a", dims: []uint64{33, 2}, typ: 2}), saysDamaged},
		"a type that ggml has removed":    {of(tensor{name: "a", dims: []uint64{32}, typ: 4}), saysDamaged},
		"an offset between two places":    {of(tensor{name: "a", dims: []uint64{64}, offset: 31}), saysDamaged},
		"an offset that wraps":            {of(tensor{name: "a", dims: []uint64{64}, offset: math.MaxUint64 - 31}), saysDamaged},
		"the same tensor twice":           {of(tensor{name: "a", dims: []uint64{64}}, tensor{name: "a", dims: []uint64{64}, offset: 256}), saysDamaged},
	}
}

// Each is listed, refused, and says why; none takes another model with it.
func TestFolder_BadFiles(t *testing.T) {
	cases := badFiles()
	if len(cases) < 60 {
		t.Fatalf("%d kinds of bad files", len(cases))
	}
	dir := t.TempDir()
	put(t, dir, "good.gguf", good().bytes())
	old := time.Now().Add(-time.Hour) // not being copied any more
	for name, c := range cases {
		if err := os.Chtimes(put(t, dir, name+".gguf", c.data), old, old); err != nil {
			t.Fatal(err)
		}
	}
	got := list(t, dir)
	if got["good"].State != StateReady || len(got) != len(cases)+1 {
		t.Fatalf("%d models, the good one is %+v", len(got), got["good"])
	}
	for name, c := range cases {
		if m := got[name]; m.State != StateRefused || !strings.Contains(m.Refused, c.want) || m.Shape != nil {
			t.Errorf("%s: %s, %q, want %q", name, m.State, m.Refused, c.want)
		}
	}
}

// endless is a file of so many bytes that repeats a part without end. It counts
// what is read of it.
type endless struct {
	head, again []byte
	at          int64
	read        int64
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	if e.at < int64(len(e.head)) {
		n = copy(b, e.head[e.at:])
	}
	for n < len(b) {
		from := (e.at + int64(n) - int64(len(e.head))) % int64(len(e.again))
		n += copy(b[n:], e.again[from:])
	}
	e.at += int64(n)
	e.read += int64(n)
	return n, nil
}

// A header costs less than 64 MB of memory, whatever it says, and no more than
// maxHeader is read of it.
func TestReadHeader_Memory(t *testing.T) {
	name := strings.Repeat("n", maxName)
	counting := 0
	unique := func(n int, rest []byte) []byte { // texts that differ, as many as fit
		var b bytes.Buffer
		for ; b.Len() < n; counting++ {
			b.Write(le(uint64(8), uint64(counting), rest))
		}
		return b.Bytes()
	}
	keys := func(n int) []byte {
		var b bytes.Buffer
		for i := range n {
			b.Write(le(uint64(23), uint64(i), ".context_length", uint32(typeUint32), uint32(1)))
		}
		return b.Bytes()
	}
	for what, f := range map[string]*endless{
		"long tokens":      {head: oneKey("tokenizer.ggml.tokens", uint32(typeArray), uint32(typeString), uint64(maxVocab)), again: le(uint64(maxName), name)},
		"a million tokens": {head: oneKey("tokenizer.ggml.tokens", uint32(typeArray), uint32(typeString), uint64(maxVocab)), again: unique(16<<20, nil)},
		"a million scores": {head: oneKey("tokenizer.ggml.scores", uint32(typeArray), uint32(typeFloat32), uint64(maxElems)), again: make([]byte, 4096)},
		"long keys":        {head: begin(0, maxKeys), again: le(uint64(maxName), name, uint32(typeUint8), uint8(0))},
		"many keys":        {head: begin(0, maxKeys), again: keys(1 << 14)},
		"long values":      {head: begin(0, maxKeys), again: le(uint64(12), "general.name", uint32(typeString), uint64(maxName), name)},
		"long contexts":    {head: begin(0, maxKeys), again: le(uint64(maxName), strings.Repeat("c", maxName-15), ".context_length", uint32(typeUint32), uint32(1))},
		"languages":        {head: oneKey("general.languages", uint32(typeArray), uint32(typeString), uint64(maxElems)), again: le(uint64(maxName), name)},
		"many tensors":     {head: append(begin(maxTensors, 1), le(uint64(20), "general.architecture", uint32(typeString), uint64(5), "llama")...), again: unique(8<<20, le(uint32(1), uint64(32), uint32(0), uint64(0)))},
		"arrays in arrays": {head: oneKey("a.b", uint32(typeArray), uint32(typeArray), uint64(maxElems)), again: le(uint32(typeArray), uint64(1<<20))},
		"a long text":      {head: oneKey("a.b", uint32(typeString), uint64(maxHeader)), again: make([]byte, 4096)},
	} {
		t.Run(what, func(t *testing.T) {
			var most uint64
			watched := &watchedReader{r: f, most: &most}
			runtime.GC()
			var before runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := ReadHeader(watched, 1<<40)
			var incomplete *IncompleteError
			if err == nil || !errors.Is(err, ErrDamaged) && !errors.As(err, &incomplete) {
				t.Errorf("error %v", err)
			}
			watched.measure()
			if most > before.HeapAlloc+64<<20 {
				t.Errorf("%d MiB of memory", (most-before.HeapAlloc)>>20)
			}
			if f.read > maxHeader+1<<20 {
				t.Errorf("%d MiB were read", f.read>>20)
			}
			t.Logf("%.1f MiB, %d MiB read: %.120v", float64(int64(most)-int64(before.HeapAlloc))/(1<<20), f.read>>20, err)
		})
	}
}

// watchedReader measures what is in use each 16 MiB.
type watchedReader struct {
	r    io.Reader
	n    int
	most *uint64
}

func (w *watchedReader) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	if w.n += n; w.n >= 16<<20 {
		w.n = 0
		w.measure()
	}
	return n, err
}

func (w *watchedReader) measure() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	*w.most = max(*w.most, m.HeapAlloc)
}

// The real model cut anywhere is never ready: it is being copied, or refused.
func TestSoak_RealModelCut(t *testing.T) {
	source := "../../build/models/SmolLM2-135M-Instruct.Q4_1.gguf"
	st, err := os.Stat(source)
	if err != nil {
		t.Skip("the test model is not there: run `make setup`")
	}
	n := 2000
	if os.Getenv("ALCOVE_SOAK") != "1" {
		n /= 20
	}
	whole := mustOpen(t, source)
	f, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHeader(io.NewSectionReader(whole, 0, st.Size()), st.Size())
	if err != nil || h.Need > st.Size() || h.Need < st.Size()-32 {
		t.Fatalf("the whole file: %+v, %v", h, err)
	}
	head := make([]byte, 4<<20) // the header, and some weights; what follows is a hole
	if _, err := io.ReadFull(whole, head); err != nil {
		t.Fatal(err)
	}
	random := seeded(t)
	path := filepath.Join(f.Dir(), "cut.gguf")
	for i := range n {
		cut := random.Int64N(h.Need)
		if i%2 == 0 {
			cut = random.Int64N(int64(len(head))) // half of them in the header
		}
		if err := os.WriteFile(path, head[:min(cut, int64(len(head)))], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, cut); err != nil {
			t.Fatal(err)
		}
		age := time.Now().Add(-time.Duration(i%2) * time.Hour)
		if err := os.Chtimes(path, age, age); err != nil {
			t.Fatal(err)
		}
		infos, err := f.List()
		if err != nil || len(infos) != 1 {
			t.Fatalf("%v, %v", infos, err)
		}
		m := infos[0]
		if m.State != StateCopying && m.State != StateRefused || m.Refused == "" || m.Shape != nil {
			t.Fatalf("cut at %d of %d: %+v", cut, h.Need, m)
		}
	}
}
