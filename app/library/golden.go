package library

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"

	"alcove/app"
)

// Question is one golden question: what is asked, and what a right answer has.
// It passes when all of ExpectAll, at least one of ExpectAny (if there are any)
// and none of MustNot occur in the answer.
type Question struct {
	ID        string   `json:"id" doc:"a to z, 0 to 9 and hyphens, at most 40"`
	Question  string   `json:"question" doc:"At most 8000 characters; a passage to answer from belongs into it"`
	System    string   `json:"system,omitempty" doc:"Instructions before it, at most 4000 characters; absent: none"`
	ExpectAll []string `json:"expect_all,omitempty" doc:"Words or phrases that must all occur"`
	ExpectAny []string `json:"expect_any,omitempty" doc:"Words or phrases of which one must occur"`
	MustNot   []string `json:"must_not,omitempty" doc:"Words or phrases of which none may occur"`
	MaxTokens int      `json:"max_tokens" doc:"Bound of the answer, 1 to 2048"`
}

// Golden is the set of questions that a house check asks.
type Golden struct {
	Questions []Question `json:"questions" nullable:"false"`
	Shipped   bool       `json:"shipped" doc:"Whether these are the shipped ones"`
	Hash      string     `json:"hash" doc:"Tells the set: results with the same one can be compared"`
}

// Bounds of a set.
const (
	maxQuestions = 100
	maxQuestion  = 8000 // characters
	maxSystem    = 4000
	maxPhrases   = 20 // of one list
	maxPhrase    = 200
	maxAnswer    = 2048 // tokens
)

//go:embed golden.json
var goldenJSON []byte

// Shipped gives the questions that come with Alcove.
func Shipped() Golden {
	var questions []Question
	if err := json.Unmarshal(goldenJSON, &questions); err != nil {
		panic(fmt.Errorf("read the golden questions: %w", err)) // embedded
	}
	return goldenOf(questions, true)
}

func goldenOf(questions []Question, shipped bool) Golden {
	return Golden{Questions: questions, Shipped: shipped, Hash: hashOf(questions)}
}

// hashOf tells a set: the order counts, and so does every field.
func hashOf(questions []Question) string {
	b, err := json.Marshal(questions)
	if err != nil {
		panic(fmt.Errorf("marshal questions: %w", err)) // strings and numbers
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

var questionID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// checkQuestions says what is wrong with a set; nil when nothing is.
func checkQuestions(questions []Question) error {
	if len(questions) == 0 || len(questions) > maxQuestions {
		return invalid("questions", "A set has 1 to %d questions, and this one has %d.", maxQuestions, len(questions))
	}
	seen := map[string]bool{}
	for i, q := range questions {
		at := func(field string) string { return fmt.Sprintf("questions[%d].%s", i, field) }
		switch {
		case !questionID.MatchString(q.ID):
			return invalid(at("id"), "Question %d needs a name of small letters, digits and hyphens, at most 40.", i+1)
		case seen[q.ID]:
			return invalid(at("id"), "Two questions are named %s.", q.ID)
		case !isText(q.Question, 1, maxQuestion):
			return invalid(at("question"), "The question %s must have 1 to %d characters and some text.", q.ID, maxQuestion)
		case !isText(q.System, 0, maxSystem):
			return invalid(at("system"), "The instructions of %s may have %d characters at most.", q.ID, maxSystem)
		case q.MaxTokens < 1 || q.MaxTokens > maxAnswer:
			return invalid(at("max_tokens"), "The answer to %s may have 1 to %d tokens.", q.ID, maxAnswer)
		case len(q.ExpectAll)+len(q.ExpectAny)+len(q.MustNot) == 0:
			return invalid(at("expect_all"), "Nothing says what a right answer to %s has.", q.ID)
		}
		seen[q.ID] = true
		for field, list := range map[string][]string{"expect_all": q.ExpectAll, "expect_any": q.ExpectAny, "must_not": q.MustNot} {
			if len(list) > maxPhrases {
				return invalid(at(field), "The question %s has too many phrases, at most %d in a list.", q.ID, maxPhrases)
			}
			for _, phrase := range list {
				if !isText(phrase, 1, maxPhrase) || normalise(phrase) == "" {
					return invalid(at(field), "A phrase of %s is empty or longer than %d characters.", q.ID, maxPhrase)
				}
			}
		}
	}
	return nil
}

// isText bounds a text in characters; where it must have some, spaces alone do
// not count.
func isText(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	if !utf8.ValidString(s) || n < least || n > most {
		return false
	}
	if least == 0 {
		return true
	}
	for _, r := range s {
		if !unicode.IsSpace(r) && unicode.IsPrint(r) {
			return true
		}
	}
	return false
}

func invalid(param, format string, args ...any) error {
	return &app.Error{Code: app.CodeInvalid, Param: param, Message: fmt.Sprintf(format, args...) + " The questions were kept as they were."}
}
