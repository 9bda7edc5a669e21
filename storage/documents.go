package storage

import "time"

// EveryReader is the reader that stands for everybody on this box.
const EveryReader = "everybody"

// Collection is a set of documents with those who may read it.
type Collection struct {
	ID          string // a short name: a-z, 0-9 and "-", 1..64, chosen once
	Title       string
	Description string
	Owner       string
	Readers     []string // EveryReader, or people
	Languages   []string // "de", "en"; empty: any
	LocalOnly   bool     // never leaves this box: no remote engine may see it
	Threshold   *float64 // score from which its documents answer; nil: the measured default
	Refusal     string   // what is said when they do not; "": the built-in sentence
	Pinned      string   // whether a model reads all of it with each question: PinnedAuto, ...; "" is PinnedAuto
	Paused      bool     // its queue rests
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Whether a model reads a whole collection with each question.
const (
	PinnedAuto   = "auto"   // where it is small beside what the model can take
	PinnedAlways = "always" // or it is not answered
	PinnedNever  = "never"  // only the passages that were found
)

// DocumentState is a document's place in its life.
type DocumentState string

// States of documents.
const (
	DocumentWaiting   DocumentState = "waiting"   // in the queue
	DocumentReading   DocumentState = "reading"   // its text is taken out
	DocumentIndexing  DocumentState = "indexing"  // its chunks get their vectors
	DocumentReady     DocumentState = "ready"     // found by questions
	DocumentFailed    DocumentState = "failed"    // Reason says why
	DocumentDuplicate DocumentState = "duplicate" // the same bytes are in the collection already: Reason is that document's id
	DocumentCancelled DocumentState = "cancelled"
)

// Document is one file of a collection. While a changed file is read again,
// the text and chunks of before stay found.
type Document struct {
	Num          int64 // row, never used twice; filled in by the store
	ID           string
	CollectionID string
	Name         string // file name
	Folder       string // id of the watched folder that it came from; "" for a sent file
	Path         string // inside the folder, with "/"; of a sent file what the sender said, may be ""
	Format       string
	Title        string
	Language     string
	State        DocumentState
	Reason       string    // of DocumentFailed: an extract.Reason
	Progress     float64   // 0..1 of the present state; not stored, the queue knows it
	SHA256       string    // hex, of the file as it is to be read
	Size         int64     // bytes
	Modified     time.Time // of the file
	Pages        int
	Chunks       int
	Flags        []byte // JSON of []extract.Flag
	Attempts     int
	Priority     int       // those with a lower one are read before
	NotBefore    time.Time // it rests until then
	// Indexed is the SHA256 of the file whose text is found now; "": none is.
	Indexed string
	// Chosen are the fields that a person set: reading the file keeps them.
	Chosen DocumentField
	// Series joins the versions of one document. Of a series, the one with the
	// newest Effective that is not in the future holds; SupersededBy is the id of
	// that for the older ones.
	Series       string
	Version      string // as people call it: "2026"
	Effective    string // day from which it holds, "2026-01-01"; "": always
	SupersededBy string
	Approved     bool      // an answer that HR wrote
	IndexedAt    time.Time // zero: never
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// DocumentField is a set of fields of a document.
type DocumentField int

// Fields that people may set.
const (
	FieldTitle DocumentField = 1 << iota
	FieldEffective
	FieldVersion
	FieldSeries
)

// Block is a piece of a document's text that belongs together, as extract.Block.
type Block struct {
	Seq    int // place in the document, from 0
	Kind   string
	Level  int
	Text   string
	Page   int
	Table  int
	Head   bool
	Cells  []string
	Hidden bool
}

// Contents is what reading a file gave. SHA256 is of the file that was read.
type Contents struct {
	SHA256    string
	Format    string
	Title     string
	Language  string
	Effective string
	Version   string
	Pages     int
	Flags     []byte // JSON of []extract.Flag
	Blocks    []Block
}

// Chunk is a passage that is found. Its id stays the same while its document
// and text do.
type Chunk struct {
	Num        int64  // row, which the full-text table and the vectors refer to; filled in by the store
	ID         string // hash of document, place and text
	DocumentID string
	Seq        int // place in the document, from 0
	Page       int // first page; 0: the format has none
	PageEnd    int
	BlockFrom  int // blocks of the document, the last one inclusive
	BlockTo    int
	Heading    string // path of headings, " > " between
	Text       string // what is shown and cited
	Tokens     int    // of the embedder, with the heading
	Language   string
}

// Source is a passage that an answer stands on, as it was when it was asked.
type Source struct {
	N            int     `json:"n"` // the number in the text, from 1
	ChunkID      string  `json:"chunk_id"`
	DocumentID   string  `json:"document_id"`
	Document     string  `json:"document"` // file name
	Title        string  `json:"title"`
	Collection   string  `json:"collection"`
	Page         int     `json:"page,omitempty"`
	PageEnd      int     `json:"page_end,omitempty"`
	Heading      string  `json:"heading,omitempty"`
	Quote        string  `json:"quote"` // the sentence that proves it, literally from the passage
	Text         string  `json:"text"`  // the passage
	Version      string  `json:"version,omitempty"`
	Effective    string  `json:"effective,omitempty"`
	SupersededBy string  `json:"superseded_by,omitempty"` // document id
	Score        float64 `json:"score"`                   // 0..1
	Cited        bool    `json:"cited"`                   // the answer names its number
	Approved     bool    `json:"approved,omitempty"`      // an answer that HR wrote
	Removed      bool    `json:"removed,omitempty"`       // its document is gone: no text, no quote any more
}

// Grounding says how an answer stands on documents.
type Grounding struct {
	Collection string          `json:"collection"`
	Decision   string          `json:"decision"` // "answered", "refused"
	Score      float64         `json:"score"`
	Threshold  float64         `json:"threshold"`
	TookMS     int64           `json:"took_ms"`         // of finding
	Query      string          `json:"query,omitempty"` // what was looked for, where it is not the question itself
	AsOf       string          `json:"as_of,omitempty"`
	Checks     []SentenceCheck `json:"checks,omitempty"`
	Inbox      string          `json:"inbox,omitempty"` // HR looks at it, without who asked: an InboxUnanswered or InboxLowScore
	Approved   *ApprovedMark   `json:"approved,omitempty"`
}

// ApprovedMark says that HR has an approved answer to exactly this question.
type ApprovedMark struct {
	ID    string `json:"id"`
	By    string `json:"by,omitempty"` // who signs it
	On    string `json:"on"`           // day on which it was written last
	Given bool   `json:"given"`        // the text is HR's own, no model wrote it; else the asker wanted the model's
}

// SentenceCheck is what became of holding one sentence of an answer against
// its sources.
type SentenceCheck struct {
	Start   int    `json:"start"` // in the answer, in UTF-16 code units, as pages count
	End     int    `json:"end"`
	Sources []int  `json:"sources,omitempty"` // numbers it names
	Status  string `json:"status"`            // "supported", "not_found" (in its sources), "uncited"
	Note    string `json:"note,omitempty"`    // "25" is not in source 1
}
