package index

import "regexp"

// prefix is what an embedder was trained to read before texts. Questions and
// passages have their own; without them it finds much less.
type prefix struct{ question, passage string }

// prefixes are of families of embedders, by the name of their file; the first
// that fits counts. Others read texts as they are. An embedder that gets a row
// here later needs its passages embedded again: their vectors are of other texts.
var prefixes = []struct {
	name *regexp.Regexp
	prefix
}{
	{regexp.MustCompile(`(?i)instruct|bge-m3|bge.*-zh`), prefix{}}, // their own ways, or none
	{regexp.MustCompile(`(?i)(^|[^a-z0-9])e5([^a-z0-9]|$)`), prefix{"query: ", "passage: "}},
	{regexp.MustCompile(`(?i)(^|[^a-z0-9])bge([^a-z0-9]|$)`), prefix{"Represent this sentence for searching relevant passages: ", ""}},
	{regexp.MustCompile(`(?i)nomic-embed`), prefix{"search_query: ", "search_document: "}},
}

func prefixOf(model string) prefix {
	for _, p := range prefixes {
		if p.name.MatchString(model) {
			return p.prefix
		}
	}
	return prefix{}
}
