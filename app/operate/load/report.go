package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// loudClient is the share of the machine, in per cent, from which on the client
// itself may be what is measured.
const loudClient = 10

// seconds is a time for people.
func seconds(s float64) string {
	switch {
	case s <= 0:
		return "-"
	case s < 1:
		return fmt.Sprintf("%.0f ms", s*1000)
	}
	return fmt.Sprintf("%.2f s", s)
}

func rate(v float64) string {
	if v <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", v)
}

// Markdown is the report as a page.
func (r Report) Markdown() string {
	var b strings.Builder
	c := r.Config
	fmt.Fprintf(&b, "# Load on %s\n\n%s UTC, `alcove bench` %s.\n\n", cell(c.Base), r.Began.Format("2006-01-02 15:04"), cell(c.Version))
	if r.Ended != "" {
		fmt.Fprintf(&b, "**The run ended early:** %s.\n\n", r.Ended)
	}
	b.WriteString("| people | first token P50 | P95 (rounds) | gap P50 | gap P95 | tok/s each | tok/s together | answers/min | answers | failed |\n" +
		"| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n")
	for _, row := range r.Rows {
		f := row.Figures
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s | %s | %s | %d | %s |\n", row.People, seconds(f.FirstP50), seconds(f.FirstP95)+spread(row.Rounds),
			seconds(f.GapP50), seconds(f.GapP95), rate(f.Each), rate(f.Together), rate(f.PerMinute), f.Answers, failures(f.Failures))
	}
	b.WriteString("\nEach figure is the median of the rounds; in brackets the lowest and the highest round. P95 is by nearest rank: of few answers it is the worst. " +
		"A gap is the time between two pieces of an answer as they came. Together: all tokens of a step by its time, from the first question to the last piece.\n\n")
	r.settings(&b)
	r.notes(&b)
	return b.String()
}

// spread is the lowest and highest round, "" of one alone.
func spread(rounds []Figures) string {
	var v []float64
	for _, f := range rounds {
		if f.Answers > 0 {
			v = append(v, f.FirstP95)
		}
	}
	if len(v) < 2 {
		return ""
	}
	return fmt.Sprintf(" (%s - %s)", seconds(slices.Min(v)), seconds(slices.Max(v)))
}

func failures(f map[string]int) string {
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(f)) {
		out = append(out, fmt.Sprintf("%d x %s", f[kind], kind))
	}
	if len(out) == 0 {
		return "0"
	}
	return strings.Join(out, ", ")
}

// settings name all that the figures depend on.
func (r Report) settings(b *strings.Builder) {
	c, f, m := r.Config, r.Facts, r.Machine
	line := func(name, format string, values ...any) {
		fmt.Fprintf(b, "- %s: %s\n", name, fmt.Sprintf(format, values...))
	}
	b.WriteString("## Settings\n\n")
	line("Server", "%s%s%s", cell(known(f.Header, "it does not say its name")), version(", version ", f.Version), version(", fingerprint ", f.System))
	line("Model", "%s; the server lists %s", cell(known(c.Model, "not named")), cell(known(strings.Join(f.Models, ", "), "none")))
	line("People", "%v at once, %d rounds, forwards and backwards in turn; each person asks %d questions one after another, without a pause", c.People, c.Rounds, c.Asks)
	line("Prompt", "about %d shared and %d own tokens%s; no question is asked twice", c.Shared, c.Own, measured(r))
	line("Answer", "at most %d tokens%s; temperature 0%s", c.Output, map[bool]string{true: ", the model's end is ignored where the server can (ignore_eos)"}[c.Ignore], without(f.Without))
	switch {
	case c.Shared == 0:
		line("Prefix", "nothing is shared")
	case c.Cold:
		line("Prefix", "cold: each step has a shared text that was never asked about before")
	default:
		line("Prefix", "warm: before each step one question about the shared text is asked, which does not count")
	}
	line("Warm-up", "two short questions before the first step, which do not count; connections are kept open, and those that the first step of so many people opens are in its times to the first token")
	line("Tokens", "%s", map[bool]string{true: "counted by the server (usage)", false: "the server does not count them: each piece of the stream counts as one, which may be too few"}[f.Usage])
	line("Seed", "%d; the texts are made from a word list", c.Seed)
	line("Limits", "a request %s, the run %s", c.Each, c.MaxTime)
	line("Client", "%s, %d cores, %s%s; the run took %.0f s", cell(m.Processor), m.Cores, m.System, version(", kernel ", m.Kernel), r.Seconds)
}

// measured is what the prompts and answers had in truth.
func measured(r Report) string {
	for _, row := range slices.Backward(r.Rows) {
		if f := row.Figures; f.Answers > 0 {
			if f.Prompt > 0 {
				return fmt.Sprintf(" asked for; the server counted %.0f (median), of which %.0f (mean) were not computed again; answers had %.0f", f.Prompt, f.Cached, f.Output)
			}
			return fmt.Sprintf(" asked for; the server does not count prompts; answers had %.0f", f.Output)
		}
	}
	return " asked for"
}

// notes are what a reader must know before believing the table.
func (r Report) notes(b *strings.Builder) {
	var notes []string
	switch {
	case r.ClientCPU < 0:
		notes = append(notes, "How much processor time the client took is not known on this system.")
	case r.ClientCPU >= loudClient:
		notes = append(notes, fmt.Sprintf("The client took %.0f %% of this machine's processor time: if the server runs on it too, or at so many people, the client is part of what was measured.", r.ClientCPU))
	default:
		notes = append(notes, fmt.Sprintf("The client took %.1f %% of this machine's processor time.", r.ClientCPU))
	}
	for _, row := range r.Rows {
		if n := total(row.Failures); n > 0 && n >= row.Answers {
			notes = append(notes, fmt.Sprintf("With %d people at least half of the questions failed: figures of the rest flatter the server.", row.People))
		}
	}
	b.WriteString("\n## Notes\n\n")
	for _, n := range notes {
		b.WriteString("- " + n + "\n")
	}
}

func known(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func version(name, text string) string {
	if text == "" {
		return ""
	}
	return name + cell(text)
}

func without(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return "; the server refused the fields " + strings.Join(fields, ", ") + ", so they were left out"
}

// cell keeps a stranger's text from being Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;", "`", "'", "[", "\\[", "*", "\\*", "_", "\\_").Replace(text)
}
