// Command bench measures Alcove beside llama-server over HTTP, as their clients
// see them: same machine, same weights, same prompts, greedy, one connection a
// request. `make bench` runs it; its figures go to bench/results.
//
// Vocabulary: a set-up is one program with its flags; a box is a running one.
// A workload is what people do to a box; a segment is one workload on one set-up
// in one round, with its samples. A round runs every set-up of a workload, in
// turned order each time; steal is the share of time that the hypervisor took
// away, and a round in which it is high counts only if its repeat is no better.
// A row of the report is the median of one sample over the rounds. The report has
// three pages: how people are answered, what happens to models, and what it costs
// to watch; what no client sees (headers, plans) is measured by the test programs
// of its packages.
package main
