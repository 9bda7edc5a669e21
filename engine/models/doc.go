// Package models reads the model folder.
//
// Vocabulary: a model is one GGUF file. Its header is what stands before the
// weights: key-values and tensor descriptions. A tensor's extent is the range
// of bytes the header says it has; a file that ends before the last extent is
// incomplete. A refused model is listed with the sentence that says why, and
// is never given to a worker.
//
// Files are read as hostile: every length is checked against the file before
// memory is taken for it. Only regular files below the folder are opened.
package models
