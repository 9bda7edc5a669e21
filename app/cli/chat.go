package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

func (s *shell) chatCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "chat QUESTION", Short: "Ask in the terminal; - reads the question from standard input",
		Long: "Ask in the terminal. The running Alcove answers, or an engine that is started for this question.\nThe conversation is in the history like every other. Ctrl-C stops the answer; what was written is kept.",
		Args: cobra.MinimumNArgs(1), RunE: s.withServer(s.chat),
	}
	cmd.Flags().String("model", "", "model to ask; the default model if not given")
	cmd.Flags().Bool("json", false, "print the answer as one JSON object when it has ended")
	return cmd
}

// message is an answer as the server shows it.
type message struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Text   string `json:"text"`
	Error  *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Sources   []source   `json:"sources"`
	Grounding *grounding `json:"grounding"`
}

// asking is one question of `alcove chat` or `alcove ask`.
type asking struct {
	s      *shell
	c      *client
	asJSON bool
	model  string

	collection, asOf string // of `alcove ask`; "": the model alone
	byModel          bool
	quoted           bool // the best source was printed

	turn, conversation, answer string
	printed                    string // of the answer
	note                       string // the stage that is shown
	after                      string // the last event seen
}

func (s *shell) chat(cmd *cobra.Command, args []string, c *client) error {
	a := &asking{s: s, c: c}
	var err error
	if a.model, err = cmd.Flags().GetString("model"); err != nil {
		return err
	}
	if a.asJSON, err = cmd.Flags().GetBool("json"); err != nil {
		return err
	}
	if cmd.Flags().Lookup("collection") != nil {
		if a.collection, err = cmd.Flags().GetString("collection"); err != nil {
			return err
		}
		if a.asOf, err = cmd.Flags().GetString("as-of"); err != nil {
			return err
		}
		if a.byModel, err = cmd.Flags().GetBool("by-model"); err != nil {
			return err
		}
	}
	question := strings.Join(args, " ")
	if question == "-" {
		text, err := io.ReadAll(io.LimitReader(s.stdin, 16<<20))
		if err != nil {
			return fmt.Errorf("read the question: %w", err)
		}
		question = string(text)
	}
	return a.run(cmd.Context(), question)
}

// run opens the stream, asks, and reads on until the answer has ended. After a
// signal it stops the turn and reads its end.
func (a *asking) run(ctx context.Context, question string) error {
	streaming, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	events := make(chan event)
	broken := make(chan error, 1)
	go func() {
		broken <- a.c.events(streaming, "", func(e event) bool {
			select {
			case events <- e:
				return true
			case <-streaming.Done():
				return false
			}
		})
	}()
	interrupted, stopping := ctx.Done(), false
	for {
		select {
		case e := <-events:
			a.after = e.id
			if e.name == "hello" && a.turn == "" {
				if err := a.ask(ctx, question); err != nil {
					return a.orInterrupted(ctx, err)
				}
				continue
			}
			ended, err := a.read(e)
			if !ended {
				continue
			}
			if stopping {
				return errInterrupted
			}
			return err
		case err := <-broken:
			if stopping {
				return errInterrupted
			}
			return a.lost(err)
		case <-interrupted:
			interrupted, stopping = nil, true
			if a.turn == "" {
				return errInterrupted
			}
			patient, cancel := context.WithTimeout(streaming, 5*time.Second)
			defer cancel()
			context.AfterFunc(patient, end) // a server that hangs does not hold us
			if err := a.c.call(patient, "POST", "/api/v1/turns/"+a.turn+"/stop", struct{}{}, nil); err != nil {
				return errInterrupted
			}
		}
	}
}

func (a *asking) orInterrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// lost tells what is known when the stream has broken.
func (a *asking) lost(err error) error {
	a.clearNote()
	if a.printed != "" && !a.asJSON {
		fmt.Fprintln(a.s.stdout)
	}
	var api *apiError
	if errors.As(err, &api) {
		return err
	}
	return errors.New("the server stopped answering. What was written is kept in the history")
}

func (a *asking) ask(ctx context.Context, question string) error {
	a.conversation = uuid.NewString()
	if err := a.c.call(ctx, "POST", "/api/v1/conversations", map[string]string{"id": a.conversation}, nil); err != nil {
		return err
	}
	var started struct {
		TurnID string  `json:"turn_id"`
		Answer message `json:"answer"`
	}
	body := map[string]any{"id": uuid.NewString(), "text": question}
	if a.model != "" {
		body["model"] = a.model
	}
	if a.collection != "" {
		body["collection"] = a.collection
	}
	if a.asOf != "" {
		body["as_of"] = a.asOf
	}
	if a.byModel {
		body["by_model"] = true
	}
	err := a.c.call(ctx, "POST", "/api/v1/conversations/"+url.PathEscape(a.conversation)+"/messages", body, &started)
	a.turn, a.answer = started.TurnID, started.Answer.ID
	if err != nil {
		// Nothing was asked, so nothing of it shall be in the history.
		drop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		a.c.call(drop, "DELETE", "/api/v1/conversations/"+url.PathEscape(a.conversation), nil, nil) //nolint:errcheck // the first error counts
	}
	return err
}

// read prints what an event says about this turn, and says whether the answer
// has ended. err is the answer's failure.
func (a *asking) read(e event) (ended bool, err error) {
	var data struct {
		TurnID  string          `json:"turn_id"`
		Stage   string          `json:"stage"`
		Text    string          `json:"text"`
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(e.data, &data) != nil {
		return false, nil
	}
	if e.name == "reset" { // we were too slow: the answer has all of it
		return a.catchUp()
	}
	if data.TurnID != a.turn {
		return false, nil
	}
	switch e.name {
	case "turn.stage":
		a.showNote(data.Stage)
	case "turn.sources":
		a.quote(e.data)
	case "turn.delta":
		a.print(data.Text)
	case "turn.done", "turn.failed":
		return true, a.end(data.Message)
	}
	return false, nil
}

// catchUp reads the answer so far from the server.
func (a *asking) catchUp() (ended bool, err error) {
	var raw json.RawMessage
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := a.c.call(ctx, "GET", "/api/v1/messages/"+a.answer, nil, &raw); err != nil {
		return true, err
	}
	var m message
	if err := json.Unmarshal(raw, &m); err != nil {
		return true, fmt.Errorf("read the answer: %w", err)
	}
	if m.Status != "writing" {
		return true, a.end(raw)
	}
	a.print(strings.TrimPrefix(m.Text, a.printed))
	return false, nil
}

func (a *asking) print(text string) {
	a.printed += text
	if a.asJSON || text == "" {
		return
	}
	a.clearNote()
	fmt.Fprint(a.s.stdout, printableText(text))
}

func (a *asking) end(raw json.RawMessage) error {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	a.clearNote()
	if a.asJSON {
		fmt.Fprintln(a.s.stdout, string(raw))
	} else if a.print(strings.TrimPrefix(m.Text, a.printed)); a.printed != "" && !strings.HasSuffix(a.printed, "\n") {
		fmt.Fprintln(a.s.stdout)
	}
	switch {
	case m.Error != nil:
		return errors.New(m.Error.Message)
	case m.Status == "interrupted":
		return errors.New("the server was shut down. What was written is kept in the history")
	}
	return a.sources(m)
}

// notes are what a terminal shows while it waits.
var notes = map[string]string{
	"queued": "waiting for a place", "loading": "loading the model", "prefill": "reading",
	"resuming": "the engine was restarted, going on",
}

func (a *asking) showNote(stage string) {
	if a.asJSON || !isTerminal(a.s.stderr) || notes[stage] == a.note {
		return
	}
	a.clearNote()
	if a.note = notes[stage]; a.note != "" {
		fmt.Fprint(a.s.stderr, a.note+" …")
	}
}

func (a *asking) clearNote() {
	if a.note != "" {
		fmt.Fprint(a.s.stderr, "\r\x1b[K")
		a.note = ""
	}
}
