// Package engine is the road every answer takes, whatever makes it: a local
// worker process today, a remote service later.
//
// Vocabulary: a Request is one prompt with its sampling. Generate turns it
// into Events (stages and tokens) and a Usage. A Segment is a run of plain
// text with the readers who may share its computed state. Prefill reads the
// prompt, decode writes the answer, time to first token is what lies between
// the request and its first token.
package engine
