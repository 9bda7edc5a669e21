// Package access decides who may call: it knows sessions, API keys, the local
// token of this machine's own programs, one-time sign-in links, the names this
// server answers to and the addresses it may listen on.
//
// Vocabulary: a Who is the column of the route table that says whom a route is
// for. A Caller is the answer to "who is this request from". A link is a
// one-time sign-in token that turns into a session.
package access
