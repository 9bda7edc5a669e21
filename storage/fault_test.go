package storage

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// D02 and D06: the story is told again and again, and each time another one of
// its writes or syncs fails or kills it, until none is left to fail. What was
// acknowledged is there. strace counts calls for each thread, so that a number
// may stand for several calls.
func TestSoakFault_EveryWriteAndSync(t *testing.T) {
	if out, err := exec.Command("strace", "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: strace is missing or not permitted: %v %s", err, out)
	}
	var acked atomic.Int64
	for _, row := range []struct {
		fault string
		step  int // of the short run; there are far fewer syncs than writes
	}{
		{"fsync:error=EIO", 4}, {"fsync:signal=KILL", 4},
		{"pwrite64:error=EIO", 80}, {"pwrite64:error=ENOSPC", 80}, {"pwrite64:signal=KILL", 80},
	} {
		t.Run(row.fault, func(t *testing.T) {
			t.Parallel() // a story mostly waits: for its clock, and for the disk
			told, step := 0, 1
			if !soaking() {
				step = row.step
			}
			first := 1 + rand.IntN(step)
			for n := first; ; n += step {
				fired, saved := tellStory(t, fmt.Sprintf("%s:when=%d", row.fault, n))
				acked.Add(int64(saved))
				if t.Failed() {
					t.Fatalf("at %s %d", row.fault, n)
				}
				if !fired {
					break
				}
				told++
			}
			if told == 0 {
				t.Errorf("the test is blind: the fault never came, the first was to be at %d", first)
			}
			t.Logf("first %d, %d stories", first, told)
		})
	}
	t.Cleanup(func() {
		if acked.Load() == 0 {
			t.Error("the test is blind: nothing was acknowledged")
		}
	})
}

// tellStory runs one story with a fault, checks what is left of it, and says
// whether the fault came and how much was acknowledged.
func tellStory(t *testing.T, fault string) (fired bool, acked int) {
	t.Helper()
	folder := t.TempDir()
	path, log := filepath.Join(folder, "data", "alcove.db"), filepath.Join(folder, "strace")
	call, _, _ := strings.Cut(fault, ":")
	cmd := exec.Command("strace", "-f", "-qq", "-o", log, "-P", path, "-P", path+"-wal", "-e", "trace="+call, "-e", "inject="+fault, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path, childEnv+"_LIFE=story")
	ledger := follow(t, cmd, 2*time.Minute)
	trace, err := os.ReadFile(log)
	mustDo(t, err)
	fired = strings.Contains(string(trace), "INJECTED") || strings.Contains(string(trace), "killed by SIGKILL")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatalf("%s: %v", fault, err)
	}
	defer db.Close()
	checkWhole(t, db)
	checkLedger(t, db, ledger)
	for _, e := range ledger {
		if e.Acked {
			acked++
		}
	}
	return fired, acked
}
