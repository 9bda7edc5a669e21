package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"alcove/app/cli"
	"alcove/app/config"
	"alcove/app/documents"
	"alcove/storage"
)

func backup(ctx context.Context, c config.Config, file string, withoutFiles bool, tell func(cli.Copied)) (cli.Copied, error) {
	done, err := documents.Backup{Database: c.Database(), Dir: c.Documents(), File: file, NoFiles: withoutFiles, Tell: func(p documents.Copied) { tell(cli.Copied(p)) }}.Run(ctx)
	return cli.Copied(done), err
}

func restore(ctx context.Context, c config.Config, file string, withoutFiles bool, tell func(cli.Copied)) (cli.Copied, error) {
	done, err := documents.Restore{File: file, Database: c.Database(), Dir: c.Documents(), NoFiles: withoutFiles, Tell: func(p documents.Copied) { tell(cli.Copied(p)) }}.Run(ctx)
	if bad := (*documents.BadFiles)(nil); errors.As(err, &bad) {
		err = fmt.Errorf("%w, compared with the database of the backup; nothing was restored; copy %s again, or restore the database alone with --without-files", err, documents.Beside(file))
	}
	if errors.Is(err, storage.ErrExists) {
		err = fmt.Errorf("%s has a database already; nothing was changed; name a folder without one with --data, or move that one away", c.Data)
	}
	return cli.Copied(done), err
}

// inspectDocuments says for `alcove doctor` whether the files of documents are
// there: their sizes are looked at, not their bytes.
func inspectDocuments(ctx context.Context, c config.Config) cli.Finding {
	f := cli.Finding{Name: "Documents", State: cli.StateOK, Text: "there are none yet"}
	if _, err := os.Stat(c.Database()); err != nil {
		return f
	}
	list, err := storage.SentFiles(ctx, c.Database())
	if err == nil {
		var bytes int64
		for _, one := range list {
			bytes += one.Size
		}
		f.Text = fmt.Sprintf("files that were sent: %d (%.1f MB), all there; `alcove backup` takes them along", len(list), float64(bytes)/1e6)
		err = documents.CheckFiles(ctx, c.Documents(), list, false)
	}
	if err != nil {
		f.State, f.Text = cli.StateNote, err.Error()
		f.Details = []string{"questions are answered from their text all the same; put the files back from a backup, or send them again"}
	}
	return f
}
