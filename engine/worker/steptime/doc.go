// Package steptime predicts how long a step of the model takes.
//
// Vocabulary: rows are the tokens computed in one step; the reach of a row is
// how many tokens it attends to, and a step's reach is the sum over its rows. The
// time is modelled as pace * (base(rows) + rate * reach). Base and rate belong to
// model, device and library and are learned slowly; the pace belongs to a count
// of threads and to the machine at this moment, and is learned fast.
//
// A tile is how many rows attention handles together: llama.cpp's on a CPU takes
// rows one by one if there are fewer than 64 in a step, and then 64 at a time,
// at a third of the cost (measured with v0.5.0: 63 rows that reach over 3,000
// tokens took 927 ms, 64 took 357 ms). So there are two rates, and a step of 40
// rows may be faster with 24 more that nobody needs.
//
// The tuner chooses threads by comparing paces: a busy neighbour makes the
// barriers of several threads collapse, and one thread is then faster.
package steptime
