// Package cli is the command line: it reads what a person typed, starts the
// server or calls the one that runs, and prints.
//
// Vocabulary: a box is an opened data folder with its engine and server. The
// running instance is the process that has the data folder open and serves it;
// run/instance.json says where it is and holds the token with which programs
// of the same person call it. A command that finds none opens a box of its own
// for as long as it needs one.
package cli
