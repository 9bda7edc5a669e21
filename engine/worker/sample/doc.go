// Package sample chooses the next token from the logits of one row, in pure
// Go, without a candidate array where none is needed.
//
// Vocabulary: logits are the model's raw scores, one for each token. The
// filters apply in llama.cpp's order: top-k, top-p, min-p, then temperature.
// Randomness for the i-th token of an answer comes from (seed, i) alone, so an
// answer that is resumed goes on exactly as it would have.
package sample
