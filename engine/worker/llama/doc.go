// Package llama is the worker's only door to llama.cpp, through yzma.
//
// Everything is checked in Go before it is passed on, because llama.cpp ends
// the process on a bad argument (GGML_ASSERT). One goroutine owns a Model;
// only Tokenize and Piece are safe from others.
//
// Vocabulary: a row is one token of one sequence in a step. A sequence is one
// conversation in the cache. A cell holds the state of one token. A piece is
// the bytes of a token.
package llama
