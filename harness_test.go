package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// programs are the real ones, built once for all tests of this package.
var programs struct {
	app, worker, fakeWorker string
}

func TestMain(m *testing.M) {
	fake.RunIfWorker()
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	folder, err := os.MkdirTemp("", "alcove-programs-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	os.Chmod(folder, 0o755) // a test runs the program as somebody else
	programs.app = filepath.Join(folder, "alcove")
	programs.worker = filepath.Join(folder, "alcove-worker")
	for _, build := range []struct {
		cgo  string
		args []string
	}{
		{"1", []string{"-tags", "sqlite_fts5", "-ldflags", "-X main.version=test -extldflags=-Wl,-z,lazy", "-o", programs.app, "."}},
		{"0", []string{"-o", programs.worker, "./engine/worker"}},
	} {
		cmd := exec.Command("go", append([]string{"build"}, build.args...)...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED="+build.cgo)
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %v\n%s", build.args, err, out)
			return 1
		}
	}
	// This binary is the fake worker; a link gives it a name of its own.
	programs.fakeWorker = filepath.Join(folder, "alcove-fake-worker")
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, programs.fakeWorker)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if out, err := exec.Command(programs.app, "extract", "--warm", "--cache", compiled).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// compiled is the reader of PDF, compiled for this machine once for all tests;
// a server in a new data folder burns seconds of a processor for one of its own.
var compiled = filepath.Join(os.TempDir(), "alcove-test-pdfium")

// warm gives a data folder that reader.
func (p place) warm(t testing.TB) {
	t.Helper()
	err := os.MkdirAll(p.data, 0o700)
	if err == nil {
		err = os.Symlink(compiled, filepath.Join(p.data, "compiled"))
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
}

// place is where an app is started: its folders and its worker.
type place struct {
	data, models, runtime, worker string
	flags, env                    []string
}

// fakePlace has a worker without a model that answers as the script says.
func fakePlace(t *testing.T, s fake.Script) place {
	t.Helper()
	p := place{
		data: filepath.Join(t.TempDir(), "data"), models: t.TempDir(),
		runtime: fake.Runtime(t, local.LibraryVersion, local.BindingVersion), worker: programs.fakeWorker,
	}
	fake.Model(t, p.models, "fake", s)
	return p
}

// realPlace has the real worker and the first model, if they were fetched.
func realPlace(t *testing.T) (place, bool) {
	t.Helper()
	models, err := filepath.Glob("build/models/*.gguf")
	if err != nil || len(models) == 0 || local.CheckRuntime("build/runtime/lib") != nil {
		return place{}, false
	}
	return place{data: filepath.Join(t.TempDir(), "data"), models: "build/models", runtime: "build/runtime/lib", worker: programs.worker}, true
}

func (p place) args() []string {
	return append([]string{"--data", p.data, "--models", p.models, "--runtime", p.runtime, "--worker", p.worker, "--threads", "1"}, p.flags...)
}

// result is a command that has ended.
type result struct {
	code           int
	stdout, stderr string
}

// command runs a command of the app to its end.
func (p place) command(t *testing.T, args ...string) result {
	t.Helper()
	return runCommand(t, withEnv(exec.Command(programs.app, append(args, p.args()...)...), p.env...))
}

func runCommand(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	return startCommand(t, cmd)()
}

// startCommand starts a command; what it gives waits for its end.
func startCommand(t *testing.T, cmd *exec.Cmd) func() result {
	t.Helper()
	out, errs := new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() result { return endCommand(t, cmd, out, errs) }
}

func endCommand(t *testing.T, cmd *exec.Cmd, out, errs *bytes.Buffer) result {
	t.Helper()
	slow := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	defer slow.Stop()
	err := cmd.Wait()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// served is a running server.
type served struct {
	t     testing.TB
	cmd   *exec.Cmd
	base  string
	token string
	log   *lockedBuffer
	out   *lockedBuffer
	ended chan struct{}
}

// lockedBuffer is written by the process and read by the test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve starts the app and waits until it listens.
func (p place) serve(t testing.TB, flags ...string) *served {
	t.Helper()
	p.warm(t)
	args := append([]string{"serve", "--listen", "127.0.0.1:0"}, p.args()...)
	a := &served{t: t, cmd: withEnv(exec.Command(programs.app, append(args, flags...)...), p.env...), log: &lockedBuffer{}, out: &lockedBuffer{}, ended: make(chan struct{})}
	reader, writer := io.Pipe()
	a.cmd.Stdout, a.cmd.Stderr = io.MultiWriter(a.out, writer), a.log
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		a.cmd.Wait()
		writer.Close()
		close(a.ended)
	}()
	t.Cleanup(a.kill)
	first, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatalf("the app did not start: %v\n%s", err, a.log)
	}
	go io.Copy(io.Discard, reader)
	a.base = strings.TrimSpace(strings.TrimPrefix(first, "listening on "))
	var instance struct{ Base, Token string }
	text, err := os.ReadFile(filepath.Join(p.data, "run", "instance.json"))
	if err == nil {
		err = json.Unmarshal(text, &instance)
	}
	if err != nil || instance.Base != a.base {
		t.Fatalf("instance.json: %v, %q is not %q", err, instance.Base, a.base)
	}
	a.token = instance.Token
	return a
}

// kill ends the app at once and waits until it is gone.
func (a *served) kill() {
	a.cmd.Process.Kill()
	<-a.ended
}

// stop ends the app as a person does and returns its exit status.
func (a *served) stop() int {
	a.t.Helper()
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		a.t.Fatal(err)
	}
	select {
	case <-a.ended:
	case <-time.After(time.Minute):
		a.t.Fatalf("the app does not end after SIGTERM\n%s", a.log)
	}
	return a.cmd.ProcessState.ExitCode()
}

// answer is what the server said.
type answer struct {
	status int
	body   string
}

func (a answer) read(t testing.TB, out any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), out); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// send calls the API with a body as it is. It may be called from any goroutine.
func (a *served) send(ctx context.Context, method, path, body string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, a.base+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, string(text)}, err
}

// call is send for tests that need an answer.
func (a *served) call(method, path, body string) answer {
	a.t.Helper()
	got, err := a.send(context.Background(), method, path, body)
	if err != nil {
		a.t.Fatalf("%s %s: %v\n%s", method, path, err, a.log)
	}
	return got
}

func (a *served) get(path string, out any) {
	a.t.Helper()
	got := a.call("GET", path, "")
	if got.status != http.StatusOK {
		a.t.Fatalf("GET %s: %+v", path, got)
	}
	got.read(a.t, out)
}

// message is a message as the API shows it.
type message struct {
	ID       string  `json:"id"`
	ParentID *string `json:"parent_id"`
	TurnID   string  `json:"turn_id"`
	Role     string  `json:"role"`
	Status   string  `json:"status"`
	Text     string  `json:"text"`
	Error    *struct{ Code, Message string }
	Figures  *struct {
		Model  string `json:"model"`
		Finish string `json:"finish"`
	}
}

// started is the answer to a question.
type started struct {
	TurnID   string  `json:"turn_id"`
	Question message `json:"question"`
	Answer   message `json:"answer"`
}

func (a *served) newConversation() string {
	a.t.Helper()
	var c struct{ ID string }
	a.call("POST", "/api/v1/conversations", "{}").read(a.t, &c)
	return c.ID
}

func (a *served) messages(conversation string) []message {
	a.t.Helper()
	var body struct{ Messages []message }
	a.get("/api/v1/conversations/"+conversation, &body)
	return body.Messages
}

// ask asks and waits for the end of the answer.
func (a *served) ask(conversation, text string) message {
	a.t.Helper()
	body, err := json.Marshal(map[string]any{"text": text, "sampling": map[string]any{"temperature": 0}})
	if err != nil {
		a.t.Fatal(err)
	}
	got := a.call("POST", "/api/v1/conversations/"+conversation+"/messages", string(body))
	if got.status != http.StatusAccepted {
		a.t.Fatalf("asked, and got %+v", got)
	}
	var s started
	got.read(a.t, &s)
	return a.wait(s.Answer.ID)
}

// wait waits until an answer is no longer being written.
func (a *served) wait(id string) message {
	a.t.Helper()
	for until := time.Now().Add(time.Minute); ; {
		var m message
		a.get("/api/v1/messages/"+id, &m)
		if m.Status != "writing" {
			return m
		}
		if time.Now().After(until) {
			a.t.Fatalf("the answer does not end: %+v\n%s", m, a.log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ready waits until the app can answer.
func (a *served) ready() {
	a.t.Helper()
	for until := time.Now().Add(2 * time.Minute); ; {
		got, err := a.send(context.Background(), "GET", "/readyz", "")
		if err == nil && got.status == http.StatusOK {
			return
		}
		if time.Now().After(until) {
			a.t.Fatalf("the app does not become ready: %+v %v\n%s", got, err, a.log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// attach finds the app that serves this place.
func (p place) attach(t testing.TB) *served {
	t.Helper()
	var instance struct{ Base, Token string }
	text, err := os.ReadFile(filepath.Join(p.data, "run", "instance.json"))
	if err == nil {
		err = json.Unmarshal(text, &instance)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &served{t: t, base: instance.Base, token: instance.Token, log: &lockedBuffer{}}
}
