package rollup

import (
	"encoding/binary"
	"hash/crc32"
)

// What is encoded begins with its kind and ends with a checksum, so that a
// damaged row is seen as such and not drawn.
const (
	kindGauges  = 'g'
	kindFigures = 'h'
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func begin(kind byte) []byte { return append(make([]byte, 0, 512), kind) }

func seal(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// open checks what seal closed and gives what is between.
func open(src []byte, kind byte) ([]byte, error) {
	n := len(src) - 4
	if n < 1 || src[0] != kind || crc32.Checksum(src[:n], castagnoli) != binary.LittleEndian.Uint32(src[n:]) {
		return nil, ErrDamaged
	}
	return src[1:n], nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func readUint(b []byte) (uint64, []byte, error) {
	v, used := binary.Uvarint(b)
	if used <= 0 {
		return 0, nil, ErrDamaged
	}
	return v, b[used:], nil
}

func readText(b []byte) (string, []byte, error) {
	n, b, err := readUint(b)
	if err != nil || n > maxName || n > uint64(len(b)) {
		return "", nil, ErrDamaged
	}
	return string(b[:n]), b[n:], nil
}
