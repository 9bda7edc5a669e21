// Package index makes questions into passages: full text and vectors, joined
// by rank. Who may read what, and which version holds, is decided inside the
// query of the store, for both lists.
//
// Vocabulary: a passage is a chunk that was found, with its document. A term is
// a word of the question that carries meaning (no stop word). The embedder is
// the model that makes vectors; its fingerprint is part of what is stored, and
// vectors of two embedders are never compared.
package index

import (
	"time"

	"alcove/storage"
)

// Query is what is looked for.
type Query struct {
	Collection string
	Person     string   // who asks; a passage of a collection that this person may not read is not found
	Text       string   // the question, so that it can be understood alone
	Terms      []string // words to look for besides those of Text: what a follow-up leaves out
	AsOf       string   // day, "2026-01-31", whose versions hold; "": today
	Limit      int      // passages; 0: 8, at most 50
	Language   string   // of the question, "de"; "": it is guessed
}

// Found are the passages of a Query, best first.
type Found struct {
	Passages []Passage
	Language string   // of the question, given or guessed; "": unknown
	Terms    []string // that were looked for, as they were written
	AsOf     string   // the day that was asked for
	// Mode says which lists there were: "hybrid", or "text" where there are no
	// vectors. Reason says then why, in a sentence for people.
	Mode   string
	Reason string
	// Embedder made the vectors; "" in mode "text". Skill is how well it knows the
	// question's language (Measure), 0..1.
	Embedder string
	Skill    float64
	// Agreement is the share of the first five of one list that are among the
	// first ten of the other one, 0..1. Without vectors it is 0.
	Agreement float64
	// Margin is how far the first passage is before the second, as a share of
	// the first one's score, 0..1; 1 where there is no second.
	Margin float64
	// Coverage is the share of the question's terms that the first three
	// passages have together, by weight as in Signals.
	Coverage float64
	Took     time.Duration
	Text     time.Duration // of it, in the full-text index
	Embed    time.Duration // of it, for the vector of the question
	Vector   time.Duration // of it, among the vectors
	Rerank   time.Duration
}

// Modes of Found.
const (
	ModeHybrid = "hybrid"
	ModeText   = "text"
)

// Passage is a chunk that was found.
type Passage struct {
	storage.Chunk
	Document storage.Document
	Score    float64 // 0..1. It orders passages of one question; it does not say whether they answer
	Ranks    Ranks
	Signals  Signals

	said     []heard   // in the order of the text; nil: not known
	evidence *evidence // nil: it stands as the joined lists have it
}

// Ranks are places in the lists, from 1; 0: not in that list.
type Ranks struct {
	Text   int `json:"text,omitempty"`
	Vector int `json:"vector,omitempty"`
	Rerank int `json:"rerank,omitempty"`
}

// Signals say how well one passage fits, comparable between questions.
type Signals struct {
	Cosine float64 // of question and passage, -1..1; 0 where there is no vector
	// Near is the cosine as evidence, comparable between embedders and languages
	// (Measure), 0..1.
	Near float64
	// Sentence is the cosine of the question and the nearest sentence; 0 where
	// its vector is not made yet.
	Sentence float64
	BM25     float64 // share of the highest sum that a passage could reach with the question's terms, 0..1
	// Coverage is the share of the question's terms in the passage or its
	// headings, each weighted by how rare it is (idf), 0..1. A part of a
	// compound, or a beginning of at least five letters, counts half.
	Coverage float64
	// DocumentCoverage is the same for all passages of its document that were found.
	DocumentCoverage float64
	Rerank           float64 // of the reranker, 0..1; 0 where there is none
}

// Sentence is a piece of a passage, literally.
type Sentence struct {
	Text     string
	From, To int     // bytes of Passage.Text
	Score    float64 // 0..1: terms that it has, and cosine where there are vectors
	// Page and PageEnd are where it begins and ends; 0: the format has none.
	Page, PageEnd int
}
