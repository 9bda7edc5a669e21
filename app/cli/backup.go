package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"alcove/app/config"
)

// Copied is what a backup or a restore takes.
type Copied struct {
	Database int64 // bytes
	Files    int   // of documents
	Bytes    int64 // of them
	Free     int64 // on the disk of the target; -1: not known
	Missing  int   // files that were not there to be copied
}

func (s *shell) backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "backup FILE", Short: "Copy the database and the files of documents, also while Alcove runs",
		Long: "Copy the database to FILE, and the files of documents that were sent to the folder FILE.documents, also while Alcove runs.\n" +
			"Both are of one moment, and neither replaces anything. Files of watched folders are where they always were: they are yours to back up. `alcove restore FILE` puts both back.",
		Args: cobra.ExactArgs(1),
		RunE: s.run(func(cmd *cobra.Command, args []string) error {
			done, err := s.copying(cmd, args[0], "copying", s.parts.Backup)
			if err != nil {
				return err
			}
			fmt.Fprintln(s.stdout, "saved "+args[0])
			if done.Files > 0 {
				fmt.Fprintf(s.stdout, "saved %s.documents (%s)\n", args[0], many(done.Files, "file"))
			}
			if done.Missing > 0 {
				fmt.Fprintf(s.stderr, "%s of documents could not be copied: not there. The text is in the database.\n", many(done.Missing, "file"))
				return errFindings
			}
			return nil
		}),
	}
	cmd.Flags().Bool("without-files", false, "copy the database alone")
	return cmd
}

func (s *shell) restoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Put a backup into a data folder that has no database yet",
		Long: "Put a backup into a data folder that has no database yet: FILE, and the files of documents in FILE.documents.\n" +
			"Every file is held against its hash before anything is written. --without-files restores the database alone: questions are answered as before, and opening a file says that it is gone.",
		Args: cobra.ExactArgs(1),
		RunE: s.run(func(cmd *cobra.Command, args []string) error {
			done, err := s.copying(cmd, args[0], "restoring", s.parts.Restore)
			if err == nil {
				fmt.Fprintf(s.stdout, "restored %s, with %s of documents\n", args[0], many(done.Files, "file"))
			}
			return err
		}),
	}
	cmd.Flags().Bool("without-files", false, "restore the database alone")
	return cmd
}

type copier func(ctx context.Context, c config.Config, file string, withoutFiles bool, tell func(Copied)) (Copied, error)

func (s *shell) copying(cmd *cobra.Command, file, verb string, f copier) (Copied, error) {
	c, err := s.config(cmd)
	if err != nil {
		return Copied{}, err
	}
	without, err := cmd.Flags().GetBool("without-files")
	if err != nil {
		return Copied{}, err
	}
	return f(cmd.Context(), c, file, without, func(plan Copied) {
		text := fmt.Sprintf("%s the database (%s)", verb, sizeOf(plan.Database))
		if plan.Files > 0 {
			text += fmt.Sprintf(" and %s of documents (%s)", many(plan.Files, "file"), sizeOf(plan.Bytes))
		}
		if plan.Free >= 0 {
			text += fmt.Sprintf("; %s are free", sizeOf(plan.Free))
		}
		fmt.Fprintln(s.stderr, text)
	})
}

func sizeOf(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
