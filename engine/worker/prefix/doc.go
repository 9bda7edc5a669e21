// Package prefix decides which computed tokens are kept and who may use them.
// It is pure: it knows sequence ids, tokens and labels, and says what is to be
// done to the model's cache; it never touches it.
//
// Vocabulary: a cell holds the state of one token at one position. A sequence
// is a list of cells; several sequences may hold the same cell, if all of them
// begin with the same tokens. The tree holds each computed run of tokens once:
// a node is a run of tokens under one label, its parents are the tokens before
// it, its holders are the sequences that have its cells. A node lives as long as
// it has a holder, so the cells in use are the tokens of all nodes.
//
// The label of a token says whose it is. A request finds a node only if it has
// the same tokens under the same labels, from the first token on: what another
// reader set computed is invisible, in the answer, in the count of cached
// tokens and in the time it takes.
//
// A sequence is active while an answer is computed in it, and parked
// afterwards. Parked sequences are trimmed from their ends when cells are
// needed: first what is worth least, which is what was used seldom and long
// ago, and is cheap to compute again. Pinned nodes (anchors, the text that
// others will begin with too) go last.
package prefix
