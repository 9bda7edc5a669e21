package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"time"

	"alcove/app"
	"alcove/app/chat"
	"alcove/app/cli"
	"alcove/app/config"
	"alcove/app/library"
	"alcove/app/operate"
	"alcove/app/operate/alerts"
	"alcove/app/operate/sentinel"
	"alcove/app/operate/usage"
	"alcove/app/server"
	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/local"
	"alcove/frontend"
	"alcove/monitor"
	"alcove/storage"
)

// box is an opened data folder with its engine and server.
type box struct {
	store   *storage.DB
	engine  engine.Backend
	library *library.Library
	uploads *library.Uploads
	room    func() library.Room
	chat    *chat.Service
	server  *server.Server
	monitor *monitor.Monitor
	alerts  *alerts.Alerts
	watch   *operate.Watch
	usage   *usage.Recorder
	log     *slog.Logger
}

// open joins the parts. A missing model or runtime is no error: the page says
// what to do about it.
func open(ctx context.Context, o cli.Options) (cli.Box, error) {
	page, err := fs.Sub(frontend.Dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("find the page: %w", err)
	}
	store, err := storage.Open(ctx, storage.Options{Path: o.Config.Database(), Log: o.Log})
	if errors.Is(err, storage.ErrInUse) {
		return nil, cli.ErrInUse
	}
	if err != nil {
		return nil, err
	}
	b := &box{store: store, log: o.Log}
	changed := make(chan struct{}, 1)
	engineWith := engineConfig(o.Config, o.Log)
	engineWith.Changed = func() {
		select {
		case changed <- struct{}{}:
		default: // somebody looks soon anyway
		}
	}
	worker, err := local.New(engineWith)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	metrics := server.NewMetrics(version)
	if b.usage, err = usage.Open(ctx, usage.Deps{Store: store, Log: o.Log}); err != nil {
		return nil, errors.Join(err, worker.Close(), store.Close())
	}
	b.engine = metrics.Measure(b.usage.Measure(worker))
	b.room = roomReader(b.engine.Status)
	if b.library, err = library.Open(ctx, library.Deps{Store: store, Shelf: b.engine, Log: o.Log}); err != nil {
		return nil, errors.Join(err, worker.Close(), b.usage.Close(), store.Close())
	}
	b.uploads = library.NewUploads(library.UploadsDeps{Store: store, Dir: o.Config.ModelDirs[0], Log: o.Log})
	hub := server.NewHub(time.Now)
	b.chat = chat.New(chat.Deps{
		Store: store, Engine: b.engine, Publisher: hub, Model: b.library.Choose, Preset: b.preset, OnBattery: hardware.OnBattery, Log: o.Log,
	})
	publish := func(name string, data any) { hub.Publish(name, data) }
	if b.alerts, err = alerts.Open(ctx, alerts.Deps{Store: store, Publish: publish, Log: o.Log}); err != nil {
		return nil, errors.Join(err, b.uploads.Close(), b.library.Close(), worker.Close(), b.usage.Close(), store.Close())
	}
	b.watch, err = operate.Start(ctx, operate.Deps{
		Store: store, Status: worker.Status, Publish: publish, Log: o.Log,
		Latency: b.latency,
		Observe: func(at time.Time, figures map[string]float64) { b.alerts.Observe(at, figures) }, Firing: b.firing,
	})
	if err != nil {
		return nil, errors.Join(err, b.alerts.Close(), b.uploads.Close(), b.library.Close(), worker.Close(), b.usage.Close(), store.Close())
	}
	b.monitor = monitor.Start(monitor.Config{
		Sensors: sensors, Disk: o.Config.Data, Log: o.Log,
		Publish: func(s monitor.Sample) {
			hub.PublishSample(s)
			b.watch.Sample(s)
			b.usage.Sample(s)
			b.usage.Status(worker.Status())
		},
		Engine: func() monitor.Live { return live(worker.Status(), metrics.Written()) },
	})
	b.server = server.New(server.Deps{
		Store: store, Engine: b.engine, Library: b.library, Uploads: b.uploads, ModelDirs: o.Config.ModelDirs, Chat: b.chat, Hub: hub, Metrics: metrics, Page: page,
		Log: o.Log, Now: time.Now, Instance: o.Instance, LocalToken: o.LocalToken, Version: version,
		Hardware: func() any { return hardware.Read() }, Monitor: b.monitor, Usage: b.usage, Attention: b.watch.Attention, Alerts: b.alerts, Firing: b.firing, Forget: worker.Forget, Changed: changed,
		Room: b.room,
	})
	return b, nil
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
	p95 := func(name string) *float64 {
		if p, ok := f.Figures[name]; ok {
			return &p.P95
		}
		return nil
	}
	return operate.Latency{
		Requests: int(f.Requests), Failed: int(f.Failed),
		FirstTokenP95: p95("first_token_seconds"), InterTokenP95: p95("inter_token_seconds"), QueueP95: p95("queue_seconds"),
	}
}

// preset is what a person chose for a model, in the chat's words.
func (b *box) preset(model string) chat.Preset {
	s := b.library.SettingsOf(model)
	return chat.Preset{System: s.SystemPrompt, Sampling: chat.Sampling{
		Temperature: s.Temperature, TopP: s.TopP, TopK: s.TopK, MinP: s.MinP, MaxTokens: s.MaxTokens,
	}}
}

func engineConfig(c config.Config, log *slog.Logger) local.Config {
	return local.Config{
		WorkerPath: c.Worker, RuntimeDir: c.Runtime, ModelsDir: c.ModelDirs[0], MoreModels: c.ModelDirs[1:], StateDir: c.States(),
		Threads: c.Threads, Context: c.Context, Slots: c.Slots, StepMS: c.StepMS, GPULayers: -1,
		KV: c.KV, DeviceOnly: c.Device, MaxLoaded: c.MaxLoaded, UnloadAfter: time.Duration(c.UnloadAfter) * time.Minute, Log: log,
	}
}

// sensors is the hidden child that reads the machine: this program once more.
// It gets nothing of the environment but where a driver's library may be.
func sensors(args []string) *exec.Cmd {
	self, err := os.Executable()
	if runtime.GOOS == "linux" {
		self, err = "/proc/self/exe", nil // also while an upgrade replaces the file
	}
	cmd := exec.Command(self, append([]string{cli.SensorsCommand}, args...)...)
	if err != nil {
		cmd.Err = err
	}
	cmd.Args[0] = "alcove"
	cmd.Dir = "/"
	cmd.Env = []string{"GOTRACEBACK=single"}
	if path, ok := os.LookupEnv("LD_LIBRARY_PATH"); ok {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+path)
	}
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

// Serve answers on ln until Shutdown.
func (b *box) Serve(ln net.Listener) error { return b.server.Serve(ln) }

// SignInLink makes a one-time link.
func (b *box) SignInLink(base string) (string, time.Time) { return b.server.SignInLink(base) }

// Warm loads the default model, so that the first question does not wait.
func (b *box) Warm(ctx context.Context) {
	model, err := b.library.Choose(ctx, "")
	if err == nil {
		err = b.engine.Load(ctx, model)
	}
	if err != nil && ctx.Err() == nil {
		code, _, reason := app.Describe(err)
		b.log.Warn("no model is ready", "code", code, "reason", reason, "err", err)
	}
	suggest(b.room(), b.engine.Models(), b.log)
}

// Shutdown ends answers first, so that their readers are told, and the
// database last, so that their ends are saved.
func (b *box) Shutdown(ctx context.Context) error {
	err := errors.Join(b.chat.Shutdown(ctx), b.server.Shutdown(ctx))
	b.monitor.Close() // it asks the engine, as the library does
	b.watch.Close()   // after the monitor, which feeds it
	return errors.Join(err, b.alerts.Close(), b.uploads.Close(), b.library.Close(), b.engine.Close(), b.usage.Close(), b.store.Close())
}
