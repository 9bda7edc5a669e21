package tiny

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Types of tokens, as GGUF numbers them.
const (
	normal, unknown, control, userDefined, byteToken = 1, 2, 3, 4, 6
)

// vocabulary is what the tokenizer.ggml keys say.
type vocabulary struct {
	model  string // "llama" (SentencePiece) or "gpt2" (byte-level BPE)
	pre    string // how BPE cuts text into words
	tokens []string
	types  []int32
	scores []float32 // of SentencePiece
	merges []string  // of BPE
	quiet  []bool    // tokens that a random model should seldom write: they are no text
	bos    string    // empty: none
	eos    string
	addBOS bool
}

func (v *vocabulary) add(token string, kind int32, score float32, quiet bool) {
	v.tokens, v.types = append(v.tokens, token), append(v.types, kind)
	v.scores, v.quiet = append(v.scores, score), append(v.quiet, quiet)
}

func (v *vocabulary) id(token string) uint32 {
	i := slices.Index(v.tokens, token)
	if i < 0 {
		panic(fmt.Sprintf("tiny: the vocabulary has no token %q", token))
	}
	return uint32(i)
}

func (v *vocabulary) put(f *file) {
	f.set("tokenizer.ggml.model", v.model)
	if v.pre != "" {
		f.set("tokenizer.ggml.pre", v.pre)
	}
	f.set("tokenizer.ggml.tokens", v.tokens)
	f.set("tokenizer.ggml.token_type", v.types)
	if v.model == "llama" {
		f.set("tokenizer.ggml.scores", v.scores)
		f.set("tokenizer.ggml.unknown_token_id", v.id("<unk>"))
	} else {
		f.set("tokenizer.ggml.merges", v.merges)
	}
	if v.bos != "" {
		f.set("tokenizer.ggml.bos_token_id", v.id(v.bos))
	}
	f.set("tokenizer.ggml.eos_token_id", v.id(v.eos))
	f.set("tokenizer.ggml.add_bos_token", v.addBOS)
}

// text is what the vocabularies are made of: the words that tests use most are
// single tokens then, others are several.
const text = `You are a helpful assistant of a small company. You answer politely, in short sentences, and only what you
know. What is the capital of France? Write a short poem about rain. Tell me all about the number of days that a person may take
as holiday in a year, and who has to be asked. The time of work is from eight to five. Please count to ten. And then? Be brief.
one two three four five six seven Say my word again and again. Remember that the answer of the other one was not about this.
user assistant system model word words question answer would could there where which their about`

// mergeCount is how many tokens are made of two others.
const mergeCount = 160

// learn finds the pairs that stand in text most often, one after the other, as
// BPE does. space begins each word but the first.
func learn(space string) (merges [][2]string) {
	var words [][]string
	for _, w := range strings.Fields(text) {
		letters := []string{space}
		for _, r := range w {
			letters = append(letters, string(r))
		}
		words = append(words, letters)
	}
	for range mergeCount {
		counts := map[[2]string]int{}
		for _, w := range words {
			for i := range len(w) - 1 {
				counts[[2]string{w[i], w[i+1]}]++
			}
		}
		var best [2]string
		for pair, n := range counts {
			if n > counts[best] || n == counts[best] && pair[0]+"\x00"+pair[1] < best[0]+"\x00"+best[1] {
				best = pair
			}
		}
		merges = append(merges, best)
		for k, w := range words {
			var joined []string
			for i := 0; i < len(w); i++ {
				if i+1 < len(w) && w[i] == best[0] && w[i+1] == best[1] {
					joined = append(joined, w[i]+w[i+1])
					i++
				} else {
					joined = append(joined, w[i])
				}
			}
			words[k] = joined
		}
	}
	return merges
}

// bytePair is a byte-level BPE vocabulary with special tokens behind it, as
// Llama 3, Qwen and others have it. Those that begin with "+" are text that is
// never cut, others are control tokens.
func bytePair(pre, bos, eos string, specials ...string) *vocabulary {
	v := &vocabulary{model: "gpt2", pre: pre, bos: bos, eos: eos}
	letters := byteLetters()
	for b, letter := range letters {
		v.add(letter, normal, 0, b < ' ' || b > '~')
	}
	for _, m := range learn(letters[' ']) {
		v.merges = append(v.merges, m[0]+" "+m[1])
		if token := m[0] + m[1]; !slices.Contains(v.tokens, token) {
			v.add(token, normal, 0, false)
		}
	}
	for _, s := range specials {
		if name, isText := strings.CutPrefix(s, "+"); isText {
			v.add(name, userDefined, 0, true)
		} else {
			v.add(s, control, 0, true)
		}
	}
	return v
}

// byteLetters are the letters by which byte-level BPE writes bytes: a printable
// byte is its own, the others follow from U+0100 on.
func byteLetters() (letters [256]string) {
	next := rune(256)
	for b := range 256 {
		r := rune(b)
		if b < '!' || b > '~' && b < 0xa1 || b == 0xad {
			r = next
			next++
		}
		letters[b] = string(r)
	}
	return letters
}

// sentencePiece is a vocabulary as Llama 2, Mistral, Gemma and Phi have it:
// specials, bytes, and pieces in which U+2581 is a space.
func sentencePiece(bos, eos string, addBOS bool, specials ...string) *vocabulary {
	v := &vocabulary{model: "llama", bos: bos, eos: eos, addBOS: addBOS}
	v.add("<unk>", unknown, 0, true)
	for _, s := range specials {
		v.add(s, control, 0, true)
	}
	for b := range 256 {
		v.add(fmt.Sprintf("<0x%02X>", b), byteToken, 0, true)
	}
	const space = "\u2581"
	score := float32(0)
	for _, m := range learn(space) {
		if token := m[0] + m[1]; !slices.Contains(v.tokens, token) {
			v.add(token, normal, score, false)
			score--
		}
	}
	v.add(space, normal, score, false)
	for r := rune('!'); r <= '~'; r++ {
		score--
		v.add(string(r), normal, score, false)
	}
	if !utf8.ValidString(strings.Join(v.tokens, "")) {
		panic("tiny: a token is not UTF-8")
	}
	return v
}
