// Package monitor says what the machine is doing now and did in the last
// minutes.
//
// Vocabulary: a source is what figures come from: the machine (processors,
// memory, disk, network: the kernel itself), the gpu (NVIDIA's library), the
// cards (the kernel's files on other GPUs) and the board (those on temperatures
// and batteries). The sensors are a hidden child process (Serve) that asks the
// sources and writes one line a second for each; a line is a reading. The
// monitor (Start) is the parent's side: it watches the child, adds what the
// engine does, and keeps one Sample a second in a ring. A source without an
// answer is unavailable and has a reason; a figure that is not known, or cannot
// be, is absent, never zero.
//
// A driver may hang or crash, so only the child speaks to it. The child that
// is silent for too long is killed. Its successor reads the machine at once
// and asks the driver later, so figures of the machine go on while a driver
// hangs. A read of the kernel's files that hangs is left alone: it ends when
// the driver in the kernel lets go of it, and the other sources go on.
//
// Sizes are bytes (1 GB is 1e9), temperatures degrees Celsius, powers watts.
// Percentages of CPU are of all processors together: 100 is a machine that can
// do no more.
package monitor
