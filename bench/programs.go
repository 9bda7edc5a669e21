package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// This file measures parts of Alcove by their own test programs, without a box.

// testProgram is a package's tests, compiled. It runs in the package's folder,
// from where it finds libraries and weights.
type testProgram struct {
	path, folder string
	env          []string
}

// output runs a test program to its end; used is its processor time in seconds.
// Its temporary files go to the work folder.
func (p testProgram) output(ctx context.Context, work string, args ...string) (out string, used float64, err error) {
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Dir, cmd.Env = p.folder, append(append(os.Environ(), "TMPDIR="+work), p.env...)
	endWithParent(cmd)
	said, err := cmd.CombinedOutput()
	return string(said), secondsOf(cmd), err
}

// folder: how long it takes to read one header, and a folder of 10,000 files.
func folder(ctx context.Context, o options, s *segment) error {
	if o.headers.path == "" {
		return errors.New("the test program of engine/models is not here (make bench builds it)")
	}
	out, used, err := o.headers.output(ctx, o.work, "-test.run", "^$", "-test.bench", "^Benchmark(Header|Folder)$", "-test.benchtime", "300ms")
	s.neighbours += used
	if err != nil {
		return fmt.Errorf("headers: %w\n%s", err, out)
	}
	times := parseTimes(out)
	for key, seconds := range times {
		s.samples[key] = 1000 * seconds
	}
	if len(times) == 0 {
		return fmt.Errorf("headers gave no figures:\n%s", out)
	}
	return nil
}

// timeLine is a result of BenchmarkHeader or BenchmarkFolder.
var timeLine = regexp.MustCompile(`(?m)^Benchmark(Header|Folder)/(\w+?)(?:-\d+)?\s+\d+\s+([\d.e+]+) ns/op`)

// parseTimes gives seconds by key, as header_model.
func parseTimes(out string) map[string]float64 {
	times := map[string]float64{}
	for _, m := range timeLine.FindAllStringSubmatch(out, -1) {
		if ns, err := strconv.ParseFloat(m[3], 64); err == nil {
			times[strings.ToLower(m[1])+"_"+m[2]] = ns / 1e9
		}
	}
	return times
}

// estimate is what a plan says before a model is loaded, beside what ggml has
// taken by its own log. Sizes are in MiB.
type estimate struct {
	Model   string  `json:"model"`
	Kind    string  `json:"kind"` // weights, cache, buffers; all
	Planned float64 `json:"planned_mib"`
	Taken   float64 `json:"taken_mib"`
}

// off is the error in per cent of what was taken.
func (e estimate) off() float64 { return 100 * (e.Planned/max(e.Taken, 1e-9) - 1) }

// memory: how far plans are from what is taken, for the real model in several
// shapes and for a tiny model of each kind.
func memory(ctx context.Context, o options, s *segment) error {
	if o.plans.path == "" {
		return errors.New("the test program of engine/local is not here (make bench builds it)")
	}
	out, used, err := o.plans.output(ctx, o.work, "-test.run", "^TestReal_Planned", "-test.v")
	s.neighbours += used
	if s.estimates = parseEstimates(out); len(s.estimates) == 0 {
		return errors.Join(fmt.Errorf("plans gave no figures:\n%s", out), err)
	}
	worst, whole := 0.0, 0.0
	for _, e := range s.estimates {
		worst = max(worst, math.Abs(e.off()))
		if e.Kind == "all" {
			whole = max(whole, math.Abs(e.off()))
		}
	}
	s.samples["estimate_part"], s.samples["estimate_all"] = worst, whole
	return nil // a comparison that failed is a figure, and stands in the table
}

var (
	planCase = regexp.MustCompile(`^=== RUN\s+TestReal_Planned(\w+)/(.+)$`)
	planLine = regexp.MustCompile(`(weights|cache|buffers)\s+planned\s+([\d.]+) MiB, taken\s+([\d.]+) MiB`)
)

// parseEstimates reads what the tests of engine/local say, and adds each model up.
func parseEstimates(out string) []estimate {
	var list []estimate
	sum := estimate{Kind: "all"}
	end := func() {
		if sum.Model != "" && sum.Taken > 0 {
			list = append(list, sum)
		}
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if m := planCase.FindStringSubmatch(line); m != nil {
			end()
			name := strings.TrimRight(strings.ReplaceAll(m[2], "_", " "), ", ")
			if m[1] == "Memory" {
				name = "the model, " + name
			}
			sum = estimate{Model: name, Kind: "all"}
		}
		if m := planLine.FindStringSubmatch(line); m != nil && sum.Model != "" {
			planned, err := strconv.ParseFloat(m[2], 64)
			taken, err2 := strconv.ParseFloat(m[3], 64)
			if cmp.Or(err, err2) != nil {
				continue
			}
			list = append(list, estimate{sum.Model, m[1], planned, taken})
			sum.Planned, sum.Taken = sum.Planned+planned, sum.Taken+taken
		}
	}
	end()
	return list
}

// estimateTable has a line for each model; the cells are planned, taken and the error.
func estimateTable(b *strings.Builder, list []estimate) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\n## Planned and taken memory\n\nPlanned before the load -> taken by ggml's log, in MiB, and the error of the plan.\n\n")
	kinds := []string{"weights", "cache", "buffers", "all"}
	b.WriteString(line(append([]string{"model"}, kinds...)...) + rule(1+len(kinds)))
	cells := map[string]map[string]string{}
	var names []string
	for _, e := range list {
		if cells[e.Model] == nil {
			cells[e.Model] = map[string]string{}
			names = append(names, e.Model)
		}
		cells[e.Model][e.Kind] = fmt.Sprintf("%s -> %s: %+.1f %%", number(e.Planned), number(e.Taken), e.off())
	}
	for _, name := range names {
		out := []string{name}
		for _, kind := range kinds {
			out = append(out, cells[name][kind])
		}
		b.WriteString(line(out...))
	}
}
