package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// This file is how long a search among 100,000 passages takes.

// searchKinds are kinds of questions, searchParts what is timed of each.
var (
	searchKinds = []struct{ key, title string }{{"mixed", "rare and common words"}, {"common", "the most common words"}, {"rare", "rare words"}}
	searchParts = []struct{ key, title string }{{"fused", "all"}, {"text", "full text"}, {"vector", "vectors"}}
)

// retrievalRows are the rows of the workload retrieval100k.
func retrievalRows() []row {
	var list []row
	add := func(key, title, unit string, lower bool, targets ...target) {
		list = append(list, row{key: key, workload: "retrieval100k", title: title, unit: unit, lower: lower, targets: targets})
	}
	for _, k := range searchKinds {
		for _, p := range searchParts {
			key, title := "retrieval_"+k.key+"_"+p.key, "100,000 passages, "+k.title+", "+p.title+": "
			var most []target
			if p.key == "fused" {
				most = []target{{fixed, 150}}
			}
			add(key+"_p50_ms", title+"median", "ms", true)
			add(key+"_p95_ms", title+"P95", "ms", true, most...)
		}
	}
	add("retrieval_vector_mb", "100,000 passages, memory of the vectors", "MB", true)
	add("retrieval_heap_mb", "100,000 passages, heap of the program", "MB", true)
	add("retrieval_chunks_per_s", "100,000 passages, put into the index without the embedder", "passages/s", false)
	return list
}

// retrieval100k builds the index and searches it, by the test program of
// app/documents/index.
func retrieval100k(ctx context.Context, o options, s *segment) error {
	if o.found.path == "" {
		return errors.New("the test program of app/documents/index is not here (make bench builds it)")
	}
	o.found.env = []string{"ALCOVE_RETRIEVAL=100000"}
	out, used, err := o.found.output(ctx, o.work, "-test.run", "^TestMeasureRetrieval$", "-test.v", "-test.timeout", "40m")
	s.neighbours += used
	if err != nil {
		return fmt.Errorf("search 100,000 passages: %w\n%s", err, out)
	}
	for key, value := range parseRetrieval(out) {
		s.samples[key] = value
	}
	if len(s.samples) == 0 {
		return fmt.Errorf("the search gave no figures:\n%s", out)
	}
	return nil
}

// retrievalLine is a line of TestMeasureRetrieval, retrievalPair one figure of it.
var (
	retrievalLine = regexp.MustCompile(`(?m)^retrieval (?:built |(mixed|common|rare) (fused|text|vector) )?(.*)$`)
	retrievalPair = regexp.MustCompile(`([a-z0-9_]+) ([\d.]+)`)
)

func parseRetrieval(out string) map[string]float64 {
	figures := map[string]float64{}
	for _, m := range retrievalLine.FindAllStringSubmatch(out, -1) {
		name := "retrieval_"
		if m[1] != "" {
			name += m[1] + "_" + m[2] + "_"
		}
		for _, pair := range retrievalPair.FindAllStringSubmatch(m[3], -1) {
			if v, err := strconv.ParseFloat(pair[2], 64); err == nil {
				figures[name+pair[1]] = v
			}
		}
	}
	return figures
}
