// Package text turns the bytes of generated tokens into text that may be sent
// at once: valid UTF-8 at every joint, and never a part of a stop string.
//
// Vocabulary: a piece is the bytes of one token; it may end inside a
// character. A stop string ends the answer and is not part of it. Bytes are
// held back while they may still become a character or a stop string.
package text
