package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// LibraryGroup is a set of llama.cpp's libraries that is of use as a whole.
type LibraryGroup struct {
	Name     string   `json:"name"`
	Purpose  string   `json:"purpose"`
	Optional bool     `json:"optional"`
	Bytes    int64    `json:"bytes"` // of all files, as far as known
	Files    []string `json:"files"`
	Missing  []string `json:"missing"` // of Files
}

// state is a group in one or two words.
func (g LibraryGroup) state() string {
	switch len(g.Missing) {
	case 0:
		return "installed"
	case len(g.Files):
		return "not installed"
	}
	return "incomplete"
}

func (s *shell) runtimeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "runtime", Short: "List llama.cpp's libraries, with the optional ones for GPUs", Args: cobra.NoArgs,
		Long: "List llama.cpp's libraries, with the optional ones for GPUs. The exit status is 1 when one is not as it was installed.",
		RunE: s.run(s.listLibraries),
	}
	cmd.Flags().Bool("json", false, "print JSON")
	install := &cobra.Command{
		Use: "install --from DIR", Short: "Install libraries out of a folder, without network", Args: cobra.NoArgs,
		Long: "Install the libraries that are missing, or damaged, out of a folder or folders below it. No network is used. " +
			"Each file must have the hash that this installation knows; otherwise nothing is changed.",
		RunE: s.run(s.installLibraries),
	}
	install.Flags().String("from", "", "folder that has the files")
	if err := install.MarkFlagRequired("from"); err != nil {
		panic(err) // the flag is declared above
	}
	cmd.AddCommand(install)
	return cmd
}

func (s *shell) listLibraries(cmd *cobra.Command, _ []string) error {
	c, err := s.config(cmd)
	if err != nil {
		return err
	}
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	groups, problem := s.parts.Libraries(c)
	if asJSON {
		encoder := json.NewEncoder(s.stdout)
		encoder.SetIndent("", "  ")
		if groups == nil {
			groups = []LibraryGroup{}
		}
		report := struct {
			Folder  string         `json:"folder"`
			Groups  []LibraryGroup `json:"groups"`
			Problem string         `json:"problem,omitempty"`
		}{Folder: c.Runtime, Groups: groups}
		if problem != nil {
			report.Problem = problem.Error()
		}
		if err := encoder.Encode(report); err != nil {
			return fmt.Errorf("print: %w", err)
		}
		return problem
	}
	fmt.Fprintln(s.stdout, c.Runtime)
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	for _, g := range groups {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", g.Name, g.state(), megabytes(g.Bytes), g.Purpose)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	for _, g := range groups {
		if len(g.Missing) > 0 {
			fmt.Fprintf(s.stdout, "%s needs %s\n", g.Name, strings.Join(g.Missing, ", "))
		}
	}
	return problem
}

func megabytes(n int64) string {
	if n == 0 {
		return "?"
	}
	return fmt.Sprintf("%.0f MB", float64(n)/1e6)
}

func (s *shell) installLibraries(cmd *cobra.Command, _ []string) error {
	c, err := s.config(cmd)
	if err != nil {
		return err
	}
	from, err := cmd.Flags().GetString("from")
	if err != nil {
		return err
	}
	names, err := s.parts.InstallLibraries(cmd.Context(), c, from)
	for _, name := range names {
		fmt.Fprintln(s.stdout, "installed "+name)
	}
	if err != nil {
		return err
	}
	if _, ok := running(cmd.Context(), c); ok {
		fmt.Fprintln(s.stdout, "Start Alcove again to use them.")
	}
	return nil
}
