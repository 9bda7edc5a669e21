// Package local makes answers with worker processes on this machine. It
// implements engine.Backend.
//
// Vocabulary: the supervisor is one goroutine that owns all state; everything
// else asks it. A worker is one process with one model. An answer is one
// request on its way; it waits in the queue, is submitted to the worker, and
// ends. A death is a worker that ended, or had to be killed, unasked; its
// answers are resumed once in the next worker from the tokens already
// received. A model that kills its worker again and again is set aside.
//
// A unit is a model with its worker, one after another, and the answers on it. A
// unit that leaves ends its answers and goes; it is the victim of the one that
// needs its room.
//
// Rules: a model has one unit at most, and one unit comes at a time. A model comes
// beside the others where the plan says that it runs as well there, else instead
// of one of them. Answers wait for their model in order of arrival. A unit that
// waits for room holds nothing, and is dropped when nobody waits for it. No method
// of the supervisor blocks: processes, sockets and files have goroutines of their
// own, which report as events. Decisions are pure functions in policy.go.
package local
