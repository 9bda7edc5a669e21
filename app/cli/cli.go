package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"alcove/app/config"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// ErrInUse is what Parts.Open returns when another process has the data
// folder open.
var ErrInUse = errors.New("another Alcove is using this data folder")

var errInterrupted = errors.New("interrupted")

// Parts joins the commands with what they may not import. main fills it.
type Parts struct {
	Version string
	// CheckListen refuses addresses that may not be listened on.
	CheckListen func(addr string) error
	// Open opens database, engine and server of a data folder. Its errors are
	// sentences; ErrInUse says that another process has the folder.
	Open func(ctx context.Context, o Options) (Box, error)
	// Backup copies the database to a file, and the files of documents to a
	// folder beside it, also beside a running server. tell gets what will be
	// written, before it is.
	Backup func(ctx context.Context, c config.Config, file string, withoutFiles bool, tell func(Copied)) (Copied, error)
	// Restore puts a backup into a data folder that has no database.
	Restore func(ctx context.Context, c config.Config, file string, withoutFiles bool, tell func(Copied)) (Copied, error)
	// Inspect looks at the machine and the installation.
	Inspect func(ctx context.Context, c config.Config) []Finding
	// Libraries lists llama.cpp's libraries. The error says in a sentence what
	// is wrong with them; the list may be there all the same.
	Libraries func(c config.Config) ([]LibraryGroup, error)
	// InstallLibraries copies the pinned libraries that are missing out of a
	// folder and gives their names. Its errors are sentences.
	InstallLibraries func(ctx context.Context, c config.Config, from string) ([]string, error)
	// Sensors reads the machine and writes to out until in ends.
	Sensors func(args []string, in io.Reader, out io.Writer) error
	// Extract reads the document that it was started with, and writes what is
	// in it to out. It runs on the main thread.
	Extract func(args []string, in io.Reader, out io.Writer) error
	// Window is nil in a build without the desktop window.
	Window *Window
}

// Options is what a box is opened with.
type Options struct {
	Config     config.Config
	Log        *slog.Logger
	Instance   string // names the cookie
	LocalToken string // of this machine's own programs
}

// Box is an opened data folder.
type Box interface {
	// Serve answers on ln until Shutdown.
	Serve(ln net.Listener) error
	// SignInLink makes a one-time link for a server at base.
	SignInLink(base string) (url string, expires time.Time)
	// Warm loads the default model.
	Warm(ctx context.Context)
	// Shutdown ends answers as interrupted, then everything else. It gives up
	// waiting for requests when ctx ends; what was written is saved anyway.
	Shutdown(ctx context.Context) error
}

// shell is one run of the program.
type shell struct {
	parts          Parts
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	ran            bool // the command line was understood
}

// Run runs one command and returns the exit status.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer, parts Parts) int {
	config.KeepPrivate()
	s := &shell{parts: parts, stdin: stdin, stdout: stdout, stderr: stderr, environ: os.Environ()}
	root := s.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	ctx, stop := interruptible()
	defer stop()
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.Is(err, errFindings):
		return exitFailure
	case errors.Is(err, errRefused):
		return exitRefused
	}
	fmt.Fprintln(stderr, "alcove: "+err.Error())
	if !s.ran {
		fmt.Fprintln(stderr, "Run `alcove --help` for the commands.")
		return exitUsage
	}
	return exitFailure
}

// interruptible gives a context that the first signal ends. The second one
// ends the process at once: what was saved is saved.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

func (s *shell) root() *cobra.Command {
	root := &cobra.Command{
		Use: "alcove", Short: "A private assistant on this machine",
		Long:    "Alcove answers on this machine, with a model on this machine. Without a command it serves the page, like `alcove serve`.",
		Version: s.parts.Version, SilenceUsage: true, SilenceErrors: true,
		RunE: s.run(s.serve),
	}
	config.AddFlags(root.PersistentFlags())
	addServeFlags(root)
	// Declared here, or cobra takes the word after --help for its value while
	// it looks for the command.
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	root.SetVersionTemplate("alcove {{.Version}}\n")
	root.AddCommand(s.serveCommand(), s.chatCommand(), s.askCommand(), s.ingestCommand(), s.collectionsCommand(), s.linkCommand(), s.keyCommand(),
		s.doctorCommand(), s.topCommand(), s.alertsCommand(), s.checkCommand(), s.runtimeCommand(), s.backupCommand(), s.restoreCommand(), s.exportCommand(), s.importCommand(), s.benchCommand(), s.capacityCommand(), s.costCommand(), s.versionCommand(), s.sensorsCommand(), s.extractCommand())
	s.addWindow(root)
	return root
}

// run notes that the command line was understood: errors from here on are
// failures, not usage.
func (s *shell) run(f func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s.ran = true
		return f(cmd, args)
	}
}

func (s *shell) config(cmd *cobra.Command) (config.Config, error) {
	return config.Load(cmd.Flags(), s.environ)
}

func (s *shell) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: s.run(func(*cobra.Command, []string) error {
			fmt.Fprintln(s.stdout, "alcove "+s.parts.Version)
			return nil
		}),
	}
}
