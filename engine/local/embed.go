package local

import (
	"context"
	"strings"
	"unicode/utf8"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

var _ engine.Embedder = (*Engine)(nil)

// Bounds of one job: a frame to the worker must hold it.
const (
	jobTexts = wire.MaxInputs
	jobBytes = 4 << 20
)

// cutBytes is how much of a text's beginning is read for each token that the
// model reads: no token of a real text is as long.
const cutBytes = 64

// Embed gives one vector of length 1 for each input. See engine.Embedder.
func (e *Engine) Embed(ctx context.Context, req engine.EmbedRequest) (engine.Embedded, error) {
	m, err := e.laneModel(wire.RoleEmbed, req.Model)
	if err != nil {
		return engine.Embedded{}, err
	}
	mark, err := e.marks.of(m)
	if err != nil {
		return engine.Embedded{}, err
	}
	out := engine.Embedded{Model: m.ID, Fingerprint: mark, Vectors: make([][]float32, len(req.Inputs)), Tokens: make([]int, len(req.Inputs))}
	inputs := make([]wire.Input, len(req.Inputs))
	keys := make([]cacheKey, len(req.Inputs))
	var todo []int
	for i, in := range req.Inputs {
		inputs[i] = wire.Input{Text: in.Text}
		for _, t := range in.Tokens {
			inputs[i].Tokens = append(inputs[i].Tokens, int32(max(-1, min(t, 1<<30))))
		}
		if req.Cut {
			inputs[i].Text = cutText(in.Text, cutBytes*max(m.Context, 1))
		}
		keys[i] = keyOf(mark, inputs[i], req.Cut)
		if v, n, ok := e.vectors.get(keys[i]); ok {
			out.Vectors[i], out.Tokens[i] = v, n
		} else {
			todo = append(todo, i)
		}
	}
	err = e.inParts(todo, func(i int) int { return sizeOf(inputs[i]) }, func(part []int) error {
		j := &job{model: m, vectors: make([][]float32, len(part)), tokens: make([]int, len(part)), done: make(chan error, 1),
			embed: &wire.Embed{Class: string(req.Class), Cut: req.Cut}}
		for _, i := range part {
			j.embed.Inputs = append(j.embed.Inputs, inputs[i])
		}
		if err := e.do(ctx, j); err != nil {
			return err
		}
		for k, i := range part {
			out.Vectors[i], out.Tokens[i] = j.vectors[k], j.tokens[k]
			e.vectors.put(keys[i], j.vectors[k], j.tokens[k])
		}
		return nil
	})
	if err != nil {
		return engine.Embedded{}, err
	}
	return out, nil
}

// Rerank gives each passage a score. See engine.Embedder.
func (e *Engine) Rerank(ctx context.Context, req engine.RerankRequest) (engine.Reranked, error) {
	m, err := e.laneModel(wire.RoleRerank, req.Model)
	if err != nil {
		return engine.Reranked{}, err
	}
	most := cutBytes * max(m.Context, 1)
	out := engine.Reranked{Model: m.ID, Scores: make([]float32, len(req.Passages))}
	all := make([]int, len(req.Passages))
	for i := range all {
		all[i] = i
	}
	err = e.inParts(all, func(i int) int { return min(len(req.Passages[i]), most) }, func(part []int) error {
		j := &job{model: m, vectors: make([][]float32, len(part)), tokens: make([]int, len(part)), done: make(chan error, 1),
			embed: &wire.Embed{Class: string(req.Class), Query: cutText(req.Query, min(most, jobBytes)), Cut: true}}
		for _, i := range part {
			j.embed.Inputs = append(j.embed.Inputs, wire.Input{Text: cutText(req.Passages[i], most)})
		}
		if err := e.do(ctx, j); err != nil {
			return err
		}
		for k, i := range part {
			out.Scores[i] = j.vectors[k][0]
		}
		return nil
	})
	if err != nil {
		return engine.Reranked{}, err
	}
	return out, nil
}

// CountTokens gives the length of each text in tokens. See engine.Embedder.
func (e *Engine) CountTokens(ctx context.Context, model string, texts []string) ([]int, error) {
	m, err := e.countingModel(model)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(texts))
	all := make([]int, len(texts))
	for i := range all {
		all[i] = i
	}
	err = e.inParts(all, func(i int) int { return len(texts[i]) }, func(part []int) error {
		j := &job{model: m, tokens: make([]int, len(part)), done: make(chan error, 1), count: &wire.Count{}}
		for _, i := range part {
			j.count.Texts = append(j.count.Texts, texts[i])
		}
		if err := e.do(ctx, j); err != nil {
			return err
		}
		for k, i := range part {
			counts[i] = j.tokens[k]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// Embedding says which models the lane uses when none is named. It reads the
// model's file once.
func (e *Engine) Embedding() engine.EmbedInfo {
	var info engine.EmbedInfo
	infos, ferr := e.list()
	if ferr != nil {
		return info
	}
	if r, err := pickLane(infos, wire.RoleRerank, "", ""); err == nil {
		info.Reranker = r.ID
	}
	m, ferr := pickLane(infos, wire.RoleEmbed, "", e.cfg.Embedder)
	if ferr != nil {
		return info
	}
	mark, err := e.marks.of(m)
	if err != nil {
		e.cfg.Log.Warn("read the model that finds passages", "model", m.ID, "error", err)
		return info
	}
	info.Model, info.Fingerprint, info.Context = m.ID, mark, min(m.Context, laneContext)
	if m.Shape != nil {
		info.Dimensions = keys(m.Shape.Numbers).at("embedding_length", 0, 0)
	}
	return info
}

// laneContext is the worker's own bound on one text.
const laneContext = 2048

func (e *Engine) laneModel(role, asked string) (models.Info, error) {
	infos, err := e.list()
	if err != nil {
		return models.Info{}, err
	}
	chosen := ""
	if role == wire.RoleEmbed {
		chosen = e.cfg.Embedder
	}
	m, err := pickLane(infos, role, asked, chosen)
	if err != nil {
		return m, err
	}
	return m, nil
}

// countingModel is one whose words are known, whatever it does with them.
func (e *Engine) countingModel(asked string) (models.Info, error) {
	if asked == "" {
		return e.laneModel(wire.RoleEmbed, "")
	}
	infos, err := e.list()
	if err != nil {
		return models.Info{}, err
	}
	m, err := lookUp(infos, asked)
	if err != nil {
		return m, err
	}
	return m, nil
}

// do gives a job to the supervisor and waits for its end.
func (e *Engine) do(ctx context.Context, j *job) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !e.call(func(s *supervisor) { s.addJob(j) }) {
		return errClosed()
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		e.call(func(s *supervisor) { s.removeJob(j) })
		return ctx.Err()
	}
}

// inParts does a list in parts that a frame can hold, one after another.
func (e *Engine) inParts(list []int, size func(int) int, do func([]int) error) error {
	for len(list) > 0 {
		n, bytes := 0, 0
		for n < len(list) && n < jobTexts && (n == 0 || bytes+size(list[n]) <= jobBytes) {
			bytes += size(list[n])
			n++
		}
		if bytes > jobBytes {
			return engine.Errorf(engine.CodeContextFull, "A text has more than %d MB, which no model here reads at once. Split it.", jobBytes>>20)
		}
		if err := do(list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// sizeOf is about what an input takes of a frame, in bytes.
func sizeOf(in wire.Input) int { return len(in.Text) + 8*len(in.Tokens) }

// cutText gives the first n bytes of a text, less what is no whole character.
func cutText(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return strings.ToValidUTF8(text[:n], "\uFFFD")
}
