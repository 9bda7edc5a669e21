package cli

import (
	"errors"
	"fmt"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func (s *shell) linkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "link", Short: "Print a one-time sign-in link for the running Alcove", Args: cobra.NoArgs,
		RunE: s.run(func(cmd *cobra.Command, _ []string) error {
			c, err := s.onlyRunning(cmd)
			if err != nil {
				return err
			}
			var link struct {
				URL string `json:"url"`
			}
			if err := c.call(cmd.Context(), "POST", "/api/v1/links", struct{}{}, &link); err != nil {
				return err
			}
			fmt.Fprintln(s.stdout, link.URL)
			return nil
		}),
	}
}

// key is an API key as the server shows it.
type key struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Prefix     string     `json:"prefix"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
	Secret     string     `json:"key"`
}

func (s *shell) keyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Make, list and revoke API keys", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return errors.New("say create, list or revoke") }}
	create := &cobra.Command{
		Use: "create --name NAME", Short: "Make an API key and print it once", Args: cobra.NoArgs,
		RunE: s.withServer(s.createKey),
	}
	create.Flags().String("name", "", "what the key is for")
	if err := create.MarkFlagRequired("name"); err != nil {
		panic(err) // the flag is declared above
	}
	list := &cobra.Command{Use: "list", Short: "List the API keys", Args: cobra.NoArgs, RunE: s.withServer(s.listKeys)}
	revoke := &cobra.Command{
		Use: "revoke ID", Short: "Revoke an API key; a running Alcove refuses it within a second",
		Args: cobra.ExactArgs(1), RunE: s.withServer(s.revokeKey),
	}
	cmd.AddCommand(create, list, revoke)
	return cmd
}

// withServer gives a command a client, of the running instance or of a box of
// its own.
func (s *shell) withServer(f func(cmd *cobra.Command, args []string, c *client) error) func(*cobra.Command, []string) error {
	return s.run(func(cmd *cobra.Command, args []string) error {
		c, err := s.config(cmd)
		if err != nil {
			return err
		}
		remote, leave, err := s.connect(cmd.Context(), c)
		if err != nil {
			return err
		}
		return errors.Join(f(cmd, args, remote), leave())
	})
}

func (s *shell) createKey(cmd *cobra.Command, _ []string, c *client) error {
	name, err := cmd.Flags().GetString("name")
	if err != nil {
		return err
	}
	var made key
	if err := c.call(cmd.Context(), "POST", "/api/v1/keys", map[string]string{"name": name}, &made); err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, made.Secret)
	if isTerminal(s.stdout) {
		fmt.Fprintln(s.stderr, "Keep it now: it is not shown again.")
	}
	return nil
}

func (s *shell) listKeys(cmd *cobra.Command, _ []string, c *client) error {
	var out struct {
		Keys []key `json:"keys"`
	}
	if err := c.call(cmd.Context(), "GET", "/api/v1/keys", nil, &out); err != nil {
		return err
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tBEGINS\tMADE\tLAST USED\tREVOKED")
	for _, k := range out.Keys {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, k.Prefix, day(&k.CreatedAt), day(k.LastUsedAt), day(k.RevokedAt))
	}
	return table.Flush()
}

func day(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

func (s *shell) revokeKey(cmd *cobra.Command, args []string, c *client) error {
	if err := c.call(cmd.Context(), "DELETE", "/api/v1/keys/"+url.PathEscape(args[0]), nil, nil); err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, "revoked "+args[0])
	return nil
}
