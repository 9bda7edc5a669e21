package wire

// Version is the protocol's version. Both sides must have the same.
const Version = 2

// MaxFrame bounds a frame's body in bytes.
const MaxFrame = 16 << 20

// ToWorker is a frame from the app; exactly one field is set.
type ToWorker struct {
	Load   *Load   `json:"load,omitempty"`
	Submit *Submit `json:"submit,omitempty"`
	Cancel *Cancel `json:"cancel,omitempty"`
	Stop   *Stop   `json:"stop,omitempty"`
	Forget *Forget `json:"forget,omitempty"`
	Grant  *Grant  `json:"grant,omitempty"`
	Embed  *Embed  `json:"embed,omitempty"`
	Count  *Count  `json:"count,omitempty"`
}

// FromWorker is a frame from the worker; exactly one field is set.
type FromWorker struct {
	Hello      *Hello      `json:"hello,omitempty"`
	Progress   *Progress   `json:"progress,omitempty"`
	Ready      *Ready      `json:"ready,omitempty"`
	LoadFailed *LoadFailed `json:"load_failed,omitempty"`
	Step       *Step       `json:"step,omitempty"`
	Beat       *Beat       `json:"beat,omitempty"`
	Vectors    *Vectors    `json:"vectors,omitempty"`
	Counted    *Counted    `json:"counted,omitempty"`
}

// Hello is the worker's first frame. The app refuses another Version.
type Hello struct {
	Version int  `json:"version"`
	PID     int  `json:"pid"`
	Seal    Seal `json:"seal"`
}

// Seal is what the kernel enforces on this worker.
type Seal struct {
	NoNewPrivileges bool   `json:"no_new_privileges"`
	NoCoreDumps     bool   `json:"no_core_dumps"`
	LandlockABI     int    `json:"landlock_abi"`
	Seccomp         bool   `json:"seccomp"`
	Missing         string `json:"missing,omitempty"`
}

// Load asks for a model. It is the first frame the app sends, once.
type Load struct {
	RuntimeDir string `json:"runtime_dir"` // folder with libllama.so
	ModelPath  string `json:"model_path"`
	Role       string `json:"role,omitempty"`        // RoleAnswer, RoleEmbed or RoleRerank
	Context    int    `json:"context"`               // tokens for one conversation; 0: the model's own, at most DefaultContext
	Slots      int    `json:"slots"`                 // answers at once
	Cells      int    `json:"cells"`                 // KV cells for all of them; 0: Context
	Batch      int    `json:"batch"`                 // rows a step at most
	Threads    int    `json:"threads"`               // for decode and prefill
	GPULayers  int    `json:"gpu_layers"`            // -1: all that fit
	DeviceOnly string `json:"device_only,omitempty"` // "cpu" keeps GPUs out; "cuda", "vulkan", ...: that backend or the CPU
	// Devices are the names of the GPUs to use; empty: all of the best kind.
	// TensorSplit is how many layers each gets, the output counted as one; empty:
	// by free memory.
	Devices     []string  `json:"devices,omitempty"`
	TensorSplit []float32 `json:"tensor_split,omitempty"`
	Seqs        int       `json:"seqs,omitempty"`      // sequence ids, for answers and for what is kept; 0: the worker's choice
	StepMS      int       `json:"step_ms,omitempty"`   // how long a step may take while somebody reads along; 0: 250 on a CPU, 50 on a GPU
	NoDrafts    bool      `json:"no_drafts,omitempty"` // do not guess from the text before
	KV          string    `json:"kv,omitempty"`        // type of the cache: "f16" or "q8_0"; "": f16
	// LoRA are files of adapters that are added to the model, each as strong as
	// it says itself. They must be those that the worker was started with.
	LoRA []string `json:"lora,omitempty"`
	// StateDir is a folder of the worker's own, for what it knows again after a
	// restart; empty: none. It must be the one that the worker was started with.
	StateDir    string `json:"state_dir,omitempty"`
	StateDisk   int64  `json:"state_disk,omitempty"`   // bytes there at most; 0: 2 GiB
	StateMemory int64  `json:"state_memory,omitempty"` // bytes of states outside the cache; 0: as many as the cache has, at most 512 MiB; -1: none
}

// DefaultContext bounds a conversation when Load.Context is 0.
const DefaultContext = 8192

// Progress says how far loading is, 0 to 1.
type Progress struct {
	Stage    string  `json:"stage"` // "library", "model", "context", "warmup"
	Fraction float64 `json:"fraction"`
}

// Ready ends a load that worked.
type Ready struct {
	Library    string `json:"library"` // llama.cpp version
	Device     string `json:"device"`  // "CPU (haswell)", "Vulkan0 AMD Radeon RX 7900"
	Name       string `json:"name"`    // general.name
	Desc       string `json:"desc"`    // "llama 135M Q4_1"
	Parameters int64  `json:"parameters"`
	Trained    int    `json:"trained"` // context length the model was trained for
	Context    int    `json:"context"` // tokens one conversation may have
	Cells      int    `json:"cells"`
	Slots      int    `json:"slots"`
	Batch      int    `json:"batch"`
	Threads    int    `json:"threads"`
	VocabSize  int    `json:"vocab_size"`
	Dimensions int    `json:"dimensions,omitempty"` // of its vectors; 0: it answers
	GPU        bool   `json:"gpu,omitempty"`        // Device is one
	GPUFailed  string `json:"gpu_failed,omitempty"` // the GPU that the model could not be loaded onto
	// Devices are the GPUs that ggml found before the model was loaded.
	Devices []Device `json:"devices,omitempty"`
	// Buffers are what ggml has taken, as its log says; to compare with the plan.
	Buffers []Buffer `json:"buffers,omitempty"`
}

// Device is a GPU as ggml lists it. Memory is in bytes, 0 where the backend
// does not tell. A card that two backends see is two devices.
type Device struct {
	Name        string `json:"name"`        // "CUDA0"
	Description string `json:"description"` // "NVIDIA A100-SXM4-40GB"
	Backend     string `json:"backend"`     // "cuda", "vulkan", "hip", ...
	Kind        string `json:"kind"`        // "gpu"; "igpu" shares the host's memory; "software" is drawn by the CPU
	Total       int64  `json:"total"`
	Free        int64  `json:"free"` // when it was asked
}

// Buffer is memory of one kind that ggml has taken on one device.
type Buffer struct {
	Device string `json:"device"` // ggml's name of the buffer type: "CUDA0", "CPU_Mapped", "AMX"
	Kind   string `json:"kind"`   // "model", "kv", "state", "compute", "output"
	Bytes  int64  `json:"bytes"`  // to about 10 KiB
}

// LoadFailed ends a load that did not work. Code is an engine.Code.
type LoadFailed struct {
	Code    string `json:"code"`
	Message string `json:"message"` // for the user
	Detail  string `json:"detail,omitempty"`
}

// Probed is the last line that a worker prints that was started with --probe:
// whether Load would take the model. Code is an engine.Code.
type Probed struct {
	OK      bool   `json:"ok"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"` // for the user
}

// Segment is plain text; Share names the readers who may share its state.
type Segment struct {
	Text  string `json:"text"`
	Share string `json:"share,omitempty"`
}

// Message is one turn of the conversation.
type Message struct {
	Role     string    `json:"role"`
	Segments []Segment `json:"segments"`
}

// Sampling mirrors engine.Sampling. Floats are finite (JSON has no others).
type Sampling struct {
	Temperature float64  `json:"temperature"`
	TopK        int      `json:"top_k,omitempty"`
	TopP        float64  `json:"top_p,omitempty"`
	MinP        float64  `json:"min_p,omitempty"`
	Seed        uint64   `json:"seed"`
	Stop        []string `json:"stop,omitempty"`
	MaxTokens   int      `json:"max_tokens,omitempty"`
}

// Submit asks for an answer. Resume holds the tokens that an earlier worker
// already generated: they are prefilled after the prompt and not emitted
// again. SentBytes is how much text of them was already emitted; the worker
// replays them through its detokeniser and emits only what lies beyond.
type Submit struct {
	ID        uint64    `json:"id"` // unique on this connection
	Messages  []Message `json:"messages"`
	Sampling  Sampling  `json:"sampling"`
	Class     string    `json:"class"`
	User      string    `json:"user"`
	Resume    []int32   `json:"resume,omitempty"`
	SentBytes int       `json:"sent_bytes,omitempty"`
	// PrefillOnly: the prompt is read, nothing is written.
	PrefillOnly bool `json:"prefill_only,omitempty"`
}

// Cancel ends a request at the next step. It is answered by an End.
type Cancel struct {
	ID uint64 `json:"id"`
}

// Forget gives up what was computed of text with this label, in memory and on
// disk.
type Forget struct {
	Share string `json:"share"`
}

// Grant says how many threads may compute from the next step on, at most
// Load.Threads: the cores are shared among the workers that have answers.
type Grant struct {
	Threads int `json:"threads"`
}

// Stop asks the worker to exit at once; so does end of file.
type Stop struct{}

// Step is what one step of the loop brought.
type Step struct {
	N      uint64   `json:"n"` // steps since start
	Stages []Stage  `json:"stages,omitempty"`
	Tokens []Tokens `json:"tokens,omitempty"`
	Ends   []End    `json:"ends,omitempty"`
}

// Stage is an engine.StageName for one request. Place and WaitMS are of queued
// ones: 1 is the next, and an estimate.
type Stage struct {
	ID     uint64 `json:"id"`
	Name   string `json:"name"`
	Done   int    `json:"done,omitempty"`
	Total  int    `json:"total,omitempty"`
	Place  int    `json:"place,omitempty"`
	WaitMS int64  `json:"wait_ms,omitempty"`
}

// Tokens are new tokens of one request and the text they complete. Text may
// be empty while bytes of a character, or a possible stop string, are held
// back. Text is valid UTF-8.
type Tokens struct {
	ID   uint64  `json:"id"`
	IDs  []int32 `json:"ids"`
	Text string  `json:"text,omitempty"`
}

// End is the last word on one request. Code and Message are set if it failed.
// Finish is an engine.FinishReason.
type End struct {
	ID           uint64 `json:"id"`
	Finish       string `json:"finish"`
	Code         string `json:"code,omitempty"`
	Message      string `json:"message,omitempty"`
	PromptTokens int    `json:"prompt_tokens"`
	CachedTokens int    `json:"cached_tokens"`
	OutputTokens int    `json:"output_tokens"` // with the resumed ones
	// WaitUS is from Submit to its admission, in microseconds; 0: it was not admitted.
	WaitUS int64 `json:"wait_us,omitempty"`
}

// Beat says that the worker's process runs, whatever its loop does. Step is
// the loop's step counter, Busy whether it has work: a Busy worker whose Step
// stands still hangs.
type Beat struct {
	Step   uint64 `json:"step"`
	Busy   bool   `json:"busy"`
	Active int    `json:"active"`
	Queued int    `json:"queued"`
	Cells  int    `json:"cells"` // KV cells in use
	Work   *Work  `json:"work,omitempty"`
	View   *View  `json:"view,omitempty"` // nil: as it was in the last beat that had one
}

// Work is what the loop has done since the worker's start, and what it holds.
// Times, in microseconds, are the parts of all steps: deciding, computing,
// waiting for the device, choosing tokens, telling; and moving states out of the
// cache and back.
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
