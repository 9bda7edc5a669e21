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
	// Test programs. Without the first there are no lower bounds.
	decode, headers, plans, figures, asked, found testProgram

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
	for p, name := range map[*testProgram]string{&o.decode: "engine/worker/llama", &o.headers: "engine/models", &o.plans: "engine/local", &o.figures: "app/operate/usage", &o.asked: "app/documents/quality", &o.found: "app/documents/index"} {
		p.folder = name
		f.StringVar(&p.path, filepath.Base(name)+"-test", "", "test program of "+name)
	}
	f.IntVar(&o.rounds, "rounds", 3, "rounds; the report has medians over them")
	only := f.String("only", "", "workloads, with commas: w1,one,paste,busy,strangers,ask8; models for drop,load,beside,swap,folder,memory; watch for sensors,usage; capacity; embed; quality, retrieval100k")
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
		before := len(o.only)
		for _, w := range workloads {
			if w.name == name || w.page == name {
				o.only = append(o.only, w.name)
			}
		}
		if len(o.only) == before {
			return o, fmt.Errorf("there is no workload %q", name)
		}
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
	for _, p := range []*string{&o.alcove, &o.worker, &o.runtime, &o.model, &o.work, &o.decode.path, &o.headers.path, &o.plans.path, &o.figures.path, &o.asked.path, &o.found.path} {
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

// wants says whether a workload is part of the run.
func (o options) wants(w workload) bool { return len(o.only) == 0 || slices.Contains(o.only, w.name) }

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
	pages, err := r.all(ctx)
	if err != nil {
		return err
	}
	for _, page := range pages {
		if err := page.save(o); err != nil {
			return err
		}
	}
	return nil
}
