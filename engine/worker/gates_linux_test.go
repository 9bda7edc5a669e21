package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/engine/wire"
	"alcove/engine/worker/llama"
	"alcove/engine/worker/prompt"
)

// soak is a count of the soak run; other runs do a twentieth of it.
func soak(n int) int {
	if os.Getenv("ALCOVE_SOAK") == "1" {
		return n
	}
	return max(1, n/20)
}

// seeded prints the seed of what follows.
func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// plain is a decode of one sequence without a scheduler: the definition of what
// an answer is.
type plain struct {
	model    *llama.Model
	template *prompt.Template
	context  int // tokens
	step     int // rows of the prompt at a time
}

func newPlain(t *testing.T) *plain {
	t.Helper()
	lib, err := llama.Open(runtimeDir, llama.AllGPUs)
	if err != nil {
		t.Skip("no libraries here; run: make setup")
	}
	m, err := lib.Load(modelPath, llama.Options{Context: 1024, Slots: 1, Seqs: 2, Batch: 128, Threads: 1, CPUOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	info := m.Info()
	tm, err := prompt.NewTemplate(info.Template, prompt.Special{BOS: info.BOS, EOS: info.EOS, BOSToken: info.BOSToken, AddBOS: info.AddBOS})
	if err != nil {
		t.Fatal(err)
	}
	return &plain{m, tm, 1024, 128}
}

// choice is a token and by how much it was the best.
type choice struct {
	token int32
	gap   float32
}

// answer gives the greedy tokens.
func (p *plain) answer(t *testing.T, s *wire.Submit) (out []choice) {
	t.Helper()
	built, err := p.template.Build(p.model, s.Messages, time.Now(), p.context, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.model.Remove(0, 0)
	tokens, at := built.Tokens, 0
	for len(out) < s.Sampling.MaxTokens {
		row := 0
		for ; at < len(tokens); at++ {
			if row == p.step {
				p.decode(t)
				row = 0
			}
			if err := p.model.Add(tokens[at], int32(at), 0, at == len(tokens)-1); err != nil {
				t.Fatal(err)
			}
			row++
		}
		p.decode(t)
		c := best(p.model.Logits(row - 1))
		if p.model.EndsAnswer(c.token) {
			return append(out, c)
		}
		out, tokens = append(out, c), append(tokens, c.token)
	}
	return out
}

func (p *plain) decode(t *testing.T) {
	if fits, err := p.model.Decode(); err != nil || !fits {
		t.Fatal(fits, err)
	}
}

func best(scores []float32) (c choice) {
	second := float32(-1e9)
	c.token = -1
	high := float32(-1e9)
	for i, s := range scores {
		if s > high {
			high, second, c.token = s, high, int32(i)
		} else if s > second {
			second = s
		}
	}
	c.gap = high - second
	return c
}

// nearly is the gap below which the order of additions may decide: batches of
// other shapes round otherwise. 0.31 was seen.
const nearly = 0.5

// differ says at which token an answer leaves the plain one, -1 if it does not.
func differ(a answer, want []choice) int {
	for i, c := range want {
		if i >= len(a.ids) {
			if i == len(want)-1 && a.end.Finish == "stop" { // the end token is not sent
				return -1
			}
			return i
		}
		if a.ids[i] != c.token {
			return i
		}
	}
	return -1
}

// TestGreedyEqualsPlainDecode: whatever is shared, waited for, cut into chunks,
// saved, put back or guessed, the tokens are those of a plain decode of one
// sequence, but where two tokens were nearly equal.
func TestGreedyEqualsPlainDecode(t *testing.T) {
	p := newPlain(t)
	systems := []string{strings.Repeat(system, 5), strings.Repeat(system, 5) + "You like to count. ", "Be brief."}
	questions := []string{"What is the capital of France?", "Write a short poem about rain.", "What is the capital of Peru?", "Repeat: one two three four five six.", "Who are you?"}
	want := map[string][]choice{}
	key := func(sys, q string) string { return sys + "\x00" + q }
	s := wire.Sampling{MaxTokens: 24}
	for _, sys := range systems {
		for _, q := range questions {
			want[key(sys, q)] = p.answer(t, newConversation("x", sys).say(1, s, q).Submit)
		}
	}
	tokens, left, widest := 0, 0, float32(0)
	for name, change := range map[string]func(*wire.Load){
		"all":             func(m *wire.Load) { m.StateDir = stateDir(t) },
		"small chunks":    func(m *wire.Load) { m.StepMS = 20 },
		"nothing outside": func(m *wire.Load) { m.StateMemory = -1 },
		"few cells":       func(m *wire.Load) { m.Cells, m.Slots = 1024, 2 },
		"no drafts":       func(m *wire.Load) { m.NoDrafts = true },
	} {
		t.Run(name, func(t *testing.T) {
			m := loadMessage()
			change(m)
			w := loadedAs(t, m)
			id := uint64(0)
			asked := map[uint64]string{}
			for round := range 3 { // a burst; the same with what was kept; a burst after a restart
				for i := range 6 {
					id++
					sys, q := systems[(i+round)%len(systems)], questions[(i*2+round)%len(questions)]
					asked[id] = key(sys, q)
					w.write(newConversation(fmt.Sprint("user ", i%4), sys).say(id, s, q))
				}
				for i := id - 5; i <= id; i++ {
					a, c := w.end(i), want[asked[i]]
					tokens += len(c)
					if at := differ(a, c); at >= 0 {
						left++
						widest = max(widest, c[at].gap)
						if c[at].gap > nearly {
							t.Errorf("request %d leaves at token %d, where the best was ahead by %.2f: %q", i, at, c[at].gap, a.text)
						}
					}
					if a.end.OutputTokens != len(a.ids) {
						t.Errorf("request %d: %d tokens were sent, %d counted", i, len(a.ids), a.end.OutputTokens)
					}
				}
				if round == 1 && m.StateDir != "" {
					w.idle(func(x wire.Work) bool { return x.KeptDisk > 0 })
					w.write(wire.ToWorker{Stop: &wire.Stop{}})
					w.exit()
					w = loadedAs(t, m)
				}
			}
		})
	}
	t.Logf("%d answers of %d tokens; %d left the plain decode, where the best was ahead by at most %.3f", 5*18, tokens, left, widest)
}

// Every token comes from a decode: rows of answers and tokens sent agree.
func TestNoAnswerIsServedFromStore(t *testing.T) {
	w := loaded(t)
	sent := 0
	for id := uint64(1); id <= 4; id++ { // the very same four times
		w.write(newConversation("x", system).say(id, wire.Sampling{MaxTokens: 12}, "Count to five."))
		sent += len(w.end(id).ids)
	}
	w.idle(func(x wire.Work) bool { return x.DecodeRows > 0 })
	w.until(0, func(*answer) bool {
		x := w.beat.Work
		if x == nil {
			return false
		}
		// The first token comes after the prompt's last row, the last is not
		// computed; a draft that was wrong is a row without a token.
		wrong := int(x.Drafted - x.Accepted)
		return int(x.DecodeRows)-wrong >= sent-2*4 && int(x.DecodeRows)-wrong <= sent
	})
}

// 32 people with a private word each, one system prompt, half of them gone in
// the middle, and workers that die: nobody's word is in another's answer.
func TestSoakNoForeignWord(t *testing.T) {
	random := seeded(t)
	dir := stateDir(t)
	m := loadMessage()
	m.StateDir, m.Slots, m.Context, m.Cells = dir, 8, 512, 2048
	word := func(i int) string { return fmt.Sprintf("ZQ%02dX%c", i, 'A'+i%26) }
	for range max(1, soak(20)) {
		w := loadedAs(t, m)
		for i := range 32 {
			c := newConversation(fmt.Sprint("user ", i), system)
			c.add("user", "Remember my word: "+word(i)+".")
			c.add("assistant", "Your word is "+word(i)+".")
			w.write(c.say(uint64(i+1), wire.Sampling{MaxTokens: 20, Temperature: 0.7, Seed: random.Uint64()}, "Say my word five times."))
		}
		own := 0
		for i := range 32 {
			id := uint64(i + 1)
			if random.IntN(2) == 0 {
				n := random.IntN(8)
				w.until(id, func(a *answer) bool { return a.end != nil || len(a.ids) >= n })
				w.write(wire.ToWorker{Cancel: &wire.Cancel{ID: id}})
			}
		}
		for i := range 32 {
			a := w.end(uint64(i + 1))
			for k := range 32 {
				if k != i && strings.Contains(a.text, word(k)) {
					t.Fatalf("person %d was told person %d's word: %q", i, k, a.text)
				}
			}
			if strings.Contains(a.text, word(i)) {
				own++
			}
		}
		if own == 0 {
			t.Error("nobody was told their own word: the test sees nothing")
		}
		if err := w.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		if data, err := os.ReadFile(f); err == nil && strings.Contains(string(data), "ZQ") {
			t.Errorf("%s holds a private word", filepath.Base(f))
		}
	}
}

// memory is what a process has of its own, in KiB.
func memory(t *testing.T, pid int) (kib int) {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		for _, name := range []string{"RssAnon:", "VmSwap:"} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				var n int
				fmt.Sscan(rest, &n)
				kib += n
			}
		}
	}
	return kib
}

// descriptors counts what a process has open.
func descriptors(t *testing.T, pid int) int {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Skip("cannot look into the worker")
	}
	return len(files)
}

// 1,000 requests of many people: after the first quarter memory stays, and no
// descriptor is left open.
func TestSoakMemoryStays(t *testing.T) {
	m := loadMessage()
	m.StateDir, m.StateMemory, m.Slots = stateDir(t), 16<<20, 4
	w := loadedAs(t, m)
	pid := w.cmd.Process.Pid
	n := soak(1000)
	run := func(from, to int) {
		for i := from; i < to; i += 4 {
			for k := range 4 {
				c := newConversation(fmt.Sprint("user ", (i+k)%50), system)
				w.write(c.say(uint64(i+k+1), wire.Sampling{MaxTokens: 4}, fmt.Sprintf("Tell me about the number %d. %s", i+k, strings.Repeat("Please. ", (i*7+k)%60))))
			}
			for k := range 4 {
				w.end(uint64(i + k + 1))
			}
		}
	}
	warm := max(n/4, 60)
	run(0, warm)
	w.idle(func(x wire.Work) bool { return true })
	before, open := memory(t, pid), descriptors(t, pid)
	run(warm, warm+n)
	w.idle(func(x wire.Work) bool { return true })
	after := memory(t, pid)
	t.Logf("%d MiB after %d requests, %d MiB after %d more", before>>10, warm, after>>10, n)
	if after > before+before/10+8<<10 {
		t.Errorf("memory grew from %d to %d KiB", before, after)
	}
	if now := descriptors(t, pid); now > open {
		t.Errorf("%d descriptors are open, were %d", now, open)
	}
}

// 2,000 cancels at random moments: at the end nothing is being computed and the
// next answer is as quick to begin as ever.
func TestSoakCancels(t *testing.T) {
	random := seeded(t)
	m := loadMessage()
	m.Slots, m.Context = 6, 512
	w := loadedAs(t, m)
	n := soak(2000)
	for i := range n {
		id := uint64(i + 1)
		text := strings.Repeat("word ", 1+random.IntN(120))
		c := newConversation(fmt.Sprint("user ", random.IntN(9)), system)
		w.write(c.say(id, wire.Sampling{Temperature: 1, Seed: uint64(i)}, text))
		if k := random.IntN(i + 1); random.IntN(3) == 0 { // an older one, which may be over
			w.write(wire.ToWorker{Cancel: &wire.Cancel{ID: uint64(k + 1)}})
		}
		time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
		w.write(wire.ToWorker{Cancel: &wire.Cancel{ID: id}})
	}
	for i := range n {
		if e := w.end(uint64(i + 1)).end; e.Finish == "failed" {
			t.Fatalf("request %d: %+v", i+1, e)
		}
	}
	w.until(0, func(*answer) bool { return !w.beat.Busy && w.beat.Active+w.beat.Queued == 0 })
	steps := w.beat.Step
	time.Sleep(3 * beatEvery) // beats come, steps must not
	w.until(0, func(*answer) bool { return true })
	if w.beat.Step != steps || w.beat.Work.Full != 0 {
		t.Errorf("%d steps with nothing to do; %d had no room", w.beat.Step-steps, w.beat.Work.Full)
	}
	w.write(newConversation("last", "Be brief.").say(uint64(n+1), wire.Sampling{MaxTokens: 8}, "What is the capital of France?"))
	if a := w.end(uint64(n + 1)); a.text == "" {
		t.Errorf("%+v", a.end)
	}
}
