package fake

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"alcove/engine/wire"
)

// defaultText has characters of one to four bytes.
const defaultText = "Paris is the capital of France. Größe, 東京 and 👩‍🚀 have longer characters. "

// RunIfWorker runs the worker and exits when this process was started as one.
func RunIfWorker() {
	if len(os.Args) > 1 && os.Args[1] == "--runtime" {
		Run()
	}
}

// Run is the worker's life. It does not return.
func Run() {
	if len(os.Args) > 3 && os.Args[3] == "--list-devices" {
		listDevices()
	}
	if len(os.Args) < 5 || os.Args[3] != "--model" {
		fmt.Fprintln(os.Stderr, "usage: fakeworker --runtime DIR --model FILE [--state DIR]")
		os.Exit(2)
	}
	if isProbe() {
		probe(os.Args[4])
	}
	w := &worker{conn: os.NewFile(3, "app"), in: make(chan wire.ToWorker, 1024)}
	w.script, w.fault = prepare(os.Args[4])
	fmt.Fprintln(os.Stderr, "fake worker: fault", w.fault.Do, w.fault.At, w.fault.Step)
	w.maybe(AtStart, 0)
	hello := wire.Hello{Version: wire.Version, PID: os.Getpid(), Seal: wire.Seal{Missing: "this is a fake"}}
	if w.fault.Do == Version {
		hello.Version++
	}
	w.send(wire.FromWorker{Hello: &hello})
	go w.read()
	w.load()
	go w.beat()
	if w.role != wire.RoleAnswer {
		w.lane()
	}
	w.loop()
}

// listDevices tells what PutGPU has put; without it the driver crashes.
func listDevices() {
	list, err := os.ReadFile(devicesFile(os.Args[2], flag("--gpu")))
	if err != nil {
		die(errors.New("the driver crashed"))
	}
	fmt.Println(string(list))
	os.Exit(0)
}

// flag is the value of an argument, "" without it.
func flag(name string) string {
	if i := slices.Index(os.Args, name); i >= 0 && i+1 < len(os.Args) {
		return os.Args[i+1]
	}
	return ""
}

// prepare reads the script and counts this process.
func prepare(model string) (Script, Fault) {
	s := readScript(model)
	if s.Text == "" {
		s.Text = defaultText
	}
	if s.Cut == 0 {
		s.Cut = 5
	}
	if s.Pause == 0 {
		s.Pause = time.Millisecond
	}
	if s.Context == 0 {
		s.Context = 4096
	}
	f, err := os.OpenFile(model+".starts", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		die(err)
	}
	if _, err := f.WriteString("."); err != nil {
		die(err)
	}
	st, err := f.Stat()
	if err != nil {
		die(err)
	}
	f.Close()
	switch n := int(st.Size()) - 1; {
	case n < len(s.Faults):
		return s, s.Faults[n]
	case s.OnGPU != nil && flag("--gpu") != "none":
		return s, *s.OnGPU
	case s.Always != nil:
		return s, *s.Always
	}
	return s, Fault{}
}

type worker struct {
	script Script
	fault  Fault
	role   string
	in     chan wire.ToWorker

	mu     sync.Mutex // of conn and of what beat reads
	conn   *os.File
	step   uint64
	active int

	requests []*request
}

// request is one answer in the making.
type request struct {
	wire.Submit
	prompt int // words
	steps  int // of prefill done
	next   int // token
	held   []byte
	begun  bool   // decode was announced
	again  string // text of resumed tokens that the app does not have
	sent   int    // bytes of text that the app has
	seen   int    // bytes of text made
}

func (w *worker) read() {
	r := bufio.NewReader(w.conn)
	for {
		var m wire.ToWorker
		if _, err := wire.Read(r, &m); err != nil || m.Stop != nil {
			os.Exit(0) // the app has gone
		}
		w.in <- m
	}
}

func (w *worker) load() {
	m := <-w.in
	if m.Load == nil {
		die(fmt.Errorf("no Load"))
	}
	w.role = m.Load.Role
	w.send(wire.FromWorker{Progress: &wire.Progress{Stage: "model", Fraction: 0.5}})
	w.maybe(AtLoad, 0)
	n := m.Load.Context
	if n == 0 || n > w.script.Context {
		n = w.script.Context
	}
	w.script.Context = n
	dimensions := 0
	if w.role != wire.RoleAnswer {
		dimensions = Dimensions
	}
	if w.role == wire.RoleRerank {
		dimensions = 1
	}
	device, gpu := "CPU (fake)", m.Load.DeviceOnly != "" && m.Load.DeviceOnly != "cpu"
	if gpu {
		device = m.Load.DeviceOnly + " (fake)"
	}
	w.send(wire.FromWorker{Ready: &wire.Ready{Library: "fake", Device: device, GPU: gpu, Name: "Fake", Desc: "fake 0M",
		Trained: 4096, Context: n, Cells: n, Slots: m.Load.Slots, Batch: m.Load.Batch, Threads: m.Load.Threads, VocabSize: 1000, Dimensions: dimensions}})
}

func (w *worker) beat() {
	for range time.Tick(20 * time.Millisecond) {
		w.mu.Lock()
		b := wire.Beat{Step: w.step, Busy: w.active > 0, Active: w.active}
		w.mu.Unlock()
		w.send(wire.FromWorker{Beat: &b})
	}
}

// loop takes what came, makes one step for all, reports it.
func (w *worker) loop() {
	for {
		var first []wire.ToWorker
		if len(w.requests) == 0 {
			first = append(first, <-w.in)
		}
		s := wire.Step{}
		for _, m := range append(first, w.drain()...) {
			w.take(m, &s)
		}
		keep := w.requests[:0]
		for _, r := range w.requests {
			if w.advance(r, &s) {
				keep = append(keep, r)
			}
		}
		w.requests = keep
		w.mu.Lock()
		w.step++
		w.active = len(keep)
		s.N = w.step
		w.mu.Unlock()
		w.send(wire.FromWorker{Step: &s})
		time.Sleep(w.script.Pause)
	}
}

func (w *worker) drain() (got []wire.ToWorker) {
	for {
		select {
		case m := <-w.in:
			got = append(got, m)
		default:
			return got
		}
	}
}

func (w *worker) take(m wire.ToWorker, s *wire.Step) {
	switch {
	case m.Submit != nil:
		r := &request{Submit: *m.Submit, sent: m.Submit.SentBytes}
		for _, msg := range r.Messages {
			for _, seg := range msg.Segments {
				r.prompt += len(strings.Fields(seg.Text))
			}
		}
		if r.prompt >= w.script.Context {
			s.Ends = append(s.Ends, wire.End{ID: r.ID, Finish: "failed", Code: "context_full", Message: fmt.Sprintf(
				"The conversation has %d tokens, the context has %d.", r.prompt, w.script.Context)})
			return
		}
		for range r.Resume { // replayed, so that the text goes on where it was
			r.again += w.token(r)
		}
		w.requests = append(w.requests, r)
	case m.Count != nil:
		w.send(wire.FromWorker{Counted: count(m.Count)})
	case m.Cancel != nil:
		for i, r := range w.requests {
			if r.ID == m.Cancel.ID {
				s.Ends = append(s.Ends, r.end("cancelled"))
				w.requests = append(w.requests[:i:i], w.requests[i+1:]...)
				return
			}
		}
	}
}

func (r *request) end(finish string) wire.End {
	return wire.End{ID: r.ID, Finish: finish, PromptTokens: r.prompt, OutputTokens: r.next, WaitUS: 1}
}

// advance gives a request its part of a step; false when it has ended.
func (w *worker) advance(r *request, s *wire.Step) bool {
	if r.steps < w.script.Prefill {
		r.steps++
		w.maybe(AtPrefill, r.steps)
		s.Stages = append(s.Stages, wire.Stage{ID: r.ID, Name: "prefill", Done: r.prompt * r.steps / w.script.Prefill, Total: r.prompt})
		return true
	}
	if r.PrefillOnly {
		s.Ends = append(s.Ends, r.end("stop"))
		return false
	}
	if !r.begun {
		r.begun = true
		s.Stages = append(s.Stages, wire.Stage{ID: r.ID, Name: "decode"})
	}
	w.maybe(AtDecode, r.next)
	total := (len(w.script.Text) + w.script.Cut - 1) / w.script.Cut
	limit := w.script.Context - r.prompt
	if r.Sampling.MaxTokens > 0 {
		limit = min(limit, r.Sampling.MaxTokens)
	}
	if w.script.IgnoreLimit {
		limit = 1 << 30
	}
	if r.next < limit && (w.script.Endless || r.next < total) {
		id := int32(r.next)
		s.Tokens = append(s.Tokens, wire.Tokens{ID: r.ID, IDs: []int32{id}, Text: r.again + w.token(r)})
		r.again = ""
		return true
	}
	finish := "stop"
	if r.next >= limit && (w.script.Endless || r.next < total) {
		finish = "length"
	}
	s.Ends = append(s.Ends, r.end(finish))
	return false
}

// token makes the next token and returns the text that it completes and the
// app does not have. Half a character is held back.
func (w *worker) token(r *request) string {
	total := (len(w.script.Text) + w.script.Cut - 1) / w.script.Cut
	from := (r.next % total) * w.script.Cut
	r.held = append(r.held, w.script.Text[from:min(from+w.script.Cut, len(w.script.Text))]...)
	r.next++
	n := 0
	for n < len(r.held) && utf8.FullRune(r.held[n:]) {
		_, size := utf8.DecodeRune(r.held[n:])
		n += size
	}
	text := string(r.held[:n])
	r.held = append(r.held[:0], r.held[n:]...)
	have := max(0, min(len(text), r.sent-r.seen))
	r.seen += len(text)
	return text[have:]
}

// maybe does the fault when its moment has come.
func (w *worker) maybe(at Moment, step int) {
	f := w.fault
	if f.Do == "" || f.At != at || step != f.Step {
		return
	}
	switch f.Do {
	case Kill, Abort, Freeze:
		signalSelf(f.Do)
	case ExitZero:
		os.Exit(0)
	case Stall:
		w.mu.Lock()
		w.active = 1
		w.mu.Unlock()
		select {}
	case Spin:
		for {
			w.mu.Lock()
			w.active = 1
			w.step++
			n := w.step
			w.mu.Unlock()
			w.send(wire.FromWorker{Step: &wire.Step{N: n}})
			time.Sleep(w.script.Pause)
		}
	case BadFrame:
		w.raw([]byte{2, 0, 0, 0, 2, 0, 0, 0, '{', ']'})
		select {}
	case BadLength:
		w.raw([]byte{255, 255, 255, 255, 2, 0, 0, 0, '{', '}'})
		select {}
	case Untimely:
		w.send(wire.FromWorker{Ready: &wire.Ready{}})
		select {}
	case Refuse:
		w.send(wire.FromWorker{LoadFailed: &wire.LoadFailed{Code: "model_load_failed", Message: "The fake model does not load.", Detail: "by order"}})
		select {}
	case Slow:
		for range time.Tick(10 * time.Millisecond) {
			w.send(wire.FromWorker{Progress: &wire.Progress{Stage: "model", Fraction: 0.5}})
		}
	}
}

func (w *worker) send(m wire.FromWorker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := wire.Write(w.conn, m, nil); err != nil {
		os.Exit(0) // the app has gone
	}
}

func (w *worker) raw(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.conn.Write(b); err != nil {
		os.Exit(0)
	}
}

func die(err error) {
	fmt.Fprintln(os.Stderr, "fake worker:", err)
	os.Exit(1)
}
