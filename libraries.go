package main

import (
	"context"
	"errors"
	"fmt"

	"alcove/app"
	"alcove/app/cli"
	"alcove/app/config"
	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/local"
)

// purposes says what a group of libraries is for.
var purposes = map[string]string{
	local.EngineGroup: "llama.cpp " + local.LibraryVersion + " with the CPU; always needed",
	"cuda":            "NVIDIA GPUs",
	"vulkan":          "GPUs of AMD, Intel and others, through their Vulkan drivers",
}

// libraries lists what is installed for `alcove runtime`.
func libraries(c config.Config) ([]cli.LibraryGroup, error) {
	groups, err := local.Libraries(c.Runtime)
	if err == nil {
		err = local.CheckRuntime(c.Runtime)
	}
	if err != nil {
		_, _, text := app.Describe(err)
		err = errors.New(text)
	}
	var out []cli.LibraryGroup
	for _, g := range groups {
		l := cli.LibraryGroup{Name: g.Name, Purpose: purposes[g.Name], Optional: g.Optional, Files: []string{}, Missing: append([]string{}, g.Missing()...)}
		for _, f := range g.Files {
			l.Files = append(l.Files, f.Name)
			l.Bytes += f.Bytes
		}
		out = append(out, l)
	}
	return out, err
}

func installLibraries(ctx context.Context, c config.Config, from string) ([]string, error) {
	names, err := local.InstallLibraries(ctx, c.Runtime, from)
	var known *engine.Error
	if errors.As(err, &known) {
		return names, errors.New(known.Message)
	}
	return names, err
}

// inspectGPUs asks the driver and a worker, which may hang or crash; neither is
// this process. It also gives the GPUs that can be used.
func inspectGPUs(ctx context.Context, c config.Config, facts hardware.Facts) (cli.Finding, []engine.Device) {
	seen, err := hardware.GPUs(probeTime)
	note := func(text string) (cli.Finding, []engine.Device) {
		return cli.Finding{Name: "GPU", State: cli.StateNote, Text: text}, nil
	}
	if err != nil {
		return note("answers are computed on the CPU: " + err.Error())
	}
	if len(facts.GPUs) > 0 { // they also say what may not be used, and who is no NVIDIA
		seen = facts.GPUs
	}
	groups, err := local.Libraries(c.Runtime)
	if err != nil {
		groups = nil // told by another finding
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	devices, broken := local.TryBackends(ctx, c.Worker, c.Runtime, "", groups)
	out := cli.Finding{Name: "GPU", State: cli.StateOK}
	for backend, why := range broken {
		out.Details = append(out.Details, fmt.Sprintf("%s could not be used: %s", backend, why))
	}
	for _, g := range seen {
		line := g.Name
		if g.Driver != "" {
			line += ", driver " + g.Driver
		}
		out.Details = append(out.Details, line)
	}
	for _, d := range devices {
		out.Details = append(out.Details, fmt.Sprintf("%s (%s, %s): %s, %.1f of %.1f GB free", d.Name, d.Backend, d.Kind, d.Description,
			float64(d.Free)/1e9, float64(d.Total)/1e9))
	}
	switch reason := local.GPUReason(seen, groups, devices); {
	case len(devices) == 0 && len(broken) > 0:
		out.State, out.Text = cli.StateNote, "answers are computed on the CPU: the GPU libraries failed when they were tried"
	case len(devices) > 0:
		out.Text = fmt.Sprintf("%d found, used for all layers that fit", len(devices))
	case reason != "":
		out.State, out.Text = cli.StateNote, reason
	default:
		out.Text = "none was found: answers are computed on the CPU"
	}
	return out, devices
}
