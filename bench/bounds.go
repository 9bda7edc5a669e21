package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"alcove/app/operate/load"
)

// bounds are tokens a second of Decode alone, by case; of each the better number
// of threads.
type bounds map[string]float64

// benchLine is a result of BenchmarkDecode with its tok/s.
var benchLine = regexp.MustCompile(`(?m)^BenchmarkDecode/(\w+)/threads\d+\S*\s.*?([\d.e+]+) tok/s`)

// measureBounds runs the benchmark of the binding.
func measureBounds(ctx context.Context, o options) (bounds, error) {
	out, _, err := o.decode.output(ctx, o.work, "-test.run", "^$", "-test.bench", "^BenchmarkDecode$", "-test.benchtime", "400ms")
	if err != nil {
		return nil, fmt.Errorf("bare Decode: %w\n%s", err, out)
	}
	b := parseBounds(out)
	if len(b) == 0 {
		return nil, fmt.Errorf("bare Decode gave no figures:\n%s", out)
	}
	fmt.Printf("bare Decode, tok/s: %v\n", b)
	return b, nil
}

func parseBounds(out string) bounds {
	b := bounds{}
	for _, m := range benchLine.FindAllStringSubmatch(out, -1) {
		if v, err := strconv.ParseFloat(m[2], 64); err == nil {
			b[m[1]] = max(b[m[1]], v)
		}
	}
	return b
}

// middle is the median of each case over the rounds.
func middle(rounds []bounds) bounds {
	values := map[string][]float64{}
	for _, b := range rounds {
		for k, v := range b {
			values[k] = append(values[k], v)
		}
	}
	out := bounds{}
	for k, v := range values {
		out[k] = load.Median(v)
	}
	return out
}

// of is the lower bound of a row, 0 if it has none: shared is the prompt of one
// person in tokens, own the part of it that nobody else has.
func (b bounds) of(key string, shared, own float64) float64 {
	if len(b) == 0 {
		return 0
	}
	rate := func(name string, tokens float64) float64 {
		if b[name] <= 0 || tokens <= 0 {
			return 0
		}
		return tokens / b[name]
	}
	switch key {
	case "w1_cold":
		if own > 0 {
			return rate("prompt1024", shared+(people-1)*own)
		}
	case "w1_restart", "w1_warm", "w1_warm_long":
		return rate("prompt512", people*own)
	case "one_pace":
		return b["rows1"]
	}
	return 0
}
