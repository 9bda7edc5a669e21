package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"alcove/app"
	"alcove/app/chat"
	"alcove/app/cli"
	"alcove/app/config"
	"alcove/app/library"
	"alcove/app/server"
	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/local"
	"alcove/frontend"
	"alcove/storage"
)

// box is an opened data folder with its engine and server.
type box struct {
	store   *storage.DB
	engine  engine.Backend
	library *library.Library
	chat    *chat.Service
	server  *server.Server
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
	worker, err := local.New(engineConfig(o.Config, o.Log))
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	metrics := server.NewMetrics(version)
	b.engine = metrics.Measure(worker)
	b.library = library.New(store, b.engine)
	hub := server.NewHub(time.Now)
	b.chat = chat.New(chat.Deps{
		Store: store, Engine: b.engine, Publisher: hub, Model: b.library.Choose, Log: o.Log,
	})
	b.server = server.New(server.Deps{
		Store: store, Engine: b.engine, Chat: b.chat, Hub: hub, Metrics: metrics, Page: page,
		Log: o.Log, Now: time.Now, Instance: o.Instance, LocalToken: o.LocalToken, Version: version,
		Hardware: func() any { return hardware.Read() },
	})
	return b, nil
}

func engineConfig(c config.Config, log *slog.Logger) local.Config {
	return local.Config{
		WorkerPath: c.Worker, RuntimeDir: c.Runtime, ModelsDir: c.Models,
		Threads: c.Threads, Context: c.Context, Slots: c.Slots, GPULayers: -1, Log: log,
	}
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
}

// Shutdown ends answers first, so that their readers are told, and the
// database last, so that their ends are saved.
func (b *box) Shutdown(ctx context.Context) error {
	return errors.Join(b.chat.Shutdown(ctx), b.server.Shutdown(ctx), b.engine.Close(), b.store.Close())
}
