// Alcove is a private assistant in one box. This file and box.go only join
// the parts: app/cli reads the command line, box.go opens what it asks for.
package main

import (
	"io"
	"os"
	"runtime"

	"alcove/app/access"
	"alcove/app/cli"
	"alcove/app/documents/extract/formats"
	"alcove/monitor"
)

// version is set by the linker.
var version = "dev"

// init keeps the child that reads documents on the main thread: its seal and
// its parent-death signal belong to that thread.
func init() {
	if len(os.Args) > 1 && os.Args[1] == cli.ExtractCommand {
		runtime.LockOSThread()
	}
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	return cli.Run(args, os.Stdin, stdout, stderr, withWindow(cli.Parts{
		Version:          version,
		CheckListen:      access.CheckListen,
		Open:             open,
		Backup:           backup,
		Restore:          restore,
		Inspect:          inspect,
		Libraries:        libraries,
		InstallLibraries: installLibraries,
		Sensors:          monitor.Serve,
		Extract:          formats.Serve,
	}))
}
