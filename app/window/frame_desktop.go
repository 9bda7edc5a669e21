//go:build desktop

package window

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"alcove/app/config"
	"alcove/app/server"
)

// Exit statuses of the window process; the host goes by the reports.
const (
	statusClosed = 0
	statusCannot = 1
	statusLost   = 3
)

// frame is the window process.
type frame struct {
	setup   setup
	app     *App
	reports *lineWriter

	ctx      context.Context // of Wails, there after started
	started  chan struct{}
	quitting atomic.Bool // ordered by the host
	pulses   chan pulse
	notes    sync.Once // notifications were set up
	canNote  bool
	dark     atomic.Bool
	at       string // the fragment that was reported last; watch's own
}

// RunProcess is the window process: it reads its setup from in, shows page and
// reports to out until the window is closed. It gives the exit status.
func RunProcess(page fs.FS, in io.Reader, out io.Writer) int {
	config.KeepPrivate()
	f := &frame{reports: &lineWriter{w: out}, started: make(chan struct{}), pulses: make(chan pulse, 8)}
	orders := make(chan order)
	first := make(chan setup, 1)
	go f.readHost(in, first, orders)
	var ok bool
	if f.setup, ok = <-first; !ok {
		return statusCannot
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return f.cannot(noDisplay)
	}
	f.app = &App{endpoint: Endpoint{Base: f.setup.Base, Token: f.setup.Token, Open: f.setup.Open, Kiosk: f.setup.Kiosk}}
	go f.obey(orders)
	return f.show(page)
}

// show runs GTK's loop. Wails panics where GTK does not start.
func (f *frame) show(page fs.FS) (status int) {
	defer func() {
		if p := recover(); p != nil {
			status = f.cannot(fmt.Sprintf("the display does not answer (%v)", p))
		}
	}()
	if err := wails.Run(f.options(page)); err != nil {
		return f.cannot(err.Error())
	}
	if !f.quitting.Load() {
		f.report(reportClosed, "")
	}
	return statusClosed
}

func (f *frame) options(page fs.FS) *options.App {
	kept := readPlace(f.setup.Folder)
	if kept.Width == 0 {
		kept.Width, kept.Height = startWidth, startHeight
	}
	o := &options.App{
		Title: title, Width: kept.Width, Height: kept.Height, MinWidth: minWidth, MinHeight: minHeight,
		BackgroundColour: wall(kept.Dark),
		AssetServer:      &assetserver.Options{Handler: server.WindowPage(page, f.setup.Base)},
		Logger:           silent{},
		Bind:             []any{f.app},
		OnStartup:        f.onStartup,
		OnBeforeClose:    f.onBeforeClose,
		DragAndDrop:      &options.DragAndDrop{EnableFileDrop: f.setup.Kiosk == nil},
		// The page decides where a menu makes sense: on text and in fields.
		EnableDefaultContextMenu: f.setup.Kiosk == nil,
		Linux: &linux.Options{
			Icon: icon(), ProgramName: "alcove",
			// The model needs the GPU's memory more than a page of text does.
			WebviewGpuPolicy: linux.WebviewGpuPolicyNever,
		},
	}
	switch {
	case f.setup.Kiosk != nil:
		o.WindowStartState, o.AlwaysOnTop = options.Fullscreen, true
	case kept.Maximised:
		o.WindowStartState = options.Maximised
	}
	if f.setup.Kiosk == nil {
		o.Menu = f.menu()
	}
	if f.setup.Problem != "" {
		o.AssetServer.Handler, o.Menu, o.Bind = problemPage(f.setup.Problem), f.quitMenu(), nil
		o.Width, o.Height, o.WindowStartState = problemWidth, problemHeight, options.Normal
	}
	return o
}

// wall is the colour behind everything, of the page's tokens.
func wall(dark bool) *options.RGBA {
	if dark {
		return options.NewRGB(0x11, 0x16, 0x14)
	}
	return options.NewRGB(0xf5, 0xf7, 0xf4)
}

func (f *frame) onStartup(ctx context.Context) {
	f.ctx = ctx
	f.listen()
	close(f.started)
	switch {
	case f.setup.Kiosk != nil:
		f.fill()
	case f.setup.Problem == "":
		f.restorePlace()
	}
	go f.watch()
}

// onBeforeClose is asked when a person or a signal wants to close the window.
func (f *frame) onBeforeClose(context.Context) (prevent bool) {
	if f.setup.Kiosk != nil {
		return !f.quitting.Load()
	}
	f.rememberPlace()
	return false
}

// readHost reads the setup and then orders. The end of the input is the end of
// the host, and of this process.
func (f *frame) readHost(in io.Reader, first chan<- setup, orders chan<- order) {
	defer close(orders)
	lines := newLineReader(in)
	var s setup
	if !lines.next(&s) {
		close(first)
		return
	}
	first <- s
	for {
		var o order
		if !lines.next(&o) {
			return
		}
		orders <- o
	}
}

func (f *frame) obey(orders <-chan order) {
	for o := range orders {
		<-f.started
		switch o.Do {
		case orderShow:
			runtime.WindowShow(f.ctx)
			runtime.WindowUnminimise(f.ctx)
		case orderPin:
			runtime.EventsEmit(f.ctx, eventPinAnswer, o.OK, o.WaitSeconds)
		case orderQuit:
			f.quit()
		}
	}
	f.quit()
	time.Sleep(quitPatience)
	os.Exit(statusClosed) // GTK does not answer
}

func (f *frame) quit() {
	f.quitting.Store(true)
	select {
	case <-f.started:
		f.rememberPlace()
		runtime.Quit(f.ctx)
	case <-time.After(quitPatience):
		os.Exit(statusClosed)
	}
}

func (f *frame) report(event, text string) {
	f.reports.write(report{event, text}) //nolint:errcheck // a host that is gone ends this process
}

func (f *frame) cannot(why string) int {
	f.report(reportCannot, why)
	return statusCannot
}

// silent drops what Wails logs: its errors repeat messages of the page, which
// hold what people typed.
type silent struct{}

func (silent) Print(string)   {}
func (silent) Trace(string)   {}
func (silent) Debug(string)   {}
func (silent) Info(string)    {}
func (silent) Warning(string) {}
func (silent) Error(string)   {}
func (silent) Fatal(string)   {}
