package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"alcove/app/documents/extract"
)

func (s *shell) ingestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "ingest PATH...", Short: "Put files and folders into a collection of documents",
		Long: "Send files, and the documents below folders, into a collection, and wait until questions can find them. The collection is made where there is none.\n" +
			"Hidden files, links and other kinds of files in folders are left out. Ctrl-C ends the waiting: what was sent is kept and read while Alcove runs.\n" +
			"The exit status is 1 when a file could not be taken or read.",
		Args: cobra.MinimumNArgs(1), RunE: s.withServer(s.ingest), PreRunE: namesCollection,
	}
	cmd.Flags().String("collection", "documents", "collection to put them into")
	cmd.Flags().Bool("watch", false, "watch the folders instead of sending their files: what changes in them is taken in")
	cmd.Flags().String("pinned", "", "whether a model reads the whole collection with each question: auto, always or never")
	cmd.Flags().Bool("no-wait", false, "only send them")
	return cmd
}

func (s *shell) collectionsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "collections", Short: "List the collections of documents", Args: cobra.NoArgs, RunE: s.withServer(s.collections)}
	cmd.Flags().Bool("json", false, "print everything as JSON")
	return cmd
}

// documentView is a document as the server shows it.
type documentView struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	State      string  `json:"state"`
	ReasonText string  `json:"reason_text"`
	Progress   float64 `json:"progress"`
	Chunks     int     `json:"chunks"`
}

// ingestion is one run of the command.
type ingestion struct {
	s          *shell
	c          *client
	collection string
	wait       bool
	sent       []sentFile // that are not done, in the order of the queue
	ready      int
	known      int
	failed     int
	paused     bool // nothing is read now
}

type sentFile struct{ id, name string }

func (s *shell) ingest(cmd *cobra.Command, args []string, c *client) error {
	flags := cmd.Flags()
	collection, err := flags.GetString("collection")
	if err != nil {
		return err
	}
	watch, err := flags.GetBool("watch")
	if err != nil {
		return err
	}
	noWait, err := flags.GetBool("no-wait")
	if err != nil {
		return err
	}
	in := &ingestion{s: s, c: c, collection: collection, wait: !noWait}
	ctx := cmd.Context()
	if err := in.ensure(ctx); err != nil {
		return interrupted(ctx, err)
	}
	if pinned, err := flags.GetString("pinned"); err != nil || pinned != "" {
		err = errors.Join(err, c.call(ctx, "PATCH", "/api/v1/collections/"+url.PathEscape(collection), map[string]string{"pinned": pinned}, nil))
		if err != nil {
			return interrupted(ctx, err)
		}
	}
	for _, path := range args {
		if err := in.take(ctx, path, watch); err != nil {
			return interrupted(ctx, err)
		}
	}
	if in.paused && len(in.sent) > 0 {
		in.line("This collection is paused: what was sent is read when somebody resumes it.")
		in.wait = false
	}
	if in.wait {
		if err := in.follow(ctx); err != nil {
			if ctx.Err() != nil {
				in.line("Stopped waiting. %d files that were sent are kept, and are read while Alcove runs.", len(in.sent))
			}
			return interrupted(ctx, err)
		}
	}
	fmt.Fprintf(s.stdout, "%d ready, %d waiting, %d were there already, %d failed\n", in.ready, len(in.sent), in.known, in.failed)
	if in.failed > 0 {
		return errFindings
	}
	return nil
}

func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// ensure makes the collection where there is none.
func (in *ingestion) ensure(ctx context.Context) error {
	var v struct{ Paused bool }
	err := in.c.call(ctx, "GET", "/api/v1/collections/"+url.PathEscape(in.collection), nil, &v)
	in.paused = v.Paused
	var e *apiError
	if errors.As(err, &e) && e.Code == "collection_not_found" {
		return in.c.call(ctx, "POST", "/api/v1/collections", map[string]string{"id": in.collection, "title": in.collection}, nil)
	}
	return err
}

// take sends a file or the documents below a folder. What cannot be taken is
// told and counted, and the others go on.
func (in *ingestion) take(ctx context.Context, path string, watch bool) error {
	info, err := os.Stat(path)
	if err != nil {
		in.fail(path, "it is not there, or may not be read")
		return nil
	}
	if !info.IsDir() {
		return in.send(ctx, path, filepath.Base(path))
	}
	if watch {
		return in.watch(ctx, path)
	}
	return filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			in.fail(file, "it may not be read")
			return nil
		case e.IsDir():
			if file != path && e.Name()[0] == '.' {
				return filepath.SkipDir
			}
			return nil
		case !e.Type().IsRegular() || !extract.IsDocument(e.Name()):
			return nil
		}
		name, err := filepath.Rel(path, file)
		if err != nil {
			return err
		}
		return in.send(ctx, file, filepath.ToSlash(name))
	})
}

func (in *ingestion) watch(ctx context.Context, path string) error {
	whole, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("find the folder: %w", err)
	}
	err = in.c.call(ctx, "POST", "/api/v1/collections/"+url.PathEscape(in.collection)+"/folders", map[string]string{"path": whole}, nil)
	var e *apiError
	switch {
	case errors.As(err, &e) && e.Status < 500:
		in.fail(path, e.Detail)
		return nil
	case err == nil:
		in.line("watched  %s", whole)
	}
	return err
}

// send sends one file.
func (in *ingestion) send(ctx context.Context, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		in.fail(name, "it may not be read")
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		in.fail(name, "it is not a file")
		return nil
	}
	if isTerminal(in.s.stderr) {
		fmt.Fprintf(in.s.stderr, "\r\x1b[Ksending %s", printable(name))
	}
	query := url.Values{"collection": {in.collection}, "name": {name}}
	if ms := info.ModTime().UnixMilli(); ms > 0 {
		query.Set("modified", strconv.FormatInt(ms, 10))
	}
	var d documentView
	status, err := in.c.upload(ctx, "/api/v1/documents?"+query.Encode(), f, info.Size(), &d)
	var e *apiError
	switch {
	case errors.As(err, &e) && e.Status < 500 && e.Code != "collection_not_found":
		in.fail(name, e.Detail)
	case err != nil:
		return err
	case status == http.StatusOK && (d.State == "ready" || d.State == "duplicate" || in.follows(d.ID)):
		in.known++
	default:
		in.sent = append(in.sent, sentFile{d.ID, name})
	}
	return nil
}

// follows says whether a document was sent just now.
func (in *ingestion) follows(id string) bool {
	return slices.ContainsFunc(in.sent, func(f sentFile) bool { return f.id == id })
}

// upload sends a file as it is.
func (c *client) upload(ctx context.Context, path string, body io.Reader, size int64, out any) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, "POST", c.base+path, io.NopCloser(body))
	if err != nil {
		return 0, fmt.Errorf("send a file: %w", err)
	}
	r.ContentLength = size
	if size == 0 {
		r.Body = http.NoBody
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/octet-stream")
	answer, err := c.answer(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return 0, fmt.Errorf("read the answer to a file: %w", err)
	}
	return answer.StatusCode, nil
}

// lookEvery is how often the queue is asked for the next file.
const lookEvery = 300 * time.Millisecond

// follow waits until all files are done. The queue keeps their order, so only
// the first that is not done is asked for.
func (in *ingestion) follow(ctx context.Context) error {
	for len(in.sent) > 0 {
		var d documentView
		first := in.sent[0]
		err := in.c.call(ctx, "GET", "/api/v1/documents/"+first.id, nil, &d)
		var e *apiError
		switch {
		case errors.As(err, &e) && e.Code == "document_not_found":
			in.fail(first.name, "it was deleted meanwhile")
		case err != nil:
			return err
		case d.State == "ready":
			in.ready++
			in.line("ready    %s (%d passages)", first.name, d.Chunks)
		case d.State == "failed":
			in.fail(first.name, d.ReasonText)
		case d.State == "cancelled":
			in.fail(first.name, "it was cancelled")
		case d.State == "duplicate":
			in.known++
		default:
			if isTerminal(in.s.stderr) {
				fmt.Fprintf(in.s.stderr, "\r\x1b[K%d left, %s %s %.0f %%", len(in.sent), d.State, printable(first.name), 100*d.Progress)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(lookEvery):
			}
			continue
		}
		in.sent = in.sent[1:]
	}
	return nil
}

func (in *ingestion) fail(name, why string) {
	in.failed++
	in.line("failed   %s: %s", name, why)
}

// line prints a line, over a progress that stands there. Names of files may
// hold what steers a terminal.
func (in *ingestion) line(format string, args ...any) {
	if isTerminal(in.s.stderr) {
		fmt.Fprint(in.s.stderr, "\r\x1b[K")
	}
	fmt.Fprintln(in.s.stdout, printable(fmt.Sprintf(format, args...)))
}

func (s *shell) collections(cmd *cobra.Command, _ []string, c *client) error {
	asJSON, err := cmd.Flags().GetBool("json")
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := c.call(cmd.Context(), "GET", "/api/v1/collections", nil, &raw); err != nil {
		return err
	}
	if asJSON {
		fmt.Fprintln(s.stdout, string(raw))
		return nil
	}
	var v struct {
		Collections []struct {
			ID, Title                                 string
			Documents, Ready, Waiting, Failed, Chunks int
			Paused                                    bool
		} `json:"collections"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("read the collections: %w", err)
	}
	if len(v.Collections) == 0 {
		fmt.Fprintln(s.stdout, "There are no collections. `alcove ingest PATH` makes one.")
		return nil
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COLLECTION\tTITLE\tREADY\tWAITING\tFAILED\tPASSAGES\t")
	for _, l := range v.Collections {
		state := ""
		if l.Paused {
			state = "paused"
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", l.ID, printable(l.Title), l.Ready, l.Waiting, l.Failed, l.Chunks, state)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
