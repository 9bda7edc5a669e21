package local_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// The test binary is also the fake worker, and the parent that a test kills.
// No test may leave a goroutine.
func TestMain(m *testing.M) {
	fake.RunIfWorker()
	if len(os.Args) == 5 && os.Args[1] == parentArg {
		runParent(os.Args[2:])
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		if builtIn != "" {
			os.RemoveAll(builtIn)
		}
		os.Exit(status)
	}))
}

// parentArg makes this test binary a program that answers with a worker until
// it is killed: parentArg WORKER RUNTIME MODELS.
const parentArg = "--parent-of-a-worker"

// runParent prints the worker's process id once it writes.
func runParent(args []string) {
	e, err := local.New(local.Config{WorkerPath: args[0], RuntimeDir: args[1], ModelsDir: args[2], Threads: 1})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	n := 0
	_, err = e.Generate(context.Background(), ask("Count to one thousand."), func(ev engine.Event) error {
		if _, ok := ev.(engine.Token); ok {
			if n++; n == 3 {
				fmt.Println("worker", e.Status().WorkerPID)
			}
		}
		return nil
	})
	fmt.Fprintln(os.Stderr, "ended", err)
	select {}
}
