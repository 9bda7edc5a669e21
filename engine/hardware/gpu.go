package hardware

import (
	"errors"
	"time"
)

// ErrNoAnswer says that the GPU driver did not answer in time. Its thread is
// lost to this process.
var ErrNoAnswer = errors.New("the GPU driver does not answer")

// ReadGPUs lists the GPUs that the kernel names, now. No driver is asked.
func ReadGPUs() []GPU { return readGPUs() }

// GPUs asks the driver which GPUs there are, and waits at most for limit. No
// driver means no GPU and no error. A driver that hangs keeps its thread, so
// only short-lived programs (doctor, a child) call it, never the server.
func GPUs(limit time.Duration) ([]GPU, error) {
	type answer struct {
		gpus []GPU
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		gpus, err := askDriver()
		got <- answer{gpus, err}
	}()
	select {
	case a := <-got:
		return a.gpus, a.err
	case <-time.After(limit):
		return nil, ErrNoAnswer
	}
}
