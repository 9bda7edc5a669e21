package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Frame errors. A reader that gets any of them, or another error, cannot find
// the next frame and must end the connection. io.EOF alone means that the
// other side closed between two frames; a frame cut short gives
// io.ErrUnexpectedEOF.
var (
	// ErrTooLarge says that a body is longer than MaxFrame.
	ErrTooLarge = errors.New("wire: frame is too large")
	// ErrHeadLength says that the head is empty or longer than its body.
	ErrHeadLength = errors.New("wire: head length is out of range")
	// ErrBadHead says that the head is not exactly the expected JSON object.
	ErrBadHead = errors.New("wire: head is not the expected JSON")
)

const prefixSize = 8 // u32 body length, u32 head length

// Write sends one frame with a single Write call, so that frames written from
// several goroutines to a socket do not mix as long as each call is
// serialised. Nothing is written when the frame is larger than MaxFrame.
func Write(w io.Writer, head any, raw []byte) error {
	var b bytes.Buffer
	b.Write(make([]byte, prefixSize))
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(head); err != nil {
		return fmt.Errorf("wire: encode head: %w", err)
	}
	b.Truncate(b.Len() - 1) // Encode ends the value with a newline
	headLen := b.Len() - prefixSize
	if headLen > MaxFrame || len(raw) > MaxFrame-headLen {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, headLen+len(raw))
	}
	b.Write(raw)
	frame := b.Bytes()
	binary.LittleEndian.PutUint32(frame[0:], uint32(len(frame)-prefixSize))
	binary.LittleEndian.PutUint32(frame[4:], uint32(headLen))
	if _, err := w.Write(frame); err != nil {
		return fmt.Errorf("wire: write frame: %w", err)
	}
	return nil
}

// Read takes one frame from r, decodes its head into head (a pointer to a
// fresh ToWorker or FromWorker) and returns the raw bytes, nil if there are
// none. Both lengths are checked before memory is taken for them.
func Read(r io.Reader, head any) (raw []byte, err error) {
	var prefix [prefixSize]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return nil, err // io.EOF between frames stays io.EOF
	}
	bodyLen := binary.LittleEndian.Uint32(prefix[0:])
	headLen := binary.LittleEndian.Uint32(prefix[4:])
	if bodyLen > MaxFrame {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, bodyLen)
	}
	if headLen == 0 || headLen > bodyLen {
		return nil, fmt.Errorf("%w: %d of %d bytes", ErrHeadLength, headLen, bodyLen)
	}
	body := make([]byte, bodyLen)
	if _, err := io.ReadFull(r, body); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if err := decodeHead(body[:headLen], head); err != nil {
		return nil, err
	}
	if headLen == bodyLen {
		return nil, nil
	}
	return body[headLen:], nil
}

// decodeHead is strict: one object, no unknown field, nothing after it.
func decodeHead(data []byte, head any) error {
	if t := bytes.TrimLeft(data, " \t\r\n"); len(t) == 0 || t[0] != '{' {
		return fmt.Errorf("%w: not an object", ErrBadHead) // null would decode to nothing
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(head); err != nil {
		return fmt.Errorf("%w: %w", ErrBadHead, err)
	}
	if rest := bytes.TrimLeft(data[dec.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return fmt.Errorf("%w: %d bytes after the object", ErrBadHead, len(rest))
	}
	return nil
}
