package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"alcove/app/config"
)

// Window is what a build with a desktop window brings along.
type Window struct {
	// Take claims the window of a data folder. nil and no error: another
	// process has it and has brought it to the front.
	Take func(c config.Config) (TakenWindow, error)
	// Process is the hidden window process; it gives the exit status.
	Process func() int
	// HashPIN gives the line of a kiosk's PIN file.
	HashPIN func(pin string) (string, error)
	// ReadPIN reads and checks that file.
	ReadPIN func(path string) (string, error)
}

// TakenWindow is the right to show the window.
type TakenWindow interface {
	// Show returns when a person has closed the window or ctx has ended, or
	// with an error that says why there can be none.
	Show(ctx context.Context, o ShowOptions) error
	Close() error
}

// ShowOptions is what a window is shown with.
type ShowOptions struct {
	Config      config.Config
	Log         *slog.Logger
	Base, Token string
	Kiosk       Kiosk
	// Problem is a sentence to show when there is no server; Base and Token are empty then.
	Problem string
}

// Kiosk is how the window behaves on a screen that everybody may use.
type Kiosk struct {
	On   bool
	Idle time.Duration
	PIN  string // the line of the PIN file; "" for none
	// Collection is the only one that its questions are asked of; "" for none.
	Collection string
}

func (s *shell) addWindow(root *cobra.Command) {
	if s.parts.Window == nil {
		return
	}
	root.Use, root.Long = "alcove-desktop", "Alcove answers on this machine, with a model on this machine. Without a command it opens the window; where there is no display it serves the page, like `alcove-desktop serve`."
	root.RunE = s.run(s.window)
	root.Flags().Bool("kiosk", false, "full screen for a screen that everybody may use; only the PIN ends it")
	root.Flags().Duration("kiosk-idle", 2*time.Minute, "kiosk: wipe the screen after so long without a touch")
	root.Flags().String("kiosk-pin-file", "", "kiosk: file of `alcove-desktop kiosk-pin`; without it nothing ends the kiosk from its screen")
	root.Flags().String("kiosk-collection", "", "kiosk: answer only from this collection of documents")
	root.AddCommand(
		&cobra.Command{Use: "window-process", Hidden: true, Args: cobra.NoArgs, RunE: s.run(func(*cobra.Command, []string) error {
			if s.parts.Window.Process() != exitOK {
				return errFindings
			}
			return nil
		})},
		&cobra.Command{Use: "kiosk-pin", Args: cobra.NoArgs, RunE: s.run(s.kioskPin),
			Short: "Print the line of a kiosk's PIN file; the PIN comes from standard input"},
	)
}

// readKiosk reads and checks the kiosk's flags.
func (s *shell) readKiosk(cmd *cobra.Command) (Kiosk, error) {
	var k Kiosk
	var file string
	var err1, err2, err3, err4 error
	k.On, err1 = cmd.Flags().GetBool("kiosk")
	k.Idle, err2 = cmd.Flags().GetDuration("kiosk-idle")
	file, err3 = cmd.Flags().GetString("kiosk-pin-file")
	k.Collection, err4 = cmd.Flags().GetString("kiosk-collection")
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return Kiosk{}, err
	}
	if k.Idle < 10*time.Second || k.Idle > 24*time.Hour {
		return Kiosk{}, fmt.Errorf("--kiosk-idle must be between 10s and 24h, and it is %v", k.Idle)
	}
	if file == "" {
		return k, nil
	}
	var err error
	k.PIN, err = s.parts.Window.ReadPIN(file)
	return k, err
}

// window opens the window of the running server, or starts one for it. The
// lock comes first: a second start shall open no database and no port.
func (s *shell) window(cmd *cobra.Command, _ []string) error {
	c, err := s.config(cmd)
	if err != nil {
		return err
	}
	kiosk, err := s.readKiosk(cmd)
	if err != nil {
		return err
	}
	if err := config.MakeFolder(c.Data); err != nil {
		return err
	}
	taken, err := s.parts.Window.Take(c)
	if err != nil {
		return err
	}
	if taken == nil {
		fmt.Fprintln(s.stdout, "Alcove is open already. Its window was brought to the front.")
		return nil
	}
	defer taken.Close() //nolint:errcheck // the end of the process gives it back as well
	if i, ok := running(cmd.Context(), c); ok {
		return s.attach(cmd.Context(), c, taken, i, kiosk)
	}
	w := &windowed{taken: taken, kiosk: kiosk}
	err = s.serveWith(cmd, c, w)
	if err != nil && !w.shown && !kiosk.On && !isTerminal(s.stderr) {
		// Started from a menu: nobody would read it. Without a window there is no other way.
		taken.Show(cmd.Context(), ShowOptions{Config: c, Log: newLog(s.stderr, c.LogLevel), Problem: sentence(err)}) //nolint:errcheck // see above
	}
	return err
}

// windowed is the window of a server that this process starts.
type windowed struct {
	taken TakenWindow
	kiosk Kiosk
	shown bool // the server was there
}

// beside shows the window next to the server. The context that it gives ends
// when the window was closed; without a window the server goes on. The function
// that it gives ends the window and waits for that.
func (s *shell) beside(ctx context.Context, w *windowed, o ShowOptions, link func() string) (context.Context, func()) {
	ctx, end := context.WithCancel(ctx)
	done := make(chan struct{})
	o.Kiosk, w.shown = w.kiosk, true
	go func() {
		defer close(done)
		if err := w.taken.Show(ctx, o); err != nil {
			fmt.Fprintf(s.stderr, "alcove: The window cannot be opened: %v. Alcove is running; open this link in a browser: %s\n", err, link())
			return
		}
		end()
	}()
	return ctx, func() {
		end()
		<-done
	}
}

// attach shows the window of a server that runs already, a service perhaps.
func (s *shell) attach(ctx context.Context, c config.Config, taken TakenWindow, i instance, kiosk Kiosk) error {
	err := taken.Show(ctx, ShowOptions{Config: c, Log: newLog(s.stderr, c.LogLevel), Base: i.Base, Token: i.Token, Kiosk: kiosk})
	if err == nil {
		return nil
	}
	var link struct {
		URL string `json:"url"`
	}
	if asked := newClient(i.Base, i.Token).call(ctx, "POST", "/api/v1/links", struct{}{}, &link); asked != nil {
		return fmt.Errorf("the window cannot be opened: %w. Alcove is running at %s", err, i.Base)
	}
	return fmt.Errorf("the window cannot be opened: %w. Alcove is running; open this link in a browser: %s", err, link.URL)
}

// kioskPin reads a PIN without showing it where it is typed.
func (s *shell) kioskPin(*cobra.Command, []string) error {
	var typed []byte
	var err error
	if f, ok := s.stdin.(interface{ Fd() uintptr }); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(s.stderr, "PIN: ")
		typed, err = term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(s.stderr)
	} else {
		typed, err = io.ReadAll(io.LimitReader(s.stdin, 1024))
	}
	if err != nil {
		return fmt.Errorf("read the PIN: %w", err)
	}
	line, err := s.parts.Window.HashPIN(strings.TrimRight(string(typed), "\r\n"))
	if err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, line)
	return nil
}
