package engine

import "context"

// Embedder turns texts into vectors and puts passages in order. It runs in
// workers of its own beside those that answer; methods are safe for concurrent
// use. Errors for users are *Error.
type Embedder interface {
	// Embed gives one vector of length 1 for each input, in their order. It loads
	// the model where that is not in memory yet.
	Embed(ctx context.Context, req EmbedRequest) (Embedded, error)
	// Rerank gives each passage a score for the query, higher is better. It is
	// CodeNoModel where the folder has no reranker.
	Rerank(ctx context.Context, req RerankRequest) (Reranked, error)
	// CountTokens gives the length of each text in tokens of the model, without
	// the marks that the model puts around a text. Model "" is the embedder.
	CountTokens(ctx context.Context, model string, texts []string) ([]int, error)
	// Embedding says which model Embed uses when none is named. It may change
	// while the program runs: its Fingerprint is part of what is stored.
	Embedding() EmbedInfo
}

// EmbedInput is one text: Text, or Tokens of the model where they are not nil.
type EmbedInput struct {
	Text   string `json:"text,omitempty"`
	Tokens []int  `json:"tokens,omitempty"`
}

// EmbedRequest asks for vectors. Model "" is the default embedder. Inputs that
// are longer than the model's context are CodeContextFull, unless Cut: then
// their ends are not read.
type EmbedRequest struct {
	Model  string
	Inputs []EmbedInput
	Cut    bool
	Class  Class // ClassInteractive goes before ClassBatch
	User   string
}

// Embedded are vectors of float32 in the order of the inputs. Tokens are the
// lengths of the inputs as the model read them.
type Embedded struct {
	Model       string
	Fingerprint string
	Vectors     [][]float32
	Tokens      []int
}

// RerankRequest asks how well passages answer a query. Model "" is the default
// reranker.
type RerankRequest struct {
	Model    string
	Query    string
	Passages []string
	Class    Class
}

// Reranked are scores in the order of the passages.
type Reranked struct {
	Model  string
	Scores []float32
}

// EmbedInfo is an embedding model.
type EmbedInfo struct {
	Model       string `json:"model,omitempty"` // "": there is none
	Fingerprint string `json:"fingerprint,omitempty"`
	Dimensions  int    `json:"dimensions,omitzero"`
	Context     int    `json:"context,omitzero"`   // tokens of one input, with the model's own marks
	Reranker    string `json:"reranker,omitempty"` // "": there is none
}
