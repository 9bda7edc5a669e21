//go:build desktop

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"alcove/app/cli"
	"alcove/app/config"
	"alcove/app/window"
	"alcove/frontend"
)

// reportsFd is the file that the host gives its window process beside the
// three usual ones.
const reportsFd = 3

func withWindow(p cli.Parts) cli.Parts {
	p.Window = &cli.Window{Take: takeWindow, Process: windowProcess, HashPIN: window.HashPIN, ReadPIN: window.ReadPIN}
	return p
}

func takeWindow(c config.Config) (cli.TakenWindow, error) {
	claim, err := window.Take(c.Run())
	if claim == nil || err != nil {
		return nil, err // not a nil *Claim, which would be a window
	}
	return shown{claim}, nil
}

// shown fits a claim to what the commands ask for.
type shown struct{ *window.Claim }

// Show runs the window.
func (s shown) Show(ctx context.Context, o cli.ShowOptions) error {
	return s.Run(ctx, window.Options{
		Base: o.Base, Token: o.Token, Data: o.Config.Data, Models: o.Config.ModelDirs[0], Version: version, Log: o.Log,
		Problem: o.Problem, Kiosk: o.Kiosk.On, KioskIdle: o.Kiosk.Idle, KioskPIN: o.Kiosk.PIN,
		KioskCollection: o.Kiosk.Collection,
	})
}

func windowProcess() int {
	reports := os.NewFile(reportsFd, "reports")
	page, err := fs.Sub(frontend.Dist, "dist")
	if _, closed := reports.Stat(); err != nil || closed != nil {
		fmt.Fprintln(os.Stderr, "alcove: the window process is started by Alcove itself:", errors.Join(err, closed))
		return 1
	}
	return window.RunProcess(page, os.Stdin, reports)
}
