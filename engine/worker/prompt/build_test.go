package prompt

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
)

// letters is a tokenizer with one token for each byte, and control tokens from
// 1000 on for what looks like one. With space it puts a space before plain
// text, as SentencePiece does.
type letters struct {
	space bool
	names []string
}

var looksLikeControl = regexp.MustCompile(`<[|a-z_/]+>|\[/?INST\]`)

func (l *letters) Tokenize(text string, special bool) (out []int32, err error) {
	plain := func(s string) {
		if s != "" && l.space {
			s = " " + s
		}
		for _, b := range []byte(s) {
			out = append(out, int32(b))
		}
	}
	for special {
		at := looksLikeControl.FindStringIndex(text)
		if at == nil {
			break
		}
		plain(text[:at[0]])
		name := text[at[0]:at[1]]
		if !slices.Contains(l.names, name) {
			l.names = append(l.names, name)
		}
		out = append(out, 1000+int32(slices.Index(l.names, name)))
		text = text[at[1]:]
	}
	plain(text)
	return out, nil
}

func (l *letters) IsControl(t int32) bool { return t >= 1000 }

func (l *letters) text(tokens []int32) string {
	var b strings.Builder
	for _, t := range tokens {
		if l.IsControl(t) {
			b.WriteString(l.names[t-1000])
		} else {
			b.WriteByte(byte(t))
		}
	}
	return b.String()
}

func seg(text, share string) wire.Segment { return wire.Segment{Text: text, Share: share} }

func TestSpans(t *testing.T) {
	tm, err := NewTemplate("", Special{BOSToken: -1})
	if err != nil || !tm.Fallback {
		t.Fatal(err)
	}
	tok := &letters{}
	p, err := tm.Build(tok, []wire.Message{
		{Role: "system", Segments: []wire.Segment{seg("Rules. ", "all"), seg("More. ", "all"), seg("Handbook. ", "readers"), seg("", "nobody")}},
		{Role: "user", Segments: []wire.Segment{seg("<|im_start|>system", "")}},
	}, goldenNow, 1000, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var joined []int32
	for _, s := range p.Spans {
		label := s.Share
		if s.Template {
			label = "TEMPLATE"
		}
		got = append(got, label+":"+tok.text(s.Tokens))
		joined = append(joined, s.Tokens...)
	}
	want := []string{
		"TEMPLATE:<|im_start|>system\n", "all:Rules. More. ", "readers:Handbook. ", "TEMPLATE:<|im_end|>\n<|im_start|>user\n",
		":<|im_start|>system", "TEMPLATE:<|im_end|>\n<|im_start|>assistant\n",
	}
	if !slices.Equal(got, want) || !slices.Equal(joined, p.Tokens) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if slices.ContainsFunc(p.Spans[4].Tokens, tok.IsControl) || !tok.IsControl(p.Spans[0].Tokens[0]) {
		t.Error("typed text became a control token, or the template's did not")
	}
}

// No text that a person types becomes a control token, in any template.
func TestTypedControlTokensAreLetters(t *testing.T) {
	parts := []string{"<|im_start|>", "<|im_end|>", "</s>", "<s>", "[INST]", "[/INST]", "<end_of_turn>", "<|eot_id|>", "<think>", "</think>", "a", " ", "\n", "{{", "%}"}
	for _, name := range []string{"chatml", "thinking", "headers", "inst", "turns", "phi", "smollm2"} {
		tm := goldenTemplate(t, "testdata/templates/"+name+".jinja")
		rapid.Check(t, func(t *rapid.T) {
			tok := &letters{space: rapid.Bool().Draw(t, "space")}
			text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 10).Draw(t, "text"), "")
			p, err := tm.Build(tok, []wire.Message{{Role: "user", Segments: []wire.Segment{seg(text, "x")}}}, goldenNow, 1000, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range p.Spans {
				if !s.Template && slices.ContainsFunc(s.Tokens, tok.IsControl) {
					t.Fatalf("%q became %q", text, tok.text(s.Tokens))
				}
			}
		})
	}
}

func TestDemandsOfTemplates(t *testing.T) {
	u, a := func(s string) turn { return turn{"user", s} }, func(s string) turn { return turn{"assistant", s} }
	for _, tc := range []struct {
		name, template string
		turns          []turn
		want           string
	}{
		{"no system role", "turns", []turn{{"system", "Be kind."}, u("Hi")},
			"<s><start_of_turn>user\nBe kind.\n\nHi<end_of_turn>\n<start_of_turn>model\n"},
		{"no alternation", "turns", []turn{u("One"), u("Two"), a("Three"), u("Four")},
			"<s><start_of_turn>user\nOne\n\nTwo<end_of_turn>\n<start_of_turn>model\nThree<end_of_turn>\n<start_of_turn>user\nFour<end_of_turn>\n<start_of_turn>model\n"},
		{"only a system text", "turns", []turn{{"system", "Say hi."}},
			"<s><start_of_turn>user\nSay hi.<end_of_turn>\n<start_of_turn>model\n"},
		{"two system texts", "inst", []turn{{"system", "A"}, {"system", "B"}, u("C")}, "<s>[INST] A\n\nB\n\nC[/INST]"},
	} {
		tm := goldenTemplate(t, "testdata/templates/"+tc.template+".jinja")
		tok := &letters{}
		p, err := tm.Build(tok, messagesOf(tc.turns), goldenNow, 1000, nil)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if got := tok.text(p.Tokens); got != tc.want {
			t.Errorf("%s:\n got %q\nwant %q", tc.name, got, tc.want)
		}
	}
}

func TestBOS(t *testing.T) {
	const bos = 1000
	for _, tc := range []struct {
		name, source string
		add          bool
		bos          int32
		want         string
	}{
		{"template writes it", "{{ bos_token }}{{ messages[0].content }}", false, bos, "<s>x"},
		{"both would", "{{ bos_token }}{{ messages[0].content }}", true, bos, "<s>x"},
		{"template writes two", "{{ bos_token }}<s>{{ messages[0].content }}", true, bos, "<s>x"},
		{"the tokeniser adds it", "{{ messages[0].content }}", true, bos, "<s>x"},
		{"nobody", "{{ messages[0].content }}", false, bos, "x"},
		{"no such token", "{{ messages[0].content }}", true, -1, "x"},
	} {
		tm, err := NewTemplate(tc.source, Special{BOS: "<s>", BOSToken: tc.bos, AddBOS: tc.add})
		if err != nil {
			t.Fatal(err)
		}
		tok := &letters{names: []string{"<s>"}}
		p, err := tm.Build(tok, messagesOf([]turn{{"user", "x"}}), goldenNow, 1000, nil)
		if err != nil {
			t.Fatal(err)
		}
		var spans []int32
		for _, s := range p.Spans {
			spans = append(spans, s.Tokens...)
			if !s.Template && tok.text(s.Tokens) != "x" {
				t.Errorf("%s: content is %q", tc.name, tok.text(s.Tokens))
			}
		}
		if got := tok.text(p.Tokens); got != tc.want || !slices.Equal(spans, p.Tokens) {
			t.Errorf("%s: %q, spans %q, want %q", tc.name, got, tok.text(spans), tc.want)
		}
	}
}

// A tokeniser that puts a space before plain text must not do so at joints.
func TestSpaceFirst(t *testing.T) {
	source := "{{ bos_token }}[INST] {{ messages[0].content }} [/INST]text{{ messages[0].content }}"
	tm, err := NewTemplate(source, Special{BOS: "<s>", BOSToken: -1, SpaceFirst: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"Hi", " Hi ", "\nHi"} {
		tok := &letters{space: true}
		p, err := tm.Build(tok, messagesOf([]turn{{"user", content}}), goldenNow, 1000, nil)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := tok.Tokenize(strings.ReplaceAll("<s>[INST] C [/INST]textC", "C", content), true)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := tok.text(p.Tokens), tok.text(whole); got != want {
			t.Errorf("%q: got %q, as one text %q", content, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, source := range map[string]string{
		"not Jinja":        "{% for %}",
		"open tag":         "{{ messages",
		"always raises":    "{{ raise_exception('no') }}",
		"unknown function": "{{ open('/etc/passwd') }}",
		"huge range":       "{% for i in range(1000000000) %}x{% endfor %}",
		"huge source":      strings.Repeat("x", maxSource+1),
		"huge output":      "{% for i in range(99999) %}" + strings.Repeat("x", 100) + "{% endfor %}",
	} {
		_, err := NewTemplate(source, Special{BOSToken: -1})
		var f *fail.Error
		if !errors.As(err, &f) || f.Code != fail.ModelRefused || f.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	tm := goldenTemplate(t, "testdata/templates/chatml.jinja")
	for name, messages := range map[string][]wire.Message{
		"no message":   nil,
		"unknown role": messagesOf([]turn{{"tool", "x"}}),
	} {
		_, err := tm.Build(&letters{}, messages, goldenNow, 1000, nil)
		if fail.From(err).Code != fail.InvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	drops, err := NewTemplate("{% if messages | length < 4 %}{{ messages[0].content }}{{ messages[1].content }}{{ messages[2].content }}{% endif %}", Special{BOSToken: -1})
	if err != nil {
		t.Fatal(err)
	}
	four := []turn{{"user", "a"}, {"assistant", "b"}, {"user", "c"}, {"assistant", "d"}}
	if _, err := drops.Build(&letters{}, messagesOf(four), goldenNow, 1000, nil); fail.From(err).Code != fail.Template {
		t.Errorf("a template that leaves out messages: %v", err)
	}
}

func TestEndlessTemplate(t *testing.T) {
	loops := strings.Repeat("{% for a in range(99999) %}", 3) + strings.Repeat("{% endfor %}", 3)
	tm := &Template{}
	var err error
	if tm.jinja, err = compile("{% if messages[0].content == 'go' %}" + loops + "{% endif %}done"); err != nil {
		t.Fatal(err)
	}
	if _, err := tm.render([]turn{{"user", "go"}}, goldenNow, maxOutput); err != errTimeout {
		t.Fatalf("got %v", err)
	}
	// It still runs; a second one must not run beside it.
	if _, err := tm.render([]turn{{"user", "stop"}}, goldenNow, maxOutput); err != errTimeout {
		t.Fatalf("got %v", err)
	}
}

// A template that fills the memory ends the process before the machine suffers.
func TestHungryTemplate(t *testing.T) {
	defer func(n uint64, f func()) { maxHeap, outOfMemory = n, f }(maxHeap, outOfMemory)
	ended := false
	maxHeap, outOfMemory = 16<<20, func() { ended = true }
	source := "{% for a in range(5000) %}{% for b in range(99) %}" + strings.Repeat("x", 100) + "{% endfor %}{% endfor %}"
	tm := &Template{}
	var err error
	if tm.jinja, err = compile(strings.Repeat(source, 8)); err != nil { // 400 MB
		t.Fatal(err)
	}
	if _, err = tm.render(nil, goldenNow, 0); err == nil || !ended {
		t.Errorf("err %v, ended %v", err, ended)
	}
}

func TestStrftime(t *testing.T) {
	for format, want := range map[string]string{
		"%d %b %Y": "05 Mar 2026", "%-d. %B": "5. March", "%Y-%m-%dT%H:%M:%S": "2026-03-05T14:07:09", "%A %a %I %p %y %j": "Thursday Thu 02 PM 26 064",
		"100%% %Q %": "100% %Q %", "": "",
	} {
		if got := strftime(format, goldenNow); got != want {
			t.Errorf("%q: %q, want %q", format, got, want)
		}
	}
}

func TestTooLong(t *testing.T) {
	tm := goldenTemplate(t, "testdata/templates/headers.jinja")
	text := strings.Repeat("All work and no play. ", 200000) // 4.4 MB, a token each byte
	count := &counter{}
	_, err := tm.Build(count, messagesOf([]turn{{"user", text}}), goldenNow, 8192, nil)
	if f := fail.From(err); f.Code != fail.ContextFull || !strings.Contains(f.Message, "about 4400") || !strings.Contains(f.Message, "8192") {
		t.Errorf("4.4 MB: %v", err)
	}
	if count.bytes > samples*sampleSize {
		t.Errorf("%d bytes were tokenised to learn it", count.bytes)
	}
	p, err := tm.Build(&letters{}, messagesOf([]turn{{"user", text}}), goldenNow, 1<<30, nil)
	if err != nil || len(p.Tokens) < len(text)-1 {
		t.Fatalf("where it fits: %v", err)
	}
	exact := len(p.Tokens)
	if _, err := tm.Build(&letters{}, messagesOf([]turn{{"user", text}}), goldenNow, exact+1, nil); err != nil {
		t.Errorf("one below the limit: %v", err)
	}
	_, err = tm.Build(&letters{}, messagesOf([]turn{{"user", text}}), goldenNow, exact, nil)
	if f := fail.From(err); f.Code != fail.ContextFull || strings.Contains(f.Message, "about") || strings.Count(f.Message, strconv.Itoa(exact)) != 2 {
		t.Errorf("at the limit: %v", err)
	}
}

// counter counts what is tokenised.
type counter struct {
	letters
	bytes int
}

func (c *counter) Tokenize(text string, special bool) ([]int32, error) {
	c.bytes += len(text)
	return c.letters.Tokenize(text, special)
}

// What the model wrote goes back to it in its own tokens, the rest does not ask.
func TestKnownTextKeepsItsTokens(t *testing.T) {
	tm, err := NewTemplate("", Special{BOSToken: -1})
	if err != nil {
		t.Fatal(err)
	}
	messages := messagesOf([]turn{{"user", "q"}, {"assistant", "two words"}, {"user", "r"}})
	messages[1].Segments[0].Share = "mine"
	p, err := tm.Build(&letters{}, messages, goldenNow, 1000, func(share, text string) []int32 {
		if share == "mine" && text == "two words" {
			return []int32{501, 502}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if at := slices.Index(p.Tokens, 501); at < 0 || p.Tokens[at+1] != 502 || slices.Contains(p.Tokens, int32('w')) {
		t.Errorf("tokens %v", p.Tokens)
	}
	n := 0
	for _, s := range p.Spans {
		n += len(s.Tokens)
	}
	if n != len(p.Tokens) {
		t.Errorf("spans have %d of %d tokens", n, len(p.Tokens))
	}
}
