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
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// setup is a program with its flags.
type setup struct {
	name   string
	args   []string
	ours   bool
	finds  bool // it gives vectors: Alcove beside its model, llama-server of another one alone
	copies int  // of the model, beside it under other names; with some llama-server is a router
}

// setups of the comparison, Alcove first. The last two are for single workloads.
var (
	alcove   = setup{name: "Alcove", ours: true}
	np1      = setup{name: "-np 1", args: []string{"-np", "1"}}
	np2      = setup{name: "-np 2", args: []string{"-np", "2"}}
	defaults = setup{name: "defaults", args: []string{}}
	np8      = setup{name: "-np 8 -t 2 -c 32768", args: []string{"-np", "8", "-t", "2", "-c", "32768"}}
	oneCore  = setup{name: "-t 1", args: []string{"-t", "1"}}
	smallB   = setup{name: "-b 128 -ub 128", args: []string{"-b", "128", "-ub", "128"}}
)

// Set-ups with several models: all of them may be loaded, or one.
var (
	alcoveMany = setup{name: alcove.name, ours: true, copies: 3}
	alcoveOne  = setup{name: alcove.name, ours: true, copies: 1, args: []string{"--max-loaded", "1"}}
	routerMany = setup{name: "router", copies: 3, args: []string{"--models-max", "4"}}
	routerOne  = setup{name: "router", copies: 1, args: []string{"--models-max", "1"}}
)

// Set-ups that give vectors.
var (
	alcoveFinds = setup{name: alcove.name, ours: true, finds: true}
	peerFinds   = setup{name: "--embedding", args: []string{"--embedding", "--pooling", "mean", "-b", "2048", "-ub", "2048"}, finds: true}
)

// paths is where the programs and the weights are.
type paths struct {
	alcove, worker, runtime, model string
	llama                          []string // command words of llama-server; empty: not here
	work                           string   // a folder for data and logs
}

// box is a running set-up.
type box struct {
	setup
	paths     paths
	folder    string // of this box: data, models, log
	cmd       *exec.Cmd
	ended     chan struct{}
	used      float64 // processor time in seconds, once it has ended
	base      string
	key       string
	token     string   // of the local user: for Alcove's own API
	model     string   // the one that is asked; "" where there is one only
	others    []string // its copies
	ignoreEOS bool
}

const startLimit = 2 * time.Minute

// start runs a set-up that knows nothing yet, and waits until it can answer.
func start(ctx context.Context, p paths, s setup, ignoreEOS bool) (*box, error) {
	folder, err := os.MkdirTemp(p.work, "box-*")
	if err != nil {
		return nil, err
	}
	b := &box{setup: s, paths: p, folder: folder, ignoreEOS: ignoreEOS}
	if err := b.begin(ctx); err != nil {
		b.discard()
		return nil, fmt.Errorf("start %s: %w", s.name, err)
	}
	return b, nil
}

// begin starts the program, for the first time or again.
func (b *box) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if b.ours {
		return b.beginAlcove(ctx)
	}
	return b.beginLlama(ctx)
}

// launch starts a command with its errors in the log of the box.
func (b *box) launch(cmd *exec.Cmd, out io.Writer) error {
	log, err := os.OpenFile(filepath.Join(b.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd.Stderr, cmd.Stdout = log, out
	if out == nil {
		cmd.Stdout = log
	}
	endWithParent(cmd)
	if err := cmd.Start(); err != nil {
		log.Close()
		return err
	}
	b.cmd, b.ended = cmd, make(chan struct{})
	go func(ended chan struct{}) {
		_ = cmd.Wait() // how it ended is in its log
		log.Close()
		close(ended)
	}(b.ended)
	return nil
}

func (b *box) beginAlcove(ctx context.Context) error {
	models, data := filepath.Join(b.folder, "models"), filepath.Join(b.folder, "data")
	if err := linkModel(b.paths.model, models, b.copies); err != nil {
		return err
	}
	if b.finds {
		for _, name := range []string{embedder, multilingual} {
			if err := linkModel(b.paths.embedderFile(name), models, 0); err != nil {
				return err
			}
		}
	}
	reader, writer := io.Pipe()
	words := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--models", models,
		"--runtime", b.paths.runtime, "--worker", b.paths.worker}, b.args...)
	if err := b.launch(exec.Command(b.paths.alcove, words...), writer); err != nil {
		return err
	}
	go func(ended chan struct{}) { <-ended; writer.Close() }(b.ended)
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		return fmt.Errorf("it ended at once\n%s", b.logTail())
	}
	go io.Copy(io.Discard, reader) //nolint:errcheck // ends with the program
	b.base = strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	if err := b.ready(ctx, "/readyz"); err != nil {
		return err
	}
	var instance struct{ Token string }
	if err := json.Unmarshal([]byte(readFile(filepath.Join(data, "run", "instance.json"))), &instance); err != nil {
		return fmt.Errorf("read instance.json: %w", err)
	}
	b.token = instance.Token
	if b.key != "" {
		return nil // after a restart
	}
	var made struct{ Key string }
	if err := b.call(ctx, "POST", "/api/v1/keys", b.token, `{"name":"bench"}`, &made); err != nil {
		return err
	}
	b.key = made.Key
	return b.nameModels(ctx)
}

// nameModels asks which models there are. The first is the one that is asked.
func (b *box) nameModels(ctx context.Context) error {
	var list struct{ Data []struct{ ID string } }
	if err := b.call(ctx, "GET", "/v1/models", b.key, "", &list); err != nil {
		return err
	}
	list.Data = slices.DeleteFunc(list.Data, func(m struct{ ID string }) bool { return m.ID == embedder })
	if len(list.Data) != 1+b.copies {
		return fmt.Errorf("it offers %d models, not %d", len(list.Data), 1+b.copies)
	}
	b.model, b.others = list.Data[0].ID, nil
	for _, m := range list.Data[1:] {
		b.others = append(b.others, m.ID)
	}
	return nil
}

// linkModel makes a model folder with nothing but the one model in it, and
// copies of it under other names.
func linkModel(model, folder string, copies int) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	name, ext := filepath.Base(model), filepath.Ext(model)
	for i := range 1 + copies {
		to := filepath.Join(folder, name)
		if i > 0 {
			to = filepath.Join(folder, fmt.Sprint(strings.TrimSuffix(name, ext), "-", i+1, ext))
		}
		if err := os.Link(model, to); err == nil || errors.Is(err, fs.ErrExist) {
			continue
		}
		data, err := os.ReadFile(model) // another file system
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (b *box) beginLlama(ctx context.Context) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	b.base = fmt.Sprint("http://127.0.0.1:", port)
	words := append([]string{}, b.paths.llama...)
	which := []string{"-m", b.paths.model}
	if b.finds {
		which = []string{"-m", b.paths.embedderFile(embedder)}
	}
	if b.copies > 0 {
		which = []string{"--models-dir", filepath.Join(b.folder, "models")}
		if err := linkModel(b.paths.model, which[1], b.copies); err != nil {
			return err
		}
	}
	words = append(append(words, which...), "--host", "127.0.0.1", "--port", fmt.Sprint(port), "--offline")
	words = append(words, b.args...)
	if err := b.launch(exec.Command(words[0], words[1:]...), nil); err != nil {
		return err
	}
	if err := b.ready(ctx, "/health"); err != nil || b.copies == 0 {
		return err
	}
	return b.nameModels(ctx)
}

// freePort asks the kernel for a port; llama-server cannot.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// ready waits until the path answers 200.
func (b *box) ready(ctx context.Context, path string) error {
	for {
		req, err := http.NewRequestWithContext(ctx, "GET", b.base+path, nil)
		if err != nil {
			return err
		}
		if resp, err := client.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-b.ended:
			return fmt.Errorf("it ended before it was ready\n%s", b.logTail())
		case <-ctx.Done():
			return fmt.Errorf("it did not become ready: %w\n%s", ctx.Err(), b.logTail())
		case <-time.After(5 * time.Millisecond): // starts are measured
		}
	}
}

// call is one request of an API; token and into may be empty.
func (b *box) call(ctx context.Context, method, path, token, body string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		return errors.Join(fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, said), err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(said, into)
}

// ask asks this box.
func (b *box) ask(ctx context.Context, r request) (answer, error) { return b.askOf(ctx, b.model, r) }

// askOf asks one of its models.
func (b *box) askOf(ctx context.Context, model string, r request) (answer, error) {
	r.IgnoreEOS = b.ignoreEOS
	return ask(ctx, b.base, b.key, model, r)
}

// warmUp asks something unrelated, so that no set-up pays in the measurement for
// pages that were never touched.
func (b *box) warmUp(ctx context.Context) error {
	_, err := b.ask(ctx, request{Messages: say("Say hello."), Tokens: 8})
	return err
}

// restart stops the program as a shutdown does, and starts it on the same data.
func (b *box) restart(ctx context.Context) error {
	b.stop()
	return b.begin(ctx)
}

// stop ends the program: kindly, and after half a minute for certain.
func (b *box) stop() {
	if b.cmd == nil {
		return
	}
	_ = b.cmd.Process.Signal(syscall.SIGTERM) // fails when it has ended, and then all is well
	select {
	case <-b.ended:
	case <-time.After(30 * time.Second):
		_ = b.cmd.Process.Kill()
		<-b.ended
	}
	b.used += secondsOf(b.cmd)
	b.cmd = nil
}

// discard ends the program and removes its folder.
func (b *box) discard() {
	b.stop()
	_ = os.RemoveAll(b.folder) // the whole work folder goes at the end
}

// logTail is the end of what the program said.
func (b *box) logTail() string {
	data := []byte(readFile(filepath.Join(b.folder, "log")))
	if len(data) > 3000 {
		data = data[len(data)-3000:]
	}
	return string(bytes.TrimSpace(data))
}
