package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"time"

	"alcove/engine/seal"
	"alcove/engine/wire"
	"alcove/engine/worker/llama"
)

// Exit statuses.
const (
	exitOK     = 0
	exitStart  = 1
	exitUsage  = 2
	exitBroken = 3
)

// The parent-death signal and the seal belong to the main thread.
func init() { runtime.LockOSThread() }

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	flags := flag.NewFlagSet("alcove-worker", flag.ContinueOnError)
	folders := seal.Folders{}
	flags.StringVar(&folders.Runtime, "runtime", "", "folder with llama.cpp's libraries")
	flags.StringVar(&folders.Model, "model", "", "model file")
	flags.StringVar(&folders.State, "state", "", "folder for what may be kept over a restart")
	flags.Func("lora", "file of an adapter for the model; may be given several times", func(path string) error {
		folders.LoRA = append(folders.LoRA, path)
		return nil
	})
	trial := flags.Bool("probe", false, "try to load the model onto the CPU, print what came of it as JSON, and end")
	probeOfSeal := flags.Bool("probe-seal", false, "try to read FILE and to connect to ADDR from inside the seal, and print what happened")
	flags.StringVar(&folders.GPU, "gpu", llama.AllGPUs, "the GPU backend to load: cuda, vulkan, ..., all, or none, for which nothing is opened then")
	low := flags.Bool("low", false, "others go first where cores are scarce: of a worker for passages, beside the one that answers")
	devices := flags.Bool("list-devices", false, "print the GPUs that ggml finds from inside the seal, as JSON")
	if flags.Parse(args) != nil {
		return exitUsage
	}
	if *trial {
		folders.GPU = llama.NoGPU
	}
	report, sealed, err := seal.Check()
	if err == nil && !sealed {
		if *low {
			lowerPriority() // of this thread, from which all come after the new start
		}
		err = seal.Enter(folders) // starts this program again
	}
	if err != nil {
		logf("%v", err)
		return exitStart
	}
	if *probeOfSeal {
		return probeSeal(os.Stdout, report, flags.Arg(0), flags.Arg(1))
	}
	if *trial {
		return probe(os.Stdout, folders)
	}
	if *devices {
		return listDevices(os.Stdout, folders)
	}
	conn, err := connection()
	if err != nil {
		logf("%v", err)
		return exitStart
	}
	return serve(conn, folders, report)
}

func logf(format string, args ...any) { fmt.Fprintf(os.Stderr, "worker: "+format+"\n", args...) }

// listDevices loads the libraries as an answering worker does. A driver that
// crashes or hangs costs this process only.
func listDevices(out io.Writer, folders seal.Folders) int {
	lib, err := llama.Open(folders.Runtime, folders.GPU)
	if err != nil {
		logf("%v", err)
		return exitStart
	}
	result := struct {
		Devices []wire.Device `json:"devices"`
	}{lib.Devices()}
	if err := json.NewEncoder(out).Encode(result); err != nil {
		return exitStart
	}
	return exitOK
}

// probeSeal proves the seal from inside: both attempts must fail.
func probeSeal(out io.Writer, report seal.Report, file, addr string) int {
	result := struct {
		Seal    seal.Report `json:"seal"`
		Read    string      `json:"read"`    // error, "" if it could be read
		Connect string      `json:"connect"` // error, "" if it could connect
	}{Seal: report}
	if _, err := os.ReadFile(file); err != nil {
		result.Read = err.Error()
	}
	if c, err := net.DialTimeout("tcp", addr, 2*time.Second); err != nil {
		result.Connect = err.Error()
	} else {
		c.Close()
	}
	if err := json.NewEncoder(out).Encode(result); err != nil {
		return exitStart
	}
	return exitOK
}
