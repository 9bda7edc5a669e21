package models

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// Limits that llama.cpp has or should have; docs/operations.md names the bug
// behind each.
const (
	maxAlignment = 1 << 20
	maxLayers    = 512 // LLAMA_MAX_LAYERS
	minVocab     = 128 // a vocabulary has at least a token for each byte, or is no vocabulary
	maxVocab     = 1 << 20
)

// keyFacts are what the key-values say that has to be checked together.
type keyFacts struct {
	align     uint64
	contexts  map[string]int // by architecture
	tokenizer string         // tokenizer.ggml.model
	tokens    *texts         // nil when absent
	badByte   bool           // a token looks like a byte and is none
	special   special        // the largest
	charsmap  int64          // elements; 0 when absent
	keys      texts
	numbers   map[string][]int64 // by whole key: see wanted
	notes     notes
}

// special is a token that a key names.
type special struct {
	key string
	id  uint32
}

// keyValue reads one key and its value.
func (p *parser) keyValue(h *Header, facts *keyFacts) {
	key := p.text(maxName)
	if p.err == nil && key == "" {
		p.fail("empty key")
	}
	facts.keys.add([]byte(key))
	typ := p.u32()
	arch, last := "", key
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		arch, last = key[:i], key[i+1:]
	}
	switch {
	case key == "general.alignment":
		p.want(key, typ, typeUint32)
		facts.align = uint64(p.u32())
	case typ == typeString && key == "general.name":
		h.Name = p.text(maxName)
	case typ == typeString && key == "general.architecture":
		h.Architecture = p.text(maxName)
	case typ == typeString && key == "general.size_label":
		h.SizeLabel = p.text(maxName)
	case typ == typeString && key == "tokenizer.ggml.model":
		facts.tokenizer = p.text(maxName)
	case key == "split.no":
		p.want(key, typ, typeUint16)
		h.SplitNo = int(p.u16())
	case key == "split.count":
		p.want(key, typ, typeUint16)
		h.SplitCount = int(p.u16())
	case typ == typeUint32 && last == "context_length":
		if n := int(p.u32()); len(facts.contexts) < maxNumbers {
			facts.contexts[arch] = n
		}
	case last == "block_count" && !strings.HasPrefix(key, "tokenizer."):
		p.want(key, typ, typeUint32)
		n := p.u32()
		if p.err == nil && n > maxLayers {
			p.fail("%d layers", n)
		}
		facts.keep(key, []int64{int64(n)})
	case strings.HasPrefix(key, "tokenizer.ggml.") && typ == typeArray:
		p.vocabArray(strings.TrimPrefix(key, "tokenizer.ggml."), facts)
	case strings.HasPrefix(key, "tokenizer.ggml.") && strings.HasSuffix(key, "_token_id") && typ == typeUint32:
		// The all-ones id is how some converters write "none".
		if id := p.u32(); id != ^uint32(0) && id >= facts.special.id {
			facts.special = special{key, id}
		}
	case isWanted(key):
		facts.keep(key, p.numbers(typ))
	case p.noteValue(key, typ, &facts.notes):
	default:
		p.skipValue(typ, 0)
	}
}

// want fails when a key has another type than the one llama.cpp reads it as.
func (p *parser) want(key string, got, want uint32) {
	if p.err == nil && got != want {
		p.fail("%s has type %d, not %d", key, got, want)
	}
}

// vocabArray reads an array of the tokenizer. The arrays that llama.cpp casts
// without asking must have the element type of the cast.
func (p *parser) vocabArray(key string, facts *keyFacts) {
	elem, count := p.u32(), p.u64()
	if p.err == nil && count > maxElems {
		p.fail("array of %d", count)
	}
	if p.err != nil {
		return
	}
	switch key {
	case "tokens":
		p.want(key, elem, typeString)
		if p.err == nil && count > maxVocab {
			p.fail("vocabulary of %d tokens", count)
		}
		facts.tokens = &texts{}
		for i := uint64(0); i < count && p.err == nil; i++ {
			p.token(facts)
		}
		return
	case "scores":
		p.want(key, elem, typeFloat32)
	case "token_type":
		if elem != typeUint32 {
			p.want(key, elem, typeInt32)
		}
	case "precompiled_charsmap":
		facts.charsmap = int64(count)
	}
	p.skipElements(elem, count, 0)
}

// check tests what only shows when all keys are known.
func (f *keyFacts) check() error {
	if f.align == 0 || f.align > maxAlignment || f.align&(f.align-1) != 0 {
		return fmt.Errorf("%w (alignment %d)", ErrDamaged, f.align)
	}
	if f.charsmap > 0 && f.charsmap < 4 {
		return fmt.Errorf("%w (charsmap of %d bytes)", ErrDamaged, f.charsmap)
	}
	if f.keys.twice() {
		return fmt.Errorf("%w (a key stands twice)", ErrDamaged)
	}
	if f.tokens == nil {
		return nil
	}
	switch n := f.tokens.len(); {
	case n < minVocab:
		return fmt.Errorf("%w (vocabulary of %d tokens)", ErrDamaged, n)
	case f.special.key != "" && int64(f.special.id) >= int64(n):
		return fmt.Errorf("%w (%.80q is %d of %d tokens)", ErrDamaged, f.special.key, f.special.id, n)
	case f.tokens.twice():
		return fmt.Errorf("%w (a token stands twice)", ErrDamaged)
	case f.tokenizer == "plamo2" && f.badByte:
		return fmt.Errorf("%w (a byte token that is no byte)", ErrDamaged)
	}
	return nil
}

// token reads one token of the vocabulary.
func (p *parser) token(facts *keyFacts) {
	n := p.u64()
	if p.err == nil && n > maxName {
		p.fail("text of %d bytes", n)
	}
	if p.err != nil {
		return
	}
	t := p.scratch(int(n))
	facts.tokens.add(t)
	facts.badByte = facts.badByte || len(t) == 6 && string(t[:3]) == "<0x" && !isHex(string(t[3:5]))
}

// isHex says whether s has only hexadecimal digits.
func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// texts finds out whether one of many texts stands there twice, and keeps eight
// bytes of each. Nobody can know which texts have the same: the seed is random.
type texts struct{ sums []uint64 }

var textSeed = maphash.MakeSeed()

func (t *texts) add(b []byte) { t.sums = append(t.sums, maphash.Bytes(textSeed, b)) }
func (t *texts) len() int     { return len(t.sums) }

// twice sorts the texts.
func (t *texts) twice() bool {
	slices.Sort(t.sums)
	for i := 1; i < len(t.sums); i++ {
		if t.sums[i] == t.sums[i-1] {
			return true
		}
	}
	return false
}
