package extract

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Parser reads one family of formats. It runs inside the sealed child: it may
// block, panic or eat memory, and then only the child ends. Errors that are
// *Error name their reason; any other counts as Damaged.
type Parser func(ctx context.Context, in Input) (Document, error)

// Input is a file to read and what reading it may cost.
type Input struct {
	File io.ReaderAt
	Size int64
	// Format is what the bytes say: "docx". A parser of several formats needs it.
	Format string
	// Hint is the extension of the file's name without its dot, in lower case:
	// a help where bytes say too little, never a proof. It may be empty.
	Hint   string
	Limits Limits
	// Progress tells how many of how many pages (sheets, slides) are read. It
	// is never nil, and cheap.
	Progress func(done, total int)
	// Pictures takes a page that has no text, as PNG, for OCR outside of the
	// child. It is nil where there is no OCR.
	Pictures func(page int, png []byte) error
}

// Limits bounds what a file may cost. Parsers keep Pages, Inflated, Ratio and
// Depth themselves; text and blocks are also cut where the child hands them on.
type Limits struct {
	Bytes    int64 // of the file
	Pages    int   // of a PDF
	Text     int   // bytes of all text together
	Blocks   int
	Inflated int64 // bytes that everything compressed in the file may become
	Ratio    int64 // bytes out for one byte in, of any part above 1 MiB
	Depth    int   // of nested elements, lists, parts

	// What the child may use; the parent ends it at once where it goes beyond.
	Idle   time.Duration // without one more page read
	Total  time.Duration // in all, without the time of OCR
	Memory int64         // resident bytes
}

// DefaultLimits are generous for a handbook and small for a bomb.
func DefaultLimits() Limits {
	return Limits{
		Bytes: 256 << 20, Pages: 5000, Text: 64 << 20, Blocks: 400_000,
		Inflated: 512 << 20, Ratio: 200, Depth: 200,
		Idle: time.Minute, Total: 10 * time.Minute, Memory: 512 << 20,
	}
}

// Fail makes an Error. Its detail is for the log and must hold no text of the file.
func Fail(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// All gives the whole file as a reader.
func (in Input) All() *io.SectionReader { return io.NewSectionReader(in.File, 0, in.Size) }
