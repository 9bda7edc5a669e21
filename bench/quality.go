package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// This file is how well questions about the sample handbook are answered. It
// does not depend on the model that writes, and not on the machine.

// found is what app/documents/quality says of one list in one group of questions.
type found struct{ Recall1, Recall3, Recall5, MRR float64 }

// judged are its figures of one half of the questions.
type judged struct {
	Lists                                  map[string]map[string]found
	RefusedUnanswerable, RefusedAnswerable float64
	Precision                              float64
}

// askedGroups and askedLists have rows of their own.
var (
	askedGroups = []struct{ key, title string }{
		{"same_language", "question and document in one language"}, {"en", "English"}, {"de", "German"}, {"cross_language", "question in one language, document in the other"},
	}
	askedLists = []struct{ key, title string }{{"hybrid", "words and vectors"}, {"text", "words alone"}, {"vector", "vectors alone"}}
)

// qualityRows are the rows of the workload quality.
func qualityRows() []row {
	var list []row
	add := func(key, title, unit string, targets ...target) {
		list = append(list, row{key: key, workload: "quality", title: title, unit: unit, targets: targets})
	}
	for _, g := range askedGroups {
		for _, l := range askedLists {
			key, title := "quality_"+g.key+"_"+l.key, g.title+", "+l.title+": "
			var recall, mrr []target
			if g.key == "same_language" && l.key == "hybrid" {
				recall, mrr = []target{{fixed, 0.95}}, []target{{fixed, 0.85}}
			}
			add(key+"_1", title+"recall@1", "")
			add(key+"_3", title+"recall@3", "")
			add(key+"_5", title+"recall@5", "", recall...)
			add(key+"_mrr", title+"MRR", "", mrr...)
		}
	}
	add("quality_refused", "refused, of 15 questions that the documents do not answer", "", target{fixed, 0.9})
	list = append(list, row{key: "quality_refused_wrongly", workload: "quality", title: "refused, of 45 that they do", lower: true, targets: []target{{fixed, 0.05}}})
	add("quality_precision", "citation precision", "", target{fixed, 1})
	for _, g := range askedGroups {
		add("quality_tuning_"+g.key+"_5", "questions 1-60, which were tuned on; "+g.title+": recall@5", "")
	}
	add("quality_pages", "pages taken in a second, one file after the other, words and vectors", "pages/s")
	return list
}

// quality takes the sample handbook in and asks its questions.
func quality(ctx context.Context, o options, s *segment) error {
	if o.asked.path == "" {
		return errors.New("the test program of app/documents/quality is not here (make bench builds it)")
	}
	file := filepath.Join(o.work, "quality.json")
	o.asked.env = []string{"ALCOVE_QUALITY=" + file}
	said, used, err := o.asked.output(ctx, o.work, "-test.run", "^TestQuality$")
	s.neighbours += used
	raw, missing := os.ReadFile(file)
	if missing != nil { // floors that are not reached are figures too
		return fmt.Errorf("ask the sample handbook: %w\n%s", errors.Join(err, missing), said)
	}
	var all struct {
		Pages          int     `json:"pages"`
		Ingest         float64 `json:"ingest_seconds"`
		Tuning, Report judged
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	for _, g := range askedGroups {
		for _, l := range askedLists {
			key, f := "quality_"+g.key+"_"+l.key, all.Report.Lists[g.key][l.key]
			s.samples[key+"_1"], s.samples[key+"_3"], s.samples[key+"_5"], s.samples[key+"_mrr"] = f.Recall1, f.Recall3, f.Recall5, f.MRR
		}
		s.samples["quality_tuning_"+g.key+"_5"] = all.Tuning.Lists[g.key]["hybrid"].Recall5
	}
	s.samples["quality_refused"], s.samples["quality_refused_wrongly"] = all.Report.RefusedUnanswerable, all.Report.RefusedAnswerable
	s.samples["quality_precision"] = all.Report.Precision
	s.samples["quality_pages"] = float64(all.Pages) / all.Ingest
	return nil
}

// qualityMethod says how it was measured.
func qualityMethod() []string {
	return []string{
		"The 12 files of examples/handbook are read, cut, embedded and indexed by the real parts; then all questions are asked as a person would, from the follow-up to the decision. No model writes.",
		"A gold passage is a chunk of the right file that holds the sentence that answers. Figures are of questions 61-120; weights and thresholds were chosen on 1-60. docs/quality.md has the method and what was missed.",
		"One run: nothing but the last bits of vectors differs between machines.",
		"100,000 passages: words of a made-up language as often as Zipf's law has them, vectors of 384 numbers around 60,000 topics, 300 questions of each kind one after the other. The vector of a question is not in the times: `embed` has what that takes.",
	}
}
