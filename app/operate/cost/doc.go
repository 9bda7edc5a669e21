// Package cost turns recorded traffic and a price sheet into money: on this
// box, on cloud GPUs and at managed services. docs/cost.md has every formula.
//
// Money is counted in whole millionths; sums and products are exact, and each
// figure that is shown is rounded once. But for the Book everything is pure.
package cost
