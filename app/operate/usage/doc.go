// Package usage keeps what the box did: how long people waited, how much was
// read and written, what the machine was busy with, and what happened to it.
// There is no text of anybody in it.
//
// Vocabulary: an answer is one pass through engine.Backend.Generate; Measure
// wraps the backend, so that none is missed. A part is what happened in one
// minute, or in a piece of one; when its minute is over it is closed and never
// changed again. The writer stores closed parts, in order, each with a number:
// the database knows the last one, so a part that is stored twice is counted
// once, and a reader knows which of the parts in memory it has read already.
// A fine bucket is ten seconds, kept in memory for an hour.
//
// One goroutine, the owner, has the state. It never waits for the disk: a
// writer beside it does, one at a time. Answers, samples and marks are left in
// an inbox, which never blocks.
//
// What is lost: with kill -9 or a power cut, the minute that runs. With a disk
// that takes no writes, what is older than a day (maxParts), told once.
package usage
