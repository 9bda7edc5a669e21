package monitor

import (
	"errors"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxFile is how much of one of the kernel's files is read, in bytes. The
// longest is /proc/stat of a machine with many processors.
const maxFile = 1 << 20

// files reads the kernel's files below a root, which is "/" but in tests. Every
// file may be absent, unreadable or nonsense. A read may hang in a driver.
type files struct {
	root string
	buf  []byte
}

func newFiles(root string) files { return files{root: root, buf: make([]byte, 4096)} }

// read gives what a file holds, without the space around it. The system's calls
// are made directly: package os asks the poller first about each file, which
// costs more than the read.
func (f *files) read(path string) (string, error) {
	fd, err := again(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return "", err
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	n := 0
	for n < maxFile {
		if n == len(f.buf) {
			f.buf = append(f.buf, make([]byte, len(f.buf))...)
		}
		more, err := again(func() (int, error) { return unix.Read(fd, f.buf[n:]) })
		if err != nil {
			return "", err
		}
		if more <= 0 {
			break
		}
		n += more
	}
	return strings.TrimSpace(string(f.buf[:n])), nil
}

// again repeats a call that a signal has interrupted: the runtime sends some.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// text is "" where a file cannot be read.
func (f *files) text(path ...string) string {
	s, err := f.read(filepath.Join(path...))
	if err != nil {
		return ""
	}
	return s
}

// number reads a file with one number, and multiplies it; nil where there is
// none.
func (f *files) number(factor float64, path ...string) *float64 {
	return parseNumber(f.text(path...), factor)
}

// count reads a file with one whole number; nil where there is none.
func (f *files) count(path ...string) *int64 {
	n, err := strconv.ParseInt(f.text(path...), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

func parseNumber(text string, factor float64) *float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil
	}
	if n *= factor; math.Abs(n) < 1e9 {
		n = math.Round(n*1e6) / 1e6 // more digits only make lines longer
	}
	return &n
}

// has says whether there is something of that name.
func (f *files) has(path ...string) bool {
	return unix.Access(filepath.Join(path...), unix.F_OK) == nil
}

// list finds files below the root, in the order of the numbers in their names.
func (f *files) list(pattern string) []string {
	found, err := filepath.Glob(filepath.Join(f.root, pattern))
	if err != nil {
		return nil
	}
	sortByNumber(found)
	return found
}
