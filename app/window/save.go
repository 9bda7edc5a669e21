package window

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// plainName makes a name from the page one that stays in the folder that the
// dialog shows.
func plainName(name string) string {
	name = strings.TrimLeft(filepath.Base(filepath.Clean("/"+strings.ReplaceAll(name, "\\", "/"))), "./")
	if name == "" {
		return "alcove.txt"
	}
	return name
}

// writeFile replaces the file as a whole, so that a full disk leaves the old one.
func writeFile(path, content string) error {
	raw, err := base64.StdEncoding.DecodeString(content)
	if err != nil {
		return fmt.Errorf("read the page's file: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".alcove.*.part")
	if err != nil {
		return fmt.Errorf("save file: %w", err)
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // it has its own name by then
	_, err = temp.Write(raw)
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("save file: %w", err)
	}
	return nil
}
