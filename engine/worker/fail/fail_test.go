package fail

import (
	"errors"
	"fmt"
	"testing"

	"alcove/engine"
)

func TestCodesAreEngineCodes(t *testing.T) {
	for mine, theirs := range map[string]engine.Code{
		ContextFull: engine.CodeContextFull, InvalidRequest: engine.CodeInvalidRequest, Template: engine.CodeTemplate,
		Internal: engine.CodeInternal, ModelRefused: engine.CodeModelRefused, ModelLoad: engine.CodeModelLoad,
		RuntimeMissing: engine.CodeRuntimeMissing,
	} {
		if mine != string(theirs) {
			t.Errorf("%q is %q in engine", mine, theirs)
		}
	}
}

func TestFrom(t *testing.T) {
	e := New(Template, "no %s", "go")
	if got := From(fmt.Errorf("build: %w", e)); got != e || got.Message != "no go" {
		t.Errorf("got %v", got)
	}
	cause := errors.New("cause")
	if got := From(cause); got.Code != Internal || !errors.Is(got, cause) || got.Message == "" {
		t.Errorf("got %v", got)
	}
}
