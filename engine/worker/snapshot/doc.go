// Package snapshot keeps computed state outside the model's cache: in memory,
// so that idle conversations do not slow down those that are being answered,
// and on disk, so that a handbook is still known after a restart.
//
// Vocabulary: an entry is the state of a run of tokens, together with all tokens
// before it and their labels, under which it is found again. An anchor is text
// that others will begin with too; only anchors are written to disk. The key
// names what the bytes depend on: model, device, kind of cache, library.
//
// A file is written beside its place, synced, and renamed. Before its bytes
// reach llama.cpp, which does not survive wrong ones, its length and its
// checksum are compared; a damaged file is deleted. Both memory and disk are
// bounded; what was not used for longest goes first.
package snapshot
