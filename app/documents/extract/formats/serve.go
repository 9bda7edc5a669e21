package formats

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"alcove/app/documents/extract"
	"alcove/app/documents/extract/pdf"
	"alcove/engine/seal"
)

// fileDescriptor is where the parent hands over the open file.
const fileDescriptor = 3

// order is the child's command line.
type order struct {
	hint, cache, limits  string
	tesseract, languages string
	pictures, warm       bool
	probe                string
}

// Serve is `alcove extract`: the process seals itself, then reads the file that
// it was started with and writes frames to out. It must run on the main thread.
// The end of in ends the process.
func Serve(args []string, in io.Reader, out io.Writer) error {
	var o order
	flags := flag.NewFlagSet("extract", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.hint, "hint", "", "extension of the file's name")
	flags.StringVar(&o.cache, "cache", "", "folder with PDFium compiled for this machine")
	flags.StringVar(&o.limits, "limits", "", "limits, as JSON")
	flags.StringVar(&o.tesseract, "tesseract", "", "become this program, sealed")
	flags.StringVar(&o.languages, "languages", "eng", "of tesseract")
	flags.BoolVar(&o.pictures, "pictures", false, "hand over pages without text as pictures")
	flags.BoolVar(&o.warm, "warm", false, "only fill the cache")
	flags.StringVar(&o.probe, "probe-seal", "", "try to do what must not work, with FILE and ADDR after it, and say what happened")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("extract: %w", err)
	}
	if o.warm {
		return warm(o)
	}
	report, sealed, err := seal.Check()
	if err == nil && !sealed {
		err = enter(o)
	}
	if err == nil {
		err = bound(o)
	}
	if err != nil {
		return err
	}
	if o.probe != "" {
		return probe(out, report, o.probe, flags.Args())
	}
	go func() {
		io.Copy(io.Discard, in) //nolint:errcheck // either way the parent is gone
		os.Exit(1)
	}()
	return o.serve(out)
}

// enter seals the process and starts it again. It returns only if that failed.
func enter(o order) error {
	f := seal.Folders{GPU: "none", Read: []string{o.cache}}
	if o.tesseract != "" {
		f.Read = []string{"/usr/share/tesseract-ocr", "/usr/share/tessdata", "/usr/local/share/tessdata"}
		f.Exec = []string{o.tesseract, "stdin", "stdout", "-l", o.languages}
		if err := limitTesseract(); err != nil {
			return err
		}
	}
	return seal.Enter(f)
}

// bound takes away what Enter needed and bounds what is left.
func bound(o order) error {
	if err := seal.NoPrograms(); err != nil {
		return fmt.Errorf("seal: no programs: %w", err)
	}
	limits := o.readLimits()
	if err := limitSelf(limits.Total); err != nil {
		return fmt.Errorf("seal: limits: %w", err)
	}
	debug.SetMemoryLimit(limits.Memory * 3 / 4)
	debug.SetGCPercent(50)
	return nil
}

func (o order) readLimits() extract.Limits {
	limits := extract.DefaultLimits()
	if o.limits != "" && json.Unmarshal([]byte(o.limits), &limits) != nil {
		return extract.DefaultLimits()
	}
	return limits
}

// serve reads the file and says what is in it. The error is that of a parent
// that is gone.
func (o order) serve(out io.Writer) error {
	send := extract.NewSender(out)
	doc, err := o.parse(send)
	var failed *extract.Error
	switch {
	case errors.As(err, &failed):
		return send.Fail(failed)
	case err != nil:
		return err
	}
	return send.Document(doc)
}

func (o order) parse(send *extract.Sender) (doc extract.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = extract.Fail(extract.Damaged, "%s", panicked(p))
		}
	}()
	file := os.NewFile(fileDescriptor, "document")
	info, err := file.Stat()
	if err != nil {
		return doc, extract.Fail(extract.Gone, "%v", err)
	}
	pdf.CacheDir = o.cache
	in := extract.Input{File: file, Size: info.Size(), Hint: o.hint, Limits: o.readLimits()}
	in.Progress = func(done, total int) {
		if send.Progress(done, total) != nil {
			os.Exit(1)
		}
	}
	if o.pictures {
		in.Pictures = send.Picture
	}
	return Parse(context.Background(), in)
}

// panicked describes a panic without text of the file: only the runtime's own
// words are kept, with the place.
func panicked(p any) string {
	what := fmt.Sprintf("panic of %T", p)
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	for skip := 3; skip < 12; skip++ {
		if _, file, line, ok := runtime.Caller(skip); ok && strings.Contains(file, "extract/") {
			return fmt.Sprintf("%s at %s:%d", what, file[strings.Index(file, "extract/"):], line)
		}
	}
	return what
}

// warm compiles PDFium into the cache. Nothing of strangers is read here, and
// no seal is needed.
func warm(o order) error {
	if o.cache == "" {
		return errors.New("extract: --warm needs --cache")
	}
	pdf.CacheDir = o.cache
	return pdf.Warm(context.Background())
}
