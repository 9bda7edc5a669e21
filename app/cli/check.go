package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// checkLook is how often a check is looked at.
const checkLook = 500 * time.Millisecond

func (s *shell) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check MODEL", Short: "Ask a model the golden questions and compare it with the current one",
		Long: "Ask a model the golden questions and compare it with the current one. The exit status is 1 when it fails, not when it passes few questions.\nCtrl-C stops the check; what was asked is kept.",
		Args: cobra.ExactArgs(1), RunE: s.withServer(s.check),
	}
	cmd.Flags().Bool("json", false, "print the result as JSON")
	return cmd
}

// checked is a model's result as the server shows it.
type checked struct {
	Model  string `json:"model"`
	Status string `json:"status"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
	Passed       int     `json:"passed"`
	Total        int     `json:"total"`
	FirstTokenMS int     `json:"first_token_ms"`
	TokensPerSec float64 `json:"tokens_per_sec"`
	Promoted     bool    `json:"promoted"`
	Answers      []struct {
		ID     string `json:"id"`
		Passed bool   `json:"passed"`
		Reason string `json:"reason"`
	} `json:"answers"`
}

// checkLooked is a model's check as the server shows it.
type checkLooked struct {
	Running *struct {
		Model  string `json:"model"`
		Asking string `json:"asking"`
		Done   int    `json:"done"`
		Total  int    `json:"total"`
	} `json:"running"`
	Result    *checked `json:"result"`
	Beside    *checked `json:"beside"`
	IsCurrent bool     `json:"is_current"`
}

func (s *shell) check(cmd *cobra.Command, args []string, c *client) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	path := "/api/v1/models/" + url.PathEscape(args[0]) + "/check"
	if err := c.begin(cmd.Context(), path, struct{}{}, nil); err != nil {
		return err
	}
	raw, err := s.waitCheck(cmd.Context(), c, path, args[0])
	if err != nil {
		return err
	}
	if asJSON {
		fmt.Fprintln(s.stdout, string(raw))
		return nil
	}
	var v checkLooked
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("read the check: %w", err)
	}
	return s.printCheck(v)
}

// waitCheck looks until the check has ended. After a signal it stops it.
func (s *shell) waitCheck(ctx context.Context, c *client, path, model string) (json.RawMessage, error) {
	tick := time.NewTicker(checkLook)
	defer tick.Stop()
	for told := ""; ; {
		select {
		case <-ctx.Done():
			stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
			defer cancel()
			if err := c.call(stopping, "DELETE", path, nil, nil); err != nil {
				return nil, err
			}
			return nil, errInterrupted
		case <-tick.C:
		}
		var raw json.RawMessage
		if err := c.call(ctx, "GET", path, nil, &raw); ctx.Err() != nil {
			continue
		} else if err != nil {
			return nil, err
		}
		var v checkLooked
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("read the check: %w", err)
		}
		if v.Running == nil || v.Running.Model != model {
			return raw, nil
		}
		if now := fmt.Sprintf("%d of %d, asking %s", v.Running.Done, v.Running.Total, v.Running.Asking); now != told && isTerminal(s.stderr) {
			fmt.Fprintln(s.stderr, now)
			told = now
		}
	}
}

// printCheck prints both results side by side, and what the model did not pass.
func (s *shell) printCheck(v checkLooked) error {
	if v.Result == nil {
		return fmt.Errorf("the check left no result")
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODEL\tPASSED\tFIRST TOKEN\tSPEED\t")
	for _, r := range []*checked{v.Result, v.Beside} {
		if r == nil {
			continue
		}
		note := ""
		switch {
		case (r == v.Result) == v.IsCurrent:
			note = "current"
		case r == v.Beside:
			note = "before"
		}
		fmt.Fprintf(table, "%s\t%d of %d\t%d ms\t%.1f tok/s\t%s\n", r.Model, r.Passed, r.Total, r.FirstTokenMS, r.TokensPerSec, note)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	for _, a := range v.Result.Answers {
		if !a.Passed {
			fmt.Fprintf(s.stdout, "not passed: %s: %s\n", a.ID, strings.Join(strings.Fields(a.Reason), " "))
		}
	}
	if v.Result.Promoted {
		fmt.Fprintln(s.stdout, v.Result.Model+" is the default model now.")
	}
	if e := v.Result.Error; e != nil {
		return fmt.Errorf("the check failed: %s", e.Message)
	}
	if v.Result.Status != "done" {
		return fmt.Errorf("the check did not end: it was %s", v.Result.Status)
	}
	return nil
}
