package seal

// Folders names what the sealed process may use.
type Folders struct {
	Runtime string   // llama.cpp's libraries: read and execute
	Model   string   // the model file: its folder, read only
	LoRA    []string // files of adapters: read only
	State   string   // what the worker may write, may be empty
	Read    []string // files and folders that may be read besides
	Keep    []string // folders that may be written besides, with folders in them
	// Exec is the program to become; "" starts this program again. It must be
	// readable by Runtime or the system's own folders.
	Exec []string
	// GPU is the GPU backend in Runtime that is used: nothing is opened for others.
	// "all" or "" for each that is there, "none" for none.
	GPU string
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
