// Package gates holds tests about the code itself: who may import whom, how
// long a file or function may be, what must be documented, and what must never
// be committed.
//
// Vocabulary: a gate is a rule with its reason; an edge is one allowed import;
// a table is a function made of data (composite literals or plain calls), which
// may be longer than one made of logic.
package gates
