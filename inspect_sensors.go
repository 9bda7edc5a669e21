package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"alcove/app/cli"
	"alcove/engine/hardware"
	"alcove/monitor"
)

// sensorTime bounds how long doctor waits for the sensors: longer than a driver
// may be silent. The second sample has the figures that need a first one.
const sensorTime = 5 * time.Second

// startSensors begins to read the machine as the server does, by a child: a
// driver may hang. The function that it gives waits for what they say.
func startSensors(ctx context.Context, folder string) func() cli.Finding {
	for _, err := os.Stat(folder); err != nil && folder != filepath.Dir(folder); _, err = os.Stat(folder) {
		folder = filepath.Dir(folder) // it is made at the first start
	}
	gpus := len(hardware.ReadGPUs()) > 0
	samples := make(chan monitor.Sample, 1)
	ctx, cancel := context.WithTimeout(ctx, sensorTime)
	m := monitor.Start(monitor.Config{Sensors: sensors, Disk: folder, Log: slog.New(slog.DiscardHandler), Publish: func(s monitor.Sample) {
		select {
		case samples <- s:
		case <-ctx.Done():
		}
	}})
	return func() cli.Finding {
		defer m.Close()
		defer cancel() // first: it may be in Publish
		var last monitor.Sample
		for n := 1; ; n++ {
			select {
			case last = <-samples:
			case <-ctx.Done():
				return describeSensors(last)
			}
			if n >= 2 && (!gpus || len(last.GPUs) > 0 || len(last.Unavailable) > 0) {
				return describeSensors(last)
			}
		}
	}
}

// describeSensors lists which sensors answer.
func describeSensors(s monitor.Sample) cli.Finding {
	var there []string
	for _, one := range []struct {
		is   bool
		name string
	}{
		{s.CPU != nil, "processors"}, {s.CPU != nil && s.CPU.Frequency != nil, "their frequency"}, {s.CPU != nil && s.CPU.Load != nil, "load"},
		{s.CPU != nil && s.CPU.Pressure != nil, "pressure"}, {s.Memory != nil, "memory"}, {s.Swap != nil, "swap"}, {s.Disk != nil, "disk"},
		{s.Disk != nil && s.Disk.Read != nil, "disk traffic"}, {s.Network != nil, "network"},
		{len(s.Temperatures) > 0, fmt.Sprintf("%d temperatures", len(s.Temperatures))}, {s.Battery != nil, "battery"},
	} {
		if one.is {
			there = append(there, one.name)
		}
	}
	f := cli.Finding{Name: "Sensors", State: cli.StateOK, Text: strings.Join(there, ", ")}
	if len(there) == 0 {
		f.State, f.Text = cli.StateNote, "none answers. Figures of the machine are missing from the page; answers do not need them"
	}
	for _, g := range s.GPUs {
		f.Details = append(f.Details, describeGPU(g))
		if g.Error != "" {
			f.State = cli.StateNote
		}
	}
	for _, u := range s.Unavailable {
		f.State = cli.StateNote
		line := fmt.Sprintf("%s does not answer: %s", u.Source, u.Reason)
		if u.Detail != "" {
			line += ", " + u.Detail
		}
		f.Details = append(f.Details, line)
	}
	return f
}

// describeGPU lists what one GPU tells.
func describeGPU(g monitor.GPU) string {
	if g.Error != "" {
		return g.Name + ": " + g.Error
	}
	var there []string
	for _, one := range []struct {
		is   bool
		name string
	}{
		{g.Utilization != nil, "utilization"}, {g.MemoryUsed != nil, "memory"}, {g.Temperature != nil, "temperature"}, {g.Power != nil, "power"},
		{g.Clock != nil, "clocks"}, {g.Throttle != nil, "throttling"}, {g.ECCUncorrected != nil, "memory errors"}, {g.PCIeWidth != nil, "PCIe"},
		{g.Fan != nil, "fan"}, {len(g.Processes) > 0, "processes"},
	} {
		if one.is {
			there = append(there, one.name)
		}
	}
	if len(there) == 0 {
		return g.Name + ": nothing now; it may be asleep"
	}
	return g.Name + ": " + strings.Join(there, ", ")
}
