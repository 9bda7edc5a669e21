// Package wire is the language between the app and an inference worker:
// frames on an inherited socket pair (fd 3 in the worker).
//
// A frame is u32 body length, u32 head length (both little endian), the head
// (one JSON object, a ToWorker or a FromWorker), then optional raw bytes. The
// body, head and raw together, is at most 16 MiB. Each side decodes what it
// reads as hostile: a length out of range, a head that is not the expected
// JSON, or an unknown message ends the connection with an error, never a panic.
// Standard library only.
//
// The worker speaks first: Hello. The app answers Load, the worker reports
// Progress and ends with Ready or LoadFailed. Then the app sends Submit and
// Cancel; the worker sends one Step frame for each step of its loop, with all
// that the step brought for all sequences, and Beat twice a second. A worker that
// was loaded to embed or to rerank gets Embed and Cancel instead, and sends one
// Vectors frame for each batch.
package wire
