package wire

// What a worker does with its model: Load.Role.
const (
	RoleAnswer = ""       // writes
	RoleEmbed  = "embed"  // gives a vector for a text
	RoleRerank = "rerank" // gives a number for a query and a passage
)

// Bounds of one request; a worker ends the connection over a larger one.
const (
	MaxInputs = 512 // texts in an Embed or a Count
	MaxVector = 1 << 14
)

// Embed asks a worker of RoleEmbed for a vector of each input; one of RoleRerank
// for how well each input answers Query. Inputs longer than Ready.Context fail,
// unless Cut: then their ends are not read.
type Embed struct {
	ID     uint64  `json:"id"` // unique on this connection
	Class  string  `json:"class"`
	Query  string  `json:"query,omitempty"`
	Inputs []Input `json:"inputs"`
	Cut    bool    `json:"cut,omitempty"`
}

// Input is a text, or tokens of the model where there are any.
type Input struct {
	Text   string  `json:"text,omitempty"`
	Tokens []int32 `json:"tokens,omitempty"`
}

// Count asks how many tokens texts have, without the marks that the model puts
// around a text. Each worker that is ready answers it.
type Count struct {
	ID    uint64   `json:"id"`
	Texts []string `json:"texts"`
}

// Vectors is what one batch brought. Its raw bytes are len(Of) vectors of Size
// float32 each, little endian, all finite; of a reranker Size is 1.
type Vectors struct {
	N    uint64     `json:"n"` // batches since start
	Size int        `json:"size,omitempty"`
	Of   []Vector   `json:"of,omitempty"`
	Ends []EmbedEnd `json:"ends,omitempty"`
}

// Vector says whose a vector is.
type Vector struct {
	ID     uint64 `json:"id"`
	Index  int    `json:"index"`  // of the input
	Tokens int    `json:"tokens"` // that were read, with the model's marks
}

// EmbedEnd is the last word on one Embed. Code and Message are set if it failed.
type EmbedEnd struct {
	ID      uint64 `json:"id"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// Counted answers Count, in the order of its texts, or says why not.
type Counted struct {
	ID      uint64 `json:"id"`
	Counts  []int  `json:"counts,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}
