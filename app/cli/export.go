package cli

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func (s *shell) exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "export [ID|--all]", Short: "Write conversations into files",
		Long: "Write a conversation, or all, into a file: markdown and html are for people, with the sources of each answer; html prints well.\n" +
			"json has all branches and can be imported again, as jsonl, which is all conversations in one file. Without --output it goes to standard output.\n" +
			"All conversations as markdown, html or json are a ZIP archive. Without ID and --all, the conversations are listed.",
		Args: cobra.MaximumNArgs(1), RunE: s.withServer(s.export),
	}
	cmd.Flags().Bool("all", false, "all conversations")
	cmd.Flags().String("format", "", "markdown, html or json; with --all also jsonl (default markdown, with --all jsonl)")
	cmd.Flags().StringP("output", "o", "", "file to write, which must not be there yet")
	return cmd
}

func (s *shell) importCommand() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Take conversations in that were exported as json or jsonl; - reads standard input",
		Long: "Take conversations in that were exported as json or jsonl, all of the file or none. They get new ids: importing twice makes two.\n" +
			"Quotes from documents come with them where the same documents are here. To move a whole Alcove, use `alcove backup`.",
		Args: cobra.ExactArgs(1), RunE: s.withServer(s.importFile),
	}
}

func (s *shell) export(cmd *cobra.Command, args []string, c *client) (err error) {
	flags := cmd.Flags()
	all, err := flags.GetBool("all")
	if err != nil {
		return err
	}
	format, err := flags.GetString("format")
	if err != nil {
		return err
	}
	output, err := flags.GetString("output")
	if err != nil {
		return err
	}
	query := ""
	if format != "" {
		query = "?format=" + url.QueryEscape(format)
	}
	path := "/api/v1/conversations.export" + query
	switch {
	case all && len(args) > 0:
		return errors.New("say an ID or --all, not both")
	case len(args) > 0:
		path = "/api/v1/conversations/" + url.PathEscape(args[0]) + "/export" + query
	case !all:
		return s.listConversations(cmd, c)
	}
	answer, err := c.request(cmd.Context(), "GET", path, nil)
	if err != nil {
		return interrupted(cmd.Context(), err)
	}
	defer answer.Body.Close()
	if output == "" {
		if isTerminal(s.stdout) && answer.Header.Get("Content-Type") == "application/zip" {
			return errors.New("a ZIP archive is not for a terminal: say -o FILE")
		}
		_, err := io.Copy(s.stdout, answer.Body)
		return interrupted(cmd.Context(), err)
	}
	if err := keepFile(output, answer.Body); err != nil {
		return interrupted(cmd.Context(), err)
	}
	fmt.Fprintln(s.stderr, "saved "+output)
	return nil
}

// keepFile writes a file that is whole or not there: it gets its name at the end.
// Nothing is replaced.
func keepFile(name string, from io.Reader) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".alcove-export-*") // 0600
	if err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // linked under its name, or given up
	_, err = io.Copy(f, from)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the file: %w; nothing was saved", err)
	}
	if err := os.Link(f.Name(), name); errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; nothing was saved", name)
	} else if err == nil {
		return nil
	}
	// A file system without links.
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s is there already; nothing was saved", name)
	}
	return os.Rename(f.Name(), name)
}

func (s *shell) listConversations(cmd *cobra.Command, c *client) error {
	before := ""
	for {
		var page struct {
			Conversations []struct {
				ID, Title string
				UpdatedAt string `json:"updated_at"`
			}
			Next string
		}
		if err := c.call(cmd.Context(), "GET", "/api/v1/conversations?limit=200&before="+url.QueryEscape(before), nil, &page); err != nil {
			return interrupted(cmd.Context(), err)
		}
		for _, one := range page.Conversations {
			fmt.Fprintf(s.stdout, "%s  %.10s  %s\n", one.ID, one.UpdatedAt, printable(one.Title))
		}
		if before = page.Next; before == "" {
			return nil
		}
	}
}

func (s *shell) importFile(cmd *cobra.Command, args []string, c *client) error {
	from := s.stdin
	if args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, 64<<20+1))
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	var out struct {
		Conversations []struct{ ID, Title string }
	}
	if err := c.sendText(cmd.Context(), "/api/v1/conversations.import", text, &out); err != nil {
		return interrupted(cmd.Context(), err)
	}
	for _, one := range out.Conversations {
		fmt.Fprintf(s.stdout, "%s  %s\n", one.ID, printable(one.Title))
	}
	return nil
}
