package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "busy" {
		busyProcess()
		return
	}
	// The client needs little, and a second thread that looks for work would take it from the servers.
	runtime.GOMAXPROCS(1)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what a run was asked for.
type options struct {
	paths
	decode string // test program with BenchmarkDecode; empty: no lower bounds
	source string // its folder: it finds the weights from there
	rounds int
	only   []string
	quick  bool
	out    string
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.alcove, "alcove", "build/bin/alcove", "the program")
	f.StringVar(&o.worker, "worker", "build/bin/alcove-worker", "its worker")
	f.StringVar(&o.runtime, "runtime", "build/runtime/lib", "folder of the llama.cpp libraries")
	f.StringVar(&o.model, "model", "", "the .gguf file that everybody runs")
	llama := f.String("llama-server", "", "command words of llama-server; empty: Alcove alone is measured")
	f.StringVar(&o.work, "work", "build/.cache/bench", "folder for data and logs")
	f.StringVar(&o.decode, "decode", "", "test program of engine/worker/llama, for the lower bounds")
	f.StringVar(&o.source, "decode-folder", "engine/worker/llama", "where it runs")
	f.IntVar(&o.rounds, "rounds", 3, "rounds; the report has medians over them")
	only := f.String("only", "", "workloads, with commas: w1,one,paste,busy,strangers")
	f.BoolVar(&o.quick, "quick", false, "one round, without -np 2 and without the later turns of W1: for a first look")
	f.StringVar(&o.out, "out", "bench/results", "folder of the report; parts of a run and quick ones go to the work folder")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.llama = strings.Fields(*llama)
	for name := range strings.SplitSeq(*only, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.ContainsFunc(workloads, func(w workload) bool { return w.name == name }) {
			return o, fmt.Errorf("there is no workload %q", name)
		}
		o.only = append(o.only, name)
	}
	if o.quick {
		o.rounds = 1
	}
	if o.rounds < 1 {
		return o, errors.New("at least one round")
	}
	return o, o.absolute()
}

// absolute checks what a run needs, and names it from the root.
func (o *options) absolute() error {
	if o.model == "" {
		return errors.New("-model names the weights")
	}
	if err := os.MkdirAll(o.work, 0o700); err != nil {
		return err
	}
	for _, p := range []*string{&o.alcove, &o.worker, &o.runtime, &o.model, &o.work, &o.decode} {
		if *p == "" {
			continue
		}
		abs, err := filepath.Abs(*p)
		if err != nil {
			return err
		}
		if _, err := os.Stat(abs); err != nil {
			return fmt.Errorf("%w (make build)", err)
		}
		*p = abs
	}
	if len(o.llama) > 0 {
		if _, err := exec.LookPath(o.llama[0]); err != nil {
			return fmt.Errorf("llama-server: %w", err)
		}
	}
	return nil
}

func run(args []string) error {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if o.work, err = os.MkdirTemp(o.work, "run-*"); err != nil {
		return err
	}
	defer os.RemoveAll(o.work)
	if len(o.llama) == 0 {
		fmt.Print("\n*** NO PEER: LLAMA_SERVER is not set, so Alcove is measured alone and no target can be judged.\n" +
			"*** Give the command: make bench LLAMA_SERVER=\"/path/of/llama-server\"\n\n")
	}
	r := &runner{options: o, begin: time.Now()}
	rep, err := r.all(ctx)
	if err != nil {
		return err
	}
	return rep.save(o)
}
