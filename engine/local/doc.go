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
// Rules: at most one worker process exists at a time. A queue in order of
// arrival decides which model is loaded; a request for another model waits
// until the running answers have ended. No method of the supervisor blocks:
// processes, sockets and files have goroutines of their own, which report as
// events. Decisions are pure functions in policy.go.
package local
