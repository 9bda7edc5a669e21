// Package steptime predicts how long a step of the model takes.
//
// Vocabulary: rows are the tokens computed in one step, cells the tokens in the
// cache, which every row's attention walks over. The time is modelled as
// shape(rows) * tax(cells) * pace(threads, kind): shape and tax belong to
// model, device and library and are learned slowly; the pace is the machine's
// at this moment and is learned fast. Times are in seconds.
//
// The tuner chooses threads by comparing paces: a busy neighbour makes the
// barriers of several threads collapse, and one thread is then faster.
package steptime
