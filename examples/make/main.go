// Command make writes the sample handbook (examples/handbook) from the texts
// in source: PDF by Chromium, DOCX and XLSX by itself, Markdown as it is. The
// files are committed; only who changes a text runs it:
//
//	go run ./examples/make examples/make/source examples/handbook
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: make SOURCE-FOLDER TARGET-FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run writes every version of every text of the folder from.
func run(from, to string) error {
	names, err := filepath.Glob(filepath.Join(from, "*.*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, t := range versions(string(raw)) {
			if err := write(t, to); err != nil {
				return fmt.Errorf("%s: %w", t.file(), err)
			}
			fmt.Println(t.file())
		}
	}
	return nil
}

// write makes the file of one text.
func write(t text, folder string) error {
	path := filepath.Join(folder, t.file())
	switch t.format {
	case "pdf":
		return writePDF(t, path)
	case "docx":
		return writeZip(path, docxParts(t))
	case "xlsx":
		return writeZip(path, xlsxParts(t))
	case "md":
		return os.WriteFile(path, []byte(strings.TrimSpace(t.body)+"\n"), 0o600)
	}
	return fmt.Errorf("no such format: %q", t.format)
}
