// Package embed decides which texts are computed together. It is pure: no
// llama.cpp, no goroutine, no clock.
//
// An Item is one text as tokens. A batch is as many items as fit into the rows
// of one step, the longest first, so that short ones fill what is left. Items
// that somebody waits for go before others, and join no batch of them: between
// two batches is the only place where they can go first.
package embed
