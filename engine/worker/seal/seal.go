package seal

// Folders names what the sealed process may use.
type Folders struct {
	Runtime string   // llama.cpp's libraries: read and execute
	Model   string   // the model file: its folder, read only
	LoRA    []string // files of adapters: read only
	State   string   // what the worker may write, may be empty
	NoGPU   bool     // GPU backends in Runtime are not used: nothing is opened for them
}

// Report says what holds for this process.
type Report struct {
	NoNewPrivileges bool   `json:"no_new_privileges"`
	NoCoreDumps     bool   `json:"no_core_dumps"`
	LandlockABI     int    `json:"landlock_abi"`
	Seccomp         bool   `json:"seccomp"`
	Missing         string `json:"missing,omitempty"` // in words
}

// envName carries the Report over exec.
const envName = "ALCOVE_WORKER_SEAL"
