package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// exitRefused is when the documents do not answer.
const exitRefused = 3

var errRefused = errors.New("the documents do not answer")

func (s *shell) askCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "ask QUESTION", Short: "Ask documents; - reads the question from standard input",
		Long: "Ask the documents of a collection. The sentence that answers is printed at once with its file, page and day, then what the model writes, then all sources.\n" +
			"The exit status is 0 when the documents answer, 3 when they do not, 1 when something failed.",
		Args: cobra.MinimumNArgs(1), RunE: s.withServer(s.chat),
		PreRunE: namesCollection,
	}
	cmd.Flags().String("collection", "", "collection to ask")
	cmd.Flags().String("as-of", "", "day whose documents hold, such as 2026-01-31; today if not given")
	cmd.Flags().String("model", "", "model to ask; the default model if not given")
	cmd.Flags().Bool("by-model", false, "let the model write, also where HR has approved an answer")
	cmd.Flags().Bool("json", false, "print the answer as one JSON object when it has ended")
	cmd.MarkFlagRequired("collection") //nolint:errcheck // the flag is there
	return cmd
}

// namesCollection refuses an empty --collection, as of a script whose variable is
// not set: ask would ask the model alone.
func namesCollection(cmd *cobra.Command, _ []string) error {
	if c, err := cmd.Flags().GetString("collection"); err != nil || strings.TrimSpace(c) != "" {
		return err
	}
	return errors.New("--collection is empty, so nothing was done. Name the documents, such as --collection hr; `alcove collections` lists them")
}

// source is a passage that an answer stands on.
type source struct {
	N         int    `json:"n"`
	Document  string `json:"document"`
	Page      int    `json:"page"`
	Heading   string `json:"heading"`
	Quote     string `json:"quote"`
	Version   string `json:"version"`
	Effective string `json:"effective"`
	Cited     bool   `json:"cited"`
	Approved  bool   `json:"approved"`
}

type grounding struct {
	Decision string `json:"decision"`
	Approved *struct {
		By    string `json:"by"`
		On    string `json:"on"`
		Given bool   `json:"given"`
	} `json:"approved"`
	Checks []struct {
		Status string `json:"status"`
		Note   string `json:"note"`
	} `json:"checks"`
}

// where says in which file, on which page and of which day a passage is.
func (s source) where() string {
	parts := []string{s.Document}
	if s.Approved {
		parts[0] += ", approved answer"
	}
	if s.Page > 0 {
		parts = append(parts, fmt.Sprintf("page %d", s.Page))
	}
	if s.Version != "" {
		parts = append(parts, "version "+s.Version)
	}
	if s.Effective != "" {
		parts = append(parts, "from "+s.Effective)
	}
	return printable(strings.Join(parts, ", "))
}

// quote prints the sentence that answers, before the model has read it.
func (a *asking) quote(data json.RawMessage) {
	var found struct {
		Sources   []source  `json:"sources"`
		Grounding grounding `json:"grounding"`
	}
	if a.asJSON || a.quoted || json.Unmarshal(data, &found) != nil || len(found.Sources) == 0 || found.Grounding.Decision != "answered" {
		return
	}
	a.quoted = true
	a.clearNote()
	if m := found.Grounding.Approved; m != nil && m.Given {
		by := ""
		if m.By != "" {
			by = " by " + m.By
		}
		fmt.Fprintf(a.s.stdout, "Approved answer%s, %s:\n\n", by, m.On)
		return
	}
	best := found.Sources[0]
	fmt.Fprintf(a.s.stdout, "%q\n  %s\n\n", strings.Join(strings.Fields(best.Quote), " "), best.where())
}

// sources prints what an answer stands on, and what is not in it.
func (a *asking) sources(m message) error {
	if m.Grounding == nil {
		return nil
	}
	if m.Grounding.Decision == "refused" {
		return errRefused
	}
	if a.asJSON {
		return nil
	}
	fmt.Fprintln(a.s.stdout)
	for _, s := range m.Sources {
		mark := " "
		if s.Cited {
			mark = "*"
		}
		fmt.Fprintf(a.s.stdout, "%s[%d] %s\n", mark, s.N, s.where())
	}
	for _, c := range m.Grounding.Checks {
		if c.Status == "not_found" {
			fmt.Fprintln(a.s.stdout, "Not found in the sources: "+printable(c.Note))
		}
	}
	return nil
}
