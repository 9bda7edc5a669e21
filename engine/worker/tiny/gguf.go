package tiny

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
)

// alignment of tensors in a file, in bytes: GGUF's own default.
const alignment = 32

// file is a GGUF file that is being put together.
type file struct {
	keys    []entry
	tensors []tensor
}

type entry struct {
	key   string
	value any // uint32, int32, float32, bool, string, or a slice of string, float32 or int32
}

// tensor has 32-bit numbers. dims begin with the one whose neighbours lie side
// by side.
type tensor struct {
	name string
	dims []int
	data []float32
}

func (t tensor) bytes() uint64 { return 4 * uint64(len(t.data)) }

func (f *file) set(key string, value any) { f.keys = append(f.keys, entry{key, value}) }

// spoil makes the file other than it should be.
func (f *file) spoil(o Options) {
	for _, key := range slices.Sorted(maps.Keys(o.Set)) {
		f.keys = slices.DeleteFunc(f.keys, func(e entry) bool { return e.key == key })
		if v := o.Set[key]; v != nil {
			f.set(key, v)
		}
	}
	f.tensors = slices.DeleteFunc(f.tensors, func(t tensor) bool { return t.name == o.Drop })
}

// write makes the file at path.
func (f *file) write(path string) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := &writer{w: bufio.NewWriterSize(out, 1<<16)}
	f.put(w)
	if err := w.w.Flush(); err != nil && w.err == nil {
		w.err = err
	}
	if err := out.Close(); err != nil && w.err == nil {
		w.err = err
	}
	return w.err
}

func (f *file) put(w *writer) {
	w.raw([]byte("GGUF"))
	w.u32(3)
	w.u64(uint64(len(f.tensors)))
	w.u64(uint64(len(f.keys)))
	for _, e := range f.keys {
		w.text(e.key)
		w.value(e.value)
	}
	offset := uint64(0)
	for _, t := range f.tensors {
		w.text(t.name)
		w.u32(uint32(len(t.dims)))
		for _, d := range t.dims {
			w.u64(uint64(d))
		}
		w.u32(0) // F32
		w.u64(offset)
		offset += (t.bytes() + alignment - 1) / alignment * alignment
	}
	w.pad()
	for _, t := range f.tensors {
		for _, x := range t.data {
			w.u32(math.Float32bits(x))
		}
		w.pad()
	}
}

// writer keeps the first error.
type writer struct {
	w   *bufio.Writer
	pos int
	err error
}

func (w *writer) raw(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
		w.pos += len(b)
	}
}

func (w *writer) u32(v uint32) { w.raw(binary.LittleEndian.AppendUint32(nil, v)) }
func (w *writer) u64(v uint64) { w.raw(binary.LittleEndian.AppendUint64(nil, v)) }

func (w *writer) text(s string) {
	w.u64(uint64(len(s)))
	_, err := io.WriteString(w.w, s)
	w.pos += len(s)
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) pad() { w.raw(make([]byte, (alignment-w.pos%alignment)%alignment)) }

// Types of values, as the GGUF format numbers them.
const (
	typeUint32, typeInt32, typeFloat32        = 4, 5, 6
	typeBool, typeString, typeArray    uint32 = 7, 8, 9
)

// value writes the type of v and v.
func (w *writer) value(v any) {
	array := func(elem uint32, n int) {
		w.u32(typeArray)
		w.u32(elem)
		w.u64(uint64(n))
	}
	switch v := v.(type) {
	case uint32:
		w.u32(typeUint32)
		w.u32(v)
	case int32:
		w.u32(typeInt32)
		w.u32(uint32(v))
	case float32:
		w.u32(typeFloat32)
		w.u32(math.Float32bits(v))
	case bool:
		w.u32(typeBool)
		b := []byte{0}
		if v {
			b[0] = 1
		}
		w.raw(b)
	case string:
		w.u32(typeString)
		w.text(v)
	case []string:
		array(typeString, len(v))
		for _, s := range v {
			w.text(s)
		}
	case []float32:
		array(typeFloat32, len(v))
		for _, x := range v {
			w.u32(math.Float32bits(x))
		}
	case []int32:
		array(typeInt32, len(v))
		for _, x := range v {
			w.u32(uint32(x))
		}
	default:
		w.err = fmt.Errorf("no GGUF type for %T", v)
	}
}
