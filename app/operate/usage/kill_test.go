package usage

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"alcove/storage"
)

// childEnv holds the database's path in the process that is killed.
const childEnv = "ALCOVE_USAGE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		fmt.Fprintln(os.Stderr, record(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// perMinute is how many answers the child gives in a minute.
const perMinute = 3

// record makes answers, minute after minute on a clock of its own, and says how
// many minutes are stored, until it is killed.
func record(path string) error {
	c := newClocks()
	store, err := storage.Open(context.Background(), storage.Options{Path: path, Now: c.now})
	if err != nil {
		return err
	}
	r, err := Open(context.Background(), Deps{Store: store, Now: c.now, Elapsed: c.since, every: time.Hour})
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		for range perMinute {
			r.Answer(Answer{At: c.now(), Status: StatusDone, Model: fmt.Sprint("m", n%3), User: pageUser, Total: time.Second, FirstToken: 1})
		}
		r.Sample(sampleOf(float64(n % 100)))
		r.call(func(*owner) {})
		c.pass(time.Minute, 0)
		r.call(func(o *owner) { o.turn() })
		for waiting := true; waiting; {
			r.call(func(o *owner) { waiting = o.writing || len(o.parts) > 0 })
		}
		fmt.Println(n)
	}
}

// A program that is killed at any moment loses at most the minute that runs,
// and damages nothing.
func TestKill(t *testing.T) { killed(t, 8) }

// TestSoakKill is TestKill many times.
func TestSoakKill(t *testing.T) {
	if os.Getenv("ALCOVE_SOAK") == "" {
		t.Skip("make soak runs it")
	}
	killed(t, 100)
}

func killed(t *testing.T, lives int) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range lives {
		d := &desk{t: t, path: filepath.Join(t.TempDir(), "data", "alcove.db"), clocks: newClocks()}
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stderr = append(os.Environ(), childEnv+"="+d.path), os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		stored := 0
		for range 1 + random.IntN(12) {
			if !lines.Scan() {
				t.Fatal("the child ended by itself")
			}
			fmt.Sscan(lines.Text(), &stored)
		}
		time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
		cmd.Process.Kill() //nolint:errcheck // Wait tells
		for lines.Scan() { // what it said before its end
			fmt.Sscan(lines.Text(), &stored)
		}
		cmd.Wait() //nolint:errcheck // it was killed
		d.open(nil)
		byTier, rows := d.counts()
		if rows < stored*perMinute || rows > (stored+1)*perMinute {
			t.Errorf("%d rows are there, %d minutes of %d were stored", rows, stored, perMinute)
		}
		d.want(rows)
		if v, err := d.Latency(t.Context(), 2*time.Hour, Key{}); err != nil || byTier[time.Minute] != int64(rows) || len(v.Totals) == 0 {
			t.Errorf("%v, %+v", err, v.Totals)
		}
		d.close()
	}
}
