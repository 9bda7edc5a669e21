package prompt

import (
	"errors"
	"fmt"
	"os"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ardanlabs/jinja"

	"alcove/engine/worker/fail"
)

// Limits on one rendering.
const (
	maxOutput = 1 << 20 // bytes beyond the content's own
	maxSource = 1 << 20 // bytes of Jinja
	maxRange  = 100000  // as in Jinja's own sandbox
	timeLimit = 2 * time.Second
)

// maxHeap is how many bytes the heap may grow by; tests lower it.
var maxHeap uint64 = 512 << 20

// outOfMemory ends the process: a rendering cannot be stopped from outside,
// and this one would take all memory of the machine.
var outOfMemory = func() {
	fmt.Fprintln(os.Stderr, "worker: a chat template takes too much memory")
	os.Exit(4)
}

// chatML is used for models that bring no template.
const chatML = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`

var errTimeout = errors.New("the chat template ran longer than 2 seconds")

// Special is what a template and its tokens need to know about the vocabulary.
type Special struct {
	BOS, EOS   string // as text
	BOSToken   int32  // -1: none
	AddBOS     bool   // a prompt begins with BOSToken
	SpaceFirst bool   // the tokeniser puts a space before plain text
}

// Template is a compiled chat template. It is safe for concurrent use.
type Template struct {
	jinja   *jinja.Template
	special Special
	// Fallback says that the model brought no template and ChatML is used.
	Fallback bool
	// stuck: a rendering did not end in time and still runs. No other one is
	// started beside it.
	stuck atomic.Bool
}

// turn is one message as a template sees it.
type turn struct{ role, content string }

// NewTemplate compiles source and tries it once.
func NewTemplate(source string, special Special) (*Template, error) {
	t := &Template{special: special}
	if strings.TrimSpace(source) == "" {
		source, t.Fallback = chatML, true
	}
	if len(source) > maxSource {
		return nil, fail.New(fail.ModelRefused, "This model's chat template is too large. Use another model.")
	}
	var err error
	if t.jinja, err = compile(source); err != nil {
		return nil, refused(err)
	}
	user, assistant := turn{"user", "hello"}, turn{"assistant", "hello"}
	if _, err = t.render([]turn{user, assistant, user}, time.Now(), maxOutput); err != nil {
		return nil, refused(err)
	}
	return t, nil
}

func refused(err error) error {
	return &fail.Error{Code: fail.ModelRefused, Err: err,
		Message: "This model's chat template cannot be used. Use another model, or another file of this model."}
}

// compile keeps a panic in the parser from ending the worker.
func compile(source string) (t *jinja.Template, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("compile chat template: %v", r)
		}
	}()
	if source, err = normalise(source); err != nil {
		return nil, err
	}
	return jinja.Compile(source)
}

type rendered struct {
	text string
	err  error
}

// render runs the template within its limits.
func (t *Template) render(turns []turn, now time.Time, limit int) (string, error) {
	if t.stuck.Load() {
		return "", errTimeout
	}
	done := make(chan rendered, 1)
	go func() {
		text, err := t.run(turns, now)
		done <- rendered{text, err}
		t.stuck.Store(false)
	}()
	timer, look := time.NewTimer(timeLimit), time.NewTicker(20*time.Millisecond)
	defer timer.Stop()
	defer look.Stop()
	before := heap()
	for {
		select {
		case r := <-done:
			if r.err == nil && len(r.text) > limit {
				return "", fmt.Errorf("the chat template wrote %d bytes, the limit is %d", len(r.text), limit)
			}
			return r.text, r.err
		case <-look.C:
			if now := heap(); now > before && now-before > maxHeap+uint64(limit)*4 {
				outOfMemory()
				return "", errTimeout
			}
		case <-timer.C:
			t.stuck.Store(true)
			if len(done) > 0 { // it ended between the two
				t.stuck.Store(false)
			}
			return "", errTimeout
		}
	}
}

// heap is the memory in use, in bytes.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

func (t *Template) run(turns []turn, now time.Time) (text string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("render chat template: %v", r)
		}
	}()
	messages := make([]jinja.Value, len(turns))
	for i, m := range turns {
		messages[i] = jinja.NewDict()
		messages[i].AsDict().Set("role", jinja.NewString(m.role))
		messages[i].AsDict().Set("content", jinja.NewString(m.content))
	}
	return t.jinja.RenderValues(map[string]jinja.Value{
		"messages":              jinja.NewList(messages),
		"add_generation_prompt": jinja.NewBool(true),
		"bos_token":             jinja.NewString(t.special.BOS),
		"eos_token":             jinja.NewString(t.special.EOS),
		"tools":                 jinja.None(),
		"documents":             jinja.None(),
		"range":                 jinja.NewCallable("range", boundedRange),
		"strftime_now": jinja.NewCallable("strftime_now", func(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
			if len(args) != 1 || !args[0].IsString() {
				return jinja.Undefined(), errors.New("strftime_now takes a format")
			}
			return jinja.NewString(strftime(args[0].AsString(), now)), nil
		}),
	})
}

// boundedRange is Python's range with the bound of Jinja's sandbox: the
// library's own takes all memory for a large number.
func boundedRange(args []jinja.Value, _ map[string]jinja.Value) (jinja.Value, error) {
	n := [3]int64{0, 0, 1}
	for i, a := range args {
		if i > 2 || !a.IsInt() {
			return jinja.Undefined(), errors.New("range takes one to three whole numbers")
		}
		n[i] = a.AsInt()
	}
	switch {
	case len(args) == 0:
		return jinja.Undefined(), errors.New("range takes one to three whole numbers")
	case len(args) == 1:
		n[0], n[1] = 0, n[0]
	case n[2] == 0:
		return jinja.Undefined(), errors.New("range: the step is zero")
	}
	var items []jinja.Value
	for v := n[0]; (n[2] > 0 && v < n[1]) || (n[2] < 0 && v > n[1]); v += n[2] {
		if len(items) == maxRange {
			return jinja.Undefined(), fmt.Errorf("range: more than %d numbers", maxRange)
		}
		items = append(items, jinja.NewInt(v))
	}
	return jinja.NewList(items), nil
}

// strftime knows Python's codes as they appear in chat templates. An unknown
// code stays as it is.
func strftime(format string, at time.Time) string {
	codes := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
		'B': "January", 'b': "Jan", 'A': "Monday", 'a': "Mon", 'Z': "MST", 'z': "-0700", 'j': "002", 'F': "2006-01-02", 'T': "15:04:05",
	}
	short := map[byte]string{'d': "2", 'm': "1", 'I': "3", 'M': "4", 'S': "5"} // %-d
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		rest := format[i:]
		switch {
		case strings.HasPrefix(rest, "%%"):
			b.WriteByte('%')
			i++
		case len(rest) > 2 && strings.HasPrefix(rest, "%-") && short[rest[2]] != "":
			b.WriteString(at.Format(short[rest[2]]))
			i += 2
		case len(rest) > 1 && rest[0] == '%' && codes[rest[1]] != "":
			b.WriteString(at.Format(codes[rest[1]]))
			i++
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String()
}
