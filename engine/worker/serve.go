package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"alcove/engine/seal"
	"alcove/engine/wire"
	"alcove/engine/worker/embed"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/llama"
	"alcove/engine/worker/loop"
	"alcove/engine/worker/prompt"
)

const beatEvery = 500 * time.Millisecond

// strangers is how many cells of idle conversations stay in the cache beside
// answers: attention walks over each of them for each row.
const strangers = 512

// How long a step may take while somebody reads along, if the app does not say.
const (
	targetCPU = 250 * time.Millisecond
	targetGPU = 50 * time.Millisecond
)

// cpuOnly is the Load.DeviceOnly that keeps GPUs out.
const cpuOnly = "cpu"

// serve speaks with the app until the socket ends. It returns an exit status.
func serve(conn io.ReadWriter, folders seal.Folders, report seal.Report) int {
	out := newOutbox()
	go func() {
		if err := out.send(conn); err != nil {
			logf("write to the app: %v", err)
			os.Exit(exitOK) // the app is gone
		}
	}()
	out.put(wire.FromWorker{Hello: &wire.Hello{Version: wire.Version, PID: os.Getpid(), Seal: wire.Seal(report)}})

	var first wire.ToWorker
	if _, err := wire.Read(conn, &first); err != nil {
		return gone(err)
	} else if first.Load == nil {
		return gone(errors.New("the first frame is not Load"))
	}
	// From here on a goroutine reads, so that the end of the socket ends the
	// process whatever native code is doing.
	in := make(chan wire.ToWorker, 64)
	go func() {
		for {
			var m wire.ToWorker
			if _, err := wire.Read(conn, &m); err != nil || m.Stop != nil {
				os.Exit(gone(err))
			}
			in <- m
		}
	}()
	if first.Load.Role != wire.RoleAnswer {
		return serveVectors(first.Load, folders, in, out)
	}
	l, model, err := load(first.Load, folders, out)
	if err != nil {
		refuse(err, out)
		for range in { // until the app has read it and ends us
		}
	}
	go beat(l, out)
	go l.Prepare(context.Background())
	go pass(in, l, model, out)
	if err := l.Run(context.Background()); err != nil {
		logf("%v", err)
	}
	return exitBroken
}

// refuse says that the model was not loaded.
func refuse(err error, out *outbox) {
	why := fail.From(err)
	logf("load: %v", why)
	out.put(wire.FromWorker{LoadFailed: &wire.LoadFailed{Code: why.Code, Message: why.Message, Detail: detail(why)}})
}

// gone tells why reading ended; the end of the socket is the usual way.
func gone(err error) int {
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return exitOK
	default:
		logf("read from the app: %v", err)
		return exitUsage
	}
}

// pass gives requests to the loop. What asks the words of the model alone is
// answered here, beside it.
func pass(in <-chan wire.ToWorker, l *loop.Loop, model *llama.Model, out *outbox) {
	for m := range in {
		switch {
		case m.Submit != nil:
			l.Submit(m.Submit)
		case m.Cancel != nil:
			l.Cancel(m.Cancel.ID)
		case m.Forget != nil:
			l.Forget(m.Forget.Share)
		case m.Grant != nil:
			l.Grant(m.Grant.Threads)
		case m.Count != nil && len(m.Count.Texts) <= wire.MaxInputs:
			out.put(wire.FromWorker{Counted: embed.Count(plainText{model}, m.Count)})
		default:
			logf("a message that is not expected now")
			os.Exit(exitUsage)
		}
	}
}

// plainText tokenises without control tokens.
type plainText struct{ model *llama.Model }

// Tokenize turns plain text into tokens.
func (p plainText) Tokenize(text string) ([]int32, error) { return p.model.Tokenize(text, false) }

func beat(l *loop.Loop, out *outbox) {
	var told *wire.View
	for range time.Tick(beatEvery) {
		b := l.Beat()
		if b.View == told {
			b.View = nil
		} else {
			told = b.View
		}
		out.put(wire.FromWorker{Beat: &b})
	}
}

// sealedFor refuses what this process is not sealed for.
func sealedFor(m *wire.Load, folders seal.Folders) error {
	if m.StateDir != "" && filepath.Clean(m.StateDir) != filepath.Clean(folders.State) {
		return fail.New(fail.Internal, "The model was not loaded: this worker is sealed for another folder of states.")
	}
	if filepath.Clean(m.RuntimeDir) != filepath.Clean(folders.Runtime) || filepath.Clean(m.ModelPath) != filepath.Clean(folders.Model) {
		return fail.New(fail.Internal, "The model was not loaded: this worker is sealed for another model or another folder of libraries.")
	}
	if !slices.Equal(m.LoRA, folders.LoRA) {
		return fail.New(fail.Internal, "The model was not loaded: this worker is sealed for other adapters.")
	}
	return nil
}

// load opens libraries and model and says Ready. Errors are *fail.Error.
func load(m *wire.Load, folders seal.Folders, out *outbox) (*loop.Loop, *llama.Model, error) {
	if err := sealedFor(m, folders); err != nil {
		return nil, nil, err
	}
	progress := func(stage string, f float64) {
		out.put(wire.FromWorker{Progress: &wire.Progress{Stage: stage, Fraction: f}})
	}
	near := newNeighbours() // it looks at the time that loading takes
	progress("library", 0)
	lib, err := openLibrary(folders)
	if err != nil {
		return nil, nil, err
	}
	progress("library", 1)
	devices := lib.Devices() // now, as the model takes its part of their memory
	only := m.DeviceOnly
	if only == cpuOnly {
		only = ""
	}
	batch := max(m.Batch, m.Slots)
	model, failed, err := loadModel(lib, m.ModelPath, llama.Options{Context: m.Context, Slots: m.Slots, Seqs: m.Seqs, Cells: m.Cells, Batch: batch, Threads: m.Threads,
		KV: m.KV, LoRA: m.LoRA, GPULayers: m.GPULayers, CPUOnly: m.DeviceOnly == cpuOnly, Backend: only, Devices: m.Devices, TensorSplit: m.TensorSplit, DefaultContext: wire.DefaultContext, Progress: progress})
	if err != nil {
		return nil, nil, loadFailed(err)
	}
	info := model.Info()
	template, err := newTemplate(info)
	if err != nil {
		return nil, nil, err
	}
	if template.Fallback {
		logf("the model brings no chat template; ChatML is used")
	}
	build := func(messages []wire.Message, now time.Time, context int, known prompt.Known) (*prompt.Prompt, error) {
		return template.Build(model, messages, now, context, known)
	}
	target := time.Duration(m.StepMS) * time.Millisecond
	if target <= 0 {
		target = targetCPU
		if info.GPU {
			target = targetGPU
		}
	}
	l := loop.New(model, loop.Config{Context: info.Context, Cells: info.Cells, Slots: m.Slots, Seqs: info.Seqs, Batch: batch,
		Threads: m.Threads, Target: target, SpaceFirst: info.SpaceFirst, Partial: info.Rewinds, Strangers: strangers,
		NoDrafts: m.NoDrafts, Tile: info.Tile}, build, out.putStep)
	l.Neighbours(near.free)
	if err := l.Calibrate(keep(l, m, info)); err != nil {
		return nil, nil, loadFailed(err)
	}
	out.put(wire.FromWorker{Ready: &wire.Ready{Library: llama.Version, Device: info.Device, Name: info.Name, Desc: info.Desc,
		Parameters: info.Parameters, Trained: info.Trained, Context: info.Context, Cells: info.Cells, Slots: m.Slots, Batch: batch,
		Threads: m.Threads, VocabSize: model.VocabSize(), GPU: info.GPU, GPUFailed: failed, Devices: devices, Buffers: buffers(info)}})
	return l, model, nil
}

// loadModel loads onto GPUs where there are any, and onto the CPU where that
// fails: most often their memory does not suffice. failed then names the GPU.
func loadModel(lib *llama.Library, path string, o llama.Options) (m *llama.Model, failed string, err error) {
	gpu := lib.GPU(o)
	m, err = lib.Load(path, o)
	if err == nil || gpu == "" || !errors.Is(err, llama.ErrLoad) {
		return m, "", err
	}
	logf("not loaded onto %s: %v", gpu, err)
	o.CPUOnly = true
	m, err = lib.Load(path, o)
	return m, gpu, err
}

func buffers(info llama.Info) []wire.Buffer {
	var list []wire.Buffer
	for _, b := range info.Buffers {
		list = append(list, wire.Buffer(b))
	}
	return list
}

func loadFailed(err error) error {
	var adapter *llama.AdapterError
	switch {
	case errors.As(err, &adapter):
		return &fail.Error{Code: fail.ModelLoad, Err: err,
			Message: fmt.Sprintf("The model was not loaded, because its adapter %.100q cannot be used: it is damaged, or was made for another model. Take it out of the model's settings, or get the file again.",
				filepath.Base(adapter.Path))}
	case errors.Is(err, llama.ErrNotModel):
		return &fail.Error{Code: fail.ModelRefused, Err: err,
			Message: "The model was not loaded, because the file is not a usable GGUF model. Nothing else was changed. Choose another model, or get the file again."}
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return &fail.Error{Code: fail.ModelLoad, Err: err,
			Message: "The model was not loaded, because its file is not there or may not be read. Put it into the model folder again."}
	default:
		return &fail.Error{Code: fail.ModelLoad, Err: err,
			Message: "The model was not loaded: the file is damaged, of a kind that this version does not know, or too large for this machine. Choose another model, or get the file again."}
	}
}

// detail is for the log of the app: the cause, and llama.cpp's last words.
func detail(e *fail.Error) string {
	if e.Err == nil {
		return llama.LogTail()
	}
	return e.Err.Error() + "\n" + llama.LogTail()
}
