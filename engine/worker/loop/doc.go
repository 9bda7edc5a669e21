// Package loop is the worker's one loop. It owns the model's context: drain,
// admit, build rows, decode, sample, emit.
//
// Vocabulary: a request waits in the queue until it is admitted to a sequence of
// the model's cache. Prefill reads its tokens in chunks, decode adds one token a
// step; a step computes rows of all admitted requests at once. The prefix tree
// says which of its first tokens are in the cache already. A request follows
// another one, its leader, while that one is reading tokens that both begin
// with; then it shares them. When a request ends its sequence is parked: the
// tokens stay until their cells are needed. A preempted request gave its place
// to a more urgent one, or its cells, and goes on from what is left of them.
package loop
