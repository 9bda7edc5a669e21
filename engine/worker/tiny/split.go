package tiny

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Split writes a GGUF file as so many parts, as llama-gguf-split does: the first
// has the keys, each has some of the tensors. name gives the path of a part, from
// 1; no file may be there.
func Split(path string, parts int, name func(no int) string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	s := &source{r: bufio.NewReaderSize(in, 1<<16)}
	if err := s.header(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	each := (len(s.tensors) + parts - 1) / parts
	for no := range parts {
		mine := s.tensors[min(no*each, len(s.tensors)):min((no+1)*each, len(s.tensors))]
		if err := s.part(in, name(no+1), no, parts, mine); err != nil {
			return err
		}
	}
	return nil
}

// source is a GGUF file that is read to be copied.
type source struct {
	r       *bufio.Reader
	pos     int64
	err     error
	keys    []byte // as they stand in the file
	count   uint64 // of keys
	tensors []described
	data    int64 // where the weights begin
}

// described is a tensor's description without its place.
type described struct {
	raw          []byte
	offset, size int64
}

func (s *source) take(n uint64) []byte {
	if s.err == nil && n > 1<<30 {
		s.err = errors.New("a length is absurd")
	}
	if s.err != nil {
		return make([]byte, 8)
	}
	b := make([]byte, max(n, 8))
	_, s.err = io.ReadFull(s.r, b[:n])
	s.pos += int64(n)
	return b[:n]
}

// keep reads n bytes that are copied as they are, and gives them as a number.
func (s *source) keep(to *[]byte, n uint64) uint64 {
	b := s.take(n)
	*to = append(*to, b...)
	var number [8]byte
	copy(number[:], b)
	return binary.LittleEndian.Uint64(number[:])
}

func (s *source) header() error {
	if string(s.take(4)) != "GGUF" {
		return errors.New("not a GGUF file")
	}
	s.take(4)
	tensors := binary.LittleEndian.Uint64(s.take(8))
	s.count = binary.LittleEndian.Uint64(s.take(8))
	for i := uint64(0); i < s.count && s.err == nil; i++ {
		s.keep(&s.keys, s.keep(&s.keys, 8))
		s.value(s.keep(&s.keys, 4))
	}
	for i := uint64(0); i < tensors && s.err == nil; i++ {
		var t described
		s.keep(&t.raw, s.keep(&t.raw, 8))
		s.keep(&t.raw, 8*s.keep(&t.raw, 4))
		s.keep(&t.raw, 4)
		t.offset = int64(binary.LittleEndian.Uint64(s.take(8)))
		if n := len(s.tensors); n > 0 {
			s.tensors[n-1].size = t.offset - s.tensors[n-1].offset
		}
		s.tensors = append(s.tensors, t)
	}
	s.data = (s.pos + alignment - 1) / alignment * alignment
	return s.err
}

// value copies a value of a type.
func (s *source) value(typ uint64) {
	size := map[uint64]uint64{0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
	switch {
	case size[typ] > 0:
		s.keep(&s.keys, size[typ])
	case typ == uint64(typeString):
		s.keep(&s.keys, s.keep(&s.keys, 8))
	case typ == uint64(typeArray):
		elem, n := s.keep(&s.keys, 4), s.keep(&s.keys, 8)
		if size[elem] > 0 {
			s.keep(&s.keys, n*size[elem])
			return
		}
		for i := uint64(0); i < n && s.err == nil; i++ {
			s.value(elem)
		}
	default:
		s.err = fmt.Errorf("type %d", typ)
	}
}

// part writes one part.
func (s *source) part(in *os.File, path string, no, parts int, tensors []described) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := &writer{w: bufio.NewWriterSize(out, 1<<16)}
	keys, count := s.keys, s.count
	if no > 0 {
		keys, count = nil, 0
	}
	w.raw([]byte("GGUF"))
	w.u32(3)
	w.u64(uint64(len(tensors)))
	w.u64(count + 3)
	w.raw(keys)
	for key, n := range map[string]int{"split.no": no, "split.count": parts} {
		w.text(key)
		w.u32(2) // 16 bits, as llama.cpp wants it
		w.raw([]byte{byte(n), byte(n >> 8)})
	}
	w.text("split.tensors.count")
	w.value(int32(len(s.tensors)))
	offset := int64(0)
	for _, t := range tensors {
		w.raw(t.raw)
		w.u64(uint64(offset))
		offset += (s.sizeOf(in, t) + alignment - 1) / alignment * alignment
	}
	w.pad()
	for _, t := range tensors {
		n, err := io.Copy(w.w, io.NewSectionReader(in, s.data+t.offset, s.sizeOf(in, t)))
		if w.err = errors.Join(w.err, err); w.err != nil {
			break
		}
		w.pos += int(n)
		w.pad()
	}
	return errors.Join(w.err, w.w.Flush(), out.Close())
}

// sizeOf is a tensor's size with its padding; the last one ends with the file.
func (s *source) sizeOf(in *os.File, t described) int64 {
	if t.size > 0 {
		return t.size
	}
	st, err := in.Stat()
	if err != nil {
		s.err = err
		return 0
	}
	return st.Size() - s.data - t.offset
}
