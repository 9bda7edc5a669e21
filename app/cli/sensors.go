package cli

import "github.com/spf13/cobra"

// SensorsCommand is the first argument of the hidden child that reads the
// machine. The other arguments are package monitor's own.
const SensorsCommand = "sensors"

func (s *shell) sensorsCommand() *cobra.Command {
	return &cobra.Command{
		Use: SensorsCommand, Hidden: true, DisableFlagParsing: true,
		RunE: s.run(func(_ *cobra.Command, args []string) error {
			return s.parts.Sensors(args, s.stdin, s.stdout)
		}),
	}
}
