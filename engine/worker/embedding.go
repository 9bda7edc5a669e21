package main

import (
	"time"

	"alcove/engine/seal"
	"alcove/engine/wire"
	"alcove/engine/worker/embed"
	"alcove/engine/worker/llama"
)

// Bounds of a step of vectors. Attention of what reads in both directions grows
// with the square of the rows, so a step is no longer than it has to be.
const (
	embedRows    = 512
	embedTexts   = 64
	embedContext = 2048 // tokens of one text at most, whatever the model could read
)

// serveVectors loads a model that gives vectors and answers until the socket
// ends. It returns an exit status.
func serveVectors(m *wire.Load, folders seal.Folders, in <-chan wire.ToWorker, out *outbox) int {
	lane, err := loadLane(m, folders, out)
	if err != nil {
		refuse(err, out)
		for range in { // until the app has read it and ends us
		}
	}
	go func() {
		for range time.Tick(beatEvery) {
			b := lane.Beat()
			out.put(wire.FromWorker{Beat: &b})
		}
	}()
	if err := lane.Run(in); err != nil {
		logf("%v", err)
	}
	return exitBroken
}

func loadLane(m *wire.Load, folders seal.Folders, out *outbox) (*embed.Lane, error) {
	if err := sealedFor(m, folders); err != nil {
		return nil, err
	}
	near := newNeighbours() // it looks at the time that loading takes
	out.put(wire.FromWorker{Progress: &wire.Progress{Stage: "library"}})
	lib, err := openLibrary(folders)
	if err != nil {
		return nil, err
	}
	out.put(wire.FromWorker{Progress: &wire.Progress{Stage: "model"}})
	context := embedContext
	if m.Context > 0 {
		context = min(context, m.Context)
	}
	scores := m.Role == wire.RoleRerank
	model, err := lib.LoadEmbedder(m.ModelPath, llama.EmbedOptions{Scores: scores, Context: context, Batch: embedRows, Texts: embedTexts, Threads: m.Threads})
	if err != nil {
		return nil, loadFailed(err)
	}
	info := model.Info()
	r := wire.Ready{Library: llama.Version, Device: info.Device, Name: info.Name, Desc: info.Desc, Parameters: info.Parameters,
		Trained: info.Trained, Context: info.Context, Slots: embedTexts, Batch: info.Batch, Threads: m.Threads, VocabSize: model.VocabSize(), Dimensions: info.Dimensions}
	for _, b := range info.Buffers {
		r.Buffers = append(r.Buffers, wire.Buffer(b))
	}
	out.put(wire.FromWorker{Ready: &r})
	return embed.New(model, embed.Config{Context: info.Context, Rows: embedRows, Texts: embedTexts, Dimensions: info.Dimensions, Scores: scores, Threads: m.Threads, Spare: near.free},
		func(v *wire.Vectors, raw []byte) { out.putRaw(wire.FromWorker{Vectors: v}, raw) },
		func(c *wire.Counted) { out.put(wire.FromWorker{Counted: c}) }), nil
}
