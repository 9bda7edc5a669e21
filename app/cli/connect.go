package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"alcove/app"
	"alcove/app/config"
)

// A command waits so long for another command to leave the data folder.
const (
	folderWait = 30 * time.Second
	folderLook = 200 * time.Millisecond
)

// sentence is what a user reads of an error: its own words where it has a
// code, else its text.
func sentence(err error) string {
	var e *app.Error
	if errors.As(err, &e) {
		_, _, text := app.Describe(err)
		return text
	}
	return err.Error()
}

// onlyRunning gives a client of the running instance, for commands that are of
// no use without one.
func (s *shell) onlyRunning(cmd *cobra.Command) (*client, error) {
	c, err := s.config(cmd)
	if err != nil {
		return nil, err
	}
	i, ok := running(cmd.Context(), c)
	if !ok {
		return nil, fmt.Errorf("no Alcove runs with the data folder %s. Start it with `alcove serve`", c.Data)
	}
	return newClient(i.Base, i.Token), nil
}

// connect gives a client of the running instance. When there is none it opens
// a box of its own, which the returned function closes.
func (s *shell) connect(ctx context.Context, c config.Config) (*client, func() error, error) {
	until := time.Now().Add(folderWait)
	for waited := false; ; {
		if i, ok := running(ctx, c); ok {
			return newClient(i.Base, i.Token), func() error { return nil }, nil
		}
		own, closeOwn, err := s.openOwn(ctx, c)
		if !errors.Is(err, ErrInUse) {
			return own, closeOwn, err
		}
		if time.Now().After(until) {
			return nil, nil, fmt.Errorf("another Alcove is using the data folder %s and does not answer. End it, then try again", c.Data)
		}
		if !waited {
			waited = true
			fmt.Fprintln(s.stderr, "Another command is using the data folder. Waiting for it to end.")
		}
		select {
		case <-ctx.Done():
			return nil, nil, errInterrupted
		case <-time.After(folderLook):
		}
	}
}

// openOwn opens a box for this command alone and serves it on a free port.
func (s *shell) openOwn(ctx context.Context, c config.Config) (*client, func() error, error) {
	level := c.LogLevel
	if level == "info" {
		level = "error" // a command prints its result; what matters comes as its error
	}
	token := newToken()
	box, err := s.parts.Open(ctx, Options{Config: c, Log: newLog(s.stderr, level), Instance: instanceID(c.Data), LocalToken: token})
	if err != nil {
		return nil, nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open a port: %w", err), shutdown(box))
	}
	ended := make(chan error, 1)
	go func() { ended <- box.Serve(ln) }()
	return newClient("http://"+ln.Addr().String(), token), func() error {
		return errors.Join(shutdown(box), <-ended)
	}, nil
}
