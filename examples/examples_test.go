package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxShared is the largest part of a question's content words that its gold
// sentence may hold too: finding must not be a matter of the same words.
const maxShared = 0.4

func read(t *testing.T) []Question {
	t.Helper()
	all, err := Questions()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestQuestionsCount holds the questions to what is promised of them.
func TestQuestionsCount(t *testing.T) {
	all := read(t)
	ids := map[string]bool{}
	for half, part := range [][]Question{all[:Tuning], all[Tuning:]} {
		count := map[string]int{}
		for _, q := range part {
			if ids[q.ID] {
				t.Errorf("%s is there twice", q.ID)
			}
			ids[q.ID] = true
			count["all"]++
			count[q.Language]++
			count[q.Kind]++
			if q.Answerable != (q.Gold != "" && q.File != "") || q.Answerable != (q.Kind != "unanswerable") {
				t.Errorf("%s: answerable %v, kind %s, gold %q", q.ID, q.Answerable, q.Kind, q.Gold)
			}
		}
		if count["all"] != 60 || count["unanswerable"] != 15 || count["de"] != 20 || count["en"] != 40 {
			t.Errorf("half %d: %v", half, count)
		}
		for _, kind := range []string{"table", "as_of", "follow_up", "cross_language"} {
			if count[kind] < 3 {
				t.Errorf("half %d has %d questions of kind %s", half, count[kind], kind)
			}
		}
	}
}

// TestQuestionsShareFewWords: a question is not its answer with a question mark.
func TestQuestionsShareFewWords(t *testing.T) {
	for _, q := range read(t) {
		asked, gold := content(q.Question), content(q.Gold)
		shared := 0
		for _, w := range asked {
			if slices.Contains(gold, w) {
				shared++
			}
		}
		if len(asked) == 0 || float64(shared) > maxShared*float64(len(asked)) {
			t.Errorf("%s shares %d of %d content words with its gold sentence: %q, %v", q.ID, shared, len(asked), q.Question, asked)
		}
	}
}

// TestFilesAreThere: each file that a question names is shipped, and small.
func TestFilesAreThere(t *testing.T) {
	var size int64
	files, err := os.ReadDir("handbook")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
		names[f.Name()] = true
	}
	if len(names) != 13 || size > 3<<20 { // 12 files and the questions
		t.Errorf("%d files, %d bytes", len(names), size)
	}
	for _, q := range read(t) {
		if q.Answerable && !names[q.File] {
			t.Errorf("%s names %s, which is not in %s", q.ID, q.File, filepath.Base("handbook"))
		}
	}
}

func TestHolds(t *testing.T) {
	for _, c := range []struct {
		text, gold string
		want       bool
	}{
		{"Notice must be\n given on paper.", "Notice must be given on paper.", true},
		{"Country: Denmark; Full day: 75; Hotel: 180", "Denmark | 75 | 180", true},
		{"Country: Denmark; Full day: 75", "Denmark | 75 | 180", false},
		{"Notice may be given on paper.", "Notice must be given on paper.", false},
	} {
		if got := Holds(c.text, c.gold); got != c.want {
			t.Errorf("Holds(%q, %q) = %v", c.text, c.gold, got)
		}
	}
}

var word = regexp.MustCompile(`[\p{L}\p{N}]+`)

// content are the different content words of a text, without their endings.
func content(s string) []string {
	var words []string
	for _, w := range word.FindAllString(strings.ToLower(s), -1) {
		if slices.Contains(stopWords, w) {
			continue
		}
		for _, end := range []string{"ing", "ern", "em", "en", "er", "es", "ed", "e", "s", "n"} {
			if cut, ok := strings.CutSuffix(w, end); ok && len(cut) >= 4 {
				w = cut
				break
			}
		}
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}

// stopWords carry no content: articles, pronouns, auxiliaries, question words.
var stopWords = strings.Fields(`
a an the of in on at to from for with by and or but not no nor if when while than as it its this that these those there here
i me my mine you your yours he she his her him they them their we us our one s t d ve ll re m
is are was were be been being am do does did done have has had having can could may might must shall should will would
how what which who whom whose where why much many long soon early often big so just only also still already about up out into
per get got let go any some someone somebody anyone anything something back then after before during once
der die das des dem den ein eine einer eines einem einen und oder aber nicht kein keine keinen wenn als wie was wer wo wann warum welche welcher welches
ich du er sie es wir ihr mir mich dir dich uns euch sich mein meine meinen meinem meiner dein ihre ihren sein seine seinen
ist sind war waren bin bist wird werden wurde wurden sein hat habe haben hab hatte kann können darf dürfen muss müssen soll sollen will
in im an am auf aus bei mit nach von vom vor zu zum zur für über unter um durch bis ab ohne
so da dort hier noch schon nur auch mal man dann dafür da das dass denn doch gibt viel viele wieviel lange lang
`)
