package llama

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hybridgroup/yzma/pkg/llama"
)

// AdapterError says that a LoRA file cannot be used with the model.
type AdapterError struct {
	Path string
	Err  error
}

// Error has the cause; llama.cpp's log has more.
func (e *AdapterError) Error() string { return "adapter: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *AdapterError) Unwrap() error { return e.Err }

// loadAdapters reads LoRA files. They belong to the model and end with it. It
// comes before the context is made: llama.cpp counts their part of its graph then.
func (m *Model) loadAdapters(paths []string) error {
	for i, path := range paths {
		if slices.Contains(paths[:i], path) {
			continue // once is all that llama.cpp can do
		}
		if err := CheckFile(path); err != nil {
			return &AdapterError{path, err}
		}
		a, err := llama.AdapterLoraInit(m.model, path)
		if err != nil || a == 0 {
			return &AdapterError{path, errors.Join(errors.New("llama.cpp does not take it"), err)}
		}
		if llama.AdapterGetAloraNInvocationTokens(a) > 0 {
			return &AdapterError{path, errors.New("it begins to count at a certain word (aLoRA), which is not supported")}
		}
		m.adapters = append(m.adapters, a)
	}
	return nil
}

// useAdapters adds the adapters, each as strong as its file says, to all that
// the context computes.
func (m *Model) useAdapters() error {
	if len(m.adapters) == 0 {
		return nil
	}
	scales := make([]float32, len(m.adapters))
	for i := range scales {
		scales[i] = 1
	}
	if n := llama.SetAdaptersLora(m.ctx, m.adapters, scales); n != 0 {
		return fmt.Errorf("%w: set %d adapters: %d", ErrLoad, len(scales), n)
	}
	return nil
}
