// Child is `alcove extract` as a program of its own, for tests and benchmarks:
// it needs no cgo and is built without the race detector, so that its time and
// memory are those of the real one.
package main

import (
	"fmt"
	"os"
	"runtime"

	"alcove/app/documents/extract/formats"
)

// The seal belongs to the main thread.
func init() { runtime.LockOSThread() }

func main() {
	if len(os.Args) < 2 || os.Args[1] != "extract" {
		fmt.Fprintln(os.Stderr, "child: the first argument is extract")
		os.Exit(2)
	}
	if err := formats.Serve(os.Args[2:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
