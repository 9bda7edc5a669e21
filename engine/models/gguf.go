package models

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
)

// Header is what Alcove needs of a GGUF header.
type Header struct {
	Version      int
	Name         string // general.name
	Architecture string // general.architecture
	SizeLabel    string // general.size_label
	Context      int    // tokens the model was trained for
	Elements     uint64 // numbers in all tensors: the parameters
	Need         int64  // bytes that a complete file has
	SplitNo      int    // of a part of a split model, from 0
	SplitCount   int    // parts of the model; 0 or 1: not split
	Shape        *Shape // nil unless the whole header could be read
	Facts        Facts  // likewise; without Adapters
	Kind         string // general.type: "model", "adapter", "mmproj", ...; "" is a model
	Adapter      string // adapter.type of an adapter: "lora"
	adapts       adapts
}

// Header errors; refusal has the sentences.
var (
	ErrNotGGUF = errors.New("not a GGUF file")
	ErrVersion = errors.New("GGUF version is not 2 or 3")
	ErrDamaged = errors.New("GGUF header is damaged")
)

// IncompleteError says that a file ends too early. Need is 0 when it ends
// inside its header.
type IncompleteError struct{ Have, Need int64 }

// Error gives both numbers in bytes.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("GGUF file is incomplete: %d of %d bytes", e.Have, e.Need)
}

// Limits of a sane header. The largest vocabularies known today need about
// 20 MiB and 300,000 strings.
const (
	maxHeader  = 256 << 20
	maxKeys    = 1 << 16
	maxTensors = 1 << 18
	maxName    = 1 << 16 // bytes of a key or a text that is kept
	maxElems   = 1 << 24 // of one array
)

// GGUF value types.
const (
	typeUint8, typeInt8, typeUint16, typeInt16   = 0, 1, 2, 3
	typeUint32, typeInt32, typeFloat32, typeBool = 4, 5, 6, 7
	typeString, typeArray                        = 8, 9
	typeUint64, typeInt64, typeFloat64           = 10, 11, 12
)

var valueSize = map[uint32]int64{
	typeUint8: 1, typeInt8: 1, typeUint16: 2, typeInt16: 2, typeUint32: 4, typeInt32: 4,
	typeFloat32: 4, typeBool: 1, typeUint64: 8, typeInt64: 8, typeFloat64: 8,
}

// block is how ggml stores a tensor type: elements and bytes of one block.
type block struct{ elems, bytes uint64 }

// blocks are ggml's tensor types (ggml.h, enum ggml_type).
var blocks = map[uint32]block{
	0: {1, 4}, 1: {1, 2}, 2: {32, 18}, 3: {32, 20}, 6: {32, 22}, 7: {32, 24}, 8: {32, 34}, 9: {32, 36},
	10: {256, 84}, 11: {256, 110}, 12: {256, 144}, 13: {256, 176}, 14: {256, 210}, 15: {256, 292},
	16: {256, 66}, 17: {256, 74}, 18: {256, 98}, 19: {256, 50}, 20: {32, 18}, 21: {256, 110}, 22: {256, 82}, 23: {256, 136},
	24: {1, 1}, 25: {1, 2}, 26: {1, 4}, 27: {1, 8}, 28: {1, 8}, 29: {256, 56}, 30: {1, 2}, 34: {256, 54}, 35: {256, 66}, 39: {32, 17},
}

// removed are types that ggml had once; it computes with them no more.
var removed = []uint32{4, 5, 31, 32, 33, 36, 37, 38}

// ReadHeader reads the header of a GGUF file of size bytes. The error is
// ErrNotGGUF, ErrVersion, ErrDamaged (wrapped), *IncompleteError or a read error.
func ReadHeader(r io.Reader, size int64) (Header, error) {
	p := &parser{r: bufio.NewReaderSize(io.LimitReader(r, size), 64<<10), size: size}
	h, err := p.header()
	if p.err != nil {
		err = p.err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return h, &IncompleteError{Have: size}
	}
	if err != nil {
		return h, err
	}
	if h.Need > size {
		return h, &IncompleteError{Have: size, Need: h.Need}
	}
	return h, nil
}

// parser reads little-endian values and keeps the first error, after which it
// gives zeros.
type parser struct {
	r    *bufio.Reader
	pos  int64
	size int64
	err  error
	room []byte
}

func (p *parser) header() (Header, error) {
	var h Header
	if magic := p.bytes(4); string(magic) != "GGUF" {
		p.err = ErrNotGGUF // also when it is shorter than that
		return h, p.err
	}
	h.Version = int(p.u32())
	if p.err == nil && h.Version != 2 && h.Version != 3 {
		return h, ErrVersion
	}
	tensors, keys := p.u64(), p.u64()
	if p.err == nil && (tensors > maxTensors || keys > maxKeys) {
		return h, fmt.Errorf("%w (%d tensors, %d keys)", ErrDamaged, tensors, keys)
	}
	facts := keyFacts{align: 32, contexts: map[string]int{}, numbers: map[string][]int64{}, notes: newNotes()}
	for i := uint64(0); i < keys && p.err == nil; i++ {
		p.keyValue(&h, &facts)
	}
	if err := facts.check(); p.err == nil && err != nil {
		return h, err
	}
	if p.err == nil && h.Architecture == "" && h.SplitNo == 0 { // later parts of a model name none
		return h, fmt.Errorf("%w (no architecture)", ErrDamaged)
	}
	align := facts.align
	h.Context = facts.contexts[h.Architecture]
	shape := facts.shape(h.Architecture)
	end := p.tensors(&h, shape, &facts.notes, tensors, align)
	if p.err == nil {
		n := &facts.notes
		h.Shape, h.Facts, h.Kind, h.Adapter, h.adapts = shape, n.facts(h.Architecture), n.typ, n.adapter, n.adapts
		data := (uint64(p.pos) + align - 1) / align * align
		if end > math.MaxInt64-data {
			return h, fmt.Errorf("%w (tensor extents)", ErrDamaged)
		}
		h.Need = int64(data + end)
		if tensors == 0 {
			h.Need = p.pos // nothing follows the header
		}
	}
	return h, p.err
}

// tensors reads the descriptions and returns the end of the last extent,
// counted from the start of the weights.
func (p *parser) tensors(h *Header, shape *Shape, notes *notes, n, align uint64) (end uint64) {
	var names texts
	for i := uint64(0); i < n && p.err == nil; i++ {
		name := p.shortText()
		if name != "" {
			names.add([]byte(name))
		}
		dims := p.u32()
		if dims > 4 {
			p.fail("%d dimensions", dims)
			return 0
		}
		elems, first := uint64(1), uint64(0)
		for i := range dims {
			n := p.u64()
			if i == 0 {
				first = n
			}
			hi, lo := bits.Mul64(elems, n)
			if hi != 0 || lo > math.MaxInt64 {
				p.fail("tensor size")
				return 0
			}
			elems = lo
		}
		typ, offset := p.u32(), p.u64()
		if p.err != nil {
			return 0
		}
		b, known := blocks[typ]
		if !known {
			b = block{1, 0} // newer than this table: its extent is not checked, llama.cpp does
		}
		if slices.Contains(removed, typ) || first%b.elems != 0 {
			p.fail("tensor type %d, rows of %d", typ, first)
			return 0
		}
		hi, length := bits.Mul64((elems+b.elems-1)/b.elems, b.bytes)
		stop, carry := bits.Add64(offset, length, 0)
		// The sum with one alignment must fit too: llama.cpp pads each tensor's
		// size, and a size that wraps there passes its own check (#26978).
		if hi != 0 || carry != 0 || stop > math.MaxInt64-align || offset%align != 0 {
			p.fail("tensor extent")
			return 0
		}
		if sum, carry := bits.Add64(h.Elements, elems, 0); carry == 0 {
			h.Elements = sum
		}
		end = max(end, stop)
		shape.add(name, int64(length), known)
		notes.weigh(typ, dims, length)
		notes.adapts.saw(name, first)
	}
	if names.twice() {
		p.fail("a tensor stands twice")
	}
	return end
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%w (%s)", ErrDamaged, fmt.Sprintf(format, args...))
	}
}

func (p *parser) bytes(n int) []byte {
	b := make([]byte, n)
	if p.err == nil {
		p.fill(b)
	}
	return b
}

func (p *parser) fill(b []byte) {
	m, err := io.ReadFull(p.r, b)
	p.pos += int64(m)
	p.err = err
	if p.pos > maxHeader {
		p.fail("longer than %d bytes", maxHeader)
	}
}

// scratch reads n bytes into memory that the next call uses again.
func (p *parser) scratch(n int) []byte {
	if cap(p.room) < n {
		p.room = make([]byte, n)
	}
	b := p.room[:n]
	clear(b)
	if p.err == nil {
		p.fill(b)
	}
	return b
}

func (p *parser) u16() uint16 { return binary.LittleEndian.Uint16(p.scratch(2)) }
func (p *parser) u32() uint32 { return binary.LittleEndian.Uint32(p.scratch(4)) }
func (p *parser) u64() uint64 { return binary.LittleEndian.Uint64(p.scratch(8)) }

// text reads a string of at most limit bytes.
func (p *parser) text(limit uint64) string {
	n := p.u64()
	if n > limit {
		p.fail("text of %d bytes", n)
		return ""
	}
	return string(p.bytes(int(n)))
}

func (p *parser) skipText() { p.skip(p.u64()) }

// shortText reads a tensor's name; of a longer one than llama.cpp takes only
// the length matters.
func (p *parser) shortText() string {
	n := p.u64()
	if n > 64 {
		p.skip(n)
		return ""
	}
	return string(p.bytes(int(n)))
}

func (p *parser) skip(n uint64) {
	if p.err != nil || n == 0 {
		return
	}
	if n > maxHeader {
		p.fail("text of %d bytes", n)
		return
	}
	m, err := p.r.Discard(int(n))
	p.pos += int64(m)
	if p.pos > maxHeader && err == nil {
		p.fail("longer than %d bytes", maxHeader)
	}
	if err != nil {
		p.err = err
	}
}

// skipValue passes over a value; depth bounds arrays in arrays.
func (p *parser) skipValue(typ uint32, depth int) {
	if n, ok := valueSize[typ]; ok {
		p.skip(uint64(n))
		return
	}
	switch {
	case typ == typeString:
		p.skipText()
	case typ == typeArray && depth < 4:
		elem, count := p.u32(), p.u64()
		if count > maxElems {
			p.fail("array of %d", count)
			return
		}
		p.skipElements(elem, count, depth)
	default:
		p.fail("value type %d", typ)
	}
}

// skipElements passes over count elements of an array.
func (p *parser) skipElements(elem uint32, count uint64, depth int) {
	if n, ok := valueSize[elem]; ok {
		p.skip(uint64(n) * count)
		return
	}
	for i := uint64(0); i < count && p.err == nil; i++ {
		p.skipValue(elem, depth+1)
	}
}
