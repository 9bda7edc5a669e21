package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"alcove/engine/local/fake"
)

// Kills of the whole app in soak, and in a test run.
const (
	killsInSoak = 100
	killsInTest = killsInSoak / 20
	clients     = 4
)

// TestSoakKillApp kills the app with SIGKILL at random moments while several
// clients chat, starts it again on the same data, and compares what it has
// with a ledger of what it acknowledged.
func TestSoakKillApp(t *testing.T) {
	t.Parallel()
	p, real := realPlace(t)
	if !real {
		p = fakePlace(t, fake.Script{Pause: 3 * time.Millisecond, Prefill: 5})
	}
	kills := killsInTest
	if os.Getenv("ALCOVE_SOAK") == "1" {
		kills = killsInSoak
	}
	seed := rand.Uint64()
	if s := os.Getenv("ALCOVE_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("ALCOVE_SEED=%d, %d kills, real worker: %v", seed, kills, real)
	random := rand.New(rand.NewPCG(seed, 0))
	l := &ledger{asked: map[string]*entry{}}
	team := make([]*talker, clients)
	for i := range team {
		team[i] = &talker{ledger: l, random: rand.New(rand.NewPCG(seed, uint64(i)+1))}
	}
	for n := range kills {
		a := p.serve(t)
		a.ready()
		l.check(a)
		worker := a.workerPID()
		ctx, cancel := context.WithCancel(context.Background())
		var wait sync.WaitGroup
		for _, c := range team {
			wait.Go(func() { c.talk(ctx, a) })
		}
		time.Sleep(moment(random))
		a.kill()
		cancel()
		wait.Wait()
		gone(t, worker)
		if t.Failed() {
			t.Fatalf("after kill %d", n+1)
		}
	}
	a := p.serve(t)
	a.ready()
	l.check(a)
	l.report(t)
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d after SIGTERM", code)
	}
}

// moment is when a kill comes: often while the first questions are being
// saved, else while answers are written.
func moment(random *rand.Rand) time.Duration {
	if random.IntN(3) == 0 {
		return time.Duration(random.IntN(40_000)) * time.Microsecond
	}
	return time.Duration(random.IntN(3000)) * time.Millisecond
}

// entry is what the clients know about one question.
type entry struct {
	id, conversation, text string
	acknowledged           bool
	turn, answer           string // of the acknowledgement
	heard                  string // text that the stream brought
	ended                  string // final text, when the stream told the end
	done                   bool
	over                   bool // it had ended when it was acknowledged
}

// ledger has every question that was sent, acknowledged or not.
type ledger struct {
	mu    sync.Mutex
	asked map[string]*entry
	order []string
	seen  map[string]int // statuses that check found
}

func (l *ledger) add(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked[e.id] == nil {
		l.asked[e.id] = e
		l.order = append(l.order, e.id)
	}
}

// check compares all of it with what a freshly started app has.
func (l *ledger) check(a *served) {
	a.t.Helper()
	byConversation := map[string][]message{}
	l.seen = map[string]int{}
	for _, id := range l.order {
		e := l.asked[id]
		if byConversation[e.conversation] == nil {
			got := a.call("GET", "/api/v1/conversations/"+e.conversation, "")
			if got.status == http.StatusNotFound && !e.acknowledged {
				continue
			}
			var body struct{ Messages []message }
			got.read(a.t, &body)
			byConversation[e.conversation] = body.Messages
		}
		l.compare(a.t, e, byConversation[e.conversation])
	}
}

func (l *ledger) compare(t testing.TB, e *entry, all []message) {
	t.Helper()
	var questions, answers []message
	for _, m := range all {
		if m.ID == e.id {
			questions = append(questions, m)
		}
		if m.ParentID != nil && *m.ParentID == e.id {
			answers = append(answers, m)
		}
	}
	if !e.acknowledged && len(questions) == 0 && len(answers) == 0 {
		l.seen["never saved"]++
		return
	}
	if len(questions) != 1 || len(answers) != 1 || questions[0].Text != e.text {
		t.Errorf("question %s (acknowledged %v) is there %d times with %d answers", e.id, e.acknowledged, len(questions), len(answers))
		return
	}
	m := answers[0]
	l.seen[m.Status]++
	if m.Status == "interrupted" && m.Text != "" {
		l.seen["with a part of the answer"]++
	}
	if e.acknowledged && (m.ID != e.answer || m.TurnID != e.turn) {
		t.Errorf("question %s: answer %s of turn %s was acknowledged, there is %s of %s", e.id, e.answer, e.turn, m.ID, m.TurnID)
	}
	switch {
	case e.done && (m.Status != "done" || m.Text != e.ended):
		t.Errorf("answer %s was told to be done with %q, and is %s with %q", m.ID, e.ended, m.Status, m.Text)
	case m.Status != "done" && m.Status != "interrupted":
		t.Errorf("answer %s is %s: %+v", m.ID, m.Status, m.Error)
	case !strings.HasPrefix(m.Text, e.heard) && !strings.HasPrefix(e.heard, m.Text):
		t.Errorf("answer %s has %q, and its reader heard %q", m.ID, m.Text, e.heard)
	}
}

func (l *ledger) report(t *testing.T) {
	acknowledged, told := 0, 0
	for _, e := range l.asked {
		if e.acknowledged {
			acknowledged++
		}
		if e.done {
			told++
		}
	}
	t.Logf("%d questions sent, %d acknowledged, %d told as done; found: %v", len(l.order), acknowledged, told, l.seen)
	if acknowledged == 0 {
		t.Error("nothing was acknowledged: the test has tried nothing")
	}
}

// talker is one client: it asks, follows its answer, and asks again. What was
// not acknowledged is asked again with the same id after the restart.
type talker struct {
	ledger       *ledger
	random       *rand.Rand
	conversation string
	left         int // questions until the next conversation
	pending      *entry
}

func (c *talker) talk(ctx context.Context, a *served) {
	events, follow := make(chan streamed, 1024), make(chan struct{})
	go a.stream(ctx, events, follow)
	select {
	case <-follow:
	case <-ctx.Done():
		return
	}
	for ctx.Err() == nil {
		if c.pending == nil {
			if c.left == 0 {
				c.conversation, c.left = uuid.NewString(), 1+c.random.IntN(3)
			}
			c.left--
			c.pending = &entry{id: uuid.NewString(), conversation: c.conversation,
				text: fmt.Sprintf("Please count from %d upwards.", c.random.IntN(1000))}
			c.ledger.add(c.pending)
		}
		e := c.pending
		if !c.ask(ctx, a, e) {
			return
		}
		c.pending = nil
		if !c.listen(ctx, e, events) {
			return
		}
	}
}

// ask is true when the app has acknowledged the question.
func (c *talker) ask(ctx context.Context, a *served, e *entry) bool {
	if _, err := a.send(ctx, "POST", "/api/v1/conversations", fmt.Sprintf(`{"id": %q}`, e.conversation)); err != nil {
		return false
	}
	body := fmt.Sprintf(`{"id": %q, "text": %q, "sampling": {"max_tokens": %d}}`, e.id, e.text, 1+c.random.IntN(30))
	got, err := a.send(ctx, "POST", "/api/v1/conversations/"+e.conversation+"/messages", body)
	if err != nil {
		return false
	}
	var s started
	if got.status != http.StatusAccepted || json.Unmarshal([]byte(got.body), &s) != nil {
		a.t.Errorf("question %s was answered with %+v", e.id, got)
		return false
	}
	e.turn, e.answer, e.acknowledged = s.TurnID, s.Answer.ID, true
	e.over = s.Answer.Status != "writing" // saved before a kill, and asked again
	return true
}

// listen follows an answer and is true when it has ended.
func (c *talker) listen(ctx context.Context, e *entry, events <-chan streamed) bool {
	for !e.over {
		select {
		case <-ctx.Done():
			return false
		case s, ok := <-events:
			switch {
			case !ok:
				return false
			case s.data.TurnID != e.turn:
			case s.name == "turn.delta":
				e.heard += s.data.Text
			case s.name == "turn.done":
				e.done, e.ended = true, s.data.Message.Text
				return true
			case s.name == "turn.failed":
				return true
			}
		}
	}
	return true
}

// streamed is an event of the stream.
type streamed struct {
	name string
	data struct {
		TurnID  string  `json:"turn_id"`
		Text    string  `json:"text"`
		Message message `json:"message"`
	}
}

// stream sends the events until the app or ctx ends; open is closed after hello.
func (a *served) stream(ctx context.Context, events chan<- streamed, open chan<- struct{}) {
	defer close(events)
	r, err := http.NewRequestWithContext(ctx, "GET", a.base+"/api/v1/events", nil)
	if err != nil {
		return
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer got.Body.Close()
	lines := bufio.NewScanner(got.Body)
	lines.Buffer(nil, 4<<20)
	var s streamed
	for lines.Scan() {
		switch field, value, _ := strings.Cut(lines.Text(), ": "); field {
		case "event":
			s.name = value
		case "data":
			if s.name == "hello" {
				close(open)
			} else if json.Unmarshal([]byte(value), &s.data) == nil {
				select {
				case events <- s:
				case <-ctx.Done():
					return
				}
			}
			s = streamed{}
		}
	}
}

func (a *served) workerPID() int {
	a.t.Helper()
	var body struct {
		Status struct {
			PID int `json:"worker_pid"`
		}
	}
	a.get("/api/v1/models", &body)
	return body.Status.PID
}

// gone waits until a process has ended: a worker must not outlive its app.
func gone(t testing.TB, pid int) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); pid > 0 && syscall.Kill(pid, 0) == nil; {
		if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && strings.Contains(string(state), ") Z ") {
			return // ended, and nobody has asked for its status
		}
		if time.Now().After(until) {
			t.Errorf("worker %d outlived its app", pid)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
