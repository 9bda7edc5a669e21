package quality

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/formats"
)

// The test program is its own sealed child, as `alcove extract` is the program's.
func init() { runtime.LockOSThread() }

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "extract" {
		if err := formats.Serve(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// reader reads files as the program does.
func reader(t testing.TB) func(ctx context.Context, file *os.File, name string, progress func(done, total int)) (extract.Document, error) {
	t.Helper()
	o := extract.Options{
		Command:  func(args ...string) *exec.Cmd { return exec.Command(os.Args[0], args...) },
		CacheDir: filepath.Join(os.TempDir(), "alcove-test-pdfium"),
	}
	if err := extract.Warm(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, file *os.File, name string, progress func(done, total int)) (extract.Document, error) {
		return extract.Run(ctx, o, file, name, progress)
	}
}
