// Command alcove-worker runs one model for alcove, in a process of its own.
//
// It is started by alcove with a socket as file descriptor 3 and speaks the
// language of package wire there. It seals itself, says Hello, is told what to
// load, and then answers requests until the socket ends. Its standard output
// and error are the log; they hold no text of any conversation.
//
// Exit status: 0 when the socket ends, 1 when it cannot start, 2 on bad usage,
// 3 when the model's context is broken and the process must be replaced.
package main
