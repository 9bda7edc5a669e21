//go:build !linux

package main

// kernels is not known here.
func (b *box) kernels() string { return "" }
