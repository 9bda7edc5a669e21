package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/wire"
)

// maxReport bounds what a worker prints, in bytes.
const maxReport = 1 << 20

// ListDevices asks a worker process that answers nothing which GPUs a backend of
// ggml finds ("all": each that is there), from inside the seal. A driver that crashes costs that process only; one that
// hangs gives hardware.ErrNoAnswer when ctx ends.
func ListDevices(ctx context.Context, worker, runtimeDir, backend string) ([]engine.Device, error) {
	line, err := askWorker(ctx, worker, runtimeDir, "--list-devices", "--gpu", backend)
	if errors.Is(err, errSilent) {
		return nil, hardware.ErrNoAnswer
	}
	if err != nil {
		return nil, err
	}
	var report struct {
		Devices []wire.Device `json:"devices"`
	}
	if err := json.Unmarshal(line, &report); err != nil {
		return nil, errors.New("the worker's list of GPUs cannot be read")
	}
	return toDevices(report.Devices), nil
}

// errSilent says that a worker process was still at it when its time was over.
var errSilent = errors.New("the worker does not answer")

// askWorker starts a worker process that answers nothing but prints a report,
// and gives its last line: drivers print what they like before it. The process
// is killed when ctx ends.
func askWorker(ctx context.Context, worker, runtimeDir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, worker, append([]string{"--runtime", runtimeDir}, args...)...)
	cmd.Env = workerEnv(runtimeDir, os.LookupEnv)
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &limited{w: &stdout, left: maxReport}, &limited{w: &stderr, left: maxReport}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Run() }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		// It is killed now. One that hangs inside the kernel does not even die:
		// it is left behind.
		select {
		case <-ended:
		case <-time.After(2 * time.Second):
		}
		return nil, errSilent
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("the worker ended (%w): %.200s", err, lines[len(lines)-1])
	}
	out := bytes.TrimSpace(stdout.Bytes())
	return out[bytes.LastIndexByte(out, '\n')+1:], nil
}

// limited drops what goes beyond left bytes.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}
