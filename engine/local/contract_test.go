package local_test

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"alcove/engine/local"
	"alcove/engine/local/fake"
	"alcove/engine/wire"
)

// kind is an implementation of the worker's side of engine/wire.
type kind struct {
	worker, runtime, model string
}

// kinds are all implementations that this machine can run. The contract holds
// for each of them.
func kinds(t *testing.T) map[string]func(*testing.T) kind {
	return map[string]func(*testing.T) kind{
		"fake": func(t *testing.T) kind {
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			fake.Model(t, dir, "m", fake.Script{Text: strings.Repeat(story, 20), Cut: 3, Prefill: 4, Context: 512})
			return kind{exe, fake.Runtime(t, local.LibraryVersion, local.BindingVersion), filepath.Join(dir, "m.gguf")}
		},
		"real": func(t *testing.T) kind {
			r := needReal(t)
			return kind{r.worker, r.runtime, filepath.Join(r.models, realModel+".gguf")}
		},
	}
}

// talk is one side of a conversation with a worker.
type talk struct {
	*local.Proc
	t     *testing.T
	r     *bufio.Reader
	hello wire.Hello
	ready wire.Ready
	said  map[uint64]*said
}

// said is what the worker said about one request.
type said struct {
	stages []string
	ids    []int32
	counts []int    // tokens of each frame
	texts  []string // text of each frame
	ends   []wire.End
}

func (s *said) text() string { return strings.Join(s.texts, "") }

// meet starts a worker and brings it to Ready.
func meet(t *testing.T, k kind) *talk {
	t.Helper()
	p, err := local.Spawn(k.worker, k.runtime, k.model, logTo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := p.Conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	w := &talk{Proc: p, t: t, r: bufio.NewReader(p.Conn), said: map[uint64]*said{}}
	first := w.read()
	if first.Hello == nil {
		t.Fatalf("first frame %+v, want Hello", first)
	}
	w.hello = *first.Hello
	w.send(wire.ToWorker{Load: &wire.Load{RuntimeDir: k.runtime, ModelPath: k.model, Context: 512, Slots: 4, Cells: 2048, Batch: 64, Threads: 1, DeviceOnly: "cpu"}})
	for {
		switch f := w.read(); {
		case f.Ready != nil:
			w.ready = *f.Ready
			return w
		case f.Progress != nil:
			if p := f.Progress.Fraction; p < 0 || p > 1 {
				t.Errorf("progress %v", p)
			}
		case f.Beat != nil:
		default:
			t.Fatalf("frame %+v while loading", f)
		}
	}
}

func logTo(t *testing.T) io.Writer {
	if os.Getenv("ALCOVE_TEST_LOG") == "" {
		return io.Discard
	}
	return t.Output()
}

func (w *talk) read() wire.FromWorker {
	w.t.Helper()
	var f wire.FromWorker
	if _, err := wire.Read(w.r, &f); err != nil {
		w.t.Fatalf("read from worker: %v", err)
	}
	return f
}

func (w *talk) send(m wire.ToWorker) {
	w.t.Helper()
	if err := wire.Write(w.Conn, m, nil); err != nil {
		w.t.Fatalf("write to worker: %v", err)
	}
}

// submit asks greedily for at most n tokens.
func (w *talk) submit(id uint64, text string, n int, resume ...int32) {
	w.t.Helper()
	w.submitAfter(id, text, n, 0, resume)
}

func (w *talk) submitAfter(id uint64, text string, n, sent int, resume []int32) {
	w.t.Helper()
	w.send(wire.ToWorker{Submit: &wire.Submit{ID: id, Class: "interactive", User: "owner", Resume: resume, SentBytes: sent,
		Messages: []wire.Message{{Role: "user", Segments: []wire.Segment{{Text: text}}}}, Sampling: wire.Sampling{MaxTokens: n}}})
}

// listen reads until so. It checks what holds for every frame.
func (w *talk) listen(so func() bool) {
	w.t.Helper()
	for !so() {
		f := w.read()
		if f.Beat != nil {
			continue
		}
		if f.Step == nil {
			w.t.Fatalf("frame %+v, want a step or a beat", f)
		}
		for _, s := range f.Step.Stages {
			w.of(s.ID).stages = append(w.of(s.ID).stages, s.Name)
		}
		for _, tok := range f.Step.Tokens {
			if !utf8.ValidString(tok.Text) {
				w.t.Errorf("text %q is not UTF-8", tok.Text)
			}
			s := w.of(tok.ID)
			s.ids = append(s.ids, tok.IDs...)
			s.counts = append(s.counts, len(tok.IDs))
			s.texts = append(s.texts, tok.Text)
		}
		for _, e := range f.Step.Ends {
			w.of(e.ID).ends = append(w.of(e.ID).ends, e)
		}
	}
}

func (w *talk) of(id uint64) *said {
	if w.said[id] == nil {
		w.said[id] = &said{}
	}
	if s := w.said[id]; len(s.ends) == 0 {
		return s
	}
	w.t.Fatalf("request %d goes on after its end", id)
	return nil
}

func (w *talk) ended(ids ...uint64) func() bool {
	return func() bool {
		for _, id := range ids {
			if w.said[id] == nil || len(w.said[id].ends) == 0 {
				return false
			}
		}
		return true
	}
}

// writing says that each of the requests has a token.
func (w *talk) writing(ids ...uint64) func() bool {
	return func() bool {
		for _, id := range ids {
			if w.said[id] == nil || len(w.said[id].ids) == 0 {
				return false
			}
		}
		return true
	}
}

const question = "What is the capital of France?"

// TestWorker is the contract of a worker, as engine/wire has it.
func TestWorker(t *testing.T) {
	for name, make := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			k := make(t)
			for part, test := range map[string]func(*testing.T, kind){
				"hello and ready": workerHello, "answers": workerAnswers, "limit": workerLimit, "context": workerContext,
				"together": workerTogether, "cancel": workerCancel, "unknown id": workerUnknown, "resume": workerResume,
				"end of file": workerEOF, "stop": workerStop, "bad frame": workerBadFrame,
			} {
				t.Run(part, func(t *testing.T) { test(t, k) })
			}
		})
	}
}

func workerHello(t *testing.T, k kind) {
	w := meet(t, k)
	if w.hello.Version != wire.Version || w.hello.PID != w.PID {
		t.Errorf("hello %+v of process %d", w.hello, w.PID)
	}
	r := w.ready
	if r.Library == "" || r.Device == "" || r.Name == "" || r.Context != 512 || r.Slots != 4 || r.Cells <= 0 || r.Batch <= 0 || r.Threads != 1 || r.VocabSize <= 0 {
		t.Errorf("ready %+v", r)
	}
}

func workerAnswers(t *testing.T, k kind) {
	w := meet(t, k)
	w.submit(1, question, 30)
	w.listen(w.ended(1))
	s := w.said[1]
	e := s.ends[0]
	if e.Finish != "stop" && e.Finish != "length" || e.Code != "" || e.PromptTokens <= 0 || e.OutputTokens != len(s.ids) || s.text() == "" {
		t.Errorf("%d tokens, text %q, end %+v", len(s.ids), s.text(), e)
	}
	if !slices.Contains(s.stages, "prefill") || s.stages[len(s.stages)-1] != "decode" {
		t.Errorf("stages %v", s.stages)
	}
	w.submit(2, question, 30)
	w.listen(w.ended(2))
	if again := w.said[2]; again.text() != s.text() {
		t.Errorf("the same again gives %q, first %q", again.text(), s.text())
	}
}

func workerLimit(t *testing.T, k kind) {
	w := meet(t, k)
	for n := 1; n <= 5; n++ {
		id := uint64(n)
		// Whatever the kernels round, no answer to this ends after five tokens.
		w.submit(id, "Write a long story about a dog and a cat.", n)
		w.listen(w.ended(id))
		if s := w.said[id]; len(s.ids) != n || s.ends[0].Finish != "length" || s.ends[0].OutputTokens != n {
			t.Errorf("limit %d: %d tokens, end %+v", n, len(s.ids), s.ends[0])
		}
	}
}

// A conversation longer than the context is refused before it is read.
func workerContext(t *testing.T, k kind) {
	w := meet(t, k)
	w.submit(1, strings.Repeat("word ", 2000), 10)
	w.listen(w.ended(1))
	s := w.said[1]
	if e := s.ends[0]; e.Finish != "failed" || e.Code != "context_full" || len(s.ids) != 0 ||
		!strings.Contains(e.Message, "512") || !regexp.MustCompile(`\b2[0-9]{3}\b`).MatchString(e.Message) {
		t.Errorf("end %+v", e)
	}
	w.submit(2, question, 5)
	w.listen(w.ended(2))
	if e := w.said[2].ends[0]; e.Finish == "failed" {
		t.Errorf("the next one: %+v", e)
	}
}

// Requests are written side by side, not one after the other.
func workerTogether(t *testing.T, k kind) {
	w := meet(t, k)
	for id := uint64(1); id <= 4; id++ {
		w.submit(id, "Count from one to one hundred.", 40)
	}
	w.listen(w.writing(1, 2, 3, 4))
	for id, s := range w.said {
		if len(s.ends) > 0 {
			t.Errorf("request %d ended before all had begun", id)
		}
	}
	w.listen(w.ended(1, 2, 3, 4))
	for id, s := range w.said {
		if e := s.ends[0]; e.Finish == "failed" || e.OutputTokens != len(s.ids) || s.text() == "" {
			t.Errorf("request %d: %d tokens, end %+v", id, len(s.ids), e)
		}
	}
}

func workerCancel(t *testing.T, k kind) {
	w := meet(t, k)
	w.submit(1, "Count from one to one thousand.", 0)
	w.submit(2, "Count from one to one hundred.", 30)
	w.listen(w.writing(1, 2))
	w.send(wire.ToWorker{Cancel: &wire.Cancel{ID: 1}})
	w.listen(w.ended(1, 2))
	if s := w.said[1]; s.ends[0].Finish != "cancelled" || s.ends[0].OutputTokens != len(s.ids) {
		t.Errorf("cancelled: %d tokens, end %+v", len(s.ids), s.ends[0])
	}
	if e := w.said[2].ends[0]; e.Finish != "stop" && e.Finish != "length" {
		t.Errorf("beside it: %+v", e)
	}
}

// A Cancel may cross the End of its request; it is then of an unknown id.
func workerUnknown(t *testing.T, k kind) {
	w := meet(t, k)
	w.send(wire.ToWorker{Cancel: &wire.Cancel{ID: 77}})
	w.submit(1, question, 5)
	w.listen(w.ended(1))
	w.send(wire.ToWorker{Cancel: &wire.Cancel{ID: 1}})
	w.submit(2, question, 5)
	w.listen(w.ended(2))
	if e := w.said[2].ends[0]; e.Finish == "failed" || w.said[77] != nil {
		t.Errorf("end %+v; of an unknown id: %+v", e, w.said[77])
	}
}

// A resumed answer goes on in text and count where the first worker was.
// The answer quotes, so that each of its tokens is far ahead of the others: how a
// prompt is cut into steps follows the machine's pace, and sums are rounded
// otherwise then.
func workerResume(t *testing.T, k kind) {
	const n = 24
	question := strings.Repeat("The quick brown fox jumps over the lazy dog. ", 20) + "What is the capital of France?"
	w := meet(t, k)
	w.submit(1, question, n)
	w.listen(w.ended(1))
	whole := w.said[1]
	for _, frames := range []int{1, 2, 7, len(whole.texts) - 1} { // a slow reader gets several tokens in a frame
		frames = min(frames, len(whole.texts)-1)
		other := meet(t, k)
		sent, cut := 0, 0
		for i := range frames {
			sent += len(whole.texts[i])
			cut += whole.counts[i]
		}
		other.submitAfter(9, question, n, sent, whole.ids[:cut])
		other.listen(other.ended(9))
		rest := other.said[9]
		if got := whole.text()[:sent] + rest.text(); got != whole.text() || rest.ends[0].OutputTokens != whole.ends[0].OutputTokens ||
			rest.ends[0].Finish != whole.ends[0].Finish || !slices.Equal(append(whole.ids[:cut:cut], rest.ids...), whole.ids) {
			t.Errorf("after %d of %d tokens:\n%q, end %+v, want\n%q, end %+v", cut, len(whole.ids), got, rest.ends[0], whole.text(), whole.ends[0])
		}
		other.Close()
	}
}

// The end of the socket ends the process, also while it writes.
func workerEOF(t *testing.T, k kind) {
	w := meet(t, k)
	w.submit(1, "Count from one to one thousand.", 0)
	w.listen(w.writing(1))
	w.Conn.Close()
	if !w.Ended(patience) {
		t.Error("the worker outlived its socket")
	}
}

func workerStop(t *testing.T, k kind) {
	w := meet(t, k)
	w.submit(1, "Count from one to one thousand.", 0)
	w.listen(w.writing(1))
	w.send(wire.ToWorker{Stop: &wire.Stop{}})
	if !w.Ended(patience) {
		t.Error("the worker outlived Stop")
	}
}

func workerBadFrame(t *testing.T, k kind) {
	w := meet(t, k)
	if _, err := w.Conn.Write([]byte{255, 255, 255, 255, 2, 0, 0, 0, '{', '}'}); err != nil {
		t.Fatal(err)
	}
	if !w.Ended(patience) {
		t.Error("the worker outlived a frame of 4 GiB")
	}
}
