package plan

import (
	"fmt"

	"alcove/engine/hardware"
)

// Backend names a ggml backend.
type Backend string

// The backends in the order in which they are preferred.
const (
	CUDA   Backend = "cuda"
	HIP    Backend = "hip"
	Metal  Backend = "metal"
	Vulkan Backend = "vulkan"
	CPU    Backend = "cpu"
)

// gpuBackends are tried in this order.
var gpuBackends = []Backend{CUDA, HIP, Metal, Vulkan}

// Kind says whose memory a device uses.
type Kind string

// The kinds of device, as ggml_backend_dev_type tells them apart.
const (
	Discrete   Kind = "gpu"      // memory of its own
	Integrated Kind = "igpu"     // shares the host's memory
	Software   Kind = "software" // a GPU interface drawn by the CPU, llvmpipe for instance
)

// Device is one entry of ggml's device list, without the CPU. Bytes. One card
// that two backends see is in the list twice.
type Device struct {
	Name        string // ggml's: "CUDA0"
	Description string // the card's: "NVIDIA A100-SXM4-40GB"
	Backend     Backend
	Kind        Kind
	Total       int64 // 0: the backend does not tell
	Free        int64 // now, with what other programs use taken off
}

// Machine is what there is. Seen are the GPUs that a driver or the PCI bus
// names, whether or not a backend can use them.
type Machine struct {
	Devices []Device // in ggml's order
	Seen    []hardware.GPU
	CPU     hardware.CPU
	Memory  hardware.Memory
	// Used is what the whole machine uses and cannot give back: MemTotal less
	// MemAvailable, bytes.
	Used int64
	// GroupUsed is the same of the control group: memory.current less its file
	// pages, bytes. It counts only where Memory.Limit is set.
	GroupUsed int64
}

// Layer is one repeating block of the model.
type Layer struct {
	Weights  int64 // bytes of all its tensors, experts included
	Largest  int64 // bytes of its largest tensor
	KVHeads  int   // heads of K and of V; 0: no attention here
	KeyDim   int   // elements of one K head
	ValueDim int   // elements of one V head
	Sliding  bool  // attends to the last Model.Window tokens only
	State    int64 // bytes of recurrent state for one sequence, 0: none
	Inner    int   // width inside a layer with a state (Mamba's ssm.inner_size), 0: that of the others
}

// Model is what a GGUF header says. All tensors of the file must be counted
// in a layer, in Embedding or in Output.
type Model struct {
	Name         string
	Architecture string
	Layers       []Layer // in order
	Embedding    int64   // bytes of token_embd and other input tensors; they stay on the host
	Output       int64   // bytes of the output matrix and norm; of token_embd where that is used again, as it is then held twice
	Hidden       int     // embedding_length
	FeedForward  int     // widest: feed_forward_length, or an expert's times the experts used
	Heads        int     // of Q
	Vocab        int     // tokens
	Window       int     // of sliding layers, tokens
	Trained      int     // context_length, tokens
}

// KVType is the type of K and V cells.
type KVType string

// The KV types. The default CUDA build computes attention on the GPU for these
// two as long as K and V have the same one.
const (
	F16  KVType = "f16"
	Q8_0 KVType = "q8_0"
)

// Wish is what somebody asks for. The zero value leaves all to the plan.
type Wish struct {
	Context int     // tokens of one conversation; 0: the trained length, at most DefaultContext, shorter where it must be
	Users   int     // answers at once; 0: DefaultUsers
	KV      KVType  // "": f16, q8_0 where f16 does not fit
	Backend Backend // "": the best that works; else nothing but this
	Batch   int     // rows a step; 0: DefaultBatch
	Seqs    int     // sequence ids; 0: as many as cost little
	Cells   int     // of the cache, at least Context; 0: by conversations
	// Conversations of full length that the cache has room for at most; 0: one for
	// each user on a GPU with memory of its own, four elsewhere.
	Conversations int
}

// What a Wish of zeros means. They are those of engine/wire and engine/local.
const (
	DefaultContext = 8192
	DefaultUsers   = 16
	DefaultBatch   = 512
)

// Limits of what is planned; they also keep every sum inside an int64.
const (
	maxDevices = 8 // more GPUs are left out: each subset of them is tried
	maxLayers  = 512
	maxContext = 1 << 22 // tokens
	maxUsers   = 255     // LLAMA_MAX_SEQ less a spare one
	maxWidth   = 1 << 20 // of any dimension
	maxBytes   = 1 << 46 // of any one number of bytes
)

// check says what is wrong with the facts; "" when nothing is.
func check(model Model, wish Wish) string {
	width := func(n int) bool { return n >= 0 && n <= maxWidth }
	size := func(n int64) bool { return n >= 0 && n <= maxBytes }
	switch {
	case len(model.Layers) < 1 || len(model.Layers) > maxLayers:
		return fmt.Sprintf("the model has %d layers", len(model.Layers))
	case !size(model.Embedding) || !size(model.Output) || !width(model.Hidden) || !width(model.FeedForward) ||
		!width(model.Heads) || !width(model.Vocab) || !width(model.Window):
		return "the model's sizes are out of range"
	case model.Vocab < 1 || model.Trained < 1 && wish.Context == 0:
		return "the model names no vocabulary or no context length"
	case wish.Context < 0 || wish.Context > maxContext || wish.Users < 0 || wish.Users > maxUsers || wish.Batch < 0 || wish.Batch > 1<<14:
		return fmt.Sprintf("a context of %d tokens for %d users with %d rows a step is out of range", wish.Context, wish.Users, wish.Batch)
	case wish.Seqs < 0 || wish.Seqs > maxUsers || wish.Cells < 0 || wish.Cells > maxContext || wish.Conversations < 0 || wish.Conversations > maxUsers:
		return fmt.Sprintf("a cache of %d cells for %d conversations and %d sequences is out of range", wish.Cells, wish.Conversations, wish.Seqs)
	case wish.KV != "" && wish.KV != F16 && wish.KV != Q8_0:
		return fmt.Sprintf("the KV type %q is not known", wish.KV)
	}
	for i, l := range model.Layers {
		if !size(l.Weights) || !size(l.Largest) || !size(l.State) || !width(l.KVHeads) || !width(l.KeyDim) || !width(l.ValueDim) || !width(l.Inner) ||
			int64(l.KVHeads)*int64(max(l.KeyDim, l.ValueDim)) > maxWidth {
			return fmt.Sprintf("the sizes of layer %d are out of range", i)
		}
	}
	return ""
}
