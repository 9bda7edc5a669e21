package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// report is one page of a run.
type report struct {
	Page        string            `json:"page,omitempty"`
	Part        bool              `json:"part,omitempty"` // not all workloads of the page
	Date        string            `json:"date"`
	Machine     machineFacts      `json:"machine"`
	Versions    map[string]string `json:"versions"`
	Kernels     map[string]string `json:"cpu_kernels"`
	Model       string            `json:"model"`
	ModelHash   string            `json:"model_sha256"`
	Rounds      int               `json:"rounds"`
	Only        []string          `json:"only,omitempty"`
	Quick       bool              `json:"quick,omitempty"`
	Interrupted bool              `json:"interrupted,omitempty"`
	IgnoreEOS   bool              `json:"ignore_eos"`
	Seconds     float64           `json:"seconds"`
	Bandwidth   float64           `json:"memory_bytes_per_second"`
	ModelSize   int64             `json:"model_bytes"`
	Bounds      bounds            `json:"bare_decode_tokens_per_second,omitempty"`
	Rows        []result          `json:"rows"`
	Records     []record          `json:"records"`
}

func newReport(o options) *report {
	rep := &report{
		Date: time.Now().UTC().Format("2006-01-02"), Machine: readMachine(), Versions: versions(o),
		Model: filepath.Base(o.model), Rounds: o.rounds, Only: o.only, Quick: o.quick, Bandwidth: bandwidth(),
	}
	if f, err := os.Open(o.model); err == nil {
		h := sha256.New()
		rep.ModelSize, _ = io.Copy(h, f) // a short read shows as another hash
		f.Close()
		rep.ModelHash = hex.EncodeToString(h.Sum(nil))
	}
	return rep
}

// versionLine finds what llama-server says about itself.
var versionLine = regexp.MustCompile(`version:?\s*(\S.*)`)

func versions(o options) map[string]string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out := map[string]string{}
	if said, err := exec.CommandContext(ctx, o.alcove, "version").Output(); err == nil {
		out["alcove"] = strings.TrimPrefix(strings.TrimSpace(string(said)), "alcove ")
	}
	if links, err := filepath.Glob(filepath.Join(o.runtime, "libllama.v*")); err == nil && len(links) > 0 {
		out["llama.cpp of Alcove"] = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(links[0]), "libllama."), ".so")
	}
	if len(o.llama) > 0 {
		said, _ := exec.CommandContext(ctx, o.llama[0], append(o.llama[1:], "--version")...).CombinedOutput() // without one it is "unknown"
		out["llama-server"] = "unknown"
		if m := versionLine.FindSubmatch(said); m != nil {
			out["llama-server"] = string(m[1])
		}
	}
	return out
}

// pages makes a page of each kind of workloads that were run.
func (rep *report) pages(r *runner) []*report {
	var out []*report
	for _, name := range []string{answersPage, modelsPage, watchPage, capacityPage, embedPage, qualityPage} {
		page, wanted := *rep, 0
		page.Page = name
		for _, w := range workloads {
			if w.page == name && r.wants(w) {
				wanted++
			} else if w.page == name {
				page.Part = true
			}
		}
		if wanted > 0 {
			page.fill(r)
			out = append(out, &page)
		}
	}
	return out
}

// fill evaluates the records of the page.
func (rep *report) fill(r *runner) {
	for _, rec := range r.records {
		if pageOf(rec.Workload) == rep.Page {
			rep.Records = append(rep.Records, rec)
		}
	}
	rep.Bounds = middle(r.bounds)
	shared, own := 0.0, 0.0
	for _, rec := range rep.Records {
		shared = max(shared, rec.Samples["prompt_tokens"])
		if c := rec.Samples["computed_tokens"]; c > 0 && (own == 0 || c < own) {
			own = c
		}
	}
	if own > shared/2 {
		own = 0 // nobody kept the handbook, so the own part is unknown
	}
	for _, row := range rows {
		res := row.evaluate(rep.Records, rep.Bounds.of(row.key, shared, own))
		if len(res.Setups) > 0 {
			rep.Rows = append(rep.Rows, res)
		}
	}
}

// whole says whether the page is one to keep: every workload, and more than a look.
func (rep *report) whole() bool {
	return !rep.Part && !rep.Quick && !rep.Interrupted && rep.Rounds >= 3 && rep.Versions["llama-server"] != ""
}

// save writes both files, and the Markdown to the terminal as well.
func (rep *report) save(o options) error {
	folder, name := o.out, rep.Date+"-"+rep.Machine.Slug
	if rep.Page != "" {
		name += "-" + rep.Page
	}
	if !rep.whole() {
		folder = filepath.Dir(o.work)
		name += "-part"
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	data, err := json.MarshalIndent(rep, "", "  ")
	if err != nil {
		return err
	}
	page := rep.markdown()
	for ext, content := range map[string][]byte{".json": append(data, '\n'), ".md": []byte(page)} {
		if err := os.WriteFile(filepath.Join(folder, name+ext), content, 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("\n%s\nwritten: %s.{md,json}\n", page, filepath.Join(folder, name))
	return nil
}

// number prints three digits that matter.
func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 99.5:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.95:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// columns are the peers that appear in any row, in the order of the set-ups.
func (rep *report) columns() []string {
	var names []string
	for _, s := range []setup{np1, np2, defaults, np8, oneCore, smallB, routerMany} {
		for _, row := range rep.Rows {
			if _, ok := row.Setups[s.name]; ok {
				names = append(names, s.name)
				break
			}
		}
	}
	return names
}

// line writes a row of a Markdown table.
func line(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

func rule(n int) string { return "|" + strings.Repeat(" --- |", n) + "\n" }

func (rep *report) markdown() string {
	var b strings.Builder
	title := "Alcove beside llama-server"
	switch rep.Page {
	case modelsPage:
		title = "Models in Alcove and llama-server"
	case watchPage:
		title = "What it costs to watch"
	case capacityPage:
		title = "Estimates of this box beside what it measures"
	case embedPage:
		title = "Texts become vectors"
	case qualityPage:
		title = "Questions about the sample handbook"
	}
	fmt.Fprintf(&b, "# %s, %s\n\n", title, rep.Date)
	m := rep.Machine
	fmt.Fprintf(&b, "Machine: %s, %d cores, %.1f GiB, Linux %s. Model: %s (sha256 %.12s).\n", m.Processor, m.Cores, m.MemoryGiB, m.Kernel, rep.Model, rep.ModelHash)
	fmt.Fprintf(&b, "Versions: Alcove %s with llama.cpp %s; llama-server %s. CPU kernels: %s, %s. %d rounds, %.0f minutes.\n\n",
		rep.Versions["alcove"], cmp.Or(rep.Versions["llama.cpp of Alcove"], "unknown"), cmp.Or(rep.Versions["llama-server"], "not measured"),
		cmp.Or(rep.Kernels[alcove.name], "unknown"), cmp.Or(rep.Kernels["llama-server"], "unknown"), rep.Rounds, rep.Seconds/60)
	rep.mainTable(&b)
	switch rep.Page {
	case modelsPage:
		estimateTable(&b, rep.estimates())
		writeMethod(&b, modelsMethod())
	case watchPage:
		writeMethod(&b, watchMethod())
	case capacityPage:
		writeMethod(&b, capacityMethod())
	case embedPage:
		writeMethod(&b, embedMethod())
	case qualityPage:
		writeMethod(&b, qualityMethod())
	default:
		rep.costTable(&b)
		rep.boundsText(&b)
		writeMethod(&b, rep.method())
	}
	rep.roundTable(&b)
	return b.String()
}

// mainTable has a row for each figure.
func (rep *report) mainTable(b *strings.Builder) {
	peers := rep.columns()
	head := append([]string{"workload", "unit", "Alcove"}, peers...)
	bounded := slices.ContainsFunc(rep.Rows, func(r result) bool { return r.Bound > 0 })
	if bounded {
		head = append(head, bare)
	}
	head = append(head, "best peer", "Alcove / best", "targets")
	b.WriteString(line(head...) + rule(len(head)))
	cell := func(row result, name string) string {
		if f, ok := row.Setups[name]; ok {
			return number(f.Median)
		}
		return ""
	}
	for _, row := range rep.Rows {
		cells := []string{row.Title, row.Unit, "**" + cmp.Or(cell(row, alcove.name), "failed") + "**"}
		for _, name := range peers {
			cells = append(cells, cell(row, name))
		}
		bound, ratio := "", ""
		if row.Bound > 0 {
			bound = number(row.Bound)
		}
		if ours, ok := row.Setups[alcove.name]; ok && row.Best != "" {
			ratio = ratioText(ours.Median, row.Setups[row.Best].Median)
		}
		if bounded {
			cells = append(cells, bound)
		}
		cells = append(cells, row.Best, ratio, strings.Join(append(row.verdicts(), row.Notes...), "; "))
		b.WriteString(line(cells...))
	}
}

// verdicts are the targets of a row in words.
func (r result) verdicts() []string {
	var out []string
	for _, v := range r.Verdicts {
		sign, word := ">=", "missed"
		if r.Lower {
			sign = "<="
		}
		if v.Reached {
			word = "reached"
		}
		if v.Against == fixed {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", sign, number(v.Want), r.Unit))+", "+word)
			continue
		}
		out = append(out, fmt.Sprintf("%s %sx of `%s`: %sx, %s", sign, number(v.Want), v.Against, number(v.Ratio), word))
	}
	return out
}

// ratioText is empty where the other is nothing.
func ratioText(ours, other float64) string {
	if other == 0 {
		return ""
	}
	return number(ours/other) + "x"
}

// costTable shows what choosing a set-up costs everywhere: how many times worse
// than the best of all it is in each row.
func (rep *report) costTable(b *strings.Builder) {
	names := []string{alcove.name, np1.name, np2.name, defaults.name, np8.name}
	if len(rep.columns()) == 0 {
		return
	}
	b.WriteString("\n## What a setting costs elsewhere\n\nOne server has one set-up for everybody. Each figure is how many times worse than the best of this row.\n\n")
	b.WriteString(line(append([]string{"workload"}, names...)...) + rule(len(names)+1))
	worst := make([]float64, len(names))
	for _, row := range rep.Rows {
		top := 0.0
		for _, name := range names {
			if f, ok := row.Setups[name]; ok && (top == 0 || (f.Median < top) == row.Lower) {
				top = f.Median
			}
		}
		cells := []string{row.Title}
		for i, name := range names {
			f, ok := row.Setups[name]
			if !ok || top <= 0 || f.Median <= 0 {
				cells = append(cells, "")
				continue
			}
			factor := top / f.Median
			if row.Lower {
				factor = f.Median / top
			}
			worst[i] = max(worst[i], factor)
			cells = append(cells, number(factor)+"x")
		}
		b.WriteString(line(cells...))
	}
	cells := []string{"**worst**"}
	for _, w := range worst {
		cells = append(cells, "**"+number(w)+"x**")
	}
	b.WriteString(line(cells...))
}

func (rep *report) boundsText(b *strings.Builder) {
	b.WriteString("\n## Lower bounds\n\n")
	fmt.Fprintf(b, "Memory: all cores read %.1f GB/s, the model has %.0f MB, so one answer alone cannot pass %.0f tok/s", rep.Bandwidth/1e9, float64(rep.ModelSize)/1e6, rep.Bandwidth/float64(max(rep.ModelSize, 1)))
	b.WriteString(" where the weights do not fit the cache.\n")
	if len(rep.Bounds) == 0 {
		return
	}
	b.WriteString("Bare `Decode` of Alcove's libraries, tok/s, better of one thread and all:")
	for _, key := range []string{"rows1", "rows2", "rows4", "rows8", "prompt32", "prompt128", "prompt512", "prompt1024"} {
		if v, ok := rep.Bounds[key]; ok {
			fmt.Fprintf(b, " %s %s;", key, number(v))
		}
	}
	b.WriteString("\n`rows` is one token for each of n answers, `prompt` a prompt of n tokens from an empty cache. Bounds of W1: the handbook once and eight questions (cold), eight questions (warm).\n")
}

func (rep *report) method() []string {
	length := "Nobody was told to write on after the model's end (`ignore_eos`), since Alcove does not know the field; questions ask for more than fits, and the tokens that came are in the last table."
	if rep.IgnoreEOS {
		length = "Everybody was told to write on after the model's end (`ignore_eos`), so that all answers have the same length."
	}
	return []string{
		"Same machine, same weights, greedy, streamed over the OpenAI-compatible API, one connection a request, one API key (Alcove shares nothing between keys). Prompts are rendered by each server from the model's own template.",
		length,
		"A new process and empty data folders for each segment; one unrelated short question before the clock starts. Rounds in turned order; each figure is the median of the rounds. Of eight people, the 95th percentile is the worst.",
		"Questions are new in each burst and round, the same for all set-ups; handbooks are the same in all rounds. llama-server keeps nothing over a restart and is started anew for each round, so its cold burst is its figure after a restart.",
		"The turns of the 8 (6) people: all ask their first question at once, and when that burst is over each goes on as fast as the answers come. Requests an hour are over all of it. Answers have 24 tokens where nothing else is said.",
		fmt.Sprintf("Busy processes: each wants one core. %v after they start, %v are counted. The client ran on the same cores; its processor time is in the last table.", settle, window),
		fmt.Sprintf("A round in which the hypervisor stole more than %.0f %% of any segment, or other programs used more than %.0f %%, was repeated for everybody; the calmer attempt counts.", stealLimit, othersLimit),
	}
}

// modelsMethod is the same for the page of models.
func modelsMethod() []string {
	return []string{
		"Same machine, same weights, same CPU kernels, over HTTP, the files in the page cache. A new process and empty data folders for each segment; one unrelated short question before the clock starts. Rounds in turned order; each figure is the median of the rounds, of a segment's three repeats the median too. Failed requests are added up.",
		"Drop: the file is written beside the watched folder and renamed into it, or copied into it in pieces of 32 KiB; the clock starts at the rename, or after the last write and before the file is closed. The list is `GET /api/v1/models`, asked again and again, after pauses of 2 to 20 ms; the page is told by the event stream.",
		"Start: from the program's start until `/readyz` or `/health` says yes; Alcove's is on the data of the process before. Load: from `POST .../load` on a running Alcove until the list says loaded, nothing else being loaded; of llama-server it is the start, since it has one model. The token is of a short question that is asked then.",
		"Beside: three copies of the model under other names. One model writes 300 tokens; when its first text is there, one that is not loaded is asked. `router` is llama-server with `--models-dir` and `--models-max 4`, Alcove has its defaults. Swap: the same with `--models-max 1` and `--max-loaded 1`, so that the old one has to end its answer first; then 8 people, half of them for each model, ask short questions for 10 s, each as fast as the answers come; who waits then is still answered.",
		"Headers and folders: the benchmarks of `engine/models`, one thread. Plans: the tests of `engine/local` load each model with a worker and compare what was planned from its header with the sizes in ggml's log, which are rounded to 0.01 MiB. The tiny models have random weights; a cache of 65,536 cells makes theirs large enough to compare.",
		fmt.Sprintf("A round in which the hypervisor stole more than %.0f %% of any segment, or other programs used more than %.0f %%, was repeated for everybody; the calmer attempt counts.", stealLimit, othersLimit),
	}
}

// writeMethod says how it was measured.
func writeMethod(b *strings.Builder, of []string) {
	b.WriteString("\n## How it was measured\n\n")
	for _, s := range of {
		b.WriteString("- " + s + "\n")
	}
}

// estimates are the last that count: they do not change from round to round.
func (rep *report) estimates() (last []estimate) {
	for _, rec := range rep.Records {
		if len(rec.Estimates) > 0 && !rec.Discarded {
			last = rec.Estimates
		}
	}
	return last
}

func (rep *report) roundTable(b *strings.Builder) {
	b.WriteString("\n## Rounds\n\n")
	b.WriteString(line("round", "workload", "set-up", "seconds", "steal %", "others %", "load", "client CPU s", "tokens", "") + rule(10))
	for _, rec := range rep.Records {
		note := ""
		if rec.Discarded {
			note = "not counted"
		}
		if rec.Error != "" {
			first, _, _ := strings.Cut(rec.Error, "\n")
			note = "failed: " + first
		}
		b.WriteString(line(fmt.Sprint(rec.Round), rec.Workload, rec.Setup, fmt.Sprintf("%.1f", rec.Seconds), fmt.Sprintf("%.1f", rec.Steal),
			fmt.Sprintf("%.1f", rec.Others), fmt.Sprintf("%.1f", rec.Load), fmt.Sprintf("%.2f", rec.Client), fmt.Sprintf("%d of %d", rec.Got, rec.Asked), note))
	}
}
