// Package extract turns a file into text with its structure. Parsing happens
// in a child process (`alcove extract`): what strangers made may crash, loop
// or eat memory, and then only the child ends.
package extract

// Document is what a file says, in reading order.
type Document struct {
	Format    string  `json:"format"` // "pdf", "docx", "pptx", "odt", "xlsx", "html", "markdown", "text", "eml", "csv"
	Title     string  `json:"title,omitempty"`
	Author    string  `json:"author,omitempty"`
	Language  string  `json:"language,omitempty"`  // as the file says: "de"
	Effective string  `json:"effective,omitempty"` // "2026-01-01": from when it holds, where its text or metadata says so
	Modified  string  `json:"modified,omitempty"`  // day, from metadata
	Pages     int     `json:"pages"`               // pages, slides or sheets; 0 where the format has none
	Blocks    []Block `json:"blocks"`
	Flags     []Flag  `json:"flags,omitempty"`
}

// BlockKind says what a Block is.
type BlockKind string

// Kinds of blocks. A row of a table is one block: its cells, and as text
// "header: cell; header: cell" where the table has a header.
const (
	Heading   BlockKind = "heading"
	Paragraph BlockKind = "paragraph"
	Item      BlockKind = "item" // of a list
	Row       BlockKind = "row"
	Note      BlockKind = "note" // footnote, speaker's note, comment
)

// Block is a piece of text that belongs together.
type Block struct {
	Kind  BlockKind `json:"kind"`
	Level int       `json:"level,omitempty"` // of a heading: 1 is the highest
	Text  string    `json:"text"`
	Page  int       `json:"page,omitempty"`  // from 1; 0: the format has none
	Table int       `json:"table,omitempty"` // from 1: rows with the same number are one table
	Cells []string  `json:"cells,omitempty"`
	Head  bool      `json:"head,omitempty"` // the row holds the names of the columns
	// Hidden says that a reader of the file does not see this text. It is kept
	// out of the index and shown to HR.
	Hidden bool `json:"hidden,omitempty"`
}

// Flag is something that a person should know about a file.
type Flag struct {
	Kind string `json:"kind"` // FlagHidden, ...
	Page int    `json:"page,omitempty"`
	Note string `json:"note,omitempty"` // short; never more than 200 characters of the file
}

// Kinds of flags.
const (
	FlagHidden    = "hidden_text" // white, tiny, off the page, zero-width
	FlagMetadata  = "metadata"    // metadata that speaks to a model
	FlagScanned   = "scanned"     // a page is a picture without text
	FlagOCR       = "ocr"         // the text of a page was read by OCR
	FlagTruncated = "truncated"   // a limit was reached; what is there is indexed
	FlagActive    = "active"      // macros, scripts, attached files: left out
)

// Reason says why a file could not be read.
type Reason string

// Reasons.
const (
	Unsupported  Reason = "unsupported" // no known format
	Encrypted    Reason = "encrypted"
	Damaged      Reason = "damaged"
	Empty        Reason = "empty"          // no text in it
	Scanned      Reason = "scanned"        // only pictures of text, and no OCR here
	TooLarge     Reason = "too_large"      // bytes of the file
	TooManyPages Reason = "too_many_pages" //
	Inflates     Reason = "inflates"       // far more inside than outside: a bomb
	Timeout      Reason = "timeout"
	Memory       Reason = "memory"
	Crashed      Reason = "crashed"
	Gone         Reason = "gone" // the file is not there any more, or may not be read
)

// Error is a file that could not be read.
type Error struct {
	Reason Reason `json:"reason"`
	Detail string `json:"detail,omitempty"` // for the log; no text of the file
}

func (e *Error) Error() string { return "extract: " + string(e.Reason) + ": " + e.Detail }
