// Alcove is a private assistant in one box. This file and box.go only join
// the parts: app/cli reads the command line, box.go opens what it asks for.
package main

import (
	"io"
	"os"

	"alcove/app/access"
	"alcove/app/cli"
	"alcove/monitor"
)

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	return cli.Run(args, os.Stdin, stdout, stderr, withWindow(cli.Parts{
		Version:          version,
		CheckListen:      access.CheckListen,
		Open:             open,
		Backup:           backup,
		Inspect:          inspect,
		Libraries:        libraries,
		InstallLibraries: installLibraries,
		Sensors:          monitor.Serve,
	}))
}
