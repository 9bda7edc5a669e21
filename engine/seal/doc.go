// Package seal closes a process off before it opens what strangers made, a
// model or a document: no new privileges, no core dumps, files and network
// closed but for what it needs.
//
// Enter seals the calling thread and then starts the same program again with
// exec: the kernel keeps the seal over exec, so every thread of the new program
// is sealed, also those of native libraries. (Sealing all threads of a running
// Go program is not possible beside purego.) Check, in the new program, tells
// what the kernel enforces. What an older kernel lacks is reported, not fatal.
// NoPrograms then takes away what Enter itself needed: no more programs are
// started.
package seal
