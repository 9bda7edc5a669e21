package main

import (
	"encoding/json"
	"io"

	"alcove/engine/seal"
	"alcove/engine/wire"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/llama"
	"alcove/engine/worker/prompt"
)

// probeMemory bounds what a probe may take beside the files that it maps. The
// largest vocabularies need a tenth of it.
const probeMemory = 2 << 30

// probe tries to load a model, prints what came of it in one line, and ends. A
// file on which llama.cpp aborts, or hangs, costs this process only.
func probe(out io.Writer, folders seal.Folders) int {
	limitMemory(probeMemory)
	result := wire.Probed{OK: true}
	if err := try(folders); err != nil {
		why := fail.From(err)
		logf("probe: %v\n%s", why, detail(why))
		result = wire.Probed{Code: why.Code, Message: why.Message}
	}
	if err := json.NewEncoder(out).Encode(result); err != nil {
		return exitStart
	}
	return exitOK
}

func try(folders seal.Folders) error {
	lib, err := openLibrary(folders)
	if err != nil {
		return err
	}
	info, err := lib.Try(folders.Model, folders.LoRA)
	if err != nil {
		return loadFailed(err)
	}
	_, err = newTemplate(info)
	return err
}

// newTemplate reads the model's chat template.
func newTemplate(info llama.Info) (*prompt.Template, error) {
	return prompt.NewTemplate(info.Template, prompt.Special{BOS: info.BOS, EOS: info.EOS, BOSToken: info.BOSToken,
		AddBOS: info.AddBOS, SpaceFirst: info.SpaceFirst})
}

// openLibrary loads llama.cpp with the GPU backends that may be used.
func openLibrary(folders seal.Folders) (*llama.Library, error) {
	lib, err := llama.Open(folders.Runtime, folders.GPU)
	if err != nil {
		return nil, &fail.Error{Code: fail.RuntimeMissing, Err: err,
			Message: "The model was not loaded, because llama.cpp's libraries are missing or are not the right version. Install Alcove again, or run make setup."}
	}
	return lib, nil
}
