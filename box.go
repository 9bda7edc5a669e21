package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"runtime"
	"sync/atomic"
	"time"

	"alcove/app"
	"alcove/app/chat"
	"alcove/app/cli"
	"alcove/app/config"
	"alcove/app/documents"
	docs "alcove/app/documents/answer"
	"alcove/app/documents/desk"
	"alcove/app/documents/index"
	"alcove/app/library"
	"alcove/app/operate"
	"alcove/app/operate/alerts"
	"alcove/app/operate/capacity"
	"alcove/app/operate/trace"
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
	store     *storage.DB
	engine    engine.Backend
	embedder  engine.Embedder // texts become vectors: for documents and /v1/embeddings
	library   *library.Library
	uploads   *library.Uploads
	documents *documents.Service
	reader    *reader // of files, in sealed children
	room      func() library.Room
	chat      *chat.Service
	server    *server.Server
	index     *index.Index
	answers   *docs.Service
	desk      atomic.Pointer[desk.Desk]
	monitor   *monitor.Monitor
	alerts    *alerts.Alerts
	watch     *operate.Watch
	usage     *usage.Recorder
	tracer    *trace.Tracer // nil: traces are off
	log       *slog.Logger
}

// open joins the parts. A missing model or runtime is no error: the page says
// what to do about it.
func open(ctx context.Context, o cli.Options) (_ cli.Box, err error) {
	page, err := fs.Sub(frontend.Dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("find the page: %w", err)
	}
	b := &box{log: o.Log}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	if b.store, err = storage.Open(ctx, storage.Options{Path: o.Config.Database(), Log: o.Log}); err != nil {
		if errors.Is(err, storage.ErrInUse) {
			err = cli.ErrInUse
		}
		return nil, err
	}
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
		return nil, err
	}
	b.engine = worker
	if b.usage, err = usage.Open(ctx, usage.Deps{Store: b.store, Log: o.Log}); err != nil {
		return nil, err
	}
	metrics := server.NewMetrics(version)
	b.embedder = metrics.MeasureEmbedder(worker)
	if b.tracer, err = trace.Start(ctx, trace.Options{Endpoint: o.Config.OTLP, Headers: o.Config.TraceHeaders(), Version: version, Log: o.Log}); err != nil {
		return nil, err
	}
	gate := capacity.NewGate(metrics.Measure(b.usage.Measure(b.tracer.Backend(worker))))
	b.engine = gate
	b.room = roomReader(b.engine.Status)
	if b.library, err = library.Open(ctx, library.Deps{Store: b.store, Shelf: b.engine, Log: o.Log}); err != nil {
		return nil, err
	}
	b.uploads = library.NewUploads(library.UploadsDeps{Store: b.store, Dir: o.Config.ModelDirs[0], Log: o.Log})
	hub := server.NewHub(time.Now)
	if err = b.openAnswers(ctx, o.Log); err != nil {
		return nil, err
	}
	b.chat = chat.New(chat.Deps{
		Store: b.store, Engine: b.engine, Publisher: hub, Grounder: grounder{b.answers}, Model: b.library.Choose, Preset: b.preset, OnBattery: hardware.OnBattery, Log: o.Log,
	})
	if err = b.openDocuments(ctx, o, hub, worker.Forget); err != nil {
		return nil, err
	}
	if err = b.openDesk(ctx, o, hub); err != nil {
		return nil, err
	}
	if err = b.openWatch(ctx, o, hub, worker.Status, metrics.Written); err != nil {
		return nil, err
	}
	b.server = server.New(server.Deps{
		Store: b.store, Engine: b.engine, Embedder: b.embedder, Library: b.library, Uploads: b.uploads, Documents: b.documents, Index: b.index, ModelDirs: o.Config.ModelDirs, Chat: b.chat, Answers: b.answers, Desk: b.desk.Load(), Hub: hub, Metrics: metrics, Page: page,
		Log: o.Log, Now: time.Now, Instance: o.Instance, LocalToken: o.LocalToken, Version: version,
		Hardware: func() any { return hardware.Read() }, Forget: worker.Forget, Changed: changed, Room: b.room,
		Monitor: b.monitor, Usage: b.usage, Alerts: b.alerts, Attention: b.watch.Attention, Firing: b.firing, Tracer: b.spans(),
		Gate: gate, OwnSeconds: ownSeconds, Cores: runtime.NumCPU(), Shape: b.shape, Traffic: b.traffic,
	})
	return b, nil
}

// spans is the tracer for the server; a nil pointer in an interface is not nil.
func (b *box) spans() server.Tracer {
	if b.tracer == nil {
		return nil
	}
	return b.tracer
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
		KV: c.KV, Embedder: c.Embedder, DeviceOnly: c.Device, MaxLoaded: c.MaxLoaded, UnloadAfter: time.Duration(c.UnloadAfter) * time.Minute, Log: log,
	}
}

// Serve answers on ln until Shutdown.
func (b *box) Serve(ln net.Listener) error { return b.server.Serve(ln) }

// SignInLink makes a one-time link.
func (b *box) SignInLink(base string) (string, time.Time) { return b.server.SignInLink(base) }

// Warm makes PDF ready and loads the default model, so that the first question
// does not wait.
func (b *box) Warm(ctx context.Context) {
	b.reader.warm(ctx)
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
	return errors.Join(b.chat.Shutdown(ctx), b.server.Shutdown(ctx), b.close())
}

// close ends the parts that were opened: those that ask others before those
// that answer.
func (b *box) close() error {
	var errs []error
	if b.monitor != nil {
		b.monitor.Close()
	}
	if b.watch != nil {
		b.watch.Close()
	}
	if b.alerts != nil {
		errs = append(errs, b.alerts.Close())
	}
	if k := b.desk.Load(); k != nil {
		errs = append(errs, k.Close())
	}
	if b.documents != nil {
		errs = append(errs, b.documents.Close())
	}
	if b.index != nil {
		b.index.Close()
	}
	if b.uploads != nil {
		errs = append(errs, b.uploads.Close())
	}
	if b.library != nil {
		errs = append(errs, b.library.Close())
	}
	if b.engine != nil {
		errs = append(errs, b.engine.Close())
	}
	errs = append(errs, b.tracer.Close())
	if b.usage != nil {
		errs = append(errs, b.usage.Close())
	}
	if b.store != nil {
		errs = append(errs, b.store.Close())
	}
	return errors.Join(errs...)
}
