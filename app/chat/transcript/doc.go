// Package transcript is a conversation as a file: Markdown and a printable page
// for people, JSON for programs, and the way back from the JSON. It is pure: who
// may read what is decided by its caller. docs/export.md describes the files.
//
// Everything in a conversation may come from strangers: documents steer models,
// and people paste. What is written here runs nothing and loads nothing.
package transcript
