package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"alcove/app/operate/load"
)

// This file is what ninety days of figures take, and how fast they are drawn.

// asks is how often each range is asked for.
const asks = 20

// ranges of charts, by the key of their rows.
var ranges = []struct {
	key, title string
	minutes    int
}{
	{"5m", "5 minutes", 5}, {"1h", "an hour", 60}, {"24h", "a day", 1440}, {"7d", "7 days", 10_080}, {"30d", "30 days", 43_200}, {"90d", "90 days", 129_600},
}

// usageRows are the rows of the workload usage.
func usageRows() []row {
	list := []row{{"usage_mb", "usage", "90 days of figures, three models: the database", "MB", true, []target{{fixed, 50}}}}
	for _, r := range ranges {
		for _, chart := range []string{"latency", "machine"} {
			key := "usage_" + chart + "_" + r.key
			list = append(list,
				row{key, "usage", "the charts of " + r.title + ", " + chart + ": median", "ms", true, []target{{fixed, 100}}},
				row{key + "_p95", "usage", "the same: P95", "ms", true, []target{{fixed, 100}}})
		}
	}
	return list
}

// usage: a box that has been used for ninety days is asked for its charts.
func usage(ctx context.Context, o options, s *segment) error {
	if o.figures.path == "" {
		return errors.New("the test program of app/operate/usage is not here (make bench builds it)")
	}
	folder, err := os.MkdirTemp(o.work, "box-*")
	if err != nil {
		return err
	}
	b := &box{setup: alcove, paths: o.paths, folder: folder}
	defer b.discard()
	data := filepath.Join(folder, "data")
	o.figures.env = []string{"ALCOVE_NINETY_DAYS=" + data}
	out, used, err := o.figures.output(ctx, o.work, "-test.run", "^TestMakeNinetyDays$")
	s.neighbours += used
	info, missing := os.Stat(filepath.Join(data, "alcove.db"))
	if err = errors.Join(err, missing); err != nil {
		return fmt.Errorf("make ninety days: %w\n%s", err, out)
	}
	s.samples["usage_mb"] = float64(info.Size()) / 1e6
	if err := b.begin(ctx); err != nil {
		return err
	}
	for _, r := range ranges {
		for _, chart := range []string{"latency", "machine"} {
			key, path := "usage_"+chart+"_"+r.key, fmt.Sprintf("/api/v1/monitor/%s?minutes=%d", chart, r.minutes)
			var times []float64
			for range asks {
				var seen struct{ Times []int64 }
				begin := time.Now()
				if err := b.call(ctx, "GET", path, b.token, "", &seen); err != nil {
					return err
				}
				times = append(times, 1000*time.Since(begin).Seconds())
				if len(seen.Times) == 0 {
					return fmt.Errorf("%s has no points", path)
				}
			}
			slices.Sort(times)
			s.samples[key], s.samples[key+"_p95"] = load.Median(times), times[len(times)*95/100]
		}
	}
	return nil
}
