package formats

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/tinypdf"
)

// BenchmarkPages reads PDFs in children and reports pages a second, with the
// start of the child, and the child's peak of memory:
// go test -run '^$' -bench Pages ./app/documents/extract/formats
func BenchmarkPages(b *testing.B) {
	prose := strings.Repeat("The quick brown fox jumps over the lazy dog and takes its leave. ", 1)
	lines := make([]string, 45) // about 3,000 characters a page
	for i := range lines {
		lines[i] = prose
	}
	pages := make([]string, 300)
	for i := range pages {
		pages[i] = tinypdf.Text(60, 780, 11, false, "", lines...)
	}
	long := filepath.Join(b.TempDir(), "long.pdf")
	if err := os.WriteFile(long, tinypdf.Pages(pages...).Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	for name, path := range map[string]string{"300pages": long, "handbook": "../../../../examples/handbook/employee-handbook-2026.pdf"} {
		b.Run(name, func(b *testing.B) {
			var child *exec.Cmd
			o := extract.Options{CacheDir: cacheDir(b), Command: func(args ...string) *exec.Cmd {
				child = command(args...)
				return child
			}}
			read, peak := 0, int64(0)
			for b.Loop() {
				doc, err := extract.Run(b.Context(), o, openFile(b, path), path, nil)
				if err != nil {
					b.Fatal(err)
				}
				read += doc.Pages
				if usage, ok := child.ProcessState.SysUsage().(*syscall.Rusage); ok {
					peak = max(peak, usage.Maxrss)
				}
			}
			b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "pages/s")
			b.ReportMetric(float64(peak)/1024, "peak-MiB")
		})
	}
}
