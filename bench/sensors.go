package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// This file is what it costs to watch the machine, while nobody asks anything.

// watchTime is how long the processor time of those who watch is counted; the
// kernel counts hundredths of a second. Tests make it short.
var watchTime = 20 * time.Second

// watchers are other programs that say once a second what a machine does; they
// say less. One that is not installed is left out.
var watchers = map[string][]string{
	"sensors_vmstat": {"vmstat", "1"},
	"sensors_top":    {"top", "-b", "-d", "1"},
}

// sensors: a box with a loaded model that nobody asks. What its sensors cost is
// told beside what the whole program costs, which reads them and keeps what they
// say, and beside other programs at the same time.
func sensors(ctx context.Context, b *box, _ int, s *segment) error {
	child := childOf(b.cmd.Process.Pid, "alcove\x00sensors\x00")
	if child == 0 {
		return errors.New("the program has no sensors")
	}
	pids := map[string]int{"sensors_child": child, "sensors_program": b.cmd.Process.Pid}
	for key, words := range watchers {
		path, err := exec.LookPath(words[0])
		if err != nil {
			fmt.Printf("  %s is not installed: no peer\n", words[0])
			continue
		}
		cmd := exec.CommandContext(ctx, path, words[1:]...)
		cmd.Stdout = io.Discard
		endWithParent(cmd)
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("start %s: %w", words[0], err)
		}
		defer func() {
			cmd.Process.Kill() //nolint:errcheck // it may have ended
			cmd.Wait()         //nolint:errcheck // it was killed
		}()
		pids[key] = cmd.Process.Pid
	}
	if err := pause(ctx, settle); err != nil {
		return err
	}
	begin, then := time.Now(), map[string]float64{}
	for key, pid := range pids {
		then[key] = secondsOfProcess(pid)
	}
	if err := pause(ctx, watchTime); err != nil {
		return err
	}
	for key, pid := range pids {
		s.samples[key] = 100 * (secondsOfProcess(pid) - then[key]) / time.Since(begin).Seconds()
		if s.samples[key] < 0 || childOf(b.cmd.Process.Pid, "alcove\x00sensors\x00") != child {
			return fmt.Errorf("%s: it has ended", key)
		}
	}
	s.samples["sensors_all"] = s.samples["sensors_child"] + s.samples["sensors_program"]
	return nil
}

// watchMethod says how it was measured.
func watchMethod() []string {
	return []string{
		fmt.Sprintf("The program runs on an empty data folder with its model loaded, and no page is open. %v after the other programs start, the processor time of each process is counted for %v, by /proc/PID/stat, in hundredths of a second.", settle, watchTime),
		"The sensors are a child process; what the program does with their figures (a sample a second, what is learned of the box's speed, alerts, what is kept) is part of its own time, beside everything else that it does while nobody asks.",
		"`vmstat` and `top` read less of the machine and no GPU; `top` reads every process. They are there to show the scale.",
		fmt.Sprintf("Ninety days are made by the tests of `app/operate/usage`: three models asked in three ways, 2,400 answers a day, a machine with two GPUs. A box starts on that database, and each chart is asked for %d times over HTTP, by one client that reads its JSON too.", asks),
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// secondsOfProcess is the processor time that a process has used, without that
// of its children.
func secondsOfProcess(pid int) float64 {
	f := statFields(pid)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / 100
}

// statFields are those of /proc/PID/stat after the name, which may hold spaces.
func statFields(pid int) []string {
	text := readFile(fmt.Sprintf("/proc/%d/stat", pid))
	return strings.Fields(text[strings.LastIndex(text, ")")+1:])
}

// childOf finds the child of a process whose command line begins so, or 0.
func childOf(parent int, line string) int {
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is good
	for _, file := range found {
		if !strings.HasPrefix(readFile(file), line) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if f := statFields(pid); len(f) > 1 && f[1] == strconv.Itoa(parent) {
			return pid
		}
	}
	return 0
}
