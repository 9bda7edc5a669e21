// Package loop is the worker's one loop. It owns the model's context: drain,
// admit, build rows, decode, sample, emit.
//
// Vocabulary: a request waits until it is admitted to a slot, which is one
// sequence of the model's cache. Prefill reads its tokens in chunks, decode
// adds one token a step; a step computes rows of all admitted requests at
// once. A cell holds one token's state; the ledger is the loop's own count of
// cells. When a request ends its slot is idle: the tokens stay and are used
// again if the same user's next request begins with them. Preempted is a
// request that lost its slot and will compute its tokens again.
package loop
