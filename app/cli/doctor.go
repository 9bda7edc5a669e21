package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/spf13/cobra"

	"alcove/app/config"
	"alcove/engine"
)

// State says whether a finding is a problem.
type State string

// States of a finding.
const (
	StateOK      State = "ok"
	StateNote    State = "note"    // works, and could be better
	StateProblem State = "problem" // something does not work
)

// Finding is one thing that `alcove doctor` looked at: what was found, what
// was chosen and why.
type Finding struct {
	Name    string   `json:"name"`
	State   State    `json:"state"`
	Text    string   `json:"text"`
	Details []string `json:"details,omitempty"`
}

// errFindings ends doctor with a failure that was printed already.
var errFindings = errors.New("problems were found")

func (s *shell) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor", Short: "Say what was found on this machine, what was chosen and why", Args: cobra.NoArgs,
		Long: "Say what was found on this machine, what was chosen and why. The exit status is 1 when something does not work.",
		RunE: s.run(s.doctor),
	}
	config.AddListenFlag(cmd.Flags())
	cmd.Flags().Bool("json", false, "print JSON")
	return cmd
}

func (s *shell) doctor(cmd *cobra.Command, _ []string) error {
	c, err := s.config(cmd)
	if err != nil {
		return err
	}
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	found := append(s.parts.Inspect(cmd.Context(), c), inspectData(c), inspectConfig(c), inspectTraces(c, s.environ))
	found = append(found, inspectPort(cmd.Context(), c)...)
	problems := 0
	for _, f := range found {
		if f.State == StateProblem {
			problems++
		}
	}
	if asJSON {
		encoder := json.NewEncoder(s.stdout)
		encoder.SetIndent("", "  ")
		report := struct {
			Version  string    `json:"version"`
			Problems int       `json:"problems"`
			Findings []Finding `json:"findings"`
		}{s.parts.Version, problems, found}
		if err := encoder.Encode(report); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	} else {
		s.printFindings(found)
	}
	if problems > 0 {
		return errFindings
	}
	return nil
}

func (s *shell) printFindings(found []Finding) {
	fmt.Fprintln(s.stdout, "alcove "+s.parts.Version)
	for _, f := range found {
		fmt.Fprintf(s.stdout, "%-8s %-10s %s\n", f.State, f.Name, f.Text)
		for _, d := range f.Details {
			fmt.Fprintf(s.stdout, "%-8s %-10s   %s\n", "", "", d)
		}
	}
}

func inspectConfig(c config.Config) Finding {
	if c.FileRead {
		return Finding{Name: "Settings", State: StateOK, Text: "read from " + c.File}
	}
	return Finding{Name: "Settings", State: StateOK, Text: "defaults; there is no " + c.File}
}

// inspectData looks without changing anything.
func inspectData(c config.Config) Finding {
	f := Finding{Name: "Data", State: StateOK, Text: c.Data}
	info, err := os.Stat(c.Data)
	switch {
	case errors.Is(err, os.ErrNotExist):
		f.Text += ", made at the first start"
		return f
	case err != nil:
		return Finding{Name: "Data", State: StateProblem, Text: fmt.Sprintf("%s cannot be read: %v", c.Data, err)}
	case !info.IsDir():
		return Finding{Name: "Data", State: StateProblem, Text: c.Data + " is not a folder"}
	}
	if info.Mode().Perm()&0o077 != 0 {
		f.State, f.Details = StateNote, []string{"others can enter the folder; it is closed to them at the next start"}
	}
	if !writable(c.Data) {
		return Finding{Name: "Data", State: StateProblem, Text: c.Data + " cannot be written to. Choose another folder with --data, or make it writable"}
	}
	if db, err := os.Stat(c.Database()); err == nil {
		f.Text += fmt.Sprintf(", database of %.1f MB", float64(db.Size())/1e6)
	}
	return f
}

func writable(folder string) bool {
	f, err := os.CreateTemp(folder, ".doctor.*")
	if err != nil {
		return false
	}
	f.Close()
	return os.Remove(f.Name()) == nil
}

// inspectRunning asks the running server what computes its answers, and why.
func inspectRunning(ctx context.Context, i instance) Finding {
	f := Finding{Name: "Running", State: StateOK, Text: fmt.Sprintf("at %s, process %d, version %s", i.Base, i.PID, i.Version)}
	var list struct {
		Models []engine.Model `json:"models"`
		Status engine.Status  `json:"status"`
	}
	if err := newClient(i.Base, i.Token).call(ctx, "GET", "/api/v1/models", nil, &list); err != nil {
		f.State, f.Details = StateNote, []string{sentence(err)}
		return f
	}
	if !list.Status.Ready {
		f.Details = append(f.Details, list.Status.Reason)
	}
	for _, m := range list.Models {
		if m.State != engine.ModelLoaded {
			continue
		}
		line := fmt.Sprintf("%s answers on %s", m.ID, m.Device)
		if m.Fit != nil && m.Fit.Because != "" {
			line += ": " + m.Fit.Because
		}
		f.Details = append(f.Details, line)
	}
	if reason := list.Status.GPUReason; reason != "" {
		f.State, f.Details = StateNote, append(f.Details, reason)
	}
	return f
}

func inspectPort(ctx context.Context, c config.Config) []Finding {
	port := Finding{Name: "Address", State: StateOK, Text: c.Listen + " is free"}
	instance, ok := running(ctx, c)
	run := Finding{Name: "Running", State: StateNote, Text: "no. Start it with `alcove serve`"}
	if ok {
		run = inspectRunning(ctx, instance)
	}
	ln, err := net.Listen("tcp", c.Listen)
	switch {
	case err == nil:
		ln.Close()
	case ok && instance.Base == "http://"+c.Listen:
		port.Text = c.Listen + " is used by the running Alcove"
	default:
		port.State, port.Text = StateProblem, explainListen(ctx, c.Listen, err).Error()
	}
	return []Finding{port, run}
}
