// Package tiny writes small GGUF files with random weights, one for each kind
// of model that Alcove should run. They say nothing sensible, but llama.cpp
// computes them as it computes their large relatives, so that tests can ask for
// every kind what they ask of the one real model. It is for tests alone.
//
// Weights come from a seeded generator and are drawn so that the scores of the
// best two tokens are mostly far apart: rounding must not decide.
package tiny
