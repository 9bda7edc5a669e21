package library

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// job is one check: the candidate, and the current model where that has no
// result with the same questions yet.
type job struct {
	check     storage.Check
	golden    Golden
	candidate engine.Model
	current   *engine.Model  // nil: none, or the candidate itself
	compared  *storage.Check // the current one's result, nil: none yet
}

// targets are the models to ask, the current one first: most often it is
// loaded, so there is one swap less.
func (j *job) targets() []engine.Model {
	if j.current != nil && j.compared == nil {
		return []engine.Model{*j.current, j.candidate}
	}
	return []engine.Model{j.candidate}
}

// plan says what a check has to do.
func (c *Checks) plan(ctx context.Context, candidate engine.Model, golden Golden) (*job, error) {
	j := &job{golden: golden, candidate: candidate, check: c.checkFor(candidate, golden)}
	current, err := c.current(ctx)
	if err != nil || current == nil || current.ID == candidate.ID {
		return j, err
	}
	j.current = current
	j.compared, err = c.known(ctx, c.contentOf(*current), golden.Hash)
	return j, err
}

func (c *Checks) checkFor(m engine.Model, g Golden) storage.Check {
	return storage.Check{Model: m.ID, File: c.contentOf(m), Questions: g.Hash, Total: len(g.Questions)}
}

// contentOf tells what answers: the content of a model's file from another one's
// under the same name, by its size and when it was written, and the settings of
// the model that change its answers.
func (c *Checks) contentOf(m engine.Model) string {
	text := fmt.Sprintf("%s, %d bytes", m.ID, m.SizeBytes)
	if info, err := os.Stat(m.Path); err == nil {
		text = fmt.Sprintf("%d bytes of %s", m.SizeBytes, info.ModTime().UTC().Format(time.RFC3339Nano))
	}
	if t := c.Library.SettingsOf(m.ID).tuning(); t.KV != "" || len(t.LoRA) > 0 {
		text += fmt.Sprintf(", cache %q, adapters %q", t.KV, t.LoRA)
	}
	return text
}

// run asks the models, decides, and leaves the default model loaded. ctx ends
// when somebody stops the check, or at Close.
func (c *Checks) run(ctx context.Context, j *job, p Progress) {
	promoted := false
	if err := c.hold(ctx); err != nil {
		c.Log.Warn("hold on to the current model", "err", err)
	}
	for _, m := range j.targets() {
		p.Asking, p.Stage = m.ID, "loading"
		c.tell(p)
		check := j.check
		if m.ID != j.candidate.ID {
			var err error
			// The candidate is what matters: without this result it has no other beside it.
			if check, err = c.Store.StartCheck(ctx, c.checkFor(m, j.golden)); err != nil {
				c.Log.Warn("check the current model", "err", err)
				continue
			}
		}
		c.examine(ctx, &check, m, j.golden, &p)
		if m.ID == j.candidate.ID {
			j.check = check
		} else if check.Status == storage.CheckDone {
			j.compared = &check
		}
	}
	if j.check.Status == storage.CheckDone {
		promoted = c.promote(ctx, j)
	}
	c.comeBack(j, p)
	c.over(j.candidate.ID, promoted)
}

// hold makes the current model the chosen one where nobody has chosen: the
// engine's own default is the model that was loaded last, so a candidate would
// answer everybody as soon as it is loaded.
func (c *Checks) hold(ctx context.Context) error {
	chosen, err := c.Library.Choose(ctx, "")
	if err != nil || chosen != "" {
		return err
	}
	current, err := c.current(ctx)
	if err != nil || current == nil {
		return err
	}
	return c.choose(ctx, current.ID)
}

// choose makes a model the default.
func (c *Checks) choose(ctx context.Context, model string) error {
	id, err := json.Marshal(model)
	if err != nil {
		return fmt.Errorf("marshal the default model: %w", err)
	}
	return c.Store.SetSettings(ctx, map[string]json.RawMessage{"default_model": id})
}

// examine asks one model all questions and keeps the result.
func (c *Checks) examine(ctx context.Context, check *storage.Check, m engine.Model, g Golden, p *Progress) {
	err := c.Engine.Load(ctx, m.ID)
	for _, q := range g.Questions {
		if err != nil || ctx.Err() != nil {
			break
		}
		p.Stage = "asking"
		c.tell(*p)
		var a storage.CheckAnswer
		if a, check.Device, err = c.put(ctx, m.ID, q); err != nil || ctx.Err() != nil {
			break
		}
		if err = c.Store.AddCheckAnswer(ctx, check.ID, a); err != nil {
			break
		}
		check.Answers = append(check.Answers, a)
		p.Done++
	}
	switch {
	case c.running.Err() != nil:
		check.Status = storage.CheckInterrupted
	case ctx.Err() != nil:
		check.Status = storage.CheckStopped
	case err != nil:
		code, _, sentence := app.Describe(err)
		check.Status, check.ErrorCode, check.ErrorMessage = storage.CheckFailed, string(code), sentence
		c.Log.Warn("the check of a model failed", "model", m.ID, "code", code, "err", err)
	default:
		check.Status = storage.CheckDone
	}
	// Its end is kept also when the check was told to stop.
	if err := c.Store.EndCheck(context.WithoutCancel(ctx), *check); err != nil {
		c.Log.Warn("keep the end of a check", "err", err)
	}
}

// put asks one question. An error that is the question's own counts as an
// answer that did not pass; others end the check.
func (c *Checks) put(ctx context.Context, model string, q Question) (storage.CheckAnswer, string, error) {
	var messages []engine.Message
	if q.System != "" {
		messages = append(messages, plain(engine.RoleSystem, q.System))
	}
	messages = append(messages, plain(engine.RoleUser, q.Question))
	req := engine.Request{Model: model, Messages: messages, Class: engine.ClassBatch, User: "house-check", Route: engine.RouteCheck,
		Sampling: engine.Sampling{MaxTokens: q.MaxTokens}}
	var text strings.Builder
	usage, err := c.patient(ctx, req, &text)
	a := storage.CheckAnswer{QuestionID: q.ID, Question: q.Question, Answer: text.String(), FirstTokenMS: int(usage.FirstToken.Milliseconds()),
		OutputTokens: usage.OutputTokens, TokensPerSec: usage.TokensPerSec}
	if err != nil {
		code, _, sentence := app.Describe(err)
		switch code {
		case engine.CodeContextFull, engine.CodeTemplate, engine.CodeInvalidRequest:
			a.Reason = sentence
			return a, usage.Device, nil
		}
		return a, usage.Device, err
	}
	a.Passed, a.Reason = Grade(q, a.Answer)
	if !a.Passed && usage.Finish == engine.FinishLength {
		a.Reason += fmt.Sprintf(" The answer was cut after %d tokens.", usage.OutputTokens)
	}
	return a, usage.Device, nil
}

func plain(role engine.Role, text string) engine.Message {
	return engine.Message{Role: role, Segments: []engine.Segment{{Text: text}}}
}

// whenBusy is how long a check waits for a place when nobody says how long.
const whenBusy = 2 * time.Second

// patient generates, and waits while too many others ask.
func (c *Checks) patient(ctx context.Context, req engine.Request, text *strings.Builder) (engine.Usage, error) {
	for {
		req.ID = uuid.Must(uuid.NewV7()).String()
		text.Reset()
		usage, err := c.Engine.Generate(ctx, req, func(e engine.Event) error {
			if t, ok := e.(engine.Token); ok {
				text.WriteString(t.Text)
			}
			return nil
		})
		var e *engine.Error
		if !errors.As(err, &e) || e.Code != engine.CodeBusy {
			return usage, err
		}
		after := e.After
		if after <= 0 {
			after = whenBusy
		}
		select {
		case <-ctx.Done():
			return usage, nil
		case <-time.After(after):
		}
	}
}

// promote makes the candidate the default if people have allowed that and it
// does well enough.
func (c *Checks) promote(ctx context.Context, j *job) bool {
	settings, err := c.Store.Settings(ctx)
	if err != nil {
		c.Log.Warn("read the settings", "err", err)
		return false
	}
	allowed := false
	if raw, ok := settings["promote_when_passed"]; !ok || json.Unmarshal(raw, &allowed) != nil || !allowed {
		return false
	}
	if j.current == nil || !ShouldPromote(tallyOf(j.check), tallyOrNil(j.compared)) {
		return false // it is the default already, or not good enough
	}
	if now, err := c.current(ctx); err != nil || now == nil || now.ID != j.current.ID {
		return false // somebody chose another one meanwhile, and that stands
	}
	if err := c.choose(ctx, j.candidate.ID); err != nil {
		c.Log.Warn("make the checked model the default", "err", err)
		return false
	}
	replaced := ""
	if j.compared != nil {
		replaced = j.compared.ID
	}
	if err := c.Store.MarkPromoted(ctx, j.check.ID, replaced); err != nil {
		c.Log.Warn("mark the check", "err", err)
	}
	return true
}

// comeBack loads the default model again where another one was asked last, so
// that the next question of a person does not wait for it.
func (c *Checks) comeBack(j *job, p Progress) {
	if c.running.Err() != nil {
		return
	}
	current, err := c.current(c.running)
	if err == nil && current != nil && current.ID != j.candidate.ID {
		p.Asking, p.Stage = current.ID, "loading" // a large one takes its time
		c.tell(p)
		err = c.Engine.Load(c.running, current.ID)
	}
	if err != nil && c.running.Err() == nil {
		c.Log.Warn("load the default model after a check", "err", err)
	}
}
