//go:build !desktop

package main

import "alcove/app/cli"

// withWindow adds nothing: this build has no window and needs no GTK.
func withWindow(p cli.Parts) cli.Parts { return p }
