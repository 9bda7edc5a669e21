package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func (s *shell) alertsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "alerts", Short: "List what is firing, and the last alerts",
		Long: "List what is firing, and the last alerts. The exit status is 1 when something fires.",
		Args: cobra.NoArgs, RunE: s.run(s.alerts),
	}
	cmd.Flags().Bool("json", false, "print everything as JSON")
	cmd.Flags().Int("history", 20, "how many ended alerts to list, at most 5000")
	return cmd
}

// alert is one alert as the server shows it.
type alert struct {
	Title      string     `json:"title"`
	Severity   string     `json:"severity"`
	Text       string     `json:"text"`
	Advice     string     `json:"advice"`
	Ended      string     `json:"ended"`
	FiredAt    time.Time  `json:"fired_at"`
	ResolvedAt *time.Time `json:"resolved_at"`
	Deliveries []struct {
		Channel string `json:"channel"`
		Status  string `json:"status"`
		Error   string `json:"error"`
	} `json:"deliveries"`
}

func (s *shell) alerts(cmd *cobra.Command, _ []string) error {
	c, err := s.onlyRunning(cmd)
	if err != nil {
		return err
	}
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	history, err := cmd.Flags().GetInt("history")
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := c.call(cmd.Context(), "GET", fmt.Sprintf("/api/v1/alerts?history=%d", history), nil, &raw); err != nil {
		return err
	}
	var v struct {
		Firing  []alert `json:"firing"`
		History []alert `json:"history"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("read the alerts: %w", err)
	}
	if asJSON {
		fmt.Fprintln(s.stdout, string(raw))
	} else if err := s.printAlerts(v.Firing, v.History); err != nil {
		return err
	}
	if len(v.Firing) > 0 {
		return errFindings
	}
	return nil
}

func (s *shell) printAlerts(firing, history []alert) error {
	if len(firing) == 0 {
		fmt.Fprintln(s.stdout, "nothing is firing")
	}
	for _, a := range firing {
		fmt.Fprintf(s.stdout, "%s: %s, since %s\n  %s %s\n", a.Severity, a.Title, shortTime(a.FiredAt), a.Text, a.Advice)
		for _, d := range a.Deliveries {
			if d.Error != "" {
				fmt.Fprintf(s.stdout, "  %s: %s: %s\n", d.Channel, d.Status, d.Error)
			}
		}
	}
	if len(history) == 0 {
		return nil
	}
	fmt.Fprintln(s.stdout)
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "BEGAN\tLASTED\tSEVERITY\tALERT\tENDED")
	for _, a := range history {
		lasted := ""
		if a.ResolvedAt != nil {
			lasted = a.ResolvedAt.Sub(a.FiredAt).Round(time.Second).String()
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", shortTime(a.FiredAt), lasted, a.Severity, a.Title, a.Ended)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func shortTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }
