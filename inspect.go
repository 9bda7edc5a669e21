package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"alcove/app"
	"alcove/app/cli"
	"alcove/app/config"
	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/local"
)

// probeTime bounds the worker that tries its own seal.
const probeTime = 10 * time.Second

// inspect looks at the machine and the installation for `alcove doctor`. It
// starts no engine.
func inspect(ctx context.Context, c config.Config) []cli.Finding {
	sensors := startSensors(ctx, c.Data)
	facts := hardware.Read()
	gpus, devices := inspectGPUs(ctx, c, facts)
	found := []cli.Finding{inspectCPU(c, facts), inspectMemory(facts), gpus, inspectRuntime(c), inspectWorker(c)}
	models, list := inspectModels(c)
	found = append(append(found, models), inspectSuggestion(list, devices)...)
	return append(found, inspectSeal(ctx, c, usablePath(list)), inspectReading(ctx, c), inspectSearch(list), inspectDocuments(ctx, c), sensors())
}

func inspectCPU(c config.Config, f hardware.Facts) cli.Finding {
	text := fmt.Sprintf("%s, %d cores, %d logical", strings.TrimSpace(f.CPU.Name), f.CPU.Cores, f.CPU.Logical)
	if f.CPU.Quota > 0 {
		text += fmt.Sprintf(", %.1f granted by the control group", f.CPU.Quota)
	}
	why := fmt.Sprintf("the engine gets %d threads: one for each core that this process may use", f.CPU.Threads())
	if c.Threads > 0 {
		why = fmt.Sprintf("the engine gets %d threads: set by hand", c.Threads)
	}
	return cli.Finding{Name: "CPU", State: cli.StateOK, Text: text, Details: []string{why}}
}

func inspectMemory(f hardware.Facts) cli.Finding {
	text := fmt.Sprintf("%.1f GB", float64(f.Memory.Total)/1e9)
	if f.Memory.Limit > 0 {
		text += fmt.Sprintf(", %.1f GB granted by the control group", float64(f.Memory.Limit)/1e9)
	}
	return cli.Finding{Name: "Memory", State: cli.StateOK, Text: text}
}

func inspectRuntime(c config.Config) cli.Finding {
	if err := local.CheckRuntime(c.Runtime); err != nil {
		_, _, text := app.Describe(err)
		return cli.Finding{Name: "Libraries", State: cli.StateProblem, Text: text, Details: []string{c.Runtime}}
	}
	return cli.Finding{Name: "Libraries", State: cli.StateOK,
		Text: "llama.cpp " + local.LibraryVersion + ", every file as installed", Details: []string{c.Runtime}}
}

func inspectWorker(c config.Config) cli.Finding {
	info, err := os.Stat(c.Worker)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return cli.Finding{Name: "Worker", State: cli.StateProblem,
			Text: c.Worker + " is not there or not a program. Install Alcove again, or name it with --worker"}
	}
	return cli.Finding{Name: "Worker", State: cli.StateOK, Text: c.Worker}
}

// inspectModels also gives the models.
func inspectModels(c config.Config) (cli.Finding, []engine.Model) {
	text := strings.Join(c.ModelDirs, ", ")
	f := cli.Finding{Name: "Models", State: cli.StateProblem,
		Text: text + " has no usable model. Put a .gguf file into it"}
	backend, err := local.New(engineConfig(c, slog.New(slog.DiscardHandler)))
	if err != nil {
		f.Details = []string{err.Error()}
		return f, nil
	}
	defer backend.Close() //nolint:errcheck // no worker was started
	list := backend.Models()
	for _, m := range list {
		line := m.ID + ": "
		if !m.State.Usable() {
			line += string(m.State) + ". " + m.Reason
		} else {
			if m.Writes() {
				f.State, f.Text = cli.StateOK, text
			}
			line += fmt.Sprintf("%s, %.0f MB, trained for %d tokens", m.Parameters, float64(m.SizeBytes)/1e6, m.Context)
			if m.Default {
				line += ", the default: nobody chose another one"
			}
			if !m.Writes() {
				line += ", for finding passages: it writes no answers"
			}
			if m.Test {
				line += ", for trying: expect wrong answers"
			}
		}
		f.Details = append(f.Details, line)
	}
	for _, dir := range c.ModelDirs {
		if len(c.ModelDirs) > 1 {
			missing(&f, dir)
		}
	}
	return f, list
}

// inspectSearch says for `alcove doctor` how passages of documents are found.
func inspectSearch(list []engine.Model) cli.Finding {
	for _, m := range list {
		if m.State.Usable() && m.Embeddings {
			return cli.Finding{Name: "Search", State: cli.StateOK, Text: "documents are searched by words and by meaning, with " + m.ID}
		}
	}
	return cli.Finding{Name: "Search", State: cli.StateNote, Text: "documents are searched by words alone: no folder of models has an embedding model"}
}

// usablePath is the path of a usable model, or "".
func usablePath(models []engine.Model) string {
	path := ""
	for _, m := range models {
		if m.State.Usable() && m.Writes() {
			path = m.Path
		}
	}
	return path
}

// missing notes one of several folders of models that cannot be read.
func missing(f *cli.Finding, dir string) {
	if _, err := os.ReadDir(dir); err == nil {
		return
	}
	if f.State == cli.StateOK {
		f.State = cli.StateNote
	}
	f.Details = append(f.Details, dir+" is not there or cannot be read: its models are missing, those of the other folders are not")
}

// inspectSeal starts a worker that tries to break out: only what this kernel
// refuses counts.
func inspectSeal(ctx context.Context, c config.Config, model string) cli.Finding {
	f := cli.Finding{Name: "Seal", State: cli.StateProblem}
	seal, err := probeSeal(ctx, c, model)
	if err != nil {
		f.Text = "could not be tried: " + err.Error()
		return f
	}
	var enforced []string
	for _, part := range []struct {
		name string
		on   bool
	}{{"no new privileges", seal.NoNewPrivileges}, {"no core dumps", seal.NoCoreDumps}, {"no sockets (seccomp)", seal.Seccomp}} {
		if part.on {
			enforced = append(enforced, part.name)
		}
	}
	if seal.LandlockABI > 0 {
		enforced = append(enforced, fmt.Sprintf("files by Landlock %d", seal.LandlockABI))
	}
	f.State, f.Text = cli.StateOK, "the worker is held by: "+strings.Join(enforced, ", ")
	if len(enforced) == 0 {
		f.Text = "this kernel does not hold the worker"
	}
	if seal.Missing != "" {
		f.State = cli.StateNote
		f.Details = []string{"missing: " + seal.Missing}
	}
	return f
}

func probeSeal(ctx context.Context, c config.Config, model string) (engine.Seal, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return engine.Seal{}, err
	}
	defer ln.Close()
	file, err := os.Executable() // readable for us, not for a sealed worker
	if err != nil {
		return engine.Seal{}, err
	}
	if model == "" {
		model = c.ModelDirs[0]
	}
	worker := exec.CommandContext(ctx, c.Worker, "--probe-seal", "--runtime", c.Runtime, "--model", model, file, ln.Addr().String())
	worker.Env = append(os.Environ(), "LD_LIBRARY_PATH="+c.Runtime) // a bundle's libffi lies there
	out, err := worker.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && len(exit.Stderr) > 0 {
			return engine.Seal{}, errors.New(strings.TrimSpace(string(exit.Stderr)))
		}
		return engine.Seal{}, err
	}
	var report struct {
		Seal    engine.Seal `json:"seal"`
		Read    string      `json:"read"`
		Connect string      `json:"connect"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return engine.Seal{}, fmt.Errorf("read the worker's report: %w", err)
	}
	if report.Read == "" && report.Seal.LandlockABI > 0 || report.Connect == "" && report.Seal.Seccomp {
		return engine.Seal{}, errors.New("the worker could do what its seal forbids")
	}
	return report.Seal, nil
}
