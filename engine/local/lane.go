package local

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/models"
	"alcove/engine/wire"
)

// This file is the lane of models that give vectors and scores. They are units
// like the others, with jobs instead of answers. They stand beside: no model makes
// room for them, they make room for none, and nobody asks them for answers.

// roleOf is what a worker does with a model.
func roleOf(m models.Info) string {
	switch {
	case m.Reranker:
		return wire.RoleRerank
	case m.Embeddings:
		return wire.RoleEmbed
	}
	return wire.RoleAnswer
}

// beside says that the unit belongs to the lane.
func (u *unit) beside() bool { return roleOf(u.model) != wire.RoleAnswer }

// busy says that its worker has work.
func (u *unit) busy() bool { return len(u.running)+len(u.jobs) > 0 }

// job is one request to a lane, or a count of tokens. It belongs to the
// supervisor until done has its end; then to who waits for it.
type job struct {
	id    uint64
	model models.Info
	embed *wire.Embed // exactly one of the two is set
	count *wire.Count

	vectors [][]float32 // by input
	tokens  []int
	deaths  int // workers that died under it
	done    chan error
}

func (j *job) frame() wire.ToWorker {
	if j.count != nil {
		return wire.ToWorker{Count: j.count}
	}
	return wire.ToWorker{Embed: j.embed}
}

// end gives the job to who waits for it. The first end counts.
func (j *job) end(err error) {
	select {
	case j.done <- err:
	default:
	}
}

// addJob takes a job, or ends it.
func (s *supervisor) addJob(j *job) {
	s.nextID++
	j.id = s.nextID
	n := len(s.jobs)
	for _, u := range s.units {
		n += len(u.jobs)
	}
	u := s.find(j.model.ID)
	if until, ok := s.resting[j.model.ID]; ok && !time.Now().Before(until) {
		delete(s.resting, j.model.ID)
		delete(s.aside, j.model.ID)
	}
	switch {
	case s.closed:
		j.end(errClosed())
		return
	case s.aside[j.model.ID] != "":
		j.end(engine.Errorf(engine.CodeModelSetAside, "%s", s.aside[j.model.ID]))
		return
	case n >= s.cfg.MaxAnswers:
		j.end(engine.Errorf(engine.CodeBusy, "Too many requests for passages are waiting. Try again in a moment."))
		return
	case roleOf(j.model) == wire.RoleAnswer && (u == nil || u.phase != phaseReady || u.leaving):
		j.end(errNotLoaded(j.model.ID))
		return
	}
	if j.count != nil {
		j.count.ID = j.id
	} else {
		j.embed.ID = j.id
	}
	s.jobs = append(s.jobs, j)
}

// laneRest is how long a model of the lane is set aside.
const laneRest = 10 * time.Minute

// laneAside is the sentence for one that is.
func laneAside(limit int) string {
	return fmt.Sprintf("The engine stopped %d times in a row with this model, so it is left alone for %d minutes. "+
		"Documents are found by their words meanwhile. If it happens again, get the file again or use another one.", limit, int(laneRest.Minutes()))
}

// removeJob forgets a job that nobody waits for any more.
func (s *supervisor) removeJob(j *job) {
	s.jobs = slices.DeleteFunc(s.jobs, func(o *job) bool { return o == j })
	if u := s.find(j.model.ID); u != nil && u.jobs[j.id] == j {
		delete(u.jobs, j.id)
		if u.phase == phaseReady && j.embed != nil {
			u.worker.send(wire.ToWorker{Cancel: &wire.Cancel{ID: j.id}})
		}
	}
}

// serveJobs gives all that wait for a unit to its worker, which puts them in order.
func (s *supervisor) serveJobs(u *unit) {
	s.jobs = slices.DeleteFunc(s.jobs, func(j *job) bool {
		if j.model.ID != u.model.ID || u.leaving && j.id >= u.until {
			return false
		}
		if !u.busy() { // the time without work does not count against the worker
			now := time.Now()
			u.worker.watch.stepped, u.worker.watch.brought = now, now
		}
		u.jobs[j.id] = j
		u.worker.send(j.frame())
		return true
	})
}

// takeJobs empties the jobs of a unit, in order of arrival.
func (u *unit) takeJobs() []*job {
	var list []*job
	for _, id := range sortedIDs(u.jobs) {
		list = append(list, u.jobs[id])
	}
	clear(u.jobs)
	return list
}

func sortedIDs(m map[uint64]*job) []uint64 {
	ids := make([]uint64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// endJobs ends what runs on a unit and what waits for its model.
func (s *supervisor) endJobs(u *unit, err error) {
	for _, j := range u.takeJobs() {
		j.end(err)
	}
	s.jobs = slices.DeleteFunc(s.jobs, func(j *job) bool {
		if j.model.ID == u.model.ID {
			j.end(err)
			return true
		}
		return false
	})
}

// resubmit puts the jobs of a dead worker back to the front of the queue, and
// ends those that have seen two deaths.
func (s *supervisor) resubmit(u *unit) {
	var again []*job
	for _, j := range u.takeJobs() {
		if j.deaths++; !mayResume(j.deaths) {
			j.end(engine.Errorf(engine.CodeWorkerFailed, "The engine stopped twice while reading a text for the search. Try again; the log has the reason."))
			continue
		}
		again = append(again, j)
	}
	s.jobs = append(again, s.jobs...)
}

// takeVectors takes what a batch brought. It reports false if the worker says
// what cannot be.
func (s *supervisor) takeVectors(u *unit, v *wire.Vectors, raw []byte, now time.Time) bool {
	size := u.worker.facts.Dimensions
	if !u.beside() || len(v.Of) > 0 && v.Size != size || len(raw) != 4*size*len(v.Of) {
		return false
	}
	u.worker.watch.step, u.worker.watch.stepped, u.worker.watch.brought = v.N, now, now
	for i, o := range v.Of {
		j := u.jobs[o.ID]
		if j == nil {
			continue // nobody waits for it any more
		}
		if j.embed == nil || o.Index < 0 || o.Index >= len(j.vectors) || o.Tokens < 0 || o.Tokens > u.worker.facts.Context {
			return false
		}
		vector := make([]float32, size)
		for k := range vector {
			vector[k] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*(i*size+k):]))
			if f := float64(vector[k]); math.IsNaN(f) || math.IsInf(f, 0) {
				return false
			}
		}
		j.vectors[o.Index], j.tokens[o.Index] = vector, o.Tokens
	}
	for _, e := range v.Ends {
		j := u.jobs[e.ID]
		if j == nil {
			continue
		}
		if j.embed == nil || e.Code == "" && slices.ContainsFunc(j.vectors, func(v []float32) bool { return v == nil }) {
			return false
		}
		s.endJob(u, j, e.Code, e.Message, now)
	}
	return true
}

// takeCounted takes a count of tokens.
func (s *supervisor) takeCounted(u *unit, c *wire.Counted, now time.Time) bool {
	j := u.jobs[c.ID]
	if j == nil {
		return true
	}
	if j.count == nil || c.Code == "" && len(c.Counts) != len(j.tokens) || slices.ContainsFunc(c.Counts, func(n int) bool { return n < 0 }) {
		return false
	}
	copy(j.tokens, c.Counts)
	u.worker.watch.stepped, u.worker.watch.brought = now, now
	s.endJob(u, j, c.Code, c.Message, now)
	return true
}

func (s *supervisor) endJob(u *unit, j *job, code, message string, now time.Time) {
	delete(u.jobs, j.id)
	u.used = now
	delete(s.records, u.model.ID)
	if code != "" {
		j.end(workerError(code, message, "", engine.CodeInternal))
		return
	}
	j.end(nil)
}

// laneFrame is the Load of a model of the lane.
func (c Config) laneFrame(m models.Info) wire.Load {
	l := wire.Load{RuntimeDir: c.RuntimeDir, ModelPath: m.Path, Role: roleOf(m), Threads: c.Threads, DeviceOnly: deviceCPU}
	setDefault(&l.Threads, hardware.Threads())
	return l
}

// laneExtra is what such a worker takes beside its model's file: itself, the
// buffers of a step and the table of words.
const laneExtra = 192 << 20

// laneReserve stays free beside it.
const laneReserve = 128 << 20

// runLane makes a worker of the lane where there is memory for it.
func (l launch) runLane(m models.Info) event {
	need := m.Size + laneExtra
	if machine, ok := l.plans.read(tenants{stay: append(slices.Clone(l.kept), l.others...)}); ok {
		if room := free(machine) - laneReserve; need > room {
			return event{unit: l.unit, err: engine.Errorf(engine.CodeModelTooLarge, "The model %.100q was not loaded: it needs about %d MB of memory, and %d MB can be used now. "+
				"Nothing else was changed. End other programs, or unload a model.", m.ID, need/1e6, max(0, room)/1e6)}
		}
	}
	args := []string{"--runtime", l.cfg.RuntimeDir, "--model", m.Path, "--gpu", noGPU, "--low"}
	p, err := l.spawn.start(l.cfg.WorkerPath, args, workerEnv(l.cfg.RuntimeDir, os.LookupEnv))
	if err != nil {
		return event{unit: l.unit, err: errNoWorker(err)}
	}
	return event{unit: l.unit, worker: newWorker(p, m.ID, l.unit, time.Now()), model: m, need: need}
}

func errNoWorker(err error) *engine.Error {
	return &engine.Error{Code: engine.CodeRuntimeMissing, Err: err,
		Message: "The engine's worker program could not be started. Install the package again."}
}

// rerankerIdle is how long a reranker stays in memory without use, where nobody
// has said how long models do.
const rerankerIdle = 5 * time.Minute

// idleAfter is how long a unit may be without use; 0: for ever.
func (c Config) idleAfter(u *unit) time.Duration {
	if c.UnloadAfter == 0 && roleOf(u.model) == wire.RoleRerank {
		return rerankerIdle
	}
	return c.UnloadAfter
}

// shares divides the cores among workers that compute at once: threads of two
// that overlap are neighbours that make each other's collapse. The lane gets a
// quarter where somebody waits for an answer.
func shares(cores, answering, lane int) (eachAnswering, eachLane int) {
	cores = max(1, cores)
	ours := cores
	if answering > 0 && lane > 0 {
		ours = max(1, cores/4)
		cores = max(1, cores-ours)
	}
	return max(1, cores/max(1, answering)), max(1, ours/max(1, lane))
}

func errNotLoaded(model string) *engine.Error {
	return engine.Errorf(engine.CodeNoModel, "The model %.100q is not loaded, so its tokens cannot be counted. Load it and try again.", model)
}

// errNoEmbedder says so.
func errNoEmbedder(what string) *engine.Error {
	return engine.Errorf(engine.CodeNoModel, "There is no model that %s in the model folder. Put a .gguf file of one into it and try again.", what)
}

// bundled says how much a model that comes with Alcove is preferred; 0: it does
// not. Those find passages where nobody chose another one: what was indexed stays
// so when a file is added.
func bundled(m models.Info) int {
	switch {
	case strings.HasPrefix(m.ID, "multilingual-e5-small"):
		return 2
	case strings.HasPrefix(m.ID, "all-MiniLM-L6-v2"):
		return 1
	}
	return 0
}

// pickLane finds the model that a request of the lane means.
func pickLane(infos []models.Info, role, asked, chosen string) (models.Info, *engine.Error) {
	what := map[string]string{wire.RoleEmbed: "turns texts into numbers", wire.RoleRerank: "puts passages in order"}[role]
	if asked == "" {
		asked = chosen
	}
	if asked != "" {
		m, err := lookUp(infos, asked)
		if err == nil && roleOf(m) != role {
			err = engine.Errorf(engine.CodeModelRefused, "The model %.100q is none that %s. Choose another one.", asked, what)
		}
		return m, err
	}
	best := -1
	for i, m := range infos {
		if roleOf(m) == role && m.Refused == "" && (best < 0 || bundled(m) > bundled(infos[best])) {
			best = i
		}
	}
	if best < 0 {
		return models.Info{}, errNoEmbedder(what)
	}
	return infos[best], nil
}
