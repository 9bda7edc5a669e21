package engine

import "fmt"

// Verdict says in a word whether a model would run on this machine.
type Verdict string

// Verdicts.
const (
	VerdictFits   Verdict = "fits"        // all of it where the machine is fastest
	VerdictPartly Verdict = "fits_partly" // with a part on the CPU although there is a GPU
	VerdictWont   Verdict = "wont_fit"    // it is refused before it is loaded
)

// Fit is how a model would run now, before it is loaded; of the loaded one, how
// it was planned. Sizes are estimates in bytes. It is renewed when the model
// folder or the free memory changes noticeably. Nobody may change it.
type Fit struct {
	Verdict Verdict `json:"verdict"`
	Because string  `json:"because"` // a sentence
	// Need is what it takes of the memory that decides (GPUs where all of it lies
	// there, else all), Usable what that may hold, Free what is free of it. With
	// wont_fit Need is of the smallest way to run it.
	Need    int64       `json:"need"`
	Usable  int64       `json:"usable"`
	Free    int64       `json:"free"`
	Devices []FitDevice `json:"devices" nullable:"false"`
	Context int         `json:"context,omitzero"` // tokens one conversation may have
	Slots   int         `json:"slots,omitzero"`   // answers at once
	Cells   int         `json:"cells,omitzero"`   // tokens that the cache holds for all
	KV      string      `json:"kv,omitzero"`      // type of the cache: f16, q8_0
	// Rejected are ways that would be better and do not work, best first.
	Rejected []FitReason `json:"rejected,omitempty"`
}

// FitDevice is what one device would hold, in bytes.
type FitDevice struct {
	Name    string `json:"name"` // "CUDA0"; "host": the CPU's memory
	Layers  int    `json:"layers"`
	Weights int64  `json:"weights"`
	KV      int64  `json:"kv"`      // cache
	Compute int64  `json:"compute"` // buffers of a step
	Process int64  `json:"process"` // the worker itself
	Free    int64  `json:"free"`    // before loading
	Reserve int64  `json:"reserve"` // of it, what stays free
}

// FitReason is a way to run a model that was not taken, and why.
type FitReason struct {
	Code     string `json:"code"` // gpu_memory, host_memory, no_backend, ...
	Sentence string `json:"sentence"`
}

// TooLarge is the refusal of a model that will not fit; nil of others, and of a
// model without a Fit.
func TooLarge(id string, f *Fit) *Error {
	if f == nil || f.Verdict != VerdictWont {
		return nil
	}
	return Errorf(CodeModelTooLarge, "The model %.100q was not loaded: it needs at least %s of memory, and %s can be used now. "+
		"Nothing else was changed. End other programs, give Alcove a shorter context, or choose a smaller model.", id, inGB(f.Need), inGB(f.Usable))
}

// inGB is a size for people, in decimal units as the page has them.
func inGB(n int64) string {
	if n < 1e9 {
		return fmt.Sprintf("%d MB", n/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
