package engine

import (
	"context"
	"time"
)

// Backend generates answers and reports on its models. Methods are safe for
// concurrent use.
type Backend interface {
	// Generate answers one request. It blocks until the answer has ended and
	// calls emit, always from one goroutine, for each event. An error from
	// emit, or a cancelled ctx, stops the generation within one step.
	// The end of an answer is only what Generate returns: Usage counts what
	// was generated also when err is set. Errors for users are *Error.
	// A cancelled ctx is no error: Finish is FinishCancelled and err is nil.
	// An error of emit comes back as it is, with FinishCancelled.
	Generate(ctx context.Context, req Request, emit func(Event) error) (Usage, error)
	// Models lists the models that can be asked for, with their states.
	Models() []Model
	// Status says what the engine is doing now.
	Status() Status
	// Load makes a model ready before it is asked for. It blocks.
	Load(ctx context.Context, model string) error
	// Unload gives a model's memory back after its running answers. It blocks.
	Unload(ctx context.Context, model string) error
	// Tune says how models shall be loaded, by ID; those that are not named have
	// no wishes. It replaces what was said before.
	Tune(map[string]Tuning)
	// Close stops the workers and waits for them.
	Close() error
}

// Role says who speaks in a Message.
type Role string

// Roles, as chat templates know them.
const (
	RoleSystem    Role = "system"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
)

// Segment is plain text inside a message. It is tokenised as plain text:
// control tokens written in it stay letters. Share is the hash of the set of
// readers who may share the computed state of this text; empty means nobody.
type Segment struct {
	Text  string `json:"text"`
	Share string `json:"share,omitempty"`
}

// Message is one turn of the conversation.
type Message struct {
	Role     Role      `json:"role"`
	Segments []Segment `json:"segments"`
}

// Text joins the message's segments.
func (m Message) Text() string {
	if len(m.Segments) == 1 {
		return m.Segments[0].Text
	}
	n := ""
	for _, s := range m.Segments {
		n += s.Text
	}
	return n
}

// Class orders requests when the machine is busy.
type Class string

// Classes from most to least urgent.
const (
	ClassInteractive Class = "interactive"
	ClassAPI         Class = "api"
	ClassBatch       Class = "batch"
)

// Sampling says how the next token is chosen. Zero values mean: greedy when
// Temperature is 0, no top-k, no top-p (0 and 1 both mean off), no min-p.
type Sampling struct {
	Temperature float64  `json:"temperature"`
	TopK        int      `json:"top_k,omitempty"`
	TopP        float64  `json:"top_p,omitempty"`
	MinP        float64  `json:"min_p,omitempty"`
	Seed        uint64   `json:"seed"`
	Stop        []string `json:"stop,omitempty"`
	// MaxTokens bounds the answer in tokens; 0 means up to the context's end.
	MaxTokens int `json:"max_tokens,omitempty"`
}

// Request is one prompt. Model "" means the default model. ID is unique.
type Request struct {
	ID       string    `json:"id"`
	Model    string    `json:"model"`
	Messages []Message `json:"messages"`
	Sampling Sampling  `json:"sampling"`
	Class    Class     `json:"class"`
	// User is the person or key that the request is counted for.
	User string `json:"user"`
	// Route says where it came in, for the figures: one of the Route constants.
	Route string `json:"route,omitempty"`
	// PrefillOnly reads the prompt and writes nothing: what begins with it is
	// answered sooner then. Use ClassBatch, so that it is in nobody's way.
	PrefillOnly bool `json:"prefill_only,omitempty"`
	// LocalOnly forbids engines that are not on this box: the prompt holds
	// documents that never leave it.
	LocalOnly bool `json:"local_only,omitempty"`
}

// StageName names what a request is waiting for.
type StageName string

// Stages in the order in which they may appear.
const (
	StageQueued   StageName = "queued"   // waits for a place
	StageLoading  StageName = "loading"  // the model is being loaded
	StagePrefill  StageName = "prefill"  // the prompt is being read; Done/Total are tokens
	StageDecode   StageName = "decode"   // writing
	StageResuming StageName = "resuming" // the worker died; the answer goes on in a new one
)

// Routes of requests: where they came in.
const (
	RouteChat        = "chat"                // the page's conversations
	RouteDraft       = "draft"               // read while it is typed
	RouteCompletions = "v1/chat/completions" //
	RouteEmbeddings  = "v1/embeddings"       //
	RouteCheck       = "check"               // the house check
	RouteGolden      = "golden"              // golden questions of documents
	RouteCapacity    = "capacity"            // a measurement of this box; no traffic
	RouteReady       = "ready"               // the proof that a token can be made; no traffic
)

// Event is a Stage or a Token.
type Event interface{ event() }

// Stage says that a request has reached a stage. Done and Total are tokens in
// prefill, 0 elsewhere. Place and Wait are of queued requests, 0 if they are
// not known: 1 is the next to begin, and about how long until then.
type Stage struct {
	Name  StageName     `json:"name"`
	Done  int           `json:"done,omitempty"`
	Total int           `json:"total,omitempty"`
	Place int           `json:"place,omitempty"`
	Wait  time.Duration `json:"wait,omitempty"`
}

// Token is newly written text: valid UTF-8, one or more tokens of the model.
type Token struct {
	Text string `json:"text"`
	N    int    `json:"n"` // tokens of the model in this event
}

func (Stage) event() {}
func (Token) event() {}

// FinishReason says why an answer ended.
type FinishReason string

// Finish reasons, in OpenAI's words where they have one.
const (
	FinishStop      FinishReason = "stop"      // the model's end, or a stop string
	FinishLength    FinishReason = "length"    // MaxTokens or the context's end
	FinishCancelled FinishReason = "cancelled" // stopped by the caller
	FinishFailed    FinishReason = "failed"    // the engine failed; the text so far is kept
)

// Usage is what an answer cost.
type Usage struct {
	Model        string        `json:"model"`
	Device       string        `json:"device"` // "CPU (haswell)", "CUDA0 NVIDIA H100"
	PromptTokens int           `json:"prompt_tokens"`
	CachedTokens int           `json:"cached_tokens"` // part of PromptTokens that was not computed again
	OutputTokens int           `json:"output_tokens"`
	FirstToken   time.Duration `json:"first_token"`      // from Generate's call to the first token
	Prefill      time.Duration `json:"prefill,omitzero"` // the part of FirstToken in which the prompt was read; 0: not known
	Total        time.Duration `json:"total"`
	TokensPerSec float64       `json:"tokens_per_sec"` // decode only, after the first token
	Finish       FinishReason  `json:"finish"`
	Restarts     int           `json:"restarts"` // workers that died under this answer
}

// Tuning is how a model shall be loaded. Zero values leave it to the engine.
type Tuning struct {
	Context int      // tokens one conversation may have
	KV      string   // type of the cache: "f16" or "q8_0"
	LoRA    []string // IDs of adapters that lie beside the model
	Keep    bool     // it stays loaded: neither another model nor idle time ends it
}

// ModelState is a model's place in its life.
type ModelState string

// Model states.
const (
	ModelNew      ModelState = "new"       // in the folder, not looked into yet
	ModelCopying  ModelState = "copying"   // not all of it is there yet; Reason says how much
	ModelChecking ModelState = "checking"  // its file changed and is looked into
	ModelReady    ModelState = "ready"     // in the folder, can be loaded
	ModelLoading  ModelState = "loading"   //
	ModelLoaded   ModelState = "loaded"    // answers now
	ModelDraining ModelState = "draining"  // ends its running answers and goes; Reason says why
	ModelSetAside ModelState = "set_aside" // died too often; Reason says why
	ModelRefused  ModelState = "refused"   // not usable; Reason says why
	ModelAdapter  ModelState = "adapter"   // no model: a LoRA file for those whose Adapters name it
)

// Usable says that the model may be asked for.
func (s ModelState) Usable() bool {
	switch s {
	case ModelNew, ModelCopying, ModelChecking, ModelRefused, ModelAdapter:
		return false
	}
	return true
}

// Model is one model as the engine knows it.
type Model struct {
	ID         string     `json:"id"`   // file name without .gguf
	Name       string     `json:"name"` // general.name of the GGUF, else ID
	Path       string     `json:"-"`
	State      ModelState `json:"state"`
	Reason     string     `json:"reason,omitempty"`
	Default    bool       `json:"default"`
	Test       bool       `json:"test"`           // the bundled test model: expect wrong answers
	SizeBytes  int64      `json:"size_bytes"`     //
	Parameters string     `json:"parameters"`     // "135M"
	Context    int        `json:"context"`        // tokens one conversation may have; trained length until loaded
	Slots      int        `json:"slots,omitzero"` // answers at once, when loaded
	Device     string     `json:"device,omitzero"`
	Keep       bool       `json:"keep,omitzero"` // it stays loaded
	// Fit says how it would run; nil where nobody knows before it is loaded.
	Fit *Fit `json:"fit,omitempty"`
	Facts
}

// Facts are what a model's file says of itself for people: short printable
// texts that strangers wrote. Nothing in them is believed.
type Facts struct {
	Architecture string   `json:"architecture,omitempty"` // "llama"
	Quant        string   `json:"quant,omitempty"`        // "Q4_K_M", or the type that most of its bytes have
	License      string   `json:"license,omitempty"`      // its name, and its address where it has one
	Languages    []string `json:"languages,omitempty" nullable:"false"`
	Chat         bool     `json:"chat"`       // brings a chat template
	Embeddings   bool     `json:"embeddings"` // gives numbers for a text, and writes none
	// Reranker: says how well a passage answers a question, and writes nothing.
	Reranker bool `json:"reranker"`
	// Adapters are the IDs of the LoRA files that fit it.
	Adapters []string `json:"adapters,omitempty" nullable:"false"`
	// Experts says that a token uses some of its weights only (a mixture of
	// experts).
	Experts bool `json:"-"`
}

// Writes says that the model answers in words: it may be asked in a chat.
func (f Facts) Writes() bool { return !f.Embeddings && !f.Reranker }

// NotForChat is the refusal of a model that writes no answers; nil of others.
func NotForChat(id string, f Facts) *Error {
	does := "turns texts into numbers, by which passages are found,"
	switch {
	case f.Writes():
		return nil
	case f.Reranker:
		does = "puts passages in order"
	}
	return Errorf(CodeModelRefused, "The model %.100q %s and writes no answers. Choose a model for chat.", id, does)
}

// Seal is what the kernel enforces on a worker.
type Seal struct {
	NoNewPrivileges bool   `json:"no_new_privileges"`
	NoCoreDumps     bool   `json:"no_core_dumps"`
	LandlockABI     int    `json:"landlock_abi"` // 0: this kernel has none
	Seccomp         bool   `json:"seccomp"`
	Missing         string `json:"missing,omitempty"` // what could not be enforced, in words
}

// Device is a GPU as ggml lists it. Memory is in bytes, 0 where the backend
// does not tell. A card that two backends see is two devices.
type Device struct {
	Name        string `json:"name"`        // "CUDA0"
	Description string `json:"description"` // "NVIDIA A100-SXM4-40GB"
	Backend     string `json:"backend"`     // "cuda", "vulkan", "hip", ...
	Kind        string `json:"kind"`        // "gpu"; "igpu" shares the host's memory; "software" is drawn by the CPU
	Total       int64  `json:"total"`
	Free        int64  `json:"free"` // before the model was loaded
}

// Loaded is one model that is in memory, or on its way there.
type Loaded struct {
	Model     string `json:"model"`
	Role      string `json:"role,omitempty"` // embed: finds passages; rerank: orders them; else it answers
	Ready     bool   `json:"ready"`
	Device    string `json:"device,omitempty"`
	WorkerPID int    `json:"worker_pid,omitempty"`
	Active    int    `json:"active"` // answers being generated
	Queued    int    `json:"queued"` // answers that wait in its worker
	Cells     int    `json:"cells,omitzero"`
	CellsUsed int    `json:"cells_used,omitzero"`
}

// Status is the engine at one moment. What is said of one model is of the one
// that answers requests without a model; Loaded has all of them.
type Status struct {
	Model  string `json:"model,omitempty"` // the loaded one
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"` // why not ready, in words
	// Resting says that no model is loaded because none was asked for, or the last
	// one left by itself: nothing failed, and a question would load one.
	Resting bool   `json:"resting,omitzero"`
	Device  string `json:"device,omitempty"`
	// Devices are the GPUs that the worker found. GPUReason says why there is a
	// GPU and the CPU answers, in words.
	Devices   []Device `json:"devices,omitempty"`
	GPUReason string   `json:"gpu_reason,omitempty"`

	Library   string   `json:"library,omitempty"` // llama.cpp version
	WorkerPID int      `json:"worker_pid,omitempty"`
	Restarts  int      `json:"restarts"`
	Active    int      `json:"active"` // answers being generated
	Queued    int      `json:"queued"`
	Cells     int      `json:"cells,omitzero"`      // tokens that the model's cache can hold
	CellsUsed int      `json:"cells_used,omitzero"` // and holds
	Work      Work     `json:"work,omitzero"`
	Seal      Seal     `json:"seal"`
	Loaded    []Loaded `json:"loaded" nullable:"false"`
	// View is nil while there is no worker. It is not part of the status as
	// JSON: it changes all the time, and few ask for it.
	View *View `json:"-"`
}

// Work is what the worker has done since its start, and what it holds. Times, in
// microseconds, are the parts of all steps: deciding, computing, waiting for the
// device, choosing tokens, telling; and moving states out of the cache and back.
type Work struct {
	BuildUS  uint64 `json:"build_us"`
	DecodeUS uint64 `json:"decode_us"`
	SyncUS   uint64 `json:"sync_us"`
	SampleUS uint64 `json:"sample_us"`
	EmitUS   uint64 `json:"emit_us"`
	KeepUS   uint64 `json:"keep_us"`

	PrefillRows  uint64 `json:"prefill_rows"`  // prompt tokens that were computed
	DecodeRows   uint64 `json:"decode_rows"`   // tokens of answers that were computed
	CachedTokens uint64 `json:"cached_tokens"` // prompt tokens that were not
	Preempted    uint64 `json:"preempted"`     // answers that gave their place or cells up for a while
	Full         uint64 `json:"full"`          // steps that llama.cpp had no room for: a fault
	Drafted      uint64 `json:"drafted"`       // tokens that were guessed
	Accepted     uint64 `json:"accepted"`      // of them, those that were right
	Saved        uint64 `json:"saved"`         // states copied out of the cache
	Restored     uint64 `json:"restored"`      // and put back
	Damaged      uint64 `json:"damaged"`       // and found damaged

	Parked     int   `json:"parked"`      // sequences without an answer
	Pinned     int   `json:"pinned"`      // cells that others begin with too
	KeptMemory int64 `json:"kept_memory"` // bytes of states outside the cache
	KeptDisk   int64 `json:"kept_disk"`   // bytes of their files
	Threads    int   `json:"threads"`     // of the last step
}
