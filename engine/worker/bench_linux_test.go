package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"alcove/engine/seal"
	"alcove/engine/wire"
	"alcove/engine/worker/fail"
	"alcove/engine/worker/llama"
)

// BenchmarkLoop measures the loop with the real model, without the process
// around it: prompt tokens a second, and answer tokens a second alone and
// eight at once. steal_% is the share of time that the hypervisor took away; a
// round with some is worth nothing.
//
//	go test ./engine/worker -run '^$' -bench Loop -benchtime 3x
func BenchmarkLoop(b *testing.B) {
	for _, threads := range []int{1, 2} {
		for _, bc := range []struct {
			name           string
			at, long, more int
		}{{"prefill900", 1, 900, 1}, {"decode", 1, 10, 128}, {"decode8", 8, 10, 128}} {
			b.Run(fmt.Sprintf("%s/threads%d", bc.name, threads), func(b *testing.B) { benchLoop(b, threads, bc.at, bc.long, bc.more) })
		}
	}
}

// BenchmarkNeighbours measures one answer beside programs that take a core each,
// with one thread and with two to choose from: the second must be as good as
// the better of one and two fixed threads.
func BenchmarkNeighbours(b *testing.B) {
	for _, busy := range []int{0, 1, 2, 4} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("busy%d/threads%d", busy, threads), func(b *testing.B) {
				for range busy {
					c := exec.Command("sh", "-c", "while :; do :; done")
					if err := c.Start(); err != nil {
						b.Fatal(err)
					}
					defer c.Wait()
					defer c.Process.Kill()
				}
				benchLoop(b, threads, 1, 10, 256)
			})
		}
	}
}

// BenchmarkQuotes measures an answer that quotes, with drafts and without.
func BenchmarkQuotes(b *testing.B) {
	for _, off := range []bool{false, true} {
		b.Run(fmt.Sprintf("off=%v", off), func(b *testing.B) {
			w := loadedAs(b, &wire.Load{RuntimeDir: runtimeDir, ModelPath: modelPath, Context: 2048, Slots: 2, Batch: 512, Threads: 2, DeviceOnly: "cpu", NoDrafts: off})
			tokens, id := 0, uint64(0)
			rules := "Holiday: every employee has thirty days of leave each year. Illness: whoever is ill calls before nine in the morning. " +
				"Travel: trips are booked by the office and paid within two weeks. Safety: helmets are worn in the hall at all times. "
			for b.Loop() {
				id++
				w.write(newConversation(fmt.Sprint(id), rules).say(id, wire.Sampling{MaxTokens: 100}, fmt.Sprintf("Repeat all %d rules word for word.", id)))
				tokens += w.end(id).end.OutputTokens
			}
			b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "answer_tok/s")
			if x := w.beat.Work; x != nil {
				b.ReportMetric(float64(x.Accepted)/float64(max(x.Drafted, 1)), "right")
			}
		})
	}
}

func benchLoop(b *testing.B, threads, at, long, more int) {
	if _, err := os.Stat(modelPath); err != nil {
		b.Skip("no weights here; run: make setup")
	}
	ends := make(chan wire.End, 64)
	out := newOutbox()
	l, _, err := load(&wire.Load{RuntimeDir: runtimeDir, ModelPath: modelPath, Context: 2048, Slots: 8, Cells: 8192, Batch: 512, Threads: threads, DeviceOnly: "cpu"},
		folders(), out)
	if err != nil {
		b.Fatal(fail.From(err), llama.LogTail())
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go l.Prepare(ctx)
	go l.Run(ctx)
	go func() {
		for {
			f, _ := out.take()
			if f.Step != nil {
				for _, e := range f.Step.Ends {
					ends <- e
				}
			}
		}
	}()
	id, prompts, answers := uint64(0), 0, 0
	steal, total := cpuTimes()
	b.ResetTimer()
	for b.Loop() {
		for range at {
			id++
			m := ask(id, wire.Sampling{MaxTokens: more, Temperature: 1, TopK: 40, Seed: id}, fmt.Sprint(id, " ")+strings.Repeat("word ", long))
			m.Submit.User = fmt.Sprint(id) // nothing is cached
			l.Submit(m.Submit)
		}
		for range at {
			e := <-ends
			prompts, answers = prompts+e.PromptTokens, answers+e.OutputTokens
		}
	}
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(prompts)/seconds, "prompt_tok/s")
	b.ReportMetric(float64(answers)/seconds, "answer_tok/s")
	stolen, all := cpuTimes()
	b.ReportMetric(100*float64(stolen-steal)/float64(max(all-total, 1)), "steal_%")
}

func folders() seal.Folders { return seal.Folders{Runtime: runtimeDir, Model: modelPath} }

// cpuTimes reads the first line of /proc/stat: stolen ticks, and all.
func cpuTimes() (steal, all uint64) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	line, _, _ := strings.Cut(string(data), "\n")
	var f [8]uint64
	fmt.Sscanf(line, "cpu %d %d %d %d %d %d %d %d", &f[0], &f[1], &f[2], &f[3], &f[4], &f[5], &f[6], &f[7])
	for _, v := range f {
		all += v
	}
	return f[7], all
}
