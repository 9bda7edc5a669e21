package storage

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	for _, fault := range []string{"fsync:error=EIO", "pwrite64:error=ENOSPC", "pwrite64:error=EIO", "fsync:signal=KILL", "pwrite64:signal=KILL"} {
		t.Run(fault, func(t *testing.T) {
			told, acked, step := 0, 0, 1
			if !soaking() {
				step = 40
			}
			first := 1 + rand.IntN(min(step, 10)) // few threads have more syncs than that
			for n := first; ; n += step {
				fired, saved := tellStory(t, fmt.Sprintf("%s:when=%d", fault, n))
				if t.Failed() {
					t.Fatalf("at %s %d", fault, n)
				}
				if !fired {
					break
				}
				told++
				acked += saved
			}
			if told == 0 || acked == 0 {
				t.Errorf("the test is blind: %d stories with %d acknowledged", told, acked)
			}
			t.Logf("first %d, %d stories, %d acknowledged", first, told, acked)
		})
	}
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
