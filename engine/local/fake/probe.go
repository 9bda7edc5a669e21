package fake

import (
	"encoding/json"
	"os"
	"slices"

	"alcove/engine/wire"
)

// isProbe says that this process was started to try a model, not to answer.
func isProbe() bool { return slices.Contains(os.Args, "--probe") }

// probe does with a model what its script says. It does not return.
func probe(model string) {
	s := readScript(model)
	w := &worker{fault: Fault{Do: s.Probe, At: AtStart}}
	result := wire.Probed{OK: s.Probe != Refuse}
	if result.OK {
		w.maybe(AtStart, 0)
	} else {
		result.Code, result.Message = "model_load_failed", "The fake model does not load."
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		die(err)
	}
	os.Exit(0)
}

// readScript reads what lies beside the model's file; nothing is a script too.
func readScript(model string) (s Script) {
	if data, err := os.ReadFile(model + ".json"); err == nil {
		if err := json.Unmarshal(data, &s); err != nil {
			die(err)
		}
	}
	return s
}
