package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

const capacityPath = "/api/v1/capacity"

// capacityLook is how often a measurement is looked at.
const capacityLook = 500 * time.Millisecond

func (s *shell) capacityCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "capacity", Short: "Measure how many people the running Alcove serves", Args: cobra.NoArgs,
		Long: "Measure how many people the running Alcove serves with the model that is loaded, what limits it, and estimate what other models and GPUs would give.\n" +
			"It begins when nobody is being answered and gives way when somebody asks. Ctrl-C stops it; the steps that are done are kept.",
		RunE: s.run(s.capacity),
	}
	f := cmd.Flags()
	f.Float64("bound", 3, "seconds within which the first token shall come for 95 of 100 questions")
	f.Float64("every", 3, "minutes after which an employee asks again")
	f.Int("most-people", 64, "never more people at once than this")
	f.String("on", "", "estimate other devices for this model of the folder or the catalogue; without it the measured one")
	f.Bool("last", false, "show the newest result and measure nothing")
	f.Bool("json", false, "print everything as JSON")
	return cmd
}

// capacityShown is a measurement as the server shows it.
type capacityShown struct {
	Running *struct {
		Stage    string `json:"stage"`
		People   int    `json:"people"`
		Repeated int    `json:"repeated"`
	} `json:"running"`
	Nothing *struct {
		ID      string `json:"id"`
		Because string `json:"because"`
	} `json:"nothing"`
	Result *struct {
		ID      string `json:"id"`
		Status  string `json:"status"`
		Error   string `json:"error"`
		Because string `json:"because"`
		Facts   struct {
			Model  string `json:"model"`
			Device string `json:"device"`
		} `json:"facts"`
		Settings struct {
			Every float64 `json:"every_minutes"`
		} `json:"settings"`
		Shape struct {
			Shared   int `json:"shared"`
			Own      int `json:"own"`
			Answer   int `json:"answer"`
			Recorded int `json:"recorded"`
		} `json:"shape"`
		Steps []struct {
			People    int     `json:"people"`
			FirstP50  float64 `json:"first_token_p50_seconds"`
			FirstP95  float64 `json:"first_token_p95_seconds"`
			Each      float64 `json:"tokens_per_second_each"`
			Together  float64 `json:"tokens_per_second_together"`
			PerMinute float64 `json:"answers_per_minute"`
			Failed    int     `json:"failed"`
			Predicted *struct {
				FirstRatio    float64 `json:"first_token_ratio"`
				TogetherRatio float64 `json:"tokens_ratio"`
			} `json:"predicted"`
		} `json:"steps"`
		Serves struct {
			Sentence string `json:"sentence"`
		} `json:"serves"`
		Employees int `json:"employees"`
		Limit     struct {
			Sentence string `json:"sentence"`
		} `json:"limit"`
		StartedAt time.Time `json:"started_at"`
	} `json:"result"`
	Estimates *struct {
		On      string   `json:"on"`
		Formula []string `json:"formula"`
		Rows    []struct {
			Name     string  `json:"name"`
			Quant    string  `json:"quant"`
			KV       string  `json:"kv"`
			Label    string  `json:"label"`
			Fits     bool    `json:"fits"`
			Margin   int     `json:"margin_percent"`
			People   int     `json:"people"`
			Each     float64 `json:"tokens_per_second"`
			First    float64 `json:"first_token_seconds"`
			Limit    string  `json:"limit"`
			Group    string  `json:"group"`
			Measured *struct {
				EachRatio  float64 `json:"tokens_ratio"`
				FirstRatio float64 `json:"first_token_ratio"`
			} `json:"measured"`
			Note string `json:"note"`
		} `json:"rows"`
	} `json:"estimates"`
}

func (s *shell) capacity(cmd *cobra.Command, _ []string) error {
	c, err := s.onlyRunning(cmd)
	if err != nil {
		return err
	}
	return s.measure(cmd, c)
}

func (s *shell) measure(cmd *cobra.Command, c *client) error {
	f := cmd.Flags()
	bound, _ := f.GetFloat64("bound") // they are declared above
	every, _ := f.GetFloat64("every")
	most, _ := f.GetInt("most-people")
	var begun struct{ ID string } // "": none was
	if last, _ := f.GetBool("last"); !last {
		body := map[string]any{"bound_seconds": bound, "every_minutes": every, "most_people": most}
		if err := c.begin(cmd.Context(), capacityPath, body, &begun); err != nil {
			return err
		}
		if err := s.waitCapacity(cmd.Context(), c); err != nil {
			return err
		}
	}
	var raw json.RawMessage
	on, _ := f.GetString("on")
	if err := c.call(cmd.Context(), "GET", capacityPath+"?model="+url.QueryEscape(on), nil, &raw); err != nil {
		return err
	}
	var v capacityShown
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("read the measurement: %w", err)
	}
	if err := v.of(begun.ID); err != nil {
		return err
	}
	if asJSON, _ := f.GetBool("json"); asJSON {
		fmt.Fprintln(s.stdout, string(raw))
		return nil
	}
	return s.printCapacity(v)
}

// of says why the measurement that was begun gave no result; an older one's is
// not passed off as its own.
func (v capacityShown) of(begun string) error {
	switch {
	case begun == "" || v.Result != nil && v.Result.ID == begun:
		return nil
	case v.Nothing != nil && v.Nothing.ID == begun:
		return fmt.Errorf("%s alcove capacity --last shows the result before", v.Nothing.Because)
	}
	return fmt.Errorf("the measurement left no result; alcove capacity --last shows the newest one")
}

// waitCapacity looks until the measurement has ended. After a signal it stops
// it.
func (s *shell) waitCapacity(ctx context.Context, c *client) error {
	tick := time.NewTicker(capacityLook)
	defer tick.Stop()
	for told := ""; ; {
		select {
		case <-ctx.Done():
			stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
			defer cancel()
			if err := c.call(stopping, "DELETE", capacityPath, nil, nil); err != nil {
				return err
			}
			return errInterrupted
		case <-tick.C:
		}
		var v capacityShown
		if err := c.call(ctx, "GET", capacityPath, nil, &v); ctx.Err() != nil {
			continue
		} else if err != nil {
			return err
		}
		if v.Running == nil {
			return nil
		}
		now := fmt.Sprintf("%s, %d people at once, %d steps repeated since people asked", v.Running.Stage, v.Running.People, v.Running.Repeated)
		if now != told && isTerminal(s.stderr) {
			fmt.Fprintln(s.stderr, now)
			told = now
		}
	}
}

func (s *shell) printCapacity(v capacityShown) error {
	r := v.Result
	if r == nil {
		return fmt.Errorf("nothing was measured yet")
	}
	if r.Status == "failed" {
		return fmt.Errorf("the measurement failed: %s", r.Error)
	}
	of := "the default; too little was recorded"
	if r.Shape.Recorded > 0 {
		of = fmt.Sprintf("the median of %d recorded answers", r.Shape.Recorded)
	}
	fmt.Fprintf(s.stdout, "%s on %s, %s UTC (%s)\nA question: %d shared + %d own + %d answer tokens, %s.\n\n%s\nAbout %d employees who ask every %g minutes.\n%s\n%s\n\n",
		r.Facts.Model, r.Facts.Device, r.StartedAt.UTC().Format("2006-01-02 15:04"), r.Status, r.Shape.Shared, r.Shape.Own, r.Shape.Answer, of,
		r.Serves.Sentence, r.Employees, r.Settings.Every, r.Limit.Sentence, r.Because)
	t := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "PEOPLE\tFIRST P50\tP95\tTOK/S EACH\tTOGETHER\tANSWERS/MIN\tFAILED\tPREDICTED/MEASURED\t")
	for _, p := range r.Steps {
		ratio := "-"
		if p.Predicted != nil {
			ratio = fmt.Sprintf("first %.2f, tok/s %.2f", p.Predicted.FirstRatio, p.Predicted.TogetherRatio)
		}
		fmt.Fprintf(t, "%d\t%.2f s\t%.2f s\t%.1f\t%.1f\t%.1f\t%d\t%s\t\n", p.People, p.FirstP50, p.FirstP95, p.Each, p.Together, p.PerMinute, p.Failed, ratio)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return s.printEstimates(v)
}

func (s *shell) printEstimates(v capacityShown) error {
	if v.Estimates == nil {
		return nil
	}
	fmt.Fprintln(s.stdout, "\nEstimates, not measured:")
	t := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WHAT\tQUANT\tKV\tPEOPLE\tTOK/S\tFIRST TOKEN\tMARGIN\t")
	for _, e := range v.Estimates.Rows {
		people, speed, first := fmt.Sprint(e.People), fmt.Sprintf("%.1f", e.Each), fmt.Sprintf("%.2f s", e.First)
		if e.Limit == "none" {
			people += " or more"
		}
		switch {
		case e.Limit == "unknown":
			people, speed, first = "not known", "-", "-"
		case !e.Fits:
			people, speed, first = "does not fit", "-", "-"
		}
		name, note := e.Name, e.Note
		if e.Group == "gpu" {
			name += ": " + v.Estimates.On
		}
		if m := e.Measured; m != nil {
			note = fmt.Sprintf("estimated / measured: tok/s %.2f, first %.2f", m.EachRatio, m.FirstRatio)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t+-%d %%\t%s\n", name, e.Quant, e.KV, people, speed, first, e.Margin, note)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	for _, f := range v.Estimates.Formula {
		fmt.Fprintln(s.stdout, "  "+f)
	}
	return nil
}
