// Package models watches and reads the model folder.
//
// Vocabulary: a model is one GGUF file, or the parts of a split one. Its header
// is what stands before the weights: key-values and tensor descriptions. A
// tensor's extent is the range of bytes the header says it has; a file that
// ends before the last extent is incomplete. A refused model is listed with the
// sentence that says why, and is never given to a worker. An adapter is a LoRA
// file: it is listed too, and added to a model that it fits. Facts are what a
// file says of itself for people.
//
// A look is what one visit to a file found, a track what is remembered of it.
// judge.go and split.go decide from them what a model is, without a clock. A
// Folder reads; a Watcher owns a Folder with one goroutine, is told of changes
// by the system, reads again from time to time because the system may miss
// some, and holds a snapshot for everybody else. Folders are several Watchers as
// one, with IDs of their own for all models.
//
// Files are read as hostile: every length is checked against the file before
// memory is taken for it. Only regular files below the folder are opened.
package models
