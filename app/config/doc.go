// Package config gathers the settings that are fixed when the program starts:
// flags before ALCOVE_* variables before config.toml before defaults.
//
// Vocabulary: a key is one such setting. The data folder holds the database,
// the run folder and what the person put there; it belongs to one person and
// nobody else may read it. What a person changes while the program runs
// (default model, sampling, theme) is a setting of package storage instead.
package config
