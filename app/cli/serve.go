package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"alcove/app/config"
)

// drainTime is how long requests may take to end after the first signal.
const drainTime = 10 * time.Second

func addServeFlags(cmd *cobra.Command) {
	config.AddListenFlag(cmd.Flags())
	cmd.Flags().Bool("print-link", false, "print a one-time sign-in link, also when this is not a terminal")
}

func (s *shell) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve the page and the API on this machine", Args: cobra.NoArgs,
		RunE: s.run(s.serve),
	}
	addServeFlags(cmd)
	return cmd
}

func (s *shell) serve(cmd *cobra.Command, _ []string) error {
	c, err := s.config(cmd)
	if err != nil {
		return err
	}
	return s.serveWith(cmd, c, nil)
}

// serveWith serves until a signal comes; with a window also until that is closed.
func (s *shell) serveWith(cmd *cobra.Command, c config.Config, w *windowed) error {
	printLink, err := cmd.Flags().GetBool("print-link")
	if err != nil {
		return err
	}
	if err := s.parts.CheckListen(c.Listen); err != nil {
		return errors.New(sentence(err))
	}
	log := newLog(s.stderr, c.LogLevel)
	token := newToken()
	box, err := s.parts.Open(cmd.Context(), Options{Config: c, Log: log, Instance: instanceID(c.Data), LocalToken: token})
	if err != nil {
		return s.explainOpen(cmd.Context(), c, err)
	}
	ln, err := net.Listen("tcp", c.Listen)
	if w != nil && c.Listen == config.DefaultListen && errors.Is(err, syscall.EADDRINUSE) {
		ln, err = net.Listen("tcp", "127.0.0.1:0") // the window finds it anywhere
	}
	if err != nil {
		return errors.Join(explainListen(cmd.Context(), c.Listen, err), shutdown(box))
	}
	base := "http://" + ln.Addr().String()
	if err := writeInstance(c, instance{Base: base, PID: os.Getpid(), Token: token, Instance: instanceID(c.Data), Version: s.parts.Version}); err != nil {
		ln.Close() //nolint:errcheck // nothing was served
		return errors.Join(err, shutdown(box))
	}
	ended := make(chan error, 1)
	go func() { ended <- box.Serve(ln) }()
	fmt.Fprintln(s.stdout, "listening on "+base)
	if printLink || isTerminal(s.stdout) {
		link, expires := box.SignInLink(base)
		fmt.Fprintf(s.stdout, "sign in once, before %s: %s\n", expires.Local().Format(time.TimeOnly), link)
	}
	warming := warm(cmd.Context(), box)
	tellService(daemon.SdNotifyReady, log)
	ctx, shut := cmd.Context(), func() {}
	if w != nil {
		ctx, shut = s.beside(ctx, w, ShowOptions{Config: c, Log: log, Base: base, Token: token}, func() string {
			link, _ := box.SignInLink(base)
			return link
		})
	}
	defer shut()
	return s.drain(ctx, c, token, box, log, ended, warming)
}

// tellService tells systemd what this process is about to do, where it was started by it.
func tellService(state string, log *slog.Logger) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("systemd was not told", "state", state, "err", err)
	}
}

// warm loads the default model beside everything else.
func warm(ctx context.Context, box Box) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		box.Warm(ctx)
	}()
	return done
}

// drain waits for a signal or for the server's end, and closes the box.
func (s *shell) drain(ctx context.Context, c config.Config, token string, box Box, log *slog.Logger, ended <-chan error, warming <-chan struct{}) error {
	var failed error
	select {
	case <-ctx.Done():
		log.Info("shutting down; what was written is kept; a second signal stops at once")
	case failed = <-ended:
	}
	tellService(daemon.SdNotifyStopping, log)
	removeInstance(c, token)
	err := shutdown(box)
	<-warming
	return errors.Join(failed, err)
}

func shutdown(box Box) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	return box.Shutdown(ctx)
}

// explainOpen says who has the data folder.
func (s *shell) explainOpen(ctx context.Context, c config.Config, err error) error {
	if !errors.Is(err, ErrInUse) {
		return err
	}
	if i, ok := running(ctx, c); ok {
		return fmt.Errorf("the data folder %s is served already, at %s (process %d). Run `alcove link` for a sign-in link, or choose another folder with --data", c.Data, i.Base, i.PID)
	}
	return fmt.Errorf("another Alcove is using the data folder %s and does not serve it, a command perhaps. Wait until it ends, or choose another folder with --data", c.Data)
}

// explainListen says who has the port.
func explainListen(ctx context.Context, addr string, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	if isAlcove(ctx, addr) {
		return fmt.Errorf("an Alcove with another data folder answers on %s already. Choose another address with --listen, 127.0.0.1:0 for any free port", addr)
	}
	return fmt.Errorf("another program uses %s. Choose another address with --listen, 127.0.0.1:0 for any free port", addr)
}

// isAlcove asks a server who it is, without a credential.
func isAlcove(ctx context.Context, addr string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+addr+"/api/v1/session", nil)
	if err != nil {
		return false
	}
	answer, err := newClient("", "").http.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var session struct {
		Instance string `json:"instance"`
		SignedIn *bool  `json:"signed_in"`
	}
	return json.NewDecoder(answer.Body).Decode(&session) == nil && session.Instance != "" && session.SignedIn != nil
}
