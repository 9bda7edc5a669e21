// Package admit decides who is answered next and whether there is room. It is
// pure: time is passed in, nothing blocks.
//
// Vocabulary: an item is a request that waits. Its rank is that of its class, 0
// first; waiting lifts it by one rank each ageing period, so that nobody waits
// for ever. Among items of one rank the users take turns by deficit round
// robin: each turn adds a quantum of tokens to what a user may spend, and an
// item goes when its user can pay for it, so that ten questions of one person do
// not stand in the way of another's one.
package admit
