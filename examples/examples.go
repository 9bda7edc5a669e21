// Package examples holds the sample handbook: the papers of a company that
// does not exist (handbook/), and questions about them. The texts are written
// for this project; make/ turns them into files.
//
// Vocabulary: the gold sentence of a question is the sentence that answers it,
// literally from a file; in a table it is the cells of a row, " | " between.
package examples

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
)

// Folder is where the files lie, from the root of the repository.
const Folder = "examples/handbook"

// Tuning is how many of the questions, from the first, may be looked at while
// something is tuned. Figures are reported on the others.
const Tuning = 60

//go:embed handbook/questions.json
var questions []byte

// Question is one question about the sample handbook.
type Question struct {
	ID       string `json:"id"`
	Question string `json:"question"`
	Language string `json:"language"` // "en" or "de": of the question
	// Answerable says that the files answer it; the fields below are empty if not.
	Answerable bool `json:"answerable"`
	// Kind is a class of difficulty: "text", "table", "as_of", "follow_up",
	// "cross_language" or "unanswerable".
	Kind string `json:"kind"`
	// Context are the questions asked before in the same conversation.
	Context       []string `json:"context,omitempty"`
	AsOf          string   `json:"as_of,omitempty"` // day asked for, "2025-07-01"; "": today
	File          string   `json:"file,omitempty"`
	Page          int      `json:"page,omitempty"` // from 1, sheets of a workbook count as pages; 0: the format has none
	Gold          string   `json:"gold,omitempty"`
	CrossLanguage bool     `json:"cross_language,omitempty"` // the file is in another language
}

// Questions are all questions, in a shuffled order.
func Questions() ([]Question, error) {
	var all []Question
	err := json.Unmarshal(questions, &all)
	return all, err
}

// spaces are those that layout adds or drops.
var spaces = regexp.MustCompile(`\s+`)

// between are the characters between two cells of a row: the name of a column
// in its head, and marks.
const between = `.{0,120}?`

// Holds says whether a text holds a gold sentence, white space aside. Cells of
// a row follow one another, at most a column's name between them.
func Holds(text, gold string) bool {
	cells := strings.Split(gold, " | ")
	for i, c := range cells {
		cells[i] = regexp.QuoteMeta(spaces.ReplaceAllString(c, " "))
	}
	pattern := strings.Join(cells, between)
	return pattern != "" && regexp.MustCompile(pattern).MatchString(spaces.ReplaceAllString(text, " "))
}
