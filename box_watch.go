package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"time"

	"alcove/app/cli"
	"alcove/app/operate"
	"alcove/app/operate/alerts"
	"alcove/app/operate/sentinel"
	"alcove/app/operate/usage"
	"alcove/app/server"
	"alcove/engine"
	"alcove/monitor"
)

// openWatch joins what watches the box: the monitor brings a sample each second,
// the watch looks at it and gives the alerts their figures.
func (b *box) openWatch(ctx context.Context, o cli.Options, hub *server.Hub, status func() engine.Status, written func() uint64) error {
	publish := func(name string, data any) { hub.Publish(name, data) }
	var err error
	b.alerts, err = alerts.Open(ctx, alerts.Deps{
		Store: b.store, Publish: publish, Log: o.Log,
		Mark: func(kind, text string) { b.usage.Mark(usage.Mark{At: time.Now(), Kind: kind, Text: text}) },
		Where: func(metric string) string {
			if metric == alerts.GoldenBroken {
				return b.brokenIn()
			}
			return ""
		},
	})
	if err != nil {
		return err
	}
	b.watch, err = operate.Start(ctx, operate.Deps{
		Store: b.store, Status: status, Models: b.engine.Models, Publish: publish, Log: o.Log, Latency: b.latency, Firing: b.firing, Documents: b.documentsNow,
		Observe: func(at time.Time, figures map[string]float64) { b.alerts.Observe(at, figures) },
	})
	if err != nil {
		return err
	}
	b.monitor = monitor.Start(monitor.Config{
		Sensors: sensors, Disk: o.Config.Data, Log: o.Log,
		Engine: func() monitor.Live { return live(status(), written()) },
		Publish: func(s monitor.Sample) {
			hub.PublishSample(s)
			b.watch.Sample(s)
			b.usage.Sample(s)
			b.usage.Status(status())
		},
	})
	return nil
}

// firing lists the alerts that have not ended, in the watch's words.
func (b *box) firing() []operate.Firing {
	var list []operate.Firing
	for _, a := range b.alerts.Firing() {
		list = append(list, operate.Firing{Metric: a.Metric, Item: operate.Item{
			ID: "alert-" + a.Rule, Severity: sentinel.Severity(a.Severity), Since: a.FiredAt, Title: a.Title, Cause: a.Text, Advice: a.Advice}})
	}
	return list
}

// latency is how long people waited lately, in the watch's words.
func (b *box) latency(window time.Duration) operate.Latency {
	f := b.usage.Recent(window).People
	wait := func(name string) *operate.Wait {
		if p, ok := f.Figures[name]; ok {
			return &operate.Wait{P50: p.P50, P95: p.P95}
		}
		return nil
	}
	return operate.Latency{
		Requests: int(f.Requests), Failed: int(f.Failed),
		FirstToken: wait("first_token_seconds"), InterToken: wait("inter_token_seconds"), Queue: wait("queue_seconds"),
	}
}

// sensors is the hidden child that reads the machine. It gets nothing of the
// environment but where a driver's library may be.
func sensors(args []string) *exec.Cmd {
	cmd := selfCommand(append([]string{cli.SensorsCommand}, args...)...)
	cmd.Env = []string{"GOTRACEBACK=single"}
	if path, ok := os.LookupEnv("LD_LIBRARY_PATH"); ok {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+path)
	}
	return cmd
}

// selfCommand is this program once more, for a hidden child; its environment is
// the caller's to choose.
func selfCommand(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if runtime.GOOS == "linux" {
		self, err = "/proc/self/exe", nil // also while an upgrade replaces the file
	}
	cmd := exec.Command(self, args...)
	if err != nil {
		cmd.Err = err
	}
	cmd.Args[0] = "alcove"
	cmd.Dir = "/"
	return cmd
}

// live is the engine in the monitor's words.
func live(s engine.Status, written uint64) monitor.Live {
	out := monitor.Live{Model: s.Model, Active: s.Active, Queued: s.Queued, Written: written}
	for _, l := range s.Loaded {
		if l.WorkerPID != 0 {
			out.Workers = append(out.Workers, monitor.LiveWorker{Model: l.Model, PID: l.WorkerPID})
		}
	}
	return out
}
