package llama

import (
	"fmt"

	"github.com/hybridgroup/yzma/pkg/llama"
)

// tryContext is the context of a trial, in tokens: as small as llama.cpp makes it.
const tryContext = 256

// Try finds out whether Load would take a model and its adapters, in little time
// and memory: all that the file says is read and the graph is built, but no
// weights are, and nothing is computed. Info has what the file says only. A file
// on which llama.cpp aborts ends this process.
func (l *Library) Try(path string, adapters []string) (Info, error) {
	m := &Model{lib: l, threads: 1}
	defer m.Close()
	err := m.try(path, adapters)
	return m.info, err
}

func (m *Model) try(path string, adapters []string) error {
	if err := CheckFile(path); err != nil {
		return err
	}
	p := llama.ModelDefaultParams()
	p.SetCPUOnly()
	p.LoadMode = llama.LoadModeNone // without weights there is nothing to map
	p.NoAlloc, p.UseExtraBufts = 1, 0
	var err error
	if m.model, err = llama.ModelLoadFromFile(path, p); err != nil {
		return fmt.Errorf("%w: %w", ErrLoad, err)
	}
	m.vocab = llama.ModelGetVocab(m.model)
	if err := m.describe(); err != nil {
		return err
	}
	if err := m.loadAdapters(adapters); err != nil {
		return err
	}
	c := llama.ContextDefaultParams()
	c.NCtx, c.NBatch, c.NUbatch = tryContext, 8, 8
	c.NSeqMax, c.NOutputsMax = 1, 1
	c.NThreads, c.NThreadsBatch = 1, 1
	c.KVUnified, c.SwaFull, c.OpOffload, c.Offload_kqv = 1, 0, 0, 0
	if m.ctx, err = llama.InitFromModel(m.model, c); err != nil {
		return fmt.Errorf("%w: make its context: %w", ErrLoad, err)
	}
	return m.useAdapters()
}
