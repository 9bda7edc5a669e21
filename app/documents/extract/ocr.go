package extract

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Bounds of reading one page by OCR.
const (
	ocrTime  = time.Minute
	ocrText  = 1 << 20 // bytes of a page
	maxScans = 1000    // pages of a file; more stay flagged
)

// OCR is tesseract on this machine.
type OCR struct {
	Program   string
	Languages []string // installed, as tesseract names them: "deu", "eng"
}

// wanted are the languages that are read, where they are installed.
var wanted = []string{"eng", "deu", "fra", "spa", "ita"}

// FindOCR looks for tesseract; nil says that it is not there, or has no
// language that is wanted.
func FindOCR(ctx context.Context) *OCR {
	program, err := exec.LookPath("tesseract")
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "--list-langs").Output()
	if err != nil {
		return nil
	}
	o := &OCR{Program: program}
	for _, line := range strings.Fields(string(out)) {
		if slices.Contains(wanted, line) {
			o.Languages = append(o.Languages, line)
		}
	}
	if len(o.Languages) == 0 {
		return nil
	}
	return o
}

// page reads one page. The sealed child becomes tesseract: it sees its own
// data, the picture on stdin, and nothing else. No text is no error.
func (o *OCR) page(ctx context.Context, with Options, page int, png []byte) []Block {
	ctx, cancel := context.WithTimeout(ctx, ocrTime)
	defer cancel()
	cmd := with.Command("extract", "--tesseract", o.Program, "--languages", strings.Join(o.Languages, "+"))
	if cmd.Env == nil {
		cmd.Env = []string{"LANG=C.UTF-8"}
	}
	cmd.Env = append(cmd.Env, "OMP_THREAD_LIMIT=1") // more threads of it are slower on few cores
	cmd.Stdin = bytes.NewReader(png)
	cmd.SysProcAttr = childAttributes()
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return nil
	}
	stop := context.AfterFunc(ctx, func() { cmd.Process.Kill() }) //nolint:errcheck // it may have ended
	defer stop()
	text, _ := io.ReadAll(io.LimitReader(out, ocrText)) //nolint:errcheck // the exit status says it
	cmd.Process.Kill()                                  //nolint:errcheck // what says more than ocrText ends here; else it has closed its output
	cmd.Wait()                                          //nolint:errcheck // killed or not, the text counts
	return scanned(string(text), page)
}

// scanned makes paragraphs of what OCR read.
func scanned(text string, page int) []Block {
	var blocks []Block
	for _, part := range strings.Split(strings.ReplaceAll(text, "\f", "\n\n"), "\n\n") {
		var lines []string
		for _, line := range strings.Split(part, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		if joined := JoinLines(lines); strings.ContainsFunc(joined, isLetter) {
			blocks = append(blocks, Block{Kind: Paragraph, Text: joined, Page: page})
		}
	}
	return blocks
}

// finished puts what OCR read into its place and says which pages it read.
func (c *collected) finished(ocr bool) (Document, error) {
	doc := c.doc
	if ocr {
		read := map[int]bool{}
		for _, b := range c.scans {
			read[b.Page] = true
			at := len(doc.Blocks)
			for at > 0 && doc.Blocks[at-1].Page > b.Page {
				at--
			}
			doc.Blocks = slices.Insert(doc.Blocks, at, b)
		}
		for i, f := range doc.Flags {
			if f.Kind == FlagScanned && read[f.Page] {
				doc.Flags[i].Kind = FlagOCR
			}
		}
		if doc.Effective == "" {
			doc.Effective = Effective(doc)
		}
	}
	for _, b := range doc.Blocks {
		if !b.Hidden {
			return doc, nil
		}
	}
	if slices.ContainsFunc(doc.Flags, func(f Flag) bool { return f.Kind == FlagScanned }) {
		return Document{}, Fail(Scanned, "%d pages without text", doc.Pages)
	}
	return Document{}, Fail(Empty, "no text that people see")
}
