// Package hardware reads facts about this machine: what there is, and how
// much of it this process may use.
//
// Vocabulary: a core is physical, a logical processor is what the kernel
// counts (two for a core with hyper-threading). A quota or limit is what a
// control group grants; 0 means none. Memory is in bytes. Readings that change
// (load, temperature) belong to package monitor, not here; but for how much
// memory is taken, which a plan needs (Use).
//
// Types and parsers are pure; files and drivers are read in _linux.go files.
package hardware
