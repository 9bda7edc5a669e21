package local

import (
	"os"
	"runtime"
)

// process is a worker as the operating system sees it.
type process struct {
	pid  int
	conn *os.File      // frames; closing it ends the worker
	logs *os.File      // its stderr and stdout
	kill func() error  // at once, also a stopped one
	wait func() string // until it has ended; how it ended, in words
}

// spawner starts processes from one goroutine that keeps its thread for life.
type spawner struct{ jobs chan func() }

func newSpawner() *spawner {
	s := &spawner{jobs: make(chan func())}
	go func() {
		// Never unlocked: the thread ends with the goroutine, after the last child.
		runtime.LockOSThread()
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

// start blocks until the process runs. It must not be called after close.
func (s *spawner) start(path string, args, env []string) (p *process, err error) {
	done := make(chan struct{})
	s.jobs <- func() {
		p, err = startProcess(path, args, env)
		close(done)
	}
	<-done
	return p, err
}

func (s *spawner) close() { close(s.jobs) }

// passed are the variables a worker may inherit: which GPUs it may see.
var passed = []string{"CUDA_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES", "VK_DRIVER_FILES", "VK_ICD_FILENAMES"}

// workerEnv is all that a worker's environment has: no home, no secrets.
func workerEnv(runtimeDir string, lookup func(string) (string, bool)) []string {
	env := []string{"LD_LIBRARY_PATH=" + runtimeDir, "LC_ALL=C.UTF-8", "GOTRACEBACK=single"}
	for _, k := range passed {
		if v, ok := lookup(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env
}
