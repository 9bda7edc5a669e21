// Package quality measures how well questions about the sample handbook are
// answered, without a chat model: what is found, what is refused, what is
// cited. It is tests alone: `make test` holds floors, `make bench ONLY=quality`
// prints the figures (docs/quality.md says how they are made).
//
// Vocabulary: the gold passage of a question is a chunk of the right document
// that holds its gold sentence. Recall@k is the share of questions whose gold
// passage is among the first k; MRR is the mean of 1/rank. Questions 1-60 are
// for tuning, 61-120 for reports.
package quality
