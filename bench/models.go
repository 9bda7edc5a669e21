package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"alcove/app/operate/load"
)

// This file is what happens to models: they are dropped, loaded, asked for
// beside each other and in turn.

// repeats is how often a segment does the same thing; its sample is the median.
const repeats = 3

// crowdTime is how long the people of a crowd ask. Tests make it short.
var crowdTime = 10 * time.Second

// model is one of Alcove's list.
type model struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Reason string `json:"reason"`
}

// list is what /api/v1/models says.
type list struct {
	Models []model `json:"models"`
	Status struct {
		Loaded []struct {
			Model string `json:"model"`
		} `json:"loaded"`
	} `json:"status"`
}

// state is "" of a model that is not listed.
func (l list) state(id string) string {
	for _, m := range l.Models {
		if m.ID == id {
			return m.State
		}
	}
	return ""
}

// until asks for the list until it is as wanted. The longer it waits the less
// often it asks: asking takes the processor from what it waits for.
func (b *box) until(ctx context.Context, what string, wanted func(list) bool) error {
	for begin := time.Now(); ; {
		var l list
		if err := b.call(ctx, "GET", "/api/v1/models", b.token, "", &l); err != nil {
			return err
		}
		if wanted(l) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w; the list is %+v", what, ctx.Err(), l)
		case <-time.After(min(max(time.Since(begin)/20, 2*time.Millisecond), 20*time.Millisecond)):
		}
	}
}

// untilState waits until a model has a state.
func (b *box) untilState(ctx context.Context, id, state string) error {
	return b.until(ctx, id+" is "+state, func(l list) bool { return l.state(id) == state })
}

// drop: a file comes into the watched folder, by a rename, as a download ends,
// and by a copy. The clock starts at its last byte.
func drop(ctx context.Context, b *box, round int, s *segment) error {
	for _, way := range []struct {
		name string
		put  func(from, to string) (time.Time, error)
	}{{"rename", renamed}, {"copy", copied}} {
		var times []float64
		for i := range repeats {
			id := fmt.Sprint(way.name, i)
			last, err := way.put(b.paths.model, filepath.Join(b.folder, "models", id+".gguf"))
			if err != nil {
				return err
			}
			if err := b.untilState(ctx, id, "ready"); err != nil {
				return err
			}
			times = append(times, time.Since(last).Seconds())
		}
		s.samples["drop_"+way.name] = load.Median(times)
	}
	var times []float64
	for i := range repeats {
		id := fmt.Sprint("told", i)
		told, err := b.told(ctx, id, func() (time.Time, error) {
			return renamed(b.paths.model, filepath.Join(b.folder, "models", id+".gguf"))
		})
		if err != nil {
			return err
		}
		times = append(times, told.Seconds())
	}
	s.samples["drop_told"] = load.Median(times)
	return nil
}

// told is the time from what put does until the event stream, which the page
// reads, says that the model is ready. Nobody asks for the list then.
func (b *box) told(ctx context.Context, id string, put func() (time.Time, error)) (time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", b.base+"/api/v1/events", nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+b.token)
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	if _, err := lines.ReadBytes('\n'); err != nil { // its first event: we are heard
		return 0, fmt.Errorf("events: %s: %w", resp.Status, err)
	}
	last, err := put()
	for err == nil {
		var line []byte
		line, err = lines.ReadBytes('\n')
		data, isData := bytes.CutPrefix(line, []byte("data: "))
		var l list
		if isData && json.Unmarshal(data, &l) == nil && l.state(id) == "ready" {
			return time.Since(last), nil
		}
	}
	return 0, fmt.Errorf("wait until the page is told of %s: %w", id, err)
}

// renamed puts a file into the folder whole.
func renamed(from, to string) (time.Time, error) {
	part := filepath.Join(filepath.Dir(filepath.Dir(to)), "part") // outside the watched folder
	if _, err := copied(from, part); err != nil {
		return time.Time{}, err
	}
	err := os.Rename(part, to)
	return time.Now(), err
}

// copied writes a file into the folder piece by piece.
func copied(from, to string) (last time.Time, err error) {
	in, err := os.Open(from)
	if err != nil {
		return last, err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return last, err
	}
	_, err = io.Copy(struct{ io.Writer }{out}, in) // not by one call of the kernel, which nobody could watch
	last = time.Now()
	return last, errors.Join(err, out.Close())
}

// loading: a model that is in the folder becomes able to answer. A llama-server
// loads its one model when it starts, so its start is the time for both.
func loading(ctx context.Context, b *box, round int, s *segment) error {
	b.stop()
	begin := time.Now()
	if err := b.begin(ctx); err != nil {
		return err
	}
	s.samples["start"] = time.Since(begin).Seconds()
	var loads, answers []float64
	for i := range repeats {
		if err := b.unload(ctx); err != nil {
			return err
		}
		begin := time.Now()
		if err := b.load(ctx); err != nil {
			return err
		}
		loads = append(loads, time.Since(begin).Seconds())
		a, err := b.ask(ctx, request{Messages: say(load.Story(round*10 + i)), Tokens: 8})
		if err != nil {
			return err
		}
		s.note(8, a)
		answers = append(answers, a.First().Sub(begin).Seconds())
	}
	s.samples["load"], s.samples["load_answer"] = load.Median(loads), load.Median(answers)
	return nil
}

// unload gives the memory of the models back: llama-server's by its end.
func (b *box) unload(ctx context.Context) error {
	if !b.ours {
		b.stop()
		return nil
	}
	if err := b.call(ctx, "POST", "/api/v1/models/"+b.model+"/unload", b.token, "", nil); err != nil {
		return err
	}
	return b.until(ctx, "nothing is loaded", func(l list) bool { return len(l.Status.Loaded) == 0 })
}

func (b *box) load(ctx context.Context) error {
	if !b.ours {
		return b.begin(ctx)
	}
	if err := b.call(ctx, "POST", "/api/v1/models/"+b.model+"/load", b.token, "", nil); err != nil {
		return err
	}
	return b.untilState(ctx, b.model, "loaded")
}

// change asks one model for a long answer, another for a short one while the
// first is written, and reads both to their ends.
func change(ctx context.Context, b *box, from, to string, n int, s *segment) (old, next answer, err error) {
	writes, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		old, err = b.askOf(ctx, from, request{Messages: say(load.Story(n)), Tokens: 2 * long, OnFirst: func(time.Time) { close(writes) }})
		ended <- err
	}()
	select {
	case <-writes:
	case err := <-ended:
		if err != nil {
			return old, next, err
		}
		ended <- nil
	}
	next, err = b.askOf(ctx, to, request{Messages: say(load.Story(n + 1)), Tokens: short})
	if err = errors.Join(<-ended, err); err == nil {
		s.note(2*long, old)
		s.note(short, next)
	}
	return old, next, err
}

// beside: each new model finds room beside those that are loaded.
func beside(ctx context.Context, b *box, round int, s *segment) error {
	var waits, gaps []float64
	for i, name := range b.others {
		old, next, err := change(ctx, b, b.model, name, round*20+2*i, s)
		if err != nil {
			return err
		}
		waits = append(waits, next.Wait().Seconds())
		gaps = append(gaps, old.worstGap(next.Sent, next.First()).Seconds())
	}
	s.samples["beside_wait"], s.samples["beside_gap"] = load.Median(waits), load.Median(gaps)
	return nil
}

// swap: only one model may be loaded. First one person asks both in turn, then
// a crowd asks both all the time.
func swap(ctx context.Context, b *box, round int, s *segment) error {
	var times []float64
	from, to := b.model, b.others[0]
	for i := range repeats {
		old, next, err := change(ctx, b, from, to, round*20+2*i, s)
		if err != nil {
			return err
		}
		begin := next.Sent
		if old.Last().After(begin) {
			begin = old.Last()
		}
		times = append(times, max(0, next.First().Sub(begin).Seconds()))
		from, to = to, from
	}
	s.samples["swap_time"] = load.Median(times)
	c := crowd{models: []string{from, to}, questions: newQuestions(round)}
	c.run(ctx, b)
	c.sum(s)
	return errors.Join(c.errs...)
}

// crowd is people who ask several models, each his own, again and again.
type crowd struct {
	models    []string
	mu        sync.Mutex
	questions *questions
	answers   []answer
	errs      []error
	took      time.Duration
}

func (c *crowd) run(ctx context.Context, b *box) {
	begin := time.Now()
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			for time.Since(begin) < crowdTime && ctx.Err() == nil {
				c.mu.Lock()
				q := c.questions.take(1)[0]
				c.mu.Unlock()
				a, err := b.askOf(ctx, c.models[i%len(c.models)], request{Messages: say(q), Tokens: short})
				c.mu.Lock()
				if err != nil {
					c.errs = append(c.errs, err)
				} else {
					c.answers = append(c.answers, a)
				}
				c.mu.Unlock()
				if err != nil {
					time.Sleep(50 * time.Millisecond) // a server that refuses is not asked as fast as it can refuse
				}
			}
		})
	}
	all.Wait()
	c.took = time.Since(begin)
}

// sum notes what the crowd has seen.
func (c *crowd) sum(s *segment) {
	longest := 0.0
	for _, a := range c.answers {
		longest = max(longest, a.Wait().Seconds())
	}
	s.note(short, c.answers...)
	s.samples["swap_failed"], s.samples["swap_longest"] = float64(len(c.errs)), longest
	s.samples["swap_rate"] = float64(len(c.answers)) / max(c.took.Hours(), 1e-9)
}
