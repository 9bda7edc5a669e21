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

// ListDevices asks a worker process that answers nothing which GPUs ggml finds,
// from inside the seal. A driver that crashes costs that process only; one that
// hangs gives hardware.ErrNoAnswer when ctx ends.
func ListDevices(ctx context.Context, worker, runtimeDir string) ([]engine.Device, error) {
	cmd := exec.CommandContext(ctx, worker, "--runtime", runtimeDir, "--list-devices")
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
		return nil, hardware.ErrNoAnswer
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("the worker ended (%w): %.200s", err, lines[len(lines)-1])
	}
	// Drivers print what they like before it; the report is the last line.
	out := bytes.TrimSpace(stdout.Bytes())
	var report struct {
		Devices []wire.Device `json:"devices"`
	}
	if err := json.Unmarshal(out[bytes.LastIndexByte(out, '\n')+1:], &report); err != nil {
		return nil, errors.New("the worker's list of GPUs cannot be read")
	}
	return toDevices(report.Devices), nil
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
