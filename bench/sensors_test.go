package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The sensors and their parent are told apart, and what they use is counted.
func TestSensors(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	b := &box{cmd: &exec.Cmd{Process: process}}
	s := &segment{samples: map[string]float64{}}
	if err := sensors(t.Context(), b, 0, s); err == nil || !strings.Contains(err.Error(), "no sensors") {
		t.Errorf("a program without sensors: %v", err)
	}
	child := exec.Command(self)
	child.Args = []string{"alcove", "sensors", "-disk=/"}
	endWithParent(child)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		child.Process.Kill() //nolint:errcheck // it runs
		child.Wait()         //nolint:errcheck // it was killed
	}()
	if err := sensors(t.Context(), b, 0, s); err != nil {
		t.Fatal(err)
	}
	if s.samples["sensors_child"] <= 0 || s.samples["sensors_all"] < s.samples["sensors_child"] {
		t.Errorf("%v", s.samples)
	}
	for key, words := range watchers {
		_, err := exec.LookPath(words[0])
		if _, there := s.samples[key]; there != (err == nil) {
			t.Errorf("%s: %v, %v", key, s.samples, err)
		}
	}
}
