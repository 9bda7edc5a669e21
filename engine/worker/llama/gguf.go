package llama

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// ErrNotModel says that a file is not a usable GGUF model.
var ErrNotModel = errors.New("not a usable GGUF model")

// Bounds on a header that may be real: the largest public models have about
// 2,000 tensors and 100 keys.
const (
	maxTensors = 1 << 20
	maxKeys    = 1 << 16
)

// CheckFile looks at the fixed part of a GGUF header, so that a file of
// another kind never reaches native code.
func CheckFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would wait for its writer
	if err != nil {
		return err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil {
		return err
	} else if !st.Mode().IsRegular() {
		return fmt.Errorf("%w: it is not a file", ErrNotModel)
	}
	var h struct {
		Magic         [4]byte
		Version       uint32
		Tensors, Keys uint64
	}
	if err := binary.Read(f, binary.LittleEndian, &h); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: it is shorter than a header", ErrNotModel)
		}
		return err
	}
	switch {
	case string(h.Magic[:]) != "GGUF":
		return fmt.Errorf("%w: it does not begin with GGUF", ErrNotModel)
	case h.Version < 2 || h.Version > 3:
		return fmt.Errorf("%w: GGUF version %d is not known (2 and 3 are)", ErrNotModel, h.Version)
	case h.Tensors == 0 || h.Tensors > maxTensors || h.Keys == 0 || h.Keys > maxKeys:
		return fmt.Errorf("%w: its header names %d tensors and %d keys", ErrNotModel, h.Tensors, h.Keys)
	}
	return nil
}
