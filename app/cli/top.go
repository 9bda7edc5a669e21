package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

const (
	topEvery   = time.Second
	topPatient = 10 * time.Second // with a server that does not answer
)

func (s *shell) topCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "top", Short: "Show live what the engine of the running Alcove does", Args: cobra.NoArgs,
		Long: "Show live what the engine of the running Alcove does: rates, the time of each part of a step, the answers and the tree of shared prefixes. No text and no name is shown. q or Ctrl-C ends it.",
		RunE: s.run(s.top),
	}
	cmd.Flags().Bool("once", false, "print once and end, as it is without a terminal")
	cmd.Flags().Bool("json", false, "print once, as JSON")
	return cmd
}

func (s *shell) top(cmd *cobra.Command, _ []string) error {
	once, err := cmd.Flags().GetBool("once")
	if err != nil {
		return err
	}
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	c, err := s.onlyRunning(cmd)
	if err != nil {
		return err
	}
	out, isFile := s.stdout.(*os.File)
	switch {
	case asJSON:
		var raw json.RawMessage
		if err := c.engine(cmd.Context(), &raw); err != nil {
			return err
		}
		fmt.Fprintln(s.stdout, string(raw))
		return nil
	case once || !isFile || !isTerminal(out):
		var now look
		if err := c.engine(cmd.Context(), &now); err != nil {
			return err
		}
		fmt.Fprint(s.stdout, topText(nil, &now))
		return nil
	}
	return s.watchTop(cmd.Context(), c, out)
}

// engine asks for what the engine does.
func (c *client) engine(ctx context.Context, into any) error {
	ctx, cancel := context.WithTimeout(ctx, topPatient)
	defer cancel()
	return c.call(ctx, "GET", "/api/v1/engine", nil, into)
}

// Escape sequences: another screen without a cursor, and back.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
)

// watchTop draws until a key or a signal ends it, or the server is gone.
func (s *shell) watchTop(ctx context.Context, c *client, out *os.File) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if in, ok := s.stdin.(*os.File); ok && isTerminal(in) {
		// Keys come at once and unseen; Ctrl-C is a key too then.
		before, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			return fmt.Errorf("read keys: %w", err)
		}
		defer term.Restore(int(in.Fd()), before) //nolint:errcheck // there is nothing else to do
		go stopOnKey(in, stop)
	}
	fmt.Fprint(out, enterScreen)
	defer fmt.Fprint(out, leaveScreen)
	tick := time.NewTicker(topEvery)
	defer tick.Stop()
	for seen := (looks{}); ; {
		now := &look{}
		if err := c.engine(ctx, now); ctx.Err() != nil {
			return nil
		} else if err != nil {
			return err
		}
		seen.add(now)
		width, height, err := term.GetSize(int(out.Fd()))
		if err != nil {
			width, height = 80, 24
		}
		fmt.Fprint(out, frame(topText(seen.before, seen.now), width, height))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// stopOnKey waits for q, Ctrl-C or Ctrl-D.
func stopOnKey(in io.Reader, stop func()) {
	key := make([]byte, 1)
	for {
		if n, err := in.Read(key); err != nil {
			return // no more keys; a signal ends it
		} else if n == 1 && (key[0] == 'q' || key[0] == 'Q' || key[0] == 3 || key[0] == 4) {
			stop()
			return
		}
	}
}

// looks are the last two looks at counters of different times.
type looks struct{ before, now *look }

func (l *looks) add(next *look) {
	if l.now != nil && l.now.uptime() != next.uptime() {
		l.before = l.now
	}
	l.now = next
}
