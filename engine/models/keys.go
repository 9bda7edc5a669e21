package models

import (
	"fmt"
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
	tokens    []string       // kept only for as long as the header is read
	specials  map[string]uint32
	charsmap  int64              // elements; 0 when absent
	numbers   map[string][]int64 // by whole key: see wanted
}

// keyValue reads one key and its value.
func (p *parser) keyValue(h *Header, facts *keyFacts) {
	key := p.text(maxName)
	if p.err == nil && key == "" {
		p.fail("empty key")
	}
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
		facts.contexts[arch] = int(p.u32())
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
		if facts.specials == nil {
			facts.specials = map[string]uint32{}
		}
		facts.specials[key] = p.u32()
	case isWanted(key):
		facts.keep(key, p.numbers(typ))
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
		for i := uint64(0); i < count && p.err == nil; i++ {
			facts.tokens = append(facts.tokens, p.text(maxName))
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
	if f.tokens == nil {
		return nil
	}
	if len(f.tokens) < minVocab {
		return fmt.Errorf("%w (vocabulary of %d tokens)", ErrDamaged, len(f.tokens))
	}
	for key, id := range f.specials {
		// The all-ones id is how some converters write "none".
		if id != ^uint32(0) && int(id) >= len(f.tokens) {
			return fmt.Errorf("%w (%s is %d of %d tokens)", ErrDamaged, key, id, len(f.tokens))
		}
	}
	seen := make(map[string]struct{}, len(f.tokens))
	for _, t := range f.tokens {
		if _, twice := seen[t]; twice {
			return fmt.Errorf("%w (a token stands twice)", ErrDamaged)
		}
		seen[t] = struct{}{}
		if f.tokenizer == "plamo2" && len(t) == 6 && strings.HasPrefix(t, "<0x") && !isHex(t[3:5]) {
			return fmt.Errorf("%w (a byte token that is no byte)", ErrDamaged)
		}
	}
	return nil
}

// isHex says whether s has only hexadecimal digits.
func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}
