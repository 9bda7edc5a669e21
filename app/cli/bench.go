package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"alcove/app/operate/load"
)

// benchKey is where the key is looked for when --key is not given, so that it
// need not be seen in the list of processes.
const benchKey = "ALCOVE_BENCH_KEY"

func (s *shell) benchCommand() *cobra.Command {
	d := load.Default()
	cmd := &cobra.Command{
		Use: "bench --against URL", Short: "Measure any OpenAI-compatible server as its clients see it", Args: cobra.NoArgs,
		Long: "Measure any OpenAI-compatible server (Alcove, llama-server, vLLM, Ollama, a managed service) as its clients see it: first token, gaps, speed and failures at several numbers of people.\n" +
			"Writes Markdown that names all settings. Ctrl-C ends it with what was measured. The key is taken from --key or " + benchKey + " and is never printed.",
		RunE: s.run(s.bench),
	}
	f := cmd.Flags()
	f.String("against", "", "the server, such as http://127.0.0.1:8484")
	f.String("key", "", "its API key; better in "+benchKey)
	f.String("model", "", "the model; without it the first that the server lists")
	f.String("people", numbersText(d.People), "how many ask at once, with commas")
	f.Int("rounds", d.Rounds, "rounds; figures are medians over them")
	f.Int("questions", d.Asks, "questions that a person asks one after another in a round")
	f.Int("shared-tokens", d.Shared, "about how many tokens all prompts begin with; 0: nothing is shared")
	f.Int("prompt-tokens", d.Own, "about how many tokens each prompt has of its own")
	f.Int("output-tokens", d.Output, "an answer has at most so many")
	f.Bool("cold", false, "the shared text is new in each step")
	f.Bool("ignore-eos", false, "ask the server to write on after the model's end (llama-server and vLLM know how)")
	f.Uint64("seed", 0, "of the texts; 0: the time")
	f.Duration("timeout", d.Each, "of one request")
	f.Duration("max-time", d.MaxTime, "of the whole run")
	f.Bool("json", false, "print the report as JSON")
	f.StringP("output", "o", "", "write the report to this file")
	return cmd
}

// benchConfig makes the settings of a run of flags and environment.
func (s *shell) benchConfig(cmd *cobra.Command) (load.Config, error) {
	c := load.Default()
	c.Version = s.parts.Version
	f := cmd.Flags()
	text := func(name string) string { v, _ := f.GetString(name); return v } // they are declared above
	number := func(name string) int { v, _ := f.GetInt(name); return v }
	if text("against") == "" {
		return c, errors.New("--against names the server, such as http://127.0.0.1:8484")
	}
	var err error
	if c.Base, err = load.Base(text("against")); err != nil {
		return c, err
	}
	if c.Key = text("key"); c.Key == "" {
		for _, pair := range s.environ {
			if value, ok := strings.CutPrefix(pair, benchKey+"="); ok {
				c.Key = strings.TrimSpace(value)
			}
		}
	}
	if c.People, err = numbers(text("people")); err != nil {
		return c, err
	}
	c.Model, c.Rounds, c.Asks, c.Shared, c.Own, c.Output = text("model"), number("rounds"), number("questions"), number("shared-tokens"), number("prompt-tokens"), number("output-tokens")
	c.Cold, _ = f.GetBool("cold")
	c.Ignore, _ = f.GetBool("ignore-eos")
	c.Each, _ = f.GetDuration("timeout")
	c.MaxTime, _ = f.GetDuration("max-time")
	if seed, _ := f.GetUint64("seed"); seed != 0 {
		c.Seed = seed
	}
	return c, c.Check()
}

func (s *shell) bench(cmd *cobra.Command, _ []string) error {
	c, err := s.benchConfig(cmd)
	if err != nil {
		return err
	}
	rep, err := load.Run(cmd.Context(), c, func(line string) { fmt.Fprintln(s.stderr, line) })
	if cmd.Context().Err() != nil && len(rep.Rows) == 0 {
		return errInterrupted
	}
	if err != nil {
		return err
	}
	out := []byte(rep.Markdown())
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		if out, err = json.MarshalIndent(rep, "", "  "); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
		out = append(out, '\n')
	}
	if file, _ := cmd.Flags().GetString("output"); file != "" {
		if err := os.WriteFile(file, out, 0o644); err != nil { //nolint:gosec // a report to be passed on; the umask decides
			return fmt.Errorf("write the report: %w", err)
		}
	} else if _, err := s.stdout.Write(out); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	if cmd.Context().Err() != nil {
		return errInterrupted
	}
	return nil
}

// numbers reads "1,2,4".
func numbers(text string) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%.40q is no list of numbers such as 1,2,4,8", text)
		}
		out = append(out, n)
	}
	return out, nil
}

func numbersText(list []int) string {
	var words []string
	for _, n := range list {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ",")
}
