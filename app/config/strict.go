package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	gotoml "github.com/pelletier/go-toml/v2"
)

// strictTOML reads config.toml and refuses a key that does not exist: a typing
// error would otherwise be a setting that silently does nothing.
type strictTOML struct{ path string }

// Unmarshal implements koanf.Parser.
func (s strictTOML) Unmarshal(text []byte) (map[string]any, error) {
	decoder := gotoml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	err := decoder.Decode(&Config{})
	var unknown *gotoml.StrictMissingError
	var wrong *gotoml.DecodeError
	switch {
	case errors.As(err, &unknown):
		first := unknown.Errors[0]
		line, _ := first.Position()
		return nil, fmt.Errorf("%s, line %d: there is no setting %q. Correct or remove the line", s.path, line, strings.Join(first.Key(), "."))
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return nil, fmt.Errorf("%s, line %d: %s", s.path, line, wrong.Error())
	case err != nil:
		return nil, fmt.Errorf("%s: %w", s.path, err)
	}
	return toml.Parser().Unmarshal(text)
}

// Marshal implements koanf.Parser.
func (s strictTOML) Marshal(m map[string]any) ([]byte, error) { return toml.Parser().Marshal(m) }
