package cli

import "github.com/spf13/cobra"

// ExtractCommand is the first argument of the hidden child that reads a
// document. The other arguments are package extract's own.
const ExtractCommand = "extract"

func (s *shell) extractCommand() *cobra.Command {
	return &cobra.Command{
		Use: ExtractCommand, Hidden: true, DisableFlagParsing: true,
		RunE: s.run(func(_ *cobra.Command, args []string) error {
			return s.parts.Extract(args, s.stdin, s.stdout)
		}),
	}
}
